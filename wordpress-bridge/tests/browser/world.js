'use strict';
// A shop in miniature: a few pages as themes and checkout plugins write them, and the two addresses that the
// script speaks to. It records what reaches them and answers as it is told to.

const fs = require( 'node:fs' );
const http = require( 'node:http' );
const path = require( 'node:path' );

const PLUGIN = path.join( __dirname, '..', '..' );

// The patterns live in PHP alone; the script gets them printed.
const [ , IRAN, ANYWHERE ] = fs
	.readFileSync( path.join( PLUGIN, 'src/capture.php' ), 'utf8' )
	.match( /\?\s*'(\^[^']+)'\s*:\s*'(\^[^']+)'/ );

const ENGLISH = {
	dir: 'ltr',
	text: 'Shall we keep your basket for you?',
	consent: 'You may also send me offers by SMS.',
	label: 'Mobile number',
	yes: 'Keep my basket',
	no: 'No, thanks',
	wrong: 'This does not look like a whole mobile number.',
	failed: 'We could not save it just now.',
	thanks: 'Thank you. Your basket is safe with us.',
};

const PAGES = {
	'/product': `<h1 id="title">Product</h1><form class="cart" method="post" action="/product">
		<input name="quantity" value="1"><button class="single_add_to_cart_button" name="add-to-cart" value="12">Add</button></form>
		<form id="other" method="post" action="/product"><button id="search">Search</button></form>`,
	'/variable': `<form class="cart" method="post"><button class="single_add_to_cart_button disabled">Add</button></form>
		<script>document.querySelector('button').onclick=e=>e.preventDefault()</script>`,
	'/archive': `<a class="button add_to_cart_button ajax_add_to_cart" href="?add-to-cart=12">Add</a>
		<a id="choose" class="button add_to_cart_button product_type_variable" href="/product">Choose</a>
		<script>
		const heard={};window.jQuery=()=>({on:(n,f)=>{heard[n]=f}});
		document.querySelector('a').onclick=e=>{e.preventDefault();e.stopPropagation();fetch('/add',{method:'POST'}).then(()=>heard.added_to_cart())};
		</script>`,
	'/blocks': `<button class="wc-block-components-product-button__button ajax_add_to_cart">Add</button><script>
		document.querySelector('button').onclick=()=>fetch('/add',{method:'POST'})
			.then(()=>document.body.dispatchEvent(new CustomEvent('wc-blocks_added_to_cart',{bubbles:true})))</script>`,
	'/silent': `<form class="cart" method="post"><button class="single_add_to_cart_button">Add</button></form><script>
		document.querySelector('form').onsubmit=e=>{e.preventDefault();fetch('/add',{method:'POST'})}</script>`,
	'/checkout': `<form autocomplete="on"><input autocomplete="given-name" value="Somebody"></form>
		<form class="checkout"><input name="billing_first_name" id="billing_first_name"><input name="billing_last_name" autocomplete="family-name">
		<input id="shipping_first_name" autocomplete="given-name" value="Neighbour">
		<input type="tel" name="billing_phone" id="billing_phone" autocomplete="tel">
		<input type="tel" name="shipping_phone" id="shipping_phone">
		<input type="tel" name="card_number" autocomplete="cc-number"><input type="tel" name="national_code">
		<input type="tel" name="one_time" autocomplete="one-time-code"></form>`,
	'/own-checkout': `<input name="customer[mobile]"><input name="contact" autocomplete="section-a tel"><input name="hotel" value="">`,
	'/block-checkout': `<div class="wp-block-woocommerce-checkout"><input id="billing-first_name" autocomplete="given-name" value="Payer"><input id="shipping-first_name" autocomplete="given-name" value="Sara">
		<input type="tel" id="shipping-phone" autocomplete="shipping tel"></div>`,
	'/looked': `<h1>Product</h1><form class="variations_form"><input type="hidden" name="variation_id" value="51"></form>`,
	'/gone': `<form class="cart" method="post" action="/product"><div class="bazgasht-wanted" data-product="50" data-variation="51"><label for="w">Tell me</label>
		<span><input type="tel" id="w"><button type="button">Tell me when it is back</button></span><p role="status"></p></div>
		<button class="single_add_to_cart_button disabled">Add</button></form>`,
	'/edited-checkout': `<form class="checkout"><label for="billing_wooccm11">شمارهٔ همراه</label><input id="billing_wooccm11" name="billing_wooccm11" type="text">
		<input name="billing_mobile"><input name="phone_number"><input name="x1" placeholder="موبایل"><input name="melli_code" placeholder="موبایل">
		<input type="checkbox" id="bazgasht_consent" name="bazgasht_consent"><input type="hidden" name="h"></form>`,
	'/loud-theme': `<style>
		input,button,label,h2,p{font:italic 31px/3 serif;letter-spacing:5px}
		input{display:none;position:absolute;left:-900px;width:20px;opacity:.1} button{text-transform:uppercase;background:red;float:left}
		</style><form class="cart" method="post" action="/loud-theme"><button name="add-to-cart" class="single_add_to_cart_button" style="display:block">Add</button></form>`,
};

/**
 * Starts a shop of its own on a free port.
 *
 * @param {Object} config Changes to what the pages print; `dialog: null` switches the dialog off.
 */
async function open( config = {} ) {
	const world = {
		numbers: [], // what the number endpoint received, as objects
		seen: [], // long looks and milestones, as objects
		wishes: [], // what was wanted, as objects
		asked: 0, // how often the script asked whether to ask
		adds: 0, // adds to the basket that went out
		ask: true, // the answer to that question
		status: 200, // the number endpoint's answer
		config,
	};
	const printed = () => {
		const { dialog, ...rest } = world.config;
		return {
			url: '/?wc-ajax=bazgasht_number',
			pattern: IRAN,
			capture: true,
			checkout: false,
			dialog: dialog === null ? null : { url: '/?wc-ajax=bazgasht_ask', script: '/assets/dialog.js', style: '/assets/dialog.css', days: 30, ...ENGLISH, ...dialog },
			...rest,
		};
	};
	const page = ( body ) => `<!doctype html><html lang="en" dir="${ ( printed().dialog || ENGLISH ).dir }"><meta charset="utf-8">
		<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">
		<script>window.bazgashtShop=${ JSON.stringify( printed() ) }</script><script src="/assets/shop.js" defer></script><body>${ body }`;

	const server = http.createServer( async ( request, response ) => {
		const { pathname, searchParams } = new URL( request.url, 'http://shop' );
		let body = '';
		for await ( const chunk of request ) {
			body += chunk;
		}
		const json = ( status, value ) => {
			response.writeHead( status, { 'content-type': 'application/json' } );
			response.end( JSON.stringify( value ) );
		};
		const action = searchParams.get( 'wc-ajax' );
		if ( action === 'bazgasht_number' ) {
			world.numbers.push( Object.fromEntries( new URLSearchParams( body ) ) );
			json( world.status, { ok: world.status === 200 } );
		} else if ( action === 'bazgasht_seen' ) {
			world.seen.push( Object.fromEntries( new URLSearchParams( body ) ) );
			json( 200, { ok: true } );
		} else if ( action === 'bazgasht_wanted' ) {
			world.wishes.push( Object.fromEntries( new URLSearchParams( body ) ) );
			json( world.status, {} );
		} else if ( action === 'bazgasht_ask' ) {
			world.asked += 1;
			json( 200, { ask: world.ask } );
		} else if ( pathname === '/add' ) {
			world.adds += 1;
			json( 200, {} );
		} else if ( pathname.startsWith( '/assets/' ) ) {
			response.writeHead( 200, { 'content-type': pathname.endsWith( '.css' ) ? 'text/css' : 'text/javascript' } );
			response.end( fs.readFileSync( path.join( PLUGIN, pathname ) ) );
		} else if ( PAGES[ pathname ] ) {
			if ( request.method === 'POST' ) {
				world.adds += 1;
			}
			response.writeHead( 200, { 'content-type': 'text/html' } );
			response.end( page( PAGES[ pathname ] ) );
		} else {
			json( 404, {} );
		}
	} );
	await new Promise( ( done ) => server.listen( 0, '127.0.0.1', done ) );
	world.origin = `http://127.0.0.1:${ server.address().port }`;
	world.close = () => {
		server.closeAllConnections();
		return new Promise( ( done ) => server.close( done ) );
	};
	return world;
}

/** Waits until the world says yes, without guessing how long it takes. */
async function until( yes, what ) {
	for ( let i = 0; i < 400; i++ ) {
		if ( yes() ) {
			return;
		}
		await new Promise( ( done ) => setTimeout( done, 10 ) );
	}
	throw new Error( `still waiting after 4 s: ${ what }` );
}

module.exports = { open, until, PLUGIN, IRAN, ANYWHERE };
