'use strict';
// The number at checkout: heard when it is whole, once, and from no field that holds something else.

const { test, before, after, beforeEach, afterEach } = require( 'node:test' );
const assert = require( 'node:assert/strict' );
const { launch } = require( './chromium' );
const { open, until, ANYWHERE } = require( './world' );

let browser, world, page;
before( async () => ( browser = await launch() ) );
after( () => browser.close() );
beforeEach( async () => {
	world = await open( { checkout: true, dialog: null } );
	page = await browser.newPage();
	page.setDefaultTimeout( 4000 );
	await page.clock.install();
} );
afterEach( async () => {
	await page.context().close();
	await world.close();
} );

const visit = ( path ) => page.goto( world.origin + path );
const type = ( selector, text ) => page.locator( selector ).pressSequentially( text );
const heard = () => world.numbers.map( ( sent ) => sent.phone );
const settle = async () => {
	await page.clock.runFor( 5000 );
	// A round trip of our own, after which anything sent before has arrived.
	await page.evaluate( () => fetch( '/add', { method: 'POST' } ) );
};

test( 'a typed number is heard 0.8 s after the last key, without leaving the field', async () => {
	await visit( '/checkout' );
	await type( '#billing_phone', '09120000001' );
	await page.clock.runFor( 700 );
	assert.deepEqual( heard(), [] );
	await page.clock.runFor( 200 );
	await until( () => world.numbers.length, 'the number' );
	assert.deepEqual( world.numbers, [ { phone: '09120000001', source: 'checkout', first_name: '', last_name: '' } ] );
} );

test( 'Persian and Arabic digits, spaces and a country code are heard as typed', async () => {
	for ( const typed of [ '۰۹۱۲۰۰۰۰۰۰۲', '٠٩١٢٠٠٠٠٠٠٢', '+98 912 000 0002', '0098-912-000-0002', '9120000002', '+98 (0) 912 000 0002', '\u200e09120000002' ] ) {
		world.numbers.length = 0;
		await visit( '/checkout' );
		await page.locator( '#billing_phone' ).fill( typed );
		await page.clock.runFor( 900 );
		await until( () => world.numbers.length, typed );
		assert.deepEqual( heard(), [ typed ] );
	}
} );

test( 'the names beside the number go with it, those of the same address and form', async () => {
	await visit( '/checkout' );
	await page.locator( '#billing_first_name' ).fill( 'سارا' );
	await page.locator( '[name=billing_last_name]' ).fill( 'نمونه' );
	await page.locator( '#billing_phone' ).fill( '09120000014' );
	await settle();
	assert.deepEqual( world.numbers, [ { phone: '09120000014', source: 'checkout', first_name: 'سارا', last_name: 'نمونه' } ] );
	await visit( '/block-checkout' );
	await page.locator( '#shipping-phone' ).fill( '09120000015' );
	await settle();
	assert.equal( world.numbers[ 1 ].first_name, 'Sara' );
} );

test( 'a name typed after the number is told when the page is left', async () => {
	await visit( '/checkout' );
	await page.locator( '#billing_phone' ).fill( '09120000016' );
	await settle();
	await page.locator( '#billing_first_name' ).fill( 'سارا' );
	await page.goto( 'about:blank' );
	// Leaving the number's field may tell it already; leaving the page surely does, and nobody is told the same twice.
	await until( () => world.numbers.length > 1, 'the name' );
	assert.deepEqual( world.numbers.map( ( sent ) => sent.first_name ), [ '', 'سارا' ] );
} );

test( 'half a number, a landline and words are not heard', async () => {
	await visit( '/checkout' );
	for ( const typed of [ '0912000', '02120000000', '091200000012', 'call 09120000001', 'ali@shop.example' ] ) {
		await page.locator( '#billing_phone' ).fill( typed );
		await page.locator( '#billing_phone' ).blur();
		await settle();
	}
	assert.deepEqual( heard(), [] );
} );

test( 'leaving the field or the page does not wait for the pause', async () => {
	await visit( '/checkout' );
	await type( '#billing_phone', '09120000003' );
	await page.locator( '#billing_phone' ).blur();
	await page.clock.runFor( 1 );
	await until( () => world.numbers.length, 'the number at blur' );
	await type( '#billing_phone', '\b4' );
	await page.locator( '#billing_phone' ).fill( '09120000004' );
	await page.goto( 'about:blank' );
	await until( () => world.numbers.length > 1, 'the number at leaving' );
	assert.deepEqual( heard(), [ '09120000003', '09120000004' ] );
} );

test( 'the same number is told once, a corrected one again', async () => {
	await visit( '/checkout' );
	for ( const typed of [ '09120000005', '09120000005', '09120000006' ] ) {
		await page.locator( '#billing_phone' ).fill( typed );
		await page.locator( '#billing_phone' ).blur();
		await settle();
	}
	assert.deepEqual( heard(), [ '09120000005', '09120000006' ] );
} );

test( 'card numbers, codes and a parcel\'s other receiver are left alone', async () => {
	await visit( '/checkout' );
	for ( const name of [ 'card_number', 'national_code', 'one_time', 'shipping_phone', 'billing_first_name' ] ) {
		await page.locator( `[name=${ name }]` ).fill( '09120000007' );
		await page.locator( `[name=${ name }]` ).blur();
		await settle();
	}
	assert.deepEqual( heard(), [] );
} );

test( 'a foreign checkout\'s fields are found by name and by autocomplete', async () => {
	await visit( '/own-checkout' );
	await page.locator( '[name="customer[mobile]"]' ).fill( '09120000008' );
	await settle();
	await page.locator( '[name=contact]' ).fill( '09120000009' );
	await settle();
	await page.locator( '[name=hotel]' ).fill( '09120000010' );
	await settle();
	assert.deepEqual( heard(), [ '09120000008', '09120000009' ] );
} );

test( 'the block checkout is known by its markup, and its only phone field counts', async () => {
	world.config = { checkout: false, dialog: null };
	await visit( '/block-checkout' );
	await page.locator( '#shipping-phone' ).fill( '09120000011' );
	await settle();
	assert.deepEqual( heard(), [ '09120000011' ] );
} );

test( 'away from checkout, or switched off, nothing is heard', async () => {
	world.config = { checkout: false, dialog: null };
	await visit( '/own-checkout' );
	await page.locator( '[name="customer[mobile]"]' ).fill( '09120000012' );
	await settle();
	world.config = { checkout: true, capture: false, dialog: null };
	await visit( '/checkout' );
	await page.locator( '#billing_phone' ).fill( '09120000012' );
	await settle();
	assert.deepEqual( heard(), [] );
} );

test( 'where numbers may be short, a short one waits until the field is left', async () => {
	world.config = { checkout: true, pattern: ANYWHERE, dialog: null };
	await visit( '/checkout' );
	await type( '#billing_phone', '20000001' );
	await settle();
	assert.deepEqual( heard(), [] );
	await page.locator( '#billing_phone' ).blur();
	await settle();
	assert.deepEqual( heard(), [ '20000001' ] );
} );

test( 'where numbers differ in length, a pause in the middle of a long one tells nothing', async () => {
	world.config = { checkout: true, pattern: ANYWHERE, dialog: null };
	await visit( '/checkout' );
	await type( '#billing_phone', '+4917612345' );
	await settle();
	await type( '#billing_phone', '678' );
	await settle();
	assert.deepEqual( heard(), [] );
	await page.goto( 'about:blank' );
	await until( () => world.numbers.length, 'the number at leaving' );
	assert.deepEqual( heard(), [ '+4917612345678' ] );
} );

test( 'a number that did not get through is tried again when it is touched', async () => {
	world.status = 503;
	await visit( '/checkout' );
	await page.locator( '#billing_phone' ).fill( '09120000013' );
	await settle();
	world.status = 200;
	await page.locator( '#billing_phone' ).blur();
	await settle();
	assert.deepEqual( heard(), [ '09120000013', '09120000013' ] );
} );
