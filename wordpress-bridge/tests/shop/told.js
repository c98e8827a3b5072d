'use strict';
// What the walk does not meet: everything else that the bridge tells, from the shop's page to what the daemon makes of
// it; coupons of one's own; and what the manager sees of it.

const assert = require( 'node:assert/strict' );
const { after, before, test } = require( 'node:test' );
const { until } = require( './machine' );
const { linkIn } = require( './daemon' );
const { Plain, Visitor } = require( './visitor' );
const { hear } = require( './walk' );

const CONSENT = 'پیامک تخفیف برایم بفرستید';
const number = ( who ) => `0912000${ 2000 + who }`;

function told( world ) {
	const settings = ( changes ) => world.shop.connect( { address: world.daemon.address, ...changes } );
	before( () => settings( { wanted_enabled: true, birthday_field: true, consent_checkout: true, consent_law: 'ir', consent_text: CONSENT } ) );
	after( () => settings( {} ) );

	const visit = async ( work ) => {
		const visitor = await Visitor.come( world.browser, world.shop );
		try {
			return await work( visitor );
		} finally {
			await visitor.go();
		}
	};
	const text = ( to, like ) => hear( world.shop, `a text to ${ to } like ${ like }`, () => world.daemon.texts( to ).find( ( sms ) => like.test( sms ) ) );
	const gift = ( to, what ) => world.shop.php( `do_action('bazgasht_custom_event','gift','${ to }',array('what'=>'${ what }'));` );
	// Past WooCommerce's form, which would have all orders copied first.
	const keepOrders = ( tables ) => world.shop.php( `global $wpdb;$wpdb->update($wpdb->options,array('option_value'=>'${ tables }'),array('option_name'=>'woocommerce_custom_orders_table_enabled'));` );
	const coupon = ( code ) =>
		world.shop.php( `$c=new WC_Coupon('${ code }');echo wp_json_encode(array($c->get_id()>0,(float)$c->get_amount(),$c->get_usage_limit('edit'),$c->get_usage_count(),$c->get_date_expires()?$c->get_date_expires()->getTimestamp()-time():0,strlen($c->get_meta('_bazgasht_own'))));` ).then( JSON.parse );

	test( "an event of the owner's own begins a journey; the daemon fetches it itself when the shop keeps silent", async () => {
		// Told on a command line, and no background has its turn: only the daemon's own call can bring it.
		await gift( number( 1 ), 'انگشتر' );
		const sms = await until( "the daemon's call", () => world.daemon.texts( number( 1 ) )[ 0 ], { patience: 200, pause: 1000 } );
		assert.match( sms, /^انگشتر\n/ );
	} );

	test( "a coupon of one's own: made at the click, for one number, once, and it ends", async () => {
		const { shop } = world;
		const [ , code ] = ( await text( number( 1 ), /^انگشتر/ ) ).split( '\n' );
		assert.match( code, /^g[2-9a-hjkmnp-z]{5,11}$/ );
		assert.equal( ( await coupon( code ) )[ 0 ], false, 'made before anybody came' );
		await visit( async ( owner ) => {
			await owner.page.goto( linkIn( await text( number( 1 ), /^انگشتر/ ) ) );
			const [ there, amount, limit, used, left, mark ] = await coupon( code );
			assert.deepEqual( [ there, amount, limit, used, mark ], [ true, 20, 1, 0, 64 ] );
			assert.ok( left > 47.5 * 3600 && left <= 48 * 3600, `${ left } s from the click` );
			await owner.add( shop.made.honey );
			assert.deepEqual( ( await owner.basket() ).coupons, [ code ], 'it waited for the basket' );

			// Somebody else who has got hold of it.
			await visit( async ( other ) => {
				await other.add( shop.made.honey );
				assert.equal( await other.coupon( code ), 200 );
				const order = await other.order( number( 2 ) );
				assert.equal( await shop.php( `echo (float)wc_get_order(${ order })->get_discount_total();` ), '0', "another number's order is not cheaper" );
				assert.equal( ( await coupon( code ) )[ 3 ], 0, 'nor is the code used up by it' );
			} );

			const order = await owner.order( number( 1 ) );
			assert.equal( await shop.php( `echo (float)wc_get_order(${ order })->get_discount_total();` ), '78000' );
			assert.equal( ( await coupon( code ) )[ 3 ], 1 );
			await owner.add( shop.made.honey );
			assert.ok( ( await owner.coupon( code ) ) >= 400, 'a second time' );
			// Its day is over.
			await shop.php( `$c=new WC_Coupon('${ code }');$c->set_usage_limit(9);$c->set_date_expires(time()-60);$c->save();` );
			assert.ok( ( await owner.coupon( code ) ) >= 400, 'after its end' );
		} );
	} );

	test( "a coupon of one's own typed by hand is asked for, and made; a code that nobody was given is not", async () => {
		await gift( number( 3 ), 'گوشواره' );
		const [ , code ] = ( await text( number( 3 ), /^گوشواره/ ) ).split( '\n' );
		await visit( async ( owner ) => {
			await owner.add( world.shop.made.cup );
			assert.equal( await owner.coupon( code.toUpperCase() ), 200 );
			assert.deepEqual( ( await owner.basket() ).coupons, [ code ] );
			assert.deepEqual( ( await coupon( code ) ).slice( 0, 4 ), [ true, 20, 1, 0 ] );
			assert.ok( ( await owner.coupon( 'gxyzxyzx' ) ) >= 400 );
			assert.equal( ( await coupon( 'gxyzxyzx' ) )[ 0 ], false );
		} );
	} );

	test( 'a question is answered with two taps, and the journey goes on by the answer', async () => {
		await world.shop.php( `do_action('bazgasht_custom_event','asked','${ number( 10 ) }');` );
		const link = linkIn( await text( number( 10 ), /راضی بودید/ ) );
		await visit( async ( visitor ) => {
			await visitor.page.goto( link );
			assert.match( visitor.page.url(), /\/ask$/ );
			const page = await visitor.page.content();
			assert.match( page, /از خریدتان راضی بودید؟/ );
			assert.ok( ! page.includes( number( 10 ).slice( 1 ) ) );
			const forged = await new Plain( world.shop ).ask( `${ link }/ask`, { form: { bazgasht_answer: 'بله', bazgasht_proof: 'x' } } );
			assert.equal( forged.status, 403, 'an answer without the page' );
			await visitor.page.locator( 'button', { hasText: 'بله' } ).click();
			await visitor.page.locator( '[role="status"]' ).waitFor();
		} );
		await text( number( 10 ), /خوشحالیم/ );
	} );

	test( 'a wish for a variation: told with the basket, and a text when it is back', async () => {
		const { shop } = world;
		const [ shirt, small ] = shop.made.shirt;
		await visit( async ( visitor ) => {
			await visitor.add( shop.made.tea );
			await visitor.page.goto( `${ shop.url }/?p=${ shirt }` );
			await visitor.page.waitForLoadState( 'load' );
			await visitor.page.locator( '.variations select' ).first().selectOption( 'Small' );
			await visitor.page.locator( '.bazgasht-wanted input' ).locator( 'visible=true' ).first().fill( number( 4 ) );
			const answer = visitor.page.waitForResponse( ( response ) => response.url().includes( 'wc-ajax=bazgasht_wanted' ) );
			await visitor.page.locator( '.bazgasht-wanted button' ).locator( 'visible=true' ).first().click();
			assert.equal( ( await answer ).status(), 200 );
		} );
		const [ wish ] = await hear( shop, 'the wish', async () => {
			const { wanted = [] } = await world.daemon.export( number( 4 ) );
			return wanted.length && wanted;
		} );
		assert.deepEqual( [ wish.product_id, wish.variation_id ], [ String( shirt ), String( small ) ] );
		// The other size goes, and this one comes.
		await shop.php( `$p=wc_get_product(${ shirt });foreach($p->get_children() as $id){$v=wc_get_product($id);$v->set_stock_status('outofstock');$v->save();}` );
		await shop.minute();
		await shop.php( `$v=wc_get_product(${ small });$v->set_stock_status('instock');$v->save();` );
		const sms = await text( number( 4 ), /^پیراهن کتان/ );
		await visit( async ( visitor ) => {
			await visitor.page.goto( linkIn( sms ) );
			assert.equal( await visitor.page.locator( '.variations select' ).count(), 1, 'its page' );
		} );
	} );

	test( 'a long look, by somebody with a basket', async () => {
		const { shop } = world;
		const looker = new Plain( shop );
		await looker.leaveBasket( shop.made.tea, number( 5 ) );
		const { status } = await looker.ask( '/?wc-ajax=bazgasht_seen', { form: { product: shop.made.cup, seconds: 31 }, headers: { 'user-agent': 'Mozilla/5.0 (a browser)' } } );
		assert.equal( status, 200 );
		const [ look ] = await hear( shop, 'the look', async () => {
			const { views = [] } = await world.daemon.export( number( 5 ) );
			return views.length && views;
		} );
		assert.deepEqual( [ look.product_id, look.seconds ], [ String( shop.made.cup ), 31 ] );
	} );

	test( 'a parcel with a tracking code', async () => {
		const { shop } = world;
		const order = await shop.php( `$o=wc_create_order();$o->add_product(wc_get_product(${ shop.made.cup }));$o->set_billing_phone('${ number( 6 ) }');$o->calculate_totals();$o->set_status('processing');echo $o->save();` );
		await shop.php( `$o=wc_get_order(${ order });$o->update_meta_data('_wc_shipment_tracking_items',array(array('tracking_number'=>'RR24680','tracking_provider'=>'post')));$o->save();` );
		await text( number( 6 ), /در راه است:\nRR24680/ );
	} );

	test( 'sign-up with a birthday, then log-ins', async () => {
		const { shop, daemon } = world;
		const joiner = new Plain( shop );
		const page = ( await joiner.ask( '/my-account/' ) ).text;
		const field = ( name ) => page.match( new RegExp( `name="${ name }" value="([^"]+)"` ) )[ 1 ];
		const today = new Intl.DateTimeFormat( 'en-CA', { timeZone: 'Asia/Tehran' } ).format();
		// In an English shop the field is one, as browsers have it.
		const joined = await joiner.ask( '/my-account/', { form: { username: 'joiner', email: 'joiner@example.test', password: 'joiner-pass-1', bazgasht_birthday: `1990${ today.slice( 4 ) }`, 'woocommerce-register-nonce': field( 'woocommerce-register-nonce' ), _wp_http_referer: '/my-account/', register: 'Register' } } );
		assert.equal( joined.status, 302, 'the sign-up' );
		await shop.php( `$c=new WC_Customer(get_user_by('login','joiner')->ID);$c->set_billing_phone('${ number( 7 ) }');$c->save();` );
		await new Plain( shop ).logIn( 'joiner', 'joiner-pass-1' );
		const types = await hear( shop, 'sign-up and log-in', async () => {
			const found = ( await daemon.export( number( 7 ) ) ).events.map( ( { type } ) => type );
			return found.includes( 'customer.login' ) && found;
		} );
		assert.ok( types.includes( 'customer.created' ), types.join() );
		assert.equal( ( await daemon.export( number( 7 ) ) ).contact.birthday, `1990${ today.slice( 4 ) }` );
	} );

	for ( const [ who, checkout ] of [ [ 8, 'classic' ], [ 9, 'block' ] ] ) {
		test( `the box at the ${ checkout } checkout: where the yes comes from, and its words`, async () => {
			const { shop } = world;
			await shop.use( checkout );
			await visit( async ( visitor ) => {
				await visitor.add( shop.made.tea );
				await visitor.order( number( who ), () => visitor.page.locator( '#bazgasht_consent,[id$=bazgasht-consent]' ).first().check() );
			} );
			const { consent } = await hear( shop, 'the yes', async () => {
				const person = await world.daemon.export( number( who ) );
				return person.contact.consent && person.contact;
			} );
			assert.deepEqual( [ consent.marketing, consent.source, consent.text ], [ true, 'checkout-box', CONSENT ] );
		} );
	}

	for ( const tables of [ 'yes', 'no' ] ) {
		test( `the manager sees what was sent, on an order kept ${ tables === 'yes' ? 'in its own tables' : 'as a post' } and on the account`, async () => {
			const { shop } = world;
			const account = await shop.php( `$c=new WC_Customer(get_user_by('login','buyer')->ID);$c->set_billing_phone('${ number( 1 ) }');echo $c->save();` );
			await shop.use( 'classic' );
			await keepOrders( tables );
			try {
				await visit( async ( visitor ) => {
					await visitor.add( shop.made.tea );
					const order = await visitor.order( number( 1 ) );
					assert.equal( await shop.php( `echo get_post_type(${ order });` ), tables === 'yes' ? 'shop_order_placehold' : 'shop_order' );
					await hear( shop, 'the order', async () => ( await world.daemon.export( number( 1 ) ) ).events.some( ( { data } ) => String( data.order_id ) === String( order ) ) );
					const screen = tables === 'yes' ? `admin.php?page=wc-orders&action=edit&id=${ order }` : `post.php?post=${ order }&action=edit`;
					await visit( async ( manager ) => {
						await manager.logIn( 'admin', 'admin-pass' );
						for ( const at of [ screen, `user-edit.php?user_id=${ account }` ] ) {
							await manager.page.goto( `${ shop.url }/wp-admin/${ at }` );
							const box = manager.page.locator( '.bazgasht-person' );
							await box.scrollIntoViewIfNeeded();
							await box.locator( 'table' ).first().waitFor();
							assert.match( await box.innerText(), /انگشتر/, at );
						}
					} );
				} );
			} finally {
				await keepOrders( 'yes' );
			}
		} );
	}
}

module.exports = { told };
