'use strict';
// Every path into a real shop's order: checkout × person × way of adding, and what was told of each. With PATHS=file
// the table of docs/capture.md is written there, from what was seen.

const { test, before, after } = require( 'node:test' );
const assert = require( 'node:assert/strict' );
const fs = require( 'node:fs' );
const { launch } = require( './chromium' );
const { SHOP_URL, SKIPPED, has, wordpress, connect } = require( './real' );

if ( ! has ) {
	test( 'the paths of a real shop', { skip: SKIPPED }, () => {} );
	return;
}

const OFFERS = 'Offers by SMS, please.';
const rows = [];
let browser, shop, world;

before( async () => {
	browser = await launch();
	shop = await connect( { capture_checkout: true, dialog_enabled: false, consent_checkout: true, consent_law: 'ir', consent_text: OFFERS, consent_ticked: false, watch_products: true } );
	// Products and pages of our own, which go again: two simple ones, a variable one, a group; pages with each kind of button.
	world = JSON.parse( wordpress( `
		$made=array();
		$simple=function($name)use(&$made){$p=new WC_Product_Simple();$p->set_name($name);$p->set_regular_price('1000');$p->save();return $made[]=$p->get_id();};
		$a=$simple('Path A');$b=$simple('Path B');
		$v=new WC_Product_Variable();$v->set_name('Path V');$at=new WC_Product_Attribute();$at->set_name('Size');$at->set_options(array('Big','Small'));$at->set_visible(true);$at->set_variation(true);$v->set_attributes(array($at));$made[]=$v->save();
		foreach(array('Big','Small') as $size){$x=new WC_Product_Variation();$x->set_parent_id($v->get_id());$x->set_attributes(array('size'=>$size));$x->set_regular_price('2000');$made[]=$x->save();}
		WC_Product_Variable::sync($v->get_id());
		$g=new WC_Product_Grouped();$g->set_name('Path G');$g->set_children(array($a,$b));$made[]=$g->save();
		$page=function($name,$content)use(&$made){return $made[]=wp_insert_post(array('post_type'=>'page','post_status'=>'publish','post_name'=>$name,'post_title'=>$name,'post_content'=>$content));};
		$list=$page('bz-list','[products ids="'.$a.','.$b.'"]');
		$blocks=$page('bz-blocks','<!-- wp:woocommerce/handpicked-products {"products":['.$a.','.$b.']} /-->');
		$mini=$page('bz-mini','<!-- wp:woocommerce/mini-cart /--><!-- wp:shortcode -->[products ids="'.$a.'"]<!-- /wp:shortcode -->');
		$own=get_posts(array('post_type'=>'page','name'=>'classic-checkout','numberposts'=>1));
		$classic=$own?$own[0]->ID:$page('bz-classic','[woocommerce_checkout]');
		update_option('bazgasht_paths_made',$made,false);
		update_option('bazgasht_paths_saved',array(get_option('woocommerce_default_country'),get_option('woocommerce_cod_settings'),get_option('woocommerce_coming_soon')),false);
		update_option('woocommerce_default_country','IR:THR');update_option('woocommerce_cod_settings',array_merge((array)get_option('woocommerce_cod_settings'),array('enabled'=>'yes')));update_option('woocommerce_coming_soon','no');
		echo wp_json_encode(array('version'=>WC_VERSION,'block_fields'=>function_exists('woocommerce_register_additional_checkout_field'),'a'=>$a,'b'=>$b,'v'=>get_permalink($v->get_id()),'g'=>get_permalink($g->get_id()),'simple'=>get_permalink($a),'list'=>get_permalink($list),'blocks'=>get_permalink($blocks),'mini'=>get_permalink($mini),'classic'=>get_permalink($classic),'block'=>wc_get_checkout_url()));` ) );
} );
after( async () => {
	await browser.close();
	wordpress( `foreach((array)get_option('bazgasht_paths_made') as $id){wp_delete_post($id,true);}
		list($country,$cod,$soon)=get_option('bazgasht_paths_saved');update_option('woocommerce_default_country',$country);update_option('woocommerce_cod_settings',$cod);update_option('woocommerce_coming_soon',$soon);
		delete_option('bazgasht_paths_made');delete_option('bazgasht_paths_saved');require_once ABSPATH.'wp-admin/includes/user.php';
		foreach(get_users(array('search'=>'bzpath*')) as $u){wp_delete_user($u->ID);}` );
	shop.close();
	if ( process.env.PATHS ) {
		fs.writeFileSync( process.env.PATHS, JSON.stringify( { version: world.version, rows }, null, '\t' ) );
	}
} );

const answered = ( page, part ) => page.waitForResponse( ( response ) => response.url().includes( part ) && response.request().method() === 'POST' );

/** Each way of getting something into the basket; gives the number of lines that are in it then. */
const ADDS = {
	'product page, plain form': async ( page ) => {
		await page.goto( world.simple );
		await Promise.all( [ page.waitForNavigation(), page.locator( '.single_add_to_cart_button' ).first().click() ] );
		return 1;
	},
	'list of the shortcode, AJAX': async ( page ) => {
		await page.goto( world.list );
		await page.waitForLoadState( 'load' );
		await Promise.all( [ answered( page, 'wc-ajax=add_to_cart' ), page.locator( '.ajax_add_to_cart' ).first().click() ] );
		return 1;
	},
	'product block': async ( page ) => {
		await page.goto( world.blocks );
		await page.waitForLoadState( 'networkidle' );
		await Promise.all( [ page.waitForResponse( ( r ) => /add_to_cart|cart\/add-item|v1\/batch/.test( r.url() ) && r.request().method() === 'POST' ), page.locator( '.ajax_add_to_cart,.wc-block-components-product-button__button' ).first().click() ] );
		return 1;
	},
	'mini-cart, one more': async ( page ) => {
		await page.goto( world.mini );
		await page.waitForLoadState( 'networkidle' );
		await Promise.all( [ answered( page, 'wc-ajax=add_to_cart' ), page.locator( '.ajax_add_to_cart' ).first().click() ] );
		await page.reload();
		await page.waitForLoadState( 'networkidle' );
		await page.locator( '.wc-block-mini-cart__button' ).first().click();
		const more = page.locator( '.wc-block-components-quantity-selector__button--plus' ).first();
		await more.waitFor();
		await Promise.all( [ answered( page, '/wc/store' ), more.click() ] );
		return 1;
	},
	'variable product': async ( page ) => {
		await page.goto( world.v );
		await page.waitForLoadState( 'load' );
		await page.locator( '.variations select' ).first().selectOption( { index: 1 } );
		await page.locator( '.single_add_to_cart_button:not(.disabled)' ).first().waitFor();
		await Promise.all( [ page.waitForNavigation(), page.locator( '.single_add_to_cart_button' ).first().click() ] );
		return 1;
	},
	'grouped product': async ( page ) => {
		await page.goto( world.g );
		await page.waitForLoadState( 'load' );
		for ( const id of [ world.a, world.b ] ) {
			await page.locator( `[name="quantity[${ id }]"]` ).fill( '1' );
		}
		await Promise.all( [ page.waitForNavigation(), page.locator( '.single_add_to_cart_button' ).first().click() ] );
		return 2;
	},
};

const persian = ( digits ) => digits.replace( /\d/g, ( digit ) => '۰۱۲۳۴۵۶۷۸۹'[ digit ] );
const typeSlowly = async ( field, text ) => {
	await field.click();
	await field.fill( '' );
	await field.pressSequentially( text, { delay: 15 } );
};

/** Fills whatever the checkout still asks for, by the names that both kinds share. */
const fillRest = async ( page, email ) => {
	const values = { email, first_name: 'Sara', last_name: 'Nemooneh', address_1: 'Street 1', city: 'Tehran', postcode: '1234567890' };
	for ( const [ part, value ] of Object.entries( values ) ) {
		const field = page.locator( `#billing_${ part },#billing-${ part },#shipping-${ part },#${ part }` ).locator( 'visible=true' ).first();
		if ( await field.count() ) {
			await field.fill( value );
		}
	}
	const state = page.locator( '#billing_state,#billing-state,#shipping-state' ).first();
	if ( await state.count() ) {
		await state.evaluate( ( el ) => el.matches( 'select' ) && ( el.value = 'THR', el.dispatchEvent( new Event( 'change', { bubbles: true } ) ) ) );
	}
};

let serial = Number( String( Date.now() ).slice( -6, -2 ) );
let turn = 0;
for ( const checkout of [ 'classic', 'block' ] ) {
	for ( const person of [ 'guest', 'customer' ] ) {
		for ( const [ added, add ] of Object.entries( ADDS ) ) {
			const wish = [ 'ticked', 'untouched', 'ticked, then not' ][ turn % 3 ];
			const digits = turn++ % 2 ? 'Latin' : 'Persian';
			test( `${ checkout } checkout, ${ person }, ${ added }; ${ digits } digits, box ${ wish }`, async () => {
				const context = await browser.newContext();
				const page = await context.newPage();
				page.setDefaultTimeout( 20000 );
				const number = '0912000' + String( ++serial % 10000 ).padStart( 4, '0' );
				const row = { checkout, person, added, digits, wish };
				try {
					if ( person === 'customer' ) {
						wordpress( `wp_insert_user(array('user_login'=>'bzpath${ number }','user_pass'=>'path-${ number }','user_email'=>'bzpath${ number }@shop.example','role'=>'customer'));` );
						await page.goto( `${ SHOP_URL }/wp-login.php` );
						await page.locator( '#user_login' ).fill( `bzpath${ number }` );
						await page.locator( '#user_pass' ).fill( `path-${ number }` );
						await page.locator( '#wp-submit' ).click();
						await page.waitForURL( ( url ) => ! /wp-login/.test( url.pathname ) );
					}
					const lines = await add( page );
					await page.goto( world[ checkout ] );
					const phone = page.locator( '#billing_phone,#billing-phone,#shipping-phone' ).locator( 'visible=true' ).first();
					await phone.waitFor();
					await page.waitForLoadState( 'networkidle' );

					// Half a number is nobody's.
					await typeSlowly( phone, number.slice( 0, 7 ) );
					await page.waitForTimeout( 1000 );
					assert.ok( await shop.untold( 'contact.captured', ( { contact } ) => contact.phone === number.slice( 0, 7 ) ) );

					// Not submitted, the field not even left.
					const typed = digits === 'Persian' ? persian( number ) : number;
					await typeSlowly( phone, typed );
					const [ note ] = await shop.told( 'contact.captured', ( { contact } ) => contact.phone === typed );
					assert.equal( note.consent, undefined );
					row.typed = 'number, not submitted';

					// The basket, under the same key as the number.
					const carts = await shop.told( 'cart.updated', ( { cart_key } ) => cart_key === note.cart_key );
					const cart = carts.at( -1 );
					assert.equal( cart.items.length, lines );
					assert.equal( cart.items.some( ( item ) => item.variation_id ), added === 'variable product' );
					row.cart = cart.items.map( ( item ) => `${ item.quantity } × ${ item.name }` ).join( ', ' );
					await shop.told( 'checkout.started', ( { cart_key } ) => cart_key === note.cart_key );

					// A change of the box is told at once.
					const box = page.locator( '#bazgasht_consent,[id$=bazgasht-consent]' ).first();
					assert.equal( await box.isChecked(), false );
					if ( wish !== 'untouched' ) {
						await box.check();
						const [ yes ] = await shop.told( 'contact.captured', ( { contact, consent } ) => contact.phone === typed && consent );
						assert.deepEqual( { ...yes.consent, at: '' }, { marketing: true, source: 'checkout-box', text: OFFERS, at: '' } );
					}
					if ( wish === 'ticked, then not' ) {
						await box.uncheck();
						await shop.told( 'contact.captured', ( { contact, consent } ) => contact.phone === typed && consent && ! consent.marketing );
					}
					row.box = { ticked: 'yes, at once', untouched: '–', 'ticked, then not': 'yes, then no, at once' }[ wish ];

					// The block checkout has no ear for Persian digits.
					if ( checkout === 'block' ) {
						await typeSlowly( phone, number );
					}
					await fillRest( page, `bzpath${ number }@shop.example` );
					await page.locator( '.wc_payment_method,.wc-block-components-radio-control__input' ).first().waitFor( { state: 'attached' } );
					await page.waitForLoadState( 'networkidle' );
					// A click may fall into a form that is just being drawn anew.
					for ( let i = 0; i < 4 && ! /order-received/.test( page.url() ); i++ ) {
						await page.locator( '#place_order,.wc-block-components-checkout-place-order-button' ).first().click().catch( () => {} );
						await page.waitForURL( /order-received/, { timeout: 9000 } ).catch( () => {} );
					}
					const [ order ] = await shop.told( 'order.created', ( { contact } ) => contact.phone === number );
					assert.equal( order.cart_key, note.cart_key );
					assert.match( order.payment_method, /^[a-z]+$/ );
					assert.equal( order.items.length, lines );
					row.order = 'order.created, same basket';
					if ( checkout === 'classic' || world.block_fields ) {
						const last = ( await shop.told( 'contact.captured', ( { contact, consent } ) => contact.phone === number && consent ) ).at( -1 ).consent;
						assert.deepEqual( { ...last, at: '' }, { marketing: wish === 'ticked', source: 'checkout-box', text: OFFERS, at: '' } );
						row.consent = wish === 'ticked' ? 'yes' : 'no';
					} else {
						row.consent = 'by the script only';
					}
				} catch ( error ) {
					row.failed = error.message.split( '\n' )[ 0 ];
					if ( process.env.SCREENSHOTS ) {
						await page.screenshot( { path: `${ process.env.SCREENSHOTS }/path-${ rows.length }.png`, fullPage: true } );
					}
					throw error;
				} finally {
					rows.push( row );
					await context.close();
				}
			} );
		}
	}
}
