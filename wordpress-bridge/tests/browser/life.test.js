'use strict';
// What else a real shop tells: looks, wishes, accounts, payments that fail, parcels, prices; and whom it does not tell of.

const { test, before, after } = require( 'node:test' );
const assert = require( 'node:assert/strict' );
const { launch } = require( './chromium' );
const { SHOP_URL, SKIPPED, has, wordpress, connect } = require( './real' );

if ( ! has ) {
	test( 'the rest of a real shop\'s life', { skip: SKIPPED }, () => {} );
	return;
}

let browser, shop, world;
before( async () => {
	browser = await launch();
	shop = await connect( { capture_checkout: true, dialog_enabled: false, consent_checkout: true, consent_law: 'ir', consent_text: 'Offers?', consent_ticked: true, watch_products: true, watch_pages: '/bz-guide/', wanted_enabled: true, birthday_field: true } );
	world = JSON.parse( wordpress( `
		$made=array();
		$simple=function($name,$left)use(&$made){$p=new WC_Product_Simple();$p->set_name($name);$p->set_regular_price('1000');$p->set_manage_stock(true);$p->set_stock_quantity($left);$p->save();return $made[]=$p->get_id();};
		$a=$simple('Life A',9);$gone=$simple('Life gone',0);
		$v=new WC_Product_Variable();$v->set_name('Life V');$at=new WC_Product_Attribute();$at->set_name('Size');$at->set_options(array('Big','Small'));$at->set_visible(true);$at->set_variation(true);$v->set_attributes(array($at));$made[]=$v->save();
		$variations=array();foreach(array('Big','Small') as $size){$x=new WC_Product_Variation();$x->set_parent_id($v->get_id());$x->set_attributes(array('size'=>$size));$x->set_regular_price('2000');$x->set_stock_status('Big'===$size?'instock':'outofstock');$made[]=$variations[]=$x->save();}
		WC_Product_Variable::sync($v->get_id());
		$g=new WC_Product_Grouped();$g->set_name('Life G');$g->set_children(array($a,$gone));$made[]=$g->save();
		$made[]=$guide=wp_insert_post(array('post_type'=>'page','post_status'=>'publish','post_name'=>'bz-guide','post_title'=>'bz-guide','post_content'=>'Guide'));
		update_option('bazgasht_life_made',$made,false);
		update_option('bazgasht_life_saved',array(get_option('woocommerce_default_country'),get_option('woocommerce_enable_myaccount_registration'),get_option('woocommerce_registration_generate_password')),false);
		update_option('woocommerce_default_country','IR:THR');update_option('woocommerce_enable_myaccount_registration','yes');update_option('woocommerce_registration_generate_password','no');
		echo wp_json_encode(array('version'=>WC_VERSION,'a'=>$a,'gone'=>$gone,'v'=>$v->get_id(),'small'=>$variations[1],'urls'=>array('a'=>get_permalink($a),'gone'=>get_permalink($gone),'v'=>get_permalink($v->get_id()),'g'=>get_permalink($g->get_id()),'guide'=>get_permalink($guide),'account'=>wc_get_page_permalink('myaccount'))));` ) );
} );
after( async () => {
	await browser.close();
	wordpress( `foreach((array)get_option('bazgasht_life_made') as $id){wp_delete_post($id,true);}
		list($country,$sign_up,$password)=get_option('bazgasht_life_saved');update_option('woocommerce_default_country',$country);update_option('woocommerce_enable_myaccount_registration',$sign_up);update_option('woocommerce_registration_generate_password',$password);
		delete_option('bazgasht_life_made');delete_option('bazgasht_life_saved');require_once ABSPATH.'wp-admin/includes/user.php';
		foreach(get_users(array('search'=>'bzlife*','search_columns'=>array('user_login','user_email'))) as $u){wp_delete_user($u->ID);}` );
	shop.close();
} );

/** A visitor of their own. */
const visitor = async ( work, options ) => {
	const context = await browser.newContext( options );
	try {
		const page = await context.newPage();
		page.setDefaultTimeout( 20000 );
		return await work( page, context );
	} finally {
		await context.close();
	}
};
const shot = ( page, name ) => process.env.SCREENSHOTS && page.screenshot( { path: `${ process.env.SCREENSHOTS }/${ world.version }-${ name }.png`, fullPage: true } );
const addOne = async ( page ) => {
	await page.goto( world.urls.a );
	await Promise.all( [ page.waitForNavigation(), page.locator( '.single_add_to_cart_button' ).first().click() ] );
};
const look = async ( page, seconds ) => {
	await page.mouse.move( 80, 80 );
	await page.mouse.move( 120, 120 );
	await page.clock.runFor( seconds * 1000 );
};
const serial = String( Date.now() ).slice( -5, -3 );
const phone = ( n ) => `0912000${ n }${ serial }`;

test( 'a long look is told with the basket; one without a basket leaves no cookie and no event; no request while the page loads', async () => {
	await visitor( async ( page, context ) => {
		await page.clock.install();
		const requests = [];
		page.on( 'request', ( request ) => requests.push( request.url() ) );
		await page.goto( world.urls.v );
		await page.waitForLoadState( 'load' );
		assert.ok( ! requests.some( ( url ) => url.includes( 'bazgasht_' ) ) );
		await look( page, 31 );
		await page.waitForTimeout( 300 );
		assert.ok( requests.some( ( url ) => url.includes( 'bazgasht_seen' ) ) );
		assert.deepEqual( ( await context.cookies() ).filter( ( { name } ) => /woocommerce_session|bazgasht/.test( name ) ), [] );
		assert.ok( await shop.untold( 'product.viewed', ( { product_id } ) => product_id === world.v ) );
		await addOne( page );
		await page.goto( world.urls.v );
		await page.locator( '.variations select' ).first().selectOption( { index: 1 } );
		await look( page, 31 );
		const [ seen ] = await shop.told( 'product.viewed', ( { product_id } ) => product_id === world.v );
		assert.equal( seen.seconds >= 30, true );
		assert.ok( seen.variation_id );
		await shop.told( 'cart.updated', ( { cart_key } ) => cart_key === seen.cart_key );
	} );
} );

test( 'a milestone is told of somebody with a basket', () =>
	visitor( async ( page ) => {
		await page.clock.install();
		await addOne( page );
		await page.goto( world.urls.guide );
		await look( page, 6 );
		const [ seen ] = await shop.told( 'page.viewed' );
		assert.equal( seen.page, '/bz-guide' );
		assert.ok( seen.cart_key );
	} ) );

for ( const [ kind, open, product, variation ] of [
	[ 'simple', async ( page ) => page.goto( world.urls.gone ), 'gone', null ],
	[ 'grouped', async ( page ) => page.goto( world.urls.g ), 'gone', null ],
	[ 'variable', async ( page ) => {
		await page.goto( world.urls.v );
		await page.waitForLoadState( 'load' );
		await page.locator( '.variations select' ).first().selectOption( { index: 2 } );
	}, 'v', 'small' ],
] ) {
	test( `a wish for what is out of stock: ${ kind } product, by somebody without a basket`, () =>
		visitor( async ( page, context ) => {
			await open( page );
			const field = page.locator( '.bazgasht-wanted input' ).locator( 'visible=true' ).first();
			await field.waitFor();
			await shot( page, `wanted-${ kind }` );
			const number = phone( { simple: 10, grouped: 11, variable: 12 }[ kind ] );
			await field.fill( number );
			await page.locator( '.bazgasht-wanted button' ).locator( 'visible=true' ).first().click();
			await page.locator( '.bazgasht-wanted:not(:has(input))' ).first().waitFor();
			const [ wish ] = await shop.told( 'product.wanted', ( { contact } ) => contact.phone === number );
			assert.equal( wish.product_id, world[ product ] );
			assert.equal( wish.variation_id, variation ? world[ variation ] : undefined );
			assert.deepEqual( ( await context.cookies() ).filter( ( { name } ) => /woocommerce_session|bazgasht/.test( name ) ), [] );
		} ) );
}

test( 'a sign-up with a birthday, the account\'s form and the log-in are told', () =>
	visitor( async ( page ) => {
		const mail = `bzlife${ serial }@shop.example`;
		await page.goto( world.urls.account );
		await shot( page, 'register' );
		await page.locator( '#reg_email' ).fill( mail );
		await page.locator( '#reg_password' ).fill( `Life-${ serial }-pass!` );
		const persian = await page.locator( '[name="bazgasht_birthday[y]"]' ).count();
		if ( persian ) {
			await page.locator( '[name="bazgasht_birthday[y]"]' ).fill( '۱۳۶۷' );
			await page.locator( '[name="bazgasht_birthday[m]"]' ).selectOption( '1' );
			await page.locator( '[name="bazgasht_birthday[d]"]' ).fill( '۱' );
		} else {
			await page.locator( '#bazgasht_birthday' ).fill( '1988-03-21' );
		}
		await page.waitForTimeout( 1200 );
		await page.locator( '[name=register]' ).click();
		await page.locator( '.woocommerce-MyAccount-navigation' ).waitFor();
		// Known by number once there is one.
		const id = Number( wordpress( `$u=get_user_by('email','${ mail }');$c=new WC_Customer($u->ID);$c->set_billing_phone('${ phone( 20 ) }');$c->save();echo $u->ID;do_action('shutdown');` ).split( '\n' )[ 0 ] );
		const [ made ] = await shop.told( 'customer.created', ( { contact } ) => contact.user_id === id );
		assert.equal( made.contact.birthday, '1988-03-21' );
		assert.match( made.created_at, /^20\d\d-/ );

		await page.goto( new URL( 'edit-account/', world.urls.account ).href );
		await page.locator( '[name=account_email]' ).waitFor();
		await shot( page, 'edit-account' );
		assert.equal( await page.locator( '[name=bazgasht_consent]' ).isChecked(), true, 'ticked by the owner\'s wish' );
		await page.locator( '#account_first_name' ).fill( 'Sara' );
		await page.locator( '#account_last_name' ).fill( 'Nemooneh' );
		await page.locator( '[name=bazgasht_consent]' ).uncheck();
		await page.locator( '[name=save_account_details]' ).click();
		await page.waitForLoadState();
		const [ no ] = await shop.told( 'contact.captured', ( { consent, contact } ) => consent && consent.source === 'account' && contact.user_id === id );
		assert.equal( no.consent.marketing, false );

		await page.context().clearCookies();
		await page.goto( world.urls.account );
		await page.locator( '#username' ).fill( mail );
		await page.locator( '#password' ).fill( `Life-${ serial }-pass!` );
		await page.locator( '[name=login]' ).click();
		await page.locator( '.woocommerce-MyAccount-navigation' ).waitFor();
		const [ came ] = await shop.told( 'customer.login', ( { contact } ) => contact.user_id === id );
		assert.equal( came.contact.phone, phone( 20 ) );
	} ) );

/** An order of a buyer with a number, made and changed inside the shop as a gateway or a manager would. */
const order = ( n, code ) =>
	Number( wordpress( `$o=wc_create_order();$o->add_product(wc_get_product(${ world.a }),1);$o->set_billing_phone('${ phone( n ) }');$o->set_billing_country('IR');$o->set_payment_method('bacs');$o->calculate_totals();$o->save();$id=$o->get_id();
		${ code }
		$made=(array)get_option('bazgasht_life_made');$made[]=$id;update_option('bazgasht_life_made',$made,false);do_action('shutdown');echo "\n#$id";` ).split( '#' ).pop() );
const states = async ( id, type = 'order.updated', fits = () => true ) => ( await shop.told( type, ( data ) => data.order_id === id && fits( data ) ) ).at( -1 );

test( 'a failed payment is told with its moment, and the payment after it', async () => {
	const id = order( 30, `$o->update_status('failed');` );
	const failed = await states( id, 'order.created' );
	assert.equal( failed.status, 'failed' );
	assert.match( failed.failed_at, /^20\d\d-.*Z$/ );
	wordpress( `$o=wc_get_order(${ id });$o->payment_complete('x');do_action('shutdown');` );
	const paid = await states( id, 'order.updated', ( { status } ) => status === 'processing' );
	assert.equal( paid.failed_at, undefined );
	assert.ok( paid.paid_at );
} );

test( 'an order that waits for the bank is told as pending, and as cancelled when its stock is let go', async () => {
	const id = order( 31, `$o->update_status('pending');$o->set_created_via('checkout');$o->save();` );
	assert.equal( ( await states( id, 'order.created' ) ).status, 'pending' );
	wordpress( `update_option('woocommerce_hold_stock_minutes',60);$o=wc_get_order(${ id });$o->set_date_created(time()-9000);$o->save();
		global $wpdb;$old=gmdate('Y-m-d H:i:s',time()-9000);$wpdb->query("UPDATE {$wpdb->prefix}wc_orders SET date_updated_gmt='$old' WHERE id=${ id }");$wpdb->query("UPDATE {$wpdb->posts} SET post_modified='$old',post_modified_gmt='$old' WHERE ID=${ id }");
		wc_cancel_unpaid_orders();do_action('shutdown');` );
	assert.equal( ( await states( id, 'order.updated', ( { status } ) => status === 'cancelled' ) ).status, 'cancelled' );
} );

for ( const [ way, write ] of [
	[ 'saved with the order', '$o->update_meta_data(\'_wc_shipment_tracking_items\',array(array(\'tracking_provider\'=>\'post\',\'tracking_number\'=>\'TRACK1\')));$o->save();' ],
	[ 'saved as meta alone', '$o->update_meta_data(\'post_barcode\',\'TRACK1\');$o->save_meta_data();' ],
	[ 'with a status of the shop\'s own', '$o->update_meta_data(\'_tracking_number\',\'TRACK1\');$o->set_status(\'completed\');$o->save();' ],
] ) {
	test( `a parcel's code is told: ${ way }`, async () => {
		const id = order( 40, `$o->update_status('processing');` );
		wordpress( `$o=wc_get_order(${ id });${ write }do_action('shutdown');` );
		const sent = await states( id, 'order.updated', ( { shipping } ) => shipping );
		assert.equal( sent.shipping.tracking_code, 'TRACK1' );
		assert.equal( sent.shipping.state, 'shipped' );
	} );
}

test( 'a refund, a review, a price and the stock of a variation are told', async () => {
	const id = order( 50, `$o->update_status('completed');` );
	wordpress( `wc_create_refund(array('order_id'=>${ id },'amount'=>'400'));do_action('shutdown');` );
	assert.equal( ( await states( id, 'order.refunded' ) ).amount, '400' );
	wordpress( `$p=wc_get_product(${ world.a });$p->set_sale_price('900');$p->save();$x=wc_get_product(${ world.small });$x->set_stock_status('instock');$x->save();
		wp_new_comment(array('comment_post_ID'=>${ world.a },'comment_author'=>'S','comment_author_email'=>'s${ serial }@shop.example','comment_author_url'=>'','comment_content'=>'Good ${ serial }','comment_type'=>'review','comment_author_IP'=>'192.0.2.9','comment_agent'=>'x','user_id'=>0),true);do_action('shutdown');` );
	await shop.told( 'product.updated', ( { product_id, price } ) => product_id === world.a && Number( price ) === 900 );
	const back = await shop.told( 'product.updated', ( { product_id, variations } ) => product_id === world.v && variations );
	assert.equal( back.at( -1 ).variations.find( ( { variation_id } ) => variation_id === world.small ).stock_status, 'instock' );
	await shop.told( 'review.created', ( { product_id } ) => product_id === world.a );
	wordpress( `$x=wc_get_product(${ world.small });$x->set_stock_status('outofstock');$x->save();do_action('shutdown');` );
} );

test( 'two tabs are one basket, and the number typed in one belongs to both', () =>
	visitor( async ( page, context ) => {
		await addOne( page );
		const other = await context.newPage();
		await other.goto( world.urls.v );
		await other.waitForLoadState( 'load' );
		await other.locator( '.variations select' ).first().selectOption( { index: 1 } );
		await Promise.all( [ other.waitForNavigation(), other.locator( '.single_add_to_cart_button:not(.disabled)' ).first().click() ] );
		await page.goto( `${ SHOP_URL }/classic-checkout/` );
		await page.locator( '#billing_phone' ).fill( phone( 60 ) );
		const [ note ] = await shop.told( 'contact.captured', ( { contact } ) => contact.phone === phone( 60 ) );
		const carts = await shop.told( 'cart.updated', ( { cart_key } ) => cart_key === note.cart_key );
		assert.equal( carts.at( -1 ).items.length, 2 );
	} ) );

test( 'robots that follow "add to cart" have no basket, and a person who does has one', async () => {
	const add = `${ SHOP_URL }/?add-to-cart=${ world.a }`;
	// Twice: the shop may be delivering at this very moment.
	await shop.deliver();
	await shop.deliver();
	const carts = () => shop.events.filter( ( { type } ) => type === 'cart.updated' ).length;
	const before = carts();
	for ( const agent of [ 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'Mozilla/5.0 (Macintosh)', '' ] ) {
		await fetch( add, { headers: { 'user-agent': agent } } );
	}
	await shop.deliver();
	assert.equal( carts(), before );
	await visitor( async ( page ) => {
		await page.goto( add );
		await page.goto( world.urls.guide );
		for ( let i = 0; i < 5 && carts() === before; i++ ) {
			await shop.deliver();
		}
		// Two requests of one page may tell the same; it is one basket.
		const told = shop.events.filter( ( { type } ) => type === 'cart.updated' ).slice( before );
		assert.equal( new Set( told.map( ( { data } ) => data.cart_key ) ).size, 1 );
	} );
} );

test( 'where the GDPR holds the box is never ticked beforehand, whatever the owner has set', async () => {
	for ( const [ law, ticked ] of [ [ 'ir', true ], [ 'gdpr', false ] ] ) {
		shop.use( { consent_law: law } );
		await visitor( async ( page ) => {
			await addOne( page );
			for ( const path of [ '/classic-checkout/', '/checkout/' ] ) {
				await page.goto( SHOP_URL + path );
				const box = page.locator( '#bazgasht_consent,[id$=bazgasht-consent]' ).first();
				await box.waitFor();
				assert.equal( await box.isChecked(), ticked, `${ law } ${ path }` );
				await shot( page, `consent-${ law }-${ path.replace( /\W/g, '' ) }` );
			}
		} );
	}
	shop.use( {} );
} );
