/* What an add-to-cart costs with the bridge and without: fresh guests, in turn, one at a time. See docs/bridge.md. */
'use strict';

const { loadavg } = require( 'node:os' );

const [ shop, product, rounds ] = [ process.argv[ 2 ], process.argv[ 3 ], Number( process.argv[ 4 ] || 100 ) ];
if ( ! shop || ! product ) {
	console.error( 'use: node add-to-cart.js SHOP_URL PRODUCT_ID [ROUNDS]' );
	process.exit( 2 );
}

const median = ( values ) => values.sort( ( a, b ) => a - b )[ values.length >> 1 ];

async function add( without ) {
	const begin = performance.now();
	const answer = await fetch( new URL( '/?wc-ajax=add_to_cart', shop ), {
		method: 'POST',
		body: new URLSearchParams( { product_id: product, quantity: 1 } ),
		headers: without ? { 'X-Without-Bridge': '1' } : {},
	} );
	const text = await answer.text();
	if ( ! answer.ok || ! text.includes( 'cart_hash' ) ) {
		throw new Error( `product ${ product } was not added: HTTP ${ answer.status }` );
	}
	return performance.now() - begin;
}

( async () => {
	const took = { with: [], without: [] };
	for ( let n = -5; n < rounds; n++ ) {
		// Whoever goes second finds warmer caches: change places each round.
		for ( const which of n % 2 ? [ 'with', 'without' ] : [ 'without', 'with' ] ) {
			const milliseconds = await add( which === 'without' );
			// What the bridge does after the answer must not fall to whoever comes next.
			await new Promise( ( over ) => setTimeout( over, 120 ) );
			if ( n >= 0 ) {
				took[ which ].push( milliseconds );
			}
		}
	}
	const [ a, b ] = [ median( took.with ), median( took.without ) ];
	console.log( `${ rounds } adds each: with the bridge ${ a.toFixed( 1 ) } ms, without ${ b.toFixed( 1 ) } ms (medians), ratio ${ ( a / b ).toFixed( 3 ) }, load ${ loadavg()[ 0 ].toFixed( 1 ) }` );
} )();
