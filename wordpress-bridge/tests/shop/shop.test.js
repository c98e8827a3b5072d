'use strict';
// Everything that needs a real shop; README.md says how to give one.

const assert = require( 'node:assert/strict' );
const { after, before, describe, test } = require( 'node:test' );
const { launch } = require( '../browser/chromium' );
const { Daemon } = require( './daemon' );
const { doors } = require( './doors' );
const { Machine, fpm, program, until } = require( './machine' );
const { secrets } = require( './secrets' );
const { Shop, lacks } = require( './shop' );
const { told } = require( './told' );
const { walk } = require( './walk' );

const list = ( name ) => ( process.env[ name ] || '' ).split( ':' ).filter( Boolean );
const [ wordpress, woocommerce ] = [ list( 'WORDPRESS_DIR' ), list( 'WOOCOMMERCE_DIR' ) ];
const binary = program( [ process.env.BAZGASHT_BIN || `${ __dirname }/../../../target/debug/bazgasht` ] );
const servers = list( 'SHOP_SERVERS' ).length ? list( 'SHOP_SERVERS' ) : [ fpm() && 'fpm', 'builtin' ].filter( Boolean );
const checkouts = list( 'SHOP_CHECKOUTS' ).length ? list( 'SHOP_CHECKOUTS' ) : [ 'classic', 'block' ];

const missing = [
	! wordpress.length && 'WORDPRESS_DIR',
	! woocommerce.length && 'WOOCOMMERCE_DIR',
	! binary && 'the daemon (cargo build, or BAZGASHT_BIN)',
	...lacks(),
].filter( Boolean );

if ( missing.length ) {
	test( 'a real shop', { skip: `SKIPPED ALOUD: no real shop was tried, since there is no ${ missing.join( ', no ' ) }` }, () => {} );
} else if ( wordpress.length !== woocommerce.length ) {
	test( 'a real shop', () => assert.fail( 'WORDPRESS_DIR and WOOCOMMERCE_DIR must name as many folders each' ) );
} else {
	wordpress.forEach( ( folder, at ) => describe( `WordPress in ${ folder }`, () => inShop( { wordpress: folder, woocommerce: woocommerce[ at ] } ) ) );
}

function inShop( folders ) {
	const world = {};
	before( async () => {
		world.machine = new Machine();
		world.browser = await launch();
		world.shop = await Shop.open( world.machine, folders );
		world.daemon = await Daemon.open( world.machine, binary );
		await world.shop.connect( { address: world.daemon.address } );
	} );
	after( async () => {
		await world.browser?.close();
		await world.daemon?.close();
		await world.shop?.rest();
		await world.machine.close();
	} );

	test( 'the daemon is told what the shop has, and its coupon is made', async ( t ) => {
		const { shop } = world;
		t.diagnostic( `WordPress ${ shop.made.version.wordpress }, WooCommerce ${ shop.made.version.woocommerce }, order tables ${ shop.made.version.hpos ? 'on' : 'off' }` );
		await until( 'the coupon', async () => {
			await shop.minute();
			return ( await shop.php( "echo wc_get_coupon_id_by_code('back10');" ) ) !== '0';
		} );
		await until( 'shop, products, coupon', async () => {
			await shop.minute();
			return shop.acknowledged().taken >= 5;
		} );
	} );

	for ( const server of servers ) {
		describe( `answered by ${ server }`, () => {
			before( () => world.shop.serve( server ) );
			checkouts.forEach( ( checkout ) => walk( world, checkout ) );
		} );
	}

	for ( const [ name, look ] of Object.entries( { told, doors, secrets } ) ) {
		describe( name, () => {
			before( () => world.daemon.start() );
			look( world );
		} );
	}

	test( 'nothing is lost: all that the bridge told has reached the daemon, none was refused, nobody complained', async () => {
		const { shop } = world;
		await until( 'the outbox to be empty', async () => {
			await shop.minute();
			const { taken, refused } = shop.acknowledged();
			return taken + refused === shop.told();
		} );
		assert.equal( shop.acknowledged().refused, 0 );
		assert.deepEqual( shop.complaints(), [] );
	} );
}
