'use strict';
// The dialog after "add to cart": it comes in every kind of theme, never in the way, and takes no for an answer.

const { test, before, after, beforeEach, afterEach } = require( 'node:test' );
const assert = require( 'node:assert/strict' );
const fs = require( 'node:fs' );
const path = require( 'node:path' );
const { launch } = require( './chromium' );
const { open, until } = require( './world' );

const PERSIAN = {
	dir: 'rtl',
	text: 'سبدتان را برایتان نگه داریم؟',
	consent: 'پیشنهادهای ویژه را هم برایم پیامک کنید.',
	label: 'شمارهٔ موبایل',
	yes: 'سبدم را نگه دار',
	no: 'نه، ممنون',
	wrong: 'این شماره کامل به نظر نمی‌رسد. لطفاً یک بار دیگر نگاهش کنید.',
};

let browser, world, page;
before( async () => ( browser = await launch() ) );
after( () => browser.close() );
beforeEach( async () => {
	world = await open();
	page = await browser.newPage();
	page.setDefaultTimeout( 4000 );
	await page.clock.install();
} );
afterEach( async () => {
	await page.context().close();
	await world.close();
} );

const visit = ( where ) => page.goto( world.origin + where );
const dialog = () => page.locator( 'dialog.bazgasht' );
const shown = () => dialog().waitFor( { state: 'visible' } );
const focused = () => page.evaluate( () => {
	const el = document.activeElement;
	return el === document.body ? 'BODY' : el.id || el.textContent || el.tagName;
} );
const settle = async () => {
	await page.clock.runFor( 5000 );
	await page.evaluate( () => fetch( '/nothing' ) );
};
const days = async ( count ) => {
	// One by one: a month of milliseconds is more than the fake clock takes at once.
	for ( let i = 0; i < count; i++ ) {
		await page.clock.fastForward( 864e5 );
	}
};
const openOn = async ( where ) => {
	await visit( where );
	await page.locator( '.ajax_add_to_cart,.single_add_to_cart_button' ).first().click();
	await shown();
};

for ( const [ where, kind ] of [
	[ '/product', 'a plain form that reloads the page' ],
	[ '/archive', 'the AJAX button of an archive' ],
	[ '/blocks', 'the button of a product block' ],
] ) {
	test( `it opens after ${ kind }, once the add has gone out`, async () => {
		await openOn( where );
		assert.equal( world.adds, 1 );
		assert.equal( world.asked, 1 );
		assert.equal( await focused(), 'bazgasht-number' );
	} );
}

test( 'in a theme that adds silently it opens after a moment', async () => {
	await visit( '/silent' );
	await page.locator( 'button' ).click();
	await until( () => world.adds, 'the add' );
	assert.equal( world.asked, 0 );
	await page.clock.runFor( 2100 );
	await shown();
} );

test( 'nothing stands in the page, and nothing is asked, before something is added', async () => {
	await visit( '/product' );
	await page.locator( '#search' ).click();
	await visit( '/archive' );
	await page.locator( '#choose' ).click();
	await settle();
	await visit( '/variable' );
	await page.locator( '.disabled' ).click();
	await settle();
	assert.equal( world.asked, 0 );
	assert.equal( await dialog().count(), 0 );
	assert.equal( await page.locator( 'link[rel=stylesheet]' ).count(), 0 );
} );

test( 'it does not open where the shop knows the number or the basket is empty', async () => {
	world.ask = false;
	await visit( '/blocks' );
	await page.locator( 'button' ).click();
	await until( () => world.asked, 'the question' );
	await settle();
	assert.equal( await dialog().count(), 0 );
	// The next add is asked about anew.
	world.ask = true;
	await page.locator( 'button' ).click();
	await shown();
} );

test( 'shops that tell of one add twice get one question and one dialog', async () => {
	await visit( '/blocks' );
	await page.evaluate( () => {
		for ( let i = 0; i < 3; i++ ) {
			document.body.dispatchEvent( new CustomEvent( 'wc-blocks_added_to_cart' ) );
		}
	} );
	await shown();
	await settle();
	assert.equal( world.asked, 1 );
	assert.equal( await dialog().count(), 1 );
} );

test( 'it never opens on a page with a checkout', async () => {
	await visit( '/product' );
	await page.evaluate( () => sessionStorage.setItem( 'bazgasht', 1 ) );
	await visit( '/checkout' );
	await settle();
	assert.equal( world.asked, 0 );
} );

test( 'a number goes to the shop with the consent and its exact words', async () => {
	await openOn( '/product' );
	await page.locator( '#bazgasht-number' ).fill( '۰۹۱۲ ۰۰۰ ۰۰۲۱' );
	await page.getByText( 'You may also send me offers by SMS.' ).click();
	await page.keyboard.press( 'Tab' );
	await page.getByRole( 'button', { name: 'Keep my basket' } ).click();
	await page.getByText( 'Your basket is safe with us.' ).waitFor();
	assert.deepEqual( world.numbers, [
		{ phone: '۰۹۱۲ ۰۰۰ ۰۰۲۱', source: 'dialog', consent: '1', text: 'You may also send me offers by SMS.' },
	] );
	await page.clock.runFor( 2000 );
	assert.equal( await dialog().count(), 0 );
} );

test( 'an unticked box is no consent, and Enter is enough', async () => {
	await openOn( '/product' );
	assert.equal( await page.getByRole( 'checkbox' ).isChecked(), false );
	await page.locator( '#bazgasht-number' ).fill( '09120000022' );
	await page.keyboard.press( 'Enter' );
	await until( () => world.numbers.length, 'the number' );
	assert.equal( world.numbers[ 0 ].consent, '0' );
} );

test( 'without a wording there is no box', async () => {
	world.config = { dialog: { consent: '' } };
	await openOn( '/product' );
	assert.equal( await page.getByRole( 'checkbox' ).count(), 0 );
} );

for ( const [ how, refuse ] of [
	[ 'the button', () => page.getByRole( 'button', { name: 'No, thanks' } ).click() ],
	[ 'Escape', () => page.keyboard.press( 'Escape' ) ],
] ) {
	test( `a no by ${ how } sends nothing, gives the focus back and lasts for the days set`, async () => {
		await openOn( '/archive' );
		await page.locator( '#bazgasht-number' ).fill( '09120000023' );
		await refuse();
		assert.equal( await dialog().count(), 0 );
		assert.match( await focused(), /Add/ );

		await page.locator( '.ajax_add_to_cart' ).click();
		await until( () => world.adds === 2, 'the second add' );
		await settle();
		assert.equal( world.asked, 1 );
		assert.deepEqual( world.numbers, [] );
		assert.deepEqual( await page.context().cookies(), [] );

		await days( 29 );
		await page.locator( '.ajax_add_to_cart' ).click();
		await until( () => world.adds === 3, 'the third add' );
		await settle();
		assert.equal( world.asked, 1 );

		await days( 1 );
		await page.locator( '.ajax_add_to_cart' ).click();
		await shown();
	} );
}

test( 'a wrong number is named aloud, kept for correcting, and not sent', async () => {
	await openOn( '/product' );
	await page.locator( '#bazgasht-number' ).fill( '0912' );
	await page.keyboard.press( 'Enter' );
	const alert = page.getByRole( 'alert' );
	assert.equal( await alert.textContent(), 'This does not look like a whole mobile number.' );
	const input = page.locator( '#bazgasht-number' );
	assert.equal( await input.getAttribute( 'aria-invalid' ), 'true' );
	assert.equal( await input.getAttribute( 'aria-describedby' ), await alert.getAttribute( 'id' ) );
	assert.equal( await input.inputValue(), '0912' );
	assert.equal( await focused(), 'bazgasht-number' );
	assert.deepEqual( world.numbers, [] );
} );

test( 'when the shop cannot take it, it says so and can be tried again', async () => {
	world.status = 500;
	await openOn( '/product' );
	await page.locator( '#bazgasht-number' ).fill( '09120000024' );
	await page.keyboard.press( 'Enter' );
	await page.getByText( 'We could not save it just now.' ).waitFor();
	world.status = 200;
	await page.keyboard.press( 'Enter' );
	await page.getByText( 'Your basket is safe with us.' ).waitFor();
	assert.equal( world.numbers.length, 2 );
} );

test( 'keyboard and screen reader: named, labelled, and the focus stays inside', async () => {
	await openOn( '/product' );
	await page.getByRole( 'dialog', { name: 'Shall we keep your basket for you?' } ).waitFor();
	const input = page.getByRole( 'textbox', { name: 'Mobile number' } );
	assert.equal( await input.getAttribute( 'inputmode' ), 'tel' );
	assert.equal( await input.getAttribute( 'autocomplete' ), 'tel' );
	const round = [];
	for ( let i = 0; i < 5; i++ ) {
		round.push( await focused() );
		await page.keyboard.press( 'Tab' );
	}
	assert.deepEqual( round, [ 'bazgasht-number', 'INPUT', 'Keep my basket', 'No, thanks', 'bazgasht-number' ] );
	await page.keyboard.press( 'Shift+Tab' );
	await page.keyboard.press( 'Shift+Tab' );
	assert.equal( await focused(), 'No, thanks' );
} );

test( 'a browser without showModal gets the same dialog', async () => {
	await page.addInitScript( () => delete HTMLDialogElement.prototype.showModal );
	await openOn( '/product' );
	for ( let i = 0; i < 4; i++ ) {
		await page.keyboard.press( 'Tab' );
	}
	assert.equal( await focused(), 'bazgasht-number' );
	assert.equal( await dialog().evaluate( ( el ) => getComputedStyle( el ).position ), 'fixed' );
	await page.keyboard.press( 'Escape' );
	assert.equal( await dialog().count(), 0 );
} );

test( 'a browser that forbids storage still adds, and still asks where an event tells of it', async () => {
	await page.addInitScript( () => {
		for ( const area of [ 'localStorage', 'sessionStorage' ] ) {
			Object.defineProperty( window, area, { get: () => { throw new DOMException( 'forbidden' ); } } );
		}
	} );
	await openOn( '/blocks' );
	await page.getByRole( 'button', { name: 'No, thanks' } ).click();
	await visit( '/product' );
	await page.locator( '.single_add_to_cart_button' ).click();
	await until( () => world.adds === 2, 'the second add' );
} );

test( 'an add goes through while the dialog\'s addresses hang', async () => {
	await page.route( /wc-ajax/, () => {} );
	await visit( '/archive' );
	await page.locator( '.ajax_add_to_cart' ).click();
	await until( () => world.adds === 1, 'the add' );
	await page.locator( '.ajax_add_to_cart' ).click();
	await until( () => world.adds === 2, 'the second add' );
} );

test( 'it does not move for people who asked for less motion', async () => {
	await page.emulateMedia( { reducedMotion: 'reduce' } );
	await openOn( '/product' );
	assert.equal( await dialog().evaluate( ( el ) => getComputedStyle( el ).animationName ), 'none' );
} );

for ( const [ name, where, words, size ] of [
	[ 'persian-phone', '/product', PERSIAN, { width: 320, height: 568 } ],
	[ 'persian-phone-error', '/product', PERSIAN, { width: 390, height: 760 } ],
	[ 'english-phone', '/product', {}, { width: 320, height: 568 } ],
	[ 'english-wide', '/product', {}, { width: 1100, height: 700 } ],
	[ 'english-landscape', '/product', {}, { width: 568, height: 320 } ],
	[ 'loud-theme', '/loud-theme', {}, { width: 390, height: 760 } ],
] ) {
	test( `it fits the screen and can be read: ${ name }`, async () => {
		world.config = { dialog: words };
		await page.setViewportSize( size );
		await page.emulateMedia( { reducedMotion: 'reduce' } );
		await openOn( where );
		if ( name.endsWith( 'error' ) ) {
			await page.locator( '#bazgasht-number' ).fill( '۰۹۱۲۰۰۰' );
			await page.keyboard.press( 'Enter' );
		}
		const box = await dialog().boundingBox();
		assert.ok( box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height, JSON.stringify( box ) );
		for ( const part of await dialog().locator( 'input,button' ).all() ) {
			const at = await part.boundingBox();
			assert.ok( at && at.x > box.x && at.x + at.width < box.x + box.width, JSON.stringify( at ) );
		}
		assert.ok( await dialog().evaluate( ( el ) => el.scrollWidth <= el.clientWidth ), 'no sideways scrolling' );
		assert.equal( await dialog().evaluate( ( el ) => getComputedStyle( el ).direction ), words.dir || 'ltr' );
		const input = await page.locator( '#bazgasht-number' ).evaluate( ( el ) => [ el.offsetHeight, parseFloat( getComputedStyle( el ).fontSize ) ] );
		// Below 16 px phones zoom the page at the touch of a field.
		assert.ok( input[ 0 ] >= 44 && input[ 1 ] >= 16, String( input ) );
		if ( process.env.SCREENSHOTS ) {
			fs.mkdirSync( process.env.SCREENSHOTS, { recursive: true } );
			await page.screenshot( { path: path.join( process.env.SCREENSHOTS, `${ name }.png` ) } );
		}
	} );
}
