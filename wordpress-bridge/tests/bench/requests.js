/* What a page of the shop makes the browser ask for, without the bridge, with it, and with other plugins. See README.md. */
'use strict';

const { gzipSync } = require( 'node:zlib' );
const { addArms, headersOf } = require( './arms' );
const { launch } = require( '../browser/chromium' );
const { Machine } = require( '../shop/machine' );
const { Shop } = require( '../shop/shop' );
const { Visitor } = require( '../shop/visitor' );

const { WORDPRESS_DIR, WOOCOMMERCE_DIR } = process.env;
if ( ! WORDPRESS_DIR || ! WOOCOMMERCE_DIR ) {
	console.error( 'use: WORDPRESS_DIR=… WOOCOMMERCE_DIR=… [PEERS=folder:folder] node requests.js' );
	process.exit( 2 );
}

/** All that a page asks for until it is quiet: address without what changes, and its size in gzip. */
async function asked( page, act ) {
	const seen = new Map();
	const note = ( response ) => {
		const { protocol, pathname, searchParams } = new URL( response.url() );
		// WordPress and WooCommerce fetch some of theirs in advance, when the browser finds the time.
		if ( protocol !== 'http:' || /^\/(wp-includes\/|wp-content\/(themes\/|plugins\/woocommerce\/)|wp-json|$)/.test( pathname + ( searchParams.has( 'wc-ajax' ) ? '-' : '' ) ) ) {
			return;
		}
		const name = `${ response.request().method() } ${ pathname }${ searchParams.get( 'wc-ajax' ) || '' }`;
		seen.set( name, response.body().then( ( body ) => gzipSync( body ).length, () => 0 ) );
	};
	page.on( 'response', note );
	await act();
	await page.waitForLoadState( 'networkidle' );
	page.off( 'response', note );
	return new Map( await Promise.all( [ ...seen ].map( async ( [ name, size ] ) => [ name, await size ] ) ) );
}

( async () => {
	const machine = new Machine();
	const browser = await launch();
	try {
		const shop = await Shop.open( machine, { wordpress: WORDPRESS_DIR, woocommerce: WOOCOMMERCE_DIR } );
		const arms = await addArms( shop );
		await shop.serve( 'builtin' );
		const pages = {};
		for ( const arm of arms ) {
			for ( const kind of [ 'classic', 'block' ] ) {
				await shop.use( kind );
				const visitor = await Visitor.come( browser, shop );
				await visitor.context.setExtraHTTPHeaders( headersOf( arm ) );
				const { page } = visitor;
				const product = await asked( page, () => page.goto( `${ shop.url }/?p=${ shop.made.tea }` ) );
				await visitor.add( shop.made.tea );
				await page.waitForLoadState( 'networkidle' );
				const checkout = await asked( page, () => visitor.toCheckout() );
				( pages[ 'product page' ] ??= {} )[ arm.name ] = product;
				( pages[ `${ kind } checkout` ] ??= {} )[ arm.name ] = checkout;
				await visitor.go();
			}
		}
		console.log( '| page | with | more requests than without, bytes in gzip |\n| --- | --- | --- |' );
		for ( const [ page, seen ] of Object.entries( pages ) ) {
			for ( const [ name, requests ] of Object.entries( seen ) ) {
				const more = [ ...requests ].filter( ( [ request ] ) => ! seen.without.has( request ) ).map( ( [ request, size ] ) => `${ request.replace( '/wp-content/plugins/', '' ) } (${ size })` );
				console.log( `| ${ page } | ${ name } | ${ more.join( ', ' ) || 'none' } |` );
			}
		}
		await shop.rest();
	} finally {
		await browser.close();
		await machine.close();
	}
	process.exit( 0 );
} )().catch( ( error ) => {
	console.error( error );
	process.exit( 1 );
} );
