'use strict';
// The plugin's pages in wp-admin, in a real shop: the first run, the test of each way, what was sent to a person, and
// the manager's walk with the daemon away in between. README.md says how to start it.

const { test, before, after } = require( 'node:test' );
const assert = require( 'node:assert/strict' );
const { execFile, execFileSync } = require( 'node:child_process' );
const http = require( 'node:http' );
const path = require( 'node:path' );
const { promisify } = require( 'node:util' );
const { launch } = require( './chromium' );

const { SHOP_URL, WORDPRESS_DIR, SCREENSHOTS } = process.env;

if ( ! SHOP_URL || ! WORDPRESS_DIR ) {
	test( 'wp-admin in a real shop', { skip: 'SKIPPED ALOUD: no real shop was tried; give SHOP_URL and WORDPRESS_DIR to do so' }, () => {} );
	return;
}

const inside = ( code ) => [
	process.env.WORDPRESS_PHP || 'php',
	[ '-r', `$_SERVER['HTTP_HOST']=${ JSON.stringify( new URL( SHOP_URL ).host ) };require ${ JSON.stringify( WORDPRESS_DIR + '/wp-load.php' ) };${ code }` ],
	{ encoding: 'utf8' },
];
const wordpress = ( code ) => execFileSync( ...inside( code ) );
const SECRET = 'whsec_' + Buffer.alloc( 32, 'w' ).toString( 'base64' );
const NUMBER = '09120004711';
const OPTIONS = [ 'settings', 'setup', 'home', 'delivery' ];

// A daemon that believes everything, plans one text for whoever has a number and a basket, and can be away.
const daemon = { away: false, events: [], looks: 0 };
const rfc = ( ms ) => new Date( ms ).toISOString();
const look = ( { contact, cart_key: key } ) => {
	daemon.looks += 1;
	const phone = ( data ) => ( data.contact && data.contact.phone ) || '';
	const keys = daemon.events.filter( ( { data } ) => contact.phone && phone( data ) === contact.phone ).map( ( { data } ) => data.cart_key );
	const mine = daemon.events
		.map( ( event, at ) => ( { seq: at + 1, id: event.id, type: event.type, time: event.time, data: event.data } ) )
		.filter( ( { data } ) => ( contact.phone && phone( data ) === contact.phone ) || ( data.cart_key && ( data.cart_key === key || keys.includes( data.cart_key ) ) ) );
	const planned = contact.phone && mine.some( ( { type } ) => type === 'cart.updated' );
	return {
		known: true, opted_out: null, consent: null, enrolments: [], seq: daemon.events.length,
		events: mine.map( ( { data, ...event } ) => event ),
		messages: planned || key === undefined ? [ { id: 1, campaign: 'basket', campaign_name: 'Basket <b>left</b>', step: 'one-hour', state: 'scheduled', due_at: rfc( Date.now() + 36e5 ), sent_at: null, text: null, reason: 'not_due_yet', visits: 0, planned: true } ] : [],
	};
};
const server = http.createServer( async ( request, response ) => {
	let body = '';
	for await ( const chunk of request ) {
		body += chunk;
	}
	const answer = ( status, value ) => {
		response.writeHead( status, { 'content-type': 'application/json' } );
		response.end( JSON.stringify( value ) );
	};
	const url = request.url.split( '?' )[ 0 ];
	if ( daemon.away ) {
		answer( 503, { error: 'away' } );
	} else if ( url === '/v1/events' ) {
		daemon.events.push( ...JSON.parse( body ).events );
		answer( 200, { accepted: 1, duplicate: 0, rejected: [] } );
	} else if ( url === '/v1/contacts/look' ) {
		answer( 200, look( JSON.parse( body ) ) );
	} else if ( url === '/v1/status' ) {
		answer( 200, { version: 'test', ready: true, gateway: 'console' } );
	} else if ( url === '/v1/coupons' ) {
		answer( 200, { coupons: [] } );
	} else {
		answer( 404, { error: 'not_found' } );
	}
} );

let browser, page, saved, address, order, product;
const shot = ( name ) => ( SCREENSHOTS ? page.screenshot( { path: path.join( SCREENSHOTS, `${ name }.png` ), fullPage: true } ) : null );
const admin = ( where ) => page.goto( `${ SHOP_URL }/wp-admin/${ where }` );

before( async () => {
	browser = await launch();
	await new Promise( ( done ) => server.listen( 0, '127.0.0.1', done ) );
	address = `http://127.0.0.1:${ server.address().port }`;
	saved = wordpress( `echo base64_encode(serialize(array_map(fn($n)=>get_option("bazgasht_$n"),${ JSON.stringify( OPTIONS ) })));` );
	wordpress( `foreach(${ JSON.stringify( OPTIONS ) } as $n)delete_option("bazgasht_$n");` );
	// Somebody who is logged in as a manager, without a password.
	const cookies = JSON.parse( wordpress( `$id=get_users(array('role'=>'administrator','fields'=>'ID'))[0];$till=time()+3600;
		$token=WP_Session_Tokens::get_instance($id)->create($till);
		echo json_encode(array(AUTH_COOKIE=>wp_generate_auth_cookie($id,$till,'auth',$token),LOGGED_IN_COOKIE=>wp_generate_auth_cookie($id,$till,'logged_in',$token)));` ) );
	const context = await browser.newContext( { viewport: { width: 1280, height: 900 } } );
	await context.addCookies( Object.entries( cookies ).map( ( [ name, value ] ) => ( { name, value: encodeURIComponent( value ), url: SHOP_URL } ) ) );
	page = await context.newPage();
	[ order, product ] = wordpress( `$o=wc_create_order();$o->set_billing_phone('${ NUMBER }');$o->set_billing_country('IR');$o->save();
		$p=new WC_Product_Simple();$p->set_name('Walking tea');$p->set_regular_price('1000');$p->save();echo $o->get_id().','.$p->get_id();` ).split( ',' );
} );

after( async () => {
	wordpress( `$all=unserialize(base64_decode('${ saved }'));foreach(${ JSON.stringify( OPTIONS ) } as $i=>$n)false===$all[$i]?delete_option("bazgasht_$n"):update_option("bazgasht_$n",$all[$i]);
		wc_get_order(${ order })->delete(true);wc_get_product(${ product })->delete(true);` );
	await browser.close();
	server.closeAllConnections();
	await new Promise( ( done ) => server.close( done ) );
} );

test( 'the first run leads from the list of plugins to a shop that is connected', async () => {
	await admin( 'plugins.php' );
	await page.locator( '.notice a[href*="view=setup"]' ).click();
	await shot( 'setup-connect' );
	const save = () => page.locator( 'button[name="go"][value="next"]' ).click();

	await page.fill( '#bazgasht-address', address );
	await page.fill( '#bazgasht-secret', 'whsec_too-short' );
	await save();
	assert.match( page.url(), /step=connect/ );
	assert.ok( await page.locator( '.settings-error, .notice-error' ).count() );

	daemon.away = true;
	await page.fill( '#bazgasht-address', address );
	await page.fill( '#bazgasht-secret', SECRET );
	await save();
	assert.match( page.url(), /step=connect/, 'a daemon that is not ready is said so' );
	daemon.away = false;
	await save();
	assert.match( page.url(), /step=number/ );
	assert.ok( ! ( await page.content() ).includes( SECRET.slice( 6, 30 ) ) );
	await page.uncheck( '#bazgasht-capture_checkout' );
	await page.check( '#bazgasht-dialog_enabled' );
	await save();

	// Left here, and taken up again.
	await admin( 'admin.php?page=bazgasht' );
	assert.equal( await page.locator( '.bazgasht-steps .is-here' ).count(), 1 );
	await shot( 'setup-consent' );
	await page.locator( 'button[name="go"][value="skip"]' ).click();
	await shot( 'setup-doubles' );
	await save();
	await page.waitForFunction( () => ! document.getElementById( 'bazgasht-test' ).disabled && document.querySelector( '#bazgasht-ways li:last-child' ).dataset.state );
	await shot( 'setup-test' );
	const states = await page.$$eval( '#bazgasht-ways li', ( lines ) => lines.map( ( { dataset } ) => [ dataset.which, dataset.state ] ) );
	for ( const [ which, state ] of states ) {
		assert.ok( state === 'good' || ( state === 'warn' && [ 'back', 'shop_link' ].includes( which ) ), `${ which } ${ state }` );
	}
	assert.ok( daemon.events.some( ( { type } ) => type === 'shop.updated' ) );
	assert.equal( wordpress( 'echo wc_get_coupon_id_by_code("bazgasht-test");' ), '0' );
	await save();
	await shot( 'setup-done' );

	await admin( 'plugins.php' );
	assert.equal( await page.locator( '.notice a[href*="view=setup"]' ).count(), 0 );
	const settings = JSON.parse( wordpress( 'echo json_encode(get_option("bazgasht_settings"));' ) );
	assert.deepEqual( [ settings.capture_checkout, settings.dialog_enabled, settings.make_coupons ], [ false, true, true ] );
	wordpress( '$s=get_option("bazgasht_settings");$s["capture_checkout"]=true;$s["dialog_enabled"]=false;update_option("bazgasht_settings",$s);' );
} );

test( 'the order says what was sent, and its screen does not wait for it', async () => {
	daemon.looks = 0;
	await admin( `admin.php?page=wc-orders&action=edit&id=${ order }` );
	const place = page.locator( '#bazgasht-person-box .bazgasht-person' );
	await place.scrollIntoViewIfNeeded();
	await place.locator( 'table' ).waitFor();
	assert.match( await place.innerText(), /Basket <b>left<\/b>/ );
	assert.equal( daemon.looks, 1 );
	await shot( 'order' );
	const { nonce, kind, id } = await place.evaluate( ( { dataset } ) => ( { ...dataset } ) );
	const guest = await browser.newContext();
	const answer = await guest.request.post( `${ SHOP_URL }/wp-admin/admin-ajax.php`, { form: { action: 'bazgasht_person', _ajax_nonce: nonce, kind, id } } );
	assert.notEqual( answer.status(), 200 );
	assert.equal( daemon.looks, 1 );
	await guest.close();
} );

test( 'the walk shows each step, also while the daemon is away', async () => {
	await admin( 'admin.php?page=bazgasht&view=walk' );
	await page.click( '#bazgasht-walk-begin button' );
	await page.locator( '#bazgasht-walk-code svg' ).waitFor();
	await shot( 'walk-begin' );
	const context = await browser.newContext( { viewport: { width: 390, height: 800 } } );
	const phone = await context.newPage();
	await phone.goto( await page.getAttribute( '#bazgasht-walk-link', 'href' ) );
	assert.equal( phone.url(), SHOP_URL.replace( /\/?$/, '/' ) );

	const line = ( where ) => page.locator( `#bazgasht-walk-events li[data-where="${ where }"]` );
	await phone.goto( `${ SHOP_URL }/?add-to-cart=${ product }` );
	await line( 'heard' ).first().waitFor();
	assert.match( await line( 'heard' ).first().innerText(), /Walking tea/ );

	daemon.away = true;
	await phone.goto( `${ SHOP_URL }/?add-to-cart=${ product }&quantity=2` );
	await line( 'waits' ).first().waitFor();
	await page.locator( '#bazgasht-walk-away' ).waitFor( { state: 'visible' } );
	assert.match( await line( 'waits' ).first().innerText(), /Walking tea × / );
	await shot( 'walk-away' );

	daemon.away = false;
	await phone.request.post( `${ SHOP_URL }/?wc-ajax=bazgasht_number`, { form: { phone: NUMBER }, headers: { origin: new URL( SHOP_URL ).origin } } );
	// Not wordpress(): the daemon is this very process, and would not hear.
	await promisify( execFile )( ...inside( 'Bazgasht\\Bridge\\Deliver\\save_state(array("next_try"=>0));Bazgasht\\Bridge\\Deliver\\run(5.0);' ) );
	await page.locator( '#bazgasht-walk-texts .bazgasht-state' ).waitFor();
	assert.match( await page.innerText( '#bazgasht-walk-texts' ), /Basket <b>left<\/b>/ );
	await page.waitForFunction( () => ! document.querySelector( '#bazgasht-walk-events li[data-where="waits"]' ) );
	assert.ok( ! ( await page.innerText( '#bazgasht-walk-events' ) ).includes( NUMBER ) );
	await shot( 'walk-planned' );

	const token = ( await page.getAttribute( '#bazgasht-walk-link', 'href' ) ).split( '=' ).pop();
	const left = () => wordpress( `global $wpdb;echo $wpdb->get_var("SELECT COUNT(*) FROM $wpdb->options WHERE option_name LIKE '%bazgasht%_${ token }'");` );
	assert.notEqual( left(), '0' );
	await page.click( '#bazgasht-walk-end' );
	await page.locator( '#bazgasht-walk-begin' ).waitFor( { state: 'visible' } );
	await page.waitForTimeout( 500 );
	assert.equal( left(), '0' );
	await context.close();
} );
