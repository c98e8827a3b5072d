'use strict';
// The main job from end to end, as three people live it: one comes back and buys, one stops the texts, one does neither.

const assert = require( 'node:assert/strict' );
const { test } = require( 'node:test' );
const { until } = require( './machine' );
const { Plain, PERSON, Visitor } = require( './visitor' );
const { linkIn } = require( './daemon' );

// A number of its own for each walk's people, so that walks of one shop do not meet.
let walks = 0;

/** Waits for something that the daemon must hear first; without PHP-FPM the bridge tells when the background has its turn. */
const hear = ( shop, what, ask ) =>
	until(
		what,
		async () => {
			const answer = await ask();
			if ( ! answer ) {
				await shop.minute();
			}
			return answer || ( await ask() );
		},
		{ patience: 150 }
	);

/** Nothing of a person may stand on a page that a link leads to. */
function showsNobody( html, number, where ) {
	for ( const detail of [ number, number.slice( 1 ), PERSON.first_name, PERSON.last_name, PERSON.email, PERSON.address_1 ] ) {
		assert.ok( ! html.includes( detail ), `${ where } shows ${ detail }` );
	}
}

/** One walk. `world` gives shop, daemon and browser, which are there only when the test runs. */
function walk( world, checkout ) {
	walks += 1;
	const [ buyer, stopper, idler ] = [ 0, 1, 2 ].map( ( who ) => `0912000${ 1000 + walks * 10 + who }` );

	test( `${ checkout } checkout: the whole walk, with the daemon stopped twice`, async () => {
		const { shop, daemon, browser } = world;
		await shop.use( checkout );
		await daemon.start();
		const { tea, cup } = shop.made;

		// Into the basket; then the daemon goes, and the shopper does not notice.
		const phone = await Visitor.come( browser, shop );
		const before = shop.acknowledged().taken;
		await phone.add( tea );
		await hear( shop, 'the first basket', () => shop.acknowledged().taken > before );
		await daemon.stop();
		await phone.add( cup );
		await phone.toCheckout();
		await phone.field( 'first_name' ).fill( PERSON.first_name );
		assert.equal( await phone.typeNumber( buyer ), 200 );
		await phone.go();
		await new Plain( shop ).leaveBasket( tea, stopper );
		await new Plain( shop ).leaveBasket( tea, idler );

		// It is back, and knows all that happened meanwhile.
		await daemon.start();
		const first = async ( number ) => ( await hear( shop, `a text to ${ number }`, () => daemon.texts( number )[ 0 ] ) ).split( '\n' );
		const [ greeting, code ] = await first( buyer );
		assert.match( greeting, /^سارا، سبد ۲ تایی شما/ );
		assert.equal( code, 'back10' );
		const link = linkIn( daemon.texts( buyer )[ 0 ] );
		assert.equal( new URL( link ).origin, shop.url );

		// Stopped by the second person, on the page behind the link.
		const refuser = await Visitor.come( browser, shop );
		await first( stopper );
		await refuser.page.goto( `${ linkIn( daemon.texts( stopper )[ 0 ] ) }/stop` );
		showsNobody( await refuser.page.content(), stopper, 'the stop page' );
		await refuser.page.locator( 'button[value="all"]' ).click();
		await refuser.page.locator( '[role="status"]' ).waitFor();
		await hear( shop, 'the opt-out', async () => ( await daemon.person( stopper ) ).opted_out );
		await refuser.go();

		// The link on another device: the whole basket, the coupon, and nobody's details.
		const laptop = await Visitor.come( browser, shop );
		await laptop.page.goto( link );
		const basket = await laptop.basket();
		assert.deepEqual( basket.items.sort(), [ [ tea, 1 ], [ cup, 1 ] ].sort() );
		assert.deepEqual( basket.coupons, [ 'back10' ] );
		assert.ok( basket.discount > 0 );
		showsNobody( await laptop.page.content(), buyer, 'the cart' );
		showsNobody( JSON.stringify( basket ), buyer, 'the session' );
		await laptop.toCheckout();
		showsNobody( await laptop.page.content(), buyer, 'the checkout' );

		// Ordered while the daemon lies dead.
		await daemon.stop( 'SIGKILL' );
		const order = await laptop.order( buyer );
		await daemon.start();
		const ended = await hear( shop, 'the order', async () => ( await daemon.person( buyer ) ).campaigns.find( ( { state } ) => state === 'ended' ) );
		assert.deepEqual( [ ended.campaign, ended.reason ], [ 'basket', 'ordered' ] );
		assert.equal( await shop.php( `echo wc_get_order(${ order })->get_discount_total()>0?'cheaper':'';` ), 'cheaper' );

		// Completed: the request for a review leads to the form.
		await shop.php( `wc_get_order(${ order })->update_status('completed');` );
		const asked = await hear( shop, 'the request for a review', () => daemon.texts( buyer )[ 1 ] );
		assert.match( asked, /^نظرتان چیست/ );
		await laptop.page.goto( linkIn( asked ) );
		assert.match( laptop.page.url(), /#reviews$/ );
		assert.ok( await laptop.page.locator( '#review_form,#commentform' ).count() );
		await laptop.go();

		// The third one's second text comes, so the others' moments are over: the buyer and the stopper got none.
		await hear( shop, 'the second text to who did neither', () => daemon.texts( idler )[ 1 ] );
		assert.equal( daemon.texts( idler ).length, 2 );
		assert.equal( daemon.texts( buyer ).length, 2, 'texts to the buyer: basket, review' );
		assert.equal( daemon.texts( stopper ).length, 1, 'texts to the stopper: basket' );
	} );
}

module.exports = { walk, hear };
