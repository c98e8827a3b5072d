/* What the bridge costs a shopper, next to nothing at all and next to other plugins: each round asks the same of each,
 * one at a time, in turn. See README.md. */
'use strict';

const fs = require( 'node:fs' );
const http = require( 'node:http' );
const net = require( 'node:net' );
const { loadavg } = require( 'node:os' );
const path = require( 'node:path' );
const { addArms, headersOf } = require( './arms' );
const { Daemon } = require( '../shop/daemon' );
const { Machine, freePort, program } = require( '../shop/machine' );
const { Shop } = require( '../shop/shop' );
const { Plain } = require( '../shop/visitor' );

const { WORDPRESS_DIR, WOOCOMMERCE_DIR, BAZGASHT_BIN } = process.env;
const [ rounds, ...wanted ] = process.argv.slice( 2 );
const BLOCKS = [ 'fpm:up', 'fpm:down', 'fpm:hanging', 'fpm:slow', 'builtin:up', 'builtin:hanging' ];
const blocks = wanted.length ? wanted : BLOCKS;
if ( ! Number( rounds ) || ! WORDPRESS_DIR || ! WOOCOMMERCE_DIR || ! blocks.every( ( block ) => BLOCKS.includes( block ) ) ) {
	console.error( `use: WORDPRESS_DIR=… WOOCOMMERCE_DIR=… [BAZGASHT_BIN=…] [PEERS=folder:folder] node cost.js ROUNDS [${ BLOCKS.join( '|' ) }] …` );
	process.exit( 2 );
}
// After an answer the bridge may go on; that must not fall to whoever is measured next.
const PAUSE_MS = 40;

const pause = ( ms ) => new Promise( ( over ) => setTimeout( over, ms ) );
const at = ( values, share ) => [ ...values ].sort( ( a, b ) => a - b )[ Math.min( values.length - 1, Math.floor( values.length * share ) ) ];
const median = ( values ) => at( values, 0.5 );

/** Daemons that are none. */
const MOODS = {
	up: async ( machine ) => {
		const daemon = await Daemon.open( machine, program( [ BAZGASHT_BIN || path.resolve( __dirname, '../../../target/debug/bazgasht' ) ] ) );
		return { address: daemon.address, close: () => daemon.close() };
	},
	down: async () => ( { address: `http://127.0.0.1:${ await freePort() }`, close() {} } ),
	hanging: () => listen( net.createServer( () => {} ) ),
	slow: () =>
		listen(
			http.createServer( async ( request, response ) => {
				let body = '';
				for await ( const chunk of request ) {
					body += chunk;
				}
				await pause( 300 );
				const accepted = body ? JSON.parse( body ).events.length : 0;
				response.writeHead( 200, { 'content-type': 'application/json' } );
				response.end( JSON.stringify( { accepted, duplicate: 0, rejected: [], coupons: [] } ) );
			} )
		),
};

async function listen( server ) {
	const sockets = new Set();
	server.on( 'connection', ( socket ) => {
		sockets.add( socket );
		socket.on( 'error', () => {} );
	} );
	await new Promise( ( done ) => server.listen( 0, '127.0.0.1', done ) );
	return {
		address: `http://127.0.0.1:${ server.address().port }`,
		close() {
			sockets.forEach( ( socket ) => socket.destroy() );
			server.close();
		},
	};
}

/** The same guest for all of an arm's checkout updates, with a basket and the nonce of their own checkout page. */
async function guestAtCheckout( shop, headers ) {
	const guest = new Plain( shop );
	await guest.ask( '/?wc-ajax=add_to_cart', { form: { product_id: shop.made.tea, quantity: 1 }, headers } );
	const { text } = await guest.ask( '/classic-checkout/', { headers } );
	return { guest, nonce: text.match( /update_order_review_nonce":"(\w+)"/ )[ 1 ] };
}

const ACTS = {
	'product page': ( { shop, page }, headers ) => new Plain( shop ).ask( page, { headers } ),
	'add to cart': ( { shop }, headers ) => new Plain( shop ).ask( '/?wc-ajax=add_to_cart', { form: { product_id: shop.made.tea, quantity: 1 }, headers } ),
	'checkout update': ( { guests }, headers, round ) => {
		const { guest, nonce } = guests[ headers[ 'x-plugins' ] ];
		// Sent by the page when the address has changed; with another number each time, the dearest case.
		const [ number, postcode ] = [ `0912000${ String( round ).padStart( 4, '0' ) }`, String( 1234500000 + round ) ];
		const typed = new URLSearchParams( { billing_first_name: 'سارا', billing_phone: number, billing_email: 'sara@example.test', billing_country: 'IR', billing_postcode: postcode } );
		return guest.ask( '/?wc-ajax=update_order_review', { form: { security: nonce, country: 'IR', state: 'THR', postcode, city: 'تهران', post_data: String( typed ) }, headers } );
	},
};
const GOOD = { 'product page': 'single_add_to_cart_button', 'add to cart': 'cart_hash', 'checkout update': '"result":"success"' };

const acts = Object.keys( ACTS ).filter( ( act ) => ! process.env.ACTS || process.env.ACTS.split( ',' ).includes( act ) );

async function measure( shop, arms, title ) {
	const log = path.join( shop.root, 'bench.jsonl' );
	const world = { shop, page: ( await shop.php( `echo get_permalink(${ shop.made.tea });` ) ).replace( shop.url, '' ), guests: {} };
	for ( const arm of arms ) {
		world.guests[ arm.plugins ] = await guestAtCheckout( shop, headersOf( arm ) );
	}
	const taken = {};
	for ( let round = -10; round < rounds; round++ ) {
		for ( const act of acts ) {
			// Whoever goes later finds warmer caches, so each goes first as often as any other, and behind each as often.
			const turn = round + 10;
			const order = arms.map( ( _, n ) => arms[ ( n + turn ) % arms.length ] );
			for ( const arm of Math.floor( turn / arms.length ) % 2 ? order.reverse() : order ) {
				fs.rmSync( log, { force: true } );
				const begin = performance.now();
				const { text } = await ACTS[ act ]( world, headersOf( arm ), round + 10 );
				const seen = performance.now() - begin;
				if ( ! text.includes( GOOD[ act ] ) ) {
					throw new Error( `${ arm.name }: no ${ act }: ${ text.slice( 0, 300 ) }` );
				}
				await pause( PAUSE_MS );
				if ( round >= 0 ) {
					const row = JSON.parse( fs.readFileSync( log, 'utf8' ).split( '\n' )[ 0 ] );
					( ( taken[ act ] ??= {} )[ arm.name ] ??= [] ).push( { ...row, seen } );
				}
			}
		}
	}
	report( title, taken );
	if ( process.env.RAW ) {
		fs.appendFileSync( process.env.RAW, JSON.stringify( { title, taken } ) + '\n' );
	}
}

function report( title, taken ) {
	console.log( `\n${ title }, ${ rounds } rounds, load ${ loadavg()[ 0 ].toFixed( 1 ) }` );
	console.log( '| act | with | seen, ms | ratio | server, ms | more, ms | CPU, ms | more, ms | queries | HTTP calls |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |' );
	for ( const [ act, arms ] of Object.entries( taken ) ) {
		const of = ( name, key ) => median( arms[ name ].map( ( row ) => row[ key ] ) );
		// Of each round the difference to its own neighbour: what the machine did meanwhile falls out.
		const more = ( name, key ) => median( arms[ name ].map( ( row, n ) => row[ key ] - arms.without[ n ][ key ] ) );
		for ( const name of Object.keys( arms ) ) {
			const numbers = [ of( name, 'seen' ).toFixed( 1 ), ( of( name, 'seen' ) / of( 'without', 'seen' ) ).toFixed( 3 ), of( name, 'ms' ).toFixed( 1 ), more( name, 'ms' ).toFixed( 2 ), of( name, 'cpu' ).toFixed( 1 ), more( name, 'cpu' ).toFixed( 2 ), of( name, 'queries' ), of( name, 'calls' ) ];
			console.log( `| ${ act } | ${ name } | ${ numbers.join( ' | ' ) } |` );
		}
	}
}

( async () => {
	const machine = new Machine();
	try {
		const shop = await Shop.open( machine, { wordpress: WORDPRESS_DIR, woocommerce: WOOCOMMERCE_DIR } );
		await shop.use( 'classic' );
		const arms = await addArms( shop );
		console.log( `WordPress ${ shop.made.version.wordpress }, WooCommerce ${ shop.made.version.woocommerce }` );
		for ( const block of blocks ) {
			const [ server, mood ] = block.split( ':' );
			const daemon = await MOODS[ mood ]( machine );
			await shop.connect( { address: daemon.address } );
			await shop.minute();
			await shop.serve( server );
			// The peers have nothing to do with the daemon.
			await measure( shop, mood === 'up' ? arms : arms.slice( 0, 2 ), `${ server }, daemon ${ mood }` );
			await daemon.close();
		}
		await shop.rest();
	} finally {
		await machine.close();
	}
	process.exit( 0 );
} )().catch( ( error ) => {
	console.error( error );
	process.exit( 1 );
} );
