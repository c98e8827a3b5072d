'use strict';
// Long looks, milestones, wishes, the box at checkout and other plugins' fields.

const { test, before, after, beforeEach, afterEach } = require( 'node:test' );
const assert = require( 'node:assert/strict' );
const { launch } = require( './chromium' );
const { open, until } = require( './world' );

const SEEN = '/?wc-ajax=bazgasht_seen';
let browser, world, page;
before( async () => ( browser = await launch() ) );
after( () => browser.close() );
beforeEach( async () => {
	world = await open( { dialog: null, watch: { url: SEEN, product: 50, page: '' } } );
	page = await browser.newPage();
	page.setDefaultTimeout( 4000 );
	await page.clock.install();
} );
afterEach( async () => {
	await page.context().close();
	await world.close();
} );
const visit = ( path ) => page.goto( world.origin + path );
const move = () => page.mouse.move( Math.random() * 200, 90 );
const settle = () => page.evaluate( () => fetch( '/add', { method: 'POST' } ) );
const hide = ( hidden ) => page.evaluate( ( value ) => Object.defineProperty( document, 'hidden', { value, configurable: true } ), hidden );

test( 'a product that is looked at for 30 s is told once, with the variation that is chosen', async () => {
	await visit( '/looked' );
	await move();
	await page.clock.runFor( 29500 );
	await settle();
	assert.deepEqual( world.seen, [] );
	await page.clock.runFor( 1000 );
	await until( () => world.seen.length, 'the look' );
	await page.clock.runFor( 90000 );
	await settle();
	assert.deepEqual( world.seen, [ { product: '50', variation: '51', seconds: '30' } ] );
} );

test( 'a tab in the background does not look', async () => {
	await visit( '/looked' );
	await move();
	await page.clock.runFor( 20000 );
	await hide( true );
	await page.clock.runFor( 600000 );
	await hide( false );
	await page.clock.runFor( 9500 );
	await settle();
	assert.deepEqual( world.seen, [] );
	await page.clock.runFor( 1500 );
	await until( () => world.seen.length, 'the look, when it is whole' );
} );

test( 'nobody who moves nothing is there', async () => {
	await visit( '/looked' );
	await page.evaluate( () => document.dispatchEvent( new Event( 'pointermove' ) ) );
	await page.clock.runFor( 300000 );
	await settle();
	assert.deepEqual( world.seen, [] );
	await move();
	await page.clock.runFor( 1000 );
	await until( () => world.seen.length, 'somebody came back to it' );
} );

test( 'a milestone is told after five seconds, and nothing while the page loads', async () => {
	world.config = { dialog: null, watch: { url: SEEN, product: 0, page: '/درباره' } };
	await visit( '/looked' );
	await move();
	await page.clock.runFor( 4500 );
	await settle();
	assert.deepEqual( world.seen, [] );
	await page.clock.runFor( 1000 );
	await until( () => world.seen.length, 'the visit' );
	assert.deepEqual( world.seen, [ { page: '/درباره' } ] );
} );

const WANTED = { url: '/?wc-ajax=bazgasht_wanted', wrong: 'Wrong.', failed: 'Failed.', thanks: 'Thanks.' };

test( 'a wish goes out by click and by Enter, in any digits, and adds nothing to the basket', async () => {
	for ( const by of [ 'click', 'Enter' ] ) {
		world.wishes.length = 0;
		world.config = { dialog: null, wanted: WANTED };
		await visit( '/gone' );
		await page.locator( '#w' ).fill( '۰۹۱۲۰۰۰۰۰۰۱' );
		await ( by === 'click' ? page.locator( '.bazgasht-wanted button' ).click() : page.keyboard.press( 'Enter' ) );
		await page.getByText( 'Thanks.' ).waitFor();
		assert.deepEqual( world.wishes, [ { phone: '۰۹۱۲۰۰۰۰۰۰۱', product: '50', variation: '51' } ] );
		assert.equal( world.adds, 0 );
	}
} );

test( 'a wrong number is not sent, a refused wish can be tried again, a program\'s click is none', async () => {
	world.config = { dialog: null, wanted: WANTED };
	await visit( '/gone' );
	await page.locator( '#w' ).fill( '0912' );
	await page.keyboard.press( 'Enter' );
	await page.getByText( 'Wrong.' ).waitFor();
	assert.deepEqual( world.wishes, [] );
	await page.locator( '#w' ).fill( '09120000001' );
	await page.evaluate( () => document.querySelector( '.bazgasht-wanted button' ).click() );
	await settle();
	assert.deepEqual( world.wishes, [] );
	world.status = 429;
	await page.keyboard.press( 'Enter' );
	await page.getByText( 'Failed.' ).waitFor();
	world.status = 200;
	await page.locator( '.bazgasht-wanted button' ).click();
	await page.getByText( 'Thanks.' ).waitFor();
} );

const AT_CHECKOUT = { dialog: null, checkout: true, consent: 'Offers?' };

test( 'fields of other plugins are found by name, by label and by placeholder', async () => {
	world.config = AT_CHECKOUT;
	await visit( '/edited-checkout' );
	let last = 20;
	for ( const name of [ 'billing_wooccm11', 'billing_mobile', 'phone_number', 'x1' ] ) {
		await page.locator( `[name=${ name }]` ).fill( `09120000${ ++last }0` );
		await page.clock.runFor( 900 );
		await until( () => world.numbers.some( ( { phone } ) => phone === `09120000${ last }0` ), name );
	}
	world.numbers.length = 0;
	await page.locator( '[name=melli_code]' ).fill( '09120000990' );
	await page.evaluate( () => document.querySelector( '[name=h]' ).dispatchEvent( new Event( 'change', { bubbles: true } ) ) );
	await page.clock.runFor( 900 );
	await settle();
	assert.deepEqual( world.numbers, [] );
} );

test( 'a change of the box is told at once with its words; an untouched box says nothing', async () => {
	world.config = AT_CHECKOUT;
	await visit( '/edited-checkout' );
	await page.locator( '[name=billing_mobile]' ).fill( '09120000031' );
	await page.clock.runFor( 900 );
	await until( () => world.numbers.length, 'the number' );
	assert.equal( world.numbers[ 0 ].consent, undefined );
	await page.locator( '#bazgasht_consent' ).check();
	await until( () => world.numbers.length > 1, 'the yes' );
	await page.locator( '#bazgasht_consent' ).uncheck();
	await until( () => world.numbers.length > 2, 'the no' );
	assert.deepEqual( world.numbers.slice( 1 ).map( ( { consent, text } ) => [ consent, text ] ), [ [ '1', 'Offers?' ], [ '0', 'Offers?' ] ] );
} );

test( 'a box that is touched before there is a number goes with the number', async () => {
	world.config = AT_CHECKOUT;
	await visit( '/edited-checkout' );
	await page.locator( '#bazgasht_consent' ).check();
	await settle();
	assert.deepEqual( world.numbers, [] );
	await page.locator( '[name=billing_mobile]' ).fill( '09120000032' );
	await page.clock.runFor( 900 );
	await until( () => world.numbers.length, 'the number' );
	assert.equal( world.numbers[ 0 ].consent, '1' );
} );

test( 'a box that is touched beside a number that was filled in already is told with that number', async () => {
	world.config = AT_CHECKOUT;
	await visit( '/edited-checkout' );
	await page.evaluate( () => {
		document.querySelector( '[name=melli_code]' ).value = '09120000990';
		document.querySelector( '[name=billing_mobile]' ).value = '09120000034';
		document.querySelector( '#bazgasht_consent' ).checked = true;
	} );
	await page.locator( '#bazgasht_consent' ).uncheck();
	await until( () => world.numbers.length, 'the no' );
	assert.deepEqual( world.numbers.map( ( { phone, consent } ) => [ phone, consent ] ), [ [ '09120000034', '0' ] ] );
} );

test( 'who said yes in the dialog finds the box ticked; who did not, not, and nobody where the law forbids it', async () => {
	for ( const [ mark, ticks, ticked ] of [ [ 'y', true, true ], [ '', true, false ], [ 'y', false, false ] ] ) {
		world.config = { ...AT_CHECKOUT, ticks };
		await visit( '/edited-checkout' );
		await page.evaluate( ( value ) => localStorage.setItem( 'bazgasht', value ), Date.now() + 1e8 + mark );
		await page.locator( '[name=billing_mobile]' ).fill( '09120000033' );
		assert.equal( await page.locator( '#bazgasht_consent' ).isChecked(), ticked );
	}
} );
