'use strict';
// The same in a real WooCommerce shop.
//
// SHOP_URL=http://127.0.0.1:8080            the shop, with the plugin active and connected
// WORDPRESS_DIR=/srv/shop/www               its folder, where settings and themes may be switched for the tests
// WORDPRESS_PHP=php                         what runs PHP there
// SHOP_THEMES=twentytwentyfive,storefront   themes to walk through
// SHOP_CHECKOUTS=/checkout/,/classic-checkout/

const { test, before, after, beforeEach, afterEach } = require( 'node:test' );
const assert = require( 'node:assert/strict' );
const { execFileSync } = require( 'node:child_process' );
const { launch } = require( './chromium' );
const { open } = require( './world' );

const { SHOP_URL, WORDPRESS_DIR } = process.env;
const list = ( value, otherwise ) => ( value || otherwise ).split( ',' ).filter( Boolean );
const THEMES = WORDPRESS_DIR ? list( process.env.SHOP_THEMES, 'twentytwentyfive,storefront' ) : [ '' ];
const CHECKOUTS = list( process.env.SHOP_CHECKOUTS, '/checkout/,/classic-checkout/' );
const NUMBER = 'bazgasht_number';
const ASK = 'bazgasht_ask';

if ( ! SHOP_URL || ! WORDPRESS_DIR ) {
	test( 'in a real shop', { skip: 'SKIPPED ALOUD: no real shop was tried; give SHOP_URL and WORDPRESS_DIR to do so' }, () => {} );
	return;
}

/** Runs PHP inside the shop's WordPress; gives what it prints. */
const wordpress = ( code ) =>
	execFileSync(
		process.env.WORDPRESS_PHP || 'php',
		[ '-r', `$_SERVER['HTTP_HOST']=${ JSON.stringify( new URL( SHOP_URL ).host ) };require ${ JSON.stringify( WORDPRESS_DIR + '/wp-load.php' ) };${ code }` ],
		{ encoding: 'utf8' }
	);
const use = ( theme ) => wordpress( `switch_theme('${ theme }');` );

let browser, page, saved, product;
before( async () => {
	browser = await launch();
	saved = JSON.parse( wordpress( 'echo wp_json_encode(array(get_stylesheet(),get_option("bazgasht_settings",array())));' ) );
	wordpress( `update_option('bazgasht_settings',array_merge((array)get_option('bazgasht_settings',array()),array(
		'capture_checkout'=>true,'dialog_enabled'=>true,'dialog_text'=>'','dialog_consent_text'=>'You may also send me offers by SMS.','dialog_snooze_days'=>30)));` );
	const products = await fetch( `${ SHOP_URL }/wp-json/wc/store/v1/products?type=simple&stock_status=instock&per_page=1` );
	[ product ] = await products.json();
} );
after( async () => {
	await browser.close();
	wordpress( `switch_theme('${ saved[ 0 ] }');update_option('bazgasht_settings',json_decode(${ JSON.stringify( JSON.stringify( saved[ 1 ] ) ).replace( /\$/g, '\\$' ) },true));` );
} );
beforeEach( async () => ( page = await browser.newPage() ) );
afterEach( () => page.context().close() );

const dialog = () => page.locator( 'dialog.bazgasht' );
const answerOf = ( action ) => page.waitForResponse( ( response ) => response.url().includes( `wc-ajax=${ action }` ) );
const items = () => page.evaluate( async () => ( await ( await fetch( '/wp-json/wc/store/v1/cart' ) ).json() ).items_count );
/** Asks one of the endpoints from inside the page. */
const request = ( action, data ) =>
	page.evaluate(
		async ( [ name, body ] ) => {
			const answer = await fetch( `/?wc-ajax=${ name }`, { method: 'POST', body: new URLSearchParams( body ) } );
			return { status: answer.status, cache: answer.headers.get( 'cache-control' ), body: await answer.json() };
		},
		[ action, data ]
	);
const addBySubmitting = async () => {
	await page.goto( product.permalink );
	await page.locator( '.single_add_to_cart_button' ).first().click();
	await dialog().waitFor();
};
const giveNumber = async ( number ) => {
	const answered = answerOf( NUMBER );
	await page.locator( '#bazgasht-number' ).fill( number );
	await page.keyboard.press( 'Enter' );
	return ( await answered ).status();
};

for ( const theme of THEMES ) {
	test( `${ theme }: the product form adds, reloads and asks; the number is taken and not asked for again`, async () => {
		use( theme );
		await addBySubmitting();
		assert.equal( await items(), 1 );
		assert.equal( await giveNumber( '۰۹۱۲۰۰۰۰۰۳۱' ), 200 );
		await dialog().waitFor( { state: 'detached' } );
		assert.deepEqual( ( await request( ASK, {} ) ).body, { ask: false } );
	} );

	test( `${ theme }: the archive's button adds at once and asks`, async () => {
		use( theme );
		await page.goto( `${ SHOP_URL }/shop/` );
		await page.waitForLoadState( 'networkidle' );
		await page.locator( '.ajax_add_to_cart' ).first().click();
		await dialog().waitFor();
		assert.equal( await items(), 1 );
		await page.getByRole( 'button', { name: /No, thanks|نه، ممنون/ } ).click();
		assert.deepEqual( ( await request( ASK, {} ) ).body, { ask: true } );
	} );

	for ( const checkout of CHECKOUTS ) {
		test( `${ theme }: ${ checkout } tells the number while it is typed, and shows no dialog`, async () => {
			use( theme );
			await page.goto( product.permalink );
			await page.evaluate( () => localStorage.setItem( 'bazgasht', Date.now() + 9e9 ) );
			await page.locator( '.single_add_to_cart_button' ).first().click();
			await page.waitForLoadState();
			await page.evaluate( () => localStorage.clear() );
			await page.goto( SHOP_URL + checkout );
			const field = page.locator( '#billing_phone,#billing-phone,#shipping-phone' ).first();
			await field.waitFor();
			const answered = answerOf( NUMBER );
			await field.click();
			await page.keyboard.type( '09120000032', { delay: 20 } );
			assert.equal( ( await answered ).status(), 200 );
			assert.equal( await dialog().count(), 0 );
			assert.deepEqual( ( await request( ASK, {} ) ).body, { ask: false } );
		} );
	}
}

test( 'what is printed is the same for everybody, with no nonce, and sets no cookie', async () => {
	const visits = await Promise.all( [ 1, 2 ].map( () => fetch( product.permalink ) ) );
	const printed = await Promise.all( visits.map( async ( visit ) => ( await visit.text() ).match( /window\.bazgashtShop=.*/ )[ 0 ] ) );
	assert.equal( printed[ 0 ], printed[ 1 ] );
	assert.doesNotMatch( printed[ 0 ], /nonce/i );
	assert.deepEqual( visits[ 0 ].headers.getSetCookie(), [] );
} );

test( 'the endpoint turns away what is not this shop\'s own visitor with a basket', async () => {
	const send = ( headers, body = 'phone=09120000033', method = 'POST', action = NUMBER ) =>
		fetch( `${ SHOP_URL }/?wc-ajax=${ action }`, {
			method,
			body: method === 'POST' ? body : undefined,
			headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-mode': 'cors', ...headers },
		} ).then( ( answer ) => answer.status );
	const own = { origin: SHOP_URL };
	assert.equal( await send( own, '', 'GET' ), 405 );
	assert.equal( await send( {} ), 403 );
	assert.equal( await send( { origin: 'https://elsewhere.example' } ), 403 );
	assert.equal( await send( { origin: 'null' } ), 403 );
	assert.equal( await send( { referer: 'https://elsewhere.example/' + SHOP_URL } ), 403 );
	assert.equal( await send( own, 'phone=' + '1'.repeat( 5000 ) ), 413 );
	assert.equal( await send( own ), 409 );
	assert.equal( await send( { referer: SHOP_URL + '/shop/' } ), 409 );
	assert.equal( await send( {}, '', 'POST', ASK ), 403 );
	assert.equal( await send( own, '', 'POST', ASK ), 200 );
} );

test( 'a page of another origin is refused by what the browser says of it, visitor with a basket or not', async () => {
	await addBySubmitting();
	const elsewhere = await open( { dialog: null } );
	try {
		await page.goto( `${ elsewhere.origin }/product` );
		const answered = answerOf( NUMBER );
		await page.evaluate(
			( url ) => fetch( url, { method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams( { phone: '09120000034' } ) } ),
			`${ SHOP_URL }/?wc-ajax=${ NUMBER }`
		);
		assert.equal( ( await answered ).status(), 403 );
	} finally {
		await elsewhere.close();
	}
} );

test( 'incomplete numbers are refused, repeats are harmless, and there is a limit for a session', async () => {
	await addBySubmitting();
	for ( const phone of [ '', '0912', '02120000000', 'x'.repeat( 500 ), '0912000003509120000035' ] ) {
		assert.equal( ( await request( NUMBER, { phone, source: 'dialog' } ) ).status, 422 );
	}
	const first = await request( NUMBER, { phone: '09120000035', source: 'dialog' } );
	assert.deepEqual( first, { status: 200, cache: 'no-store', body: { ok: true } } );
	for ( let i = 0; i < 20; i++ ) {
		assert.equal( ( await request( NUMBER, { phone: '0912 000 0035', source: 'dialog' } ) ).status, 200 );
	}
	const answers = [];
	for ( let i = 40; i < 55; i++ ) {
		answers.push( ( await request( NUMBER, { phone: `091200000${ i }`, source: 'dialog' } ) ).status );
	}
	assert.deepEqual( answers, [ ...Array( 11 ).fill( 200 ), ...Array( 4 ).fill( 429 ) ] );
} );
