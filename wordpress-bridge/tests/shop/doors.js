'use strict';
// Every way by which a request comes to the bridge's code, and that it opens to nobody else than it should.

const assert = require( 'node:assert/strict' );
const fs = require( 'node:fs' );
const path = require( 'node:path' );
const { test } = require( 'node:test' );
const { createHmac, randomUUID } = require( 'node:crypto' );
const { BRIDGE, SECRET } = require( './shop' );
const { Plain } = require( './visitor' );

// A door that is new fails the test until it is listed here with what guards it.

// Managers' doors: what they ask for beside the right to do it.
const MANAGERS = {
	'admin_post_bazgasht_doubles': { nonce: 'bazgasht_doubles_nothing', form: { which: 'nothing' } },
	'admin_post_bazgasht_home': { nonce: 'bazgasht_home', form: { answer: '' } },
	'admin_post_bazgasht_setup': { nonce: 'bazgasht_setup', form: { step: 'connect', go: 'skip' } },
	'admin_post_bazgasht_snapshot_again': { nonce: 'bazgasht_snapshot_again', form: {} },
	'admin_post_bazgasht_stop': { nonce: 'bazgasht_stop_order_ORDER', field: 'bazgasht_nonce', form: { bazgasht_kind: 'order', bazgasht_id: 'ORDER', bazgasht_scope: '' } },
	'wp_ajax_bazgasht_person': { nonce: 'bazgasht_person_order_ORDER', form: { kind: 'order', id: 'ORDER' } },
	'wp_ajax_bazgasht_walk': { nonce: 'bazgasht_walk', form: { does: 'look', token: 'none' } },
	'wp_ajax_bazgasht_ways': { nonce: 'bazgasht_ways', form: { which: 'answer' } },
	'wp_ajax_health-check-bazgasht-links': { nonce: 'health-check-site-status', form: {} },
};
// Shoppers' doors: open to a visitor of this shop's own pages, and to nobody else's page; with what they answer to one
// who asks for nothing that they have.
const SHOPPERS = {
	wc_ajax_bazgasht_number: 200,
	wc_ajax_bazgasht_ask: 200,
	wc_ajax_bazgasht_seen: 200,
	// Switched off in this shop.
	wc_ajax_bazgasht_wanted: 403,
};
// The daemon's, by its signature.
const SIGNED = 'REST POST /bazgasht/v1/deliver';
// Who looks at every request and acts on a slug or on a token that the visitor's own session must have, or on nothing.
const PASSING = [
	'admin_init: privacy-text.php action_suggest',
	'admin_init: settings-page.php action_register',
	'init: consent-checkout.php action_register_block_field',
	'init: hooks.php load_translations',
	'parse_request: ask-page.php action_request',
	'parse_request: restore.php action_request',
	'parse_request: stop-page.php action_request',
	'plugins_loaded: bazgasht-bridge.php start',
	'rest_api_init: pull.php action_routes',
	'template_redirect: coupon-guard.php action_page',
	'template_redirect: slugs.php action_not_found',
	'template_redirect: undo.php action_request',
	'wp_loaded: walk.php action_arrived',
];

const actionOf = ( door ) => door.replace( /^(wp_ajax|admin_post|wc_ajax)_/, '' );
const addressOf = ( door ) => ( door.startsWith( 'wp_ajax' ) ? '/wp-admin/admin-ajax.php' : '/wp-admin/admin-post.php' );

/** A nonce of WordPress's for somebody who is logged in. */
function nonce( shop, visitor, action ) {
	const cookies = [ ...visitor.cookies ].filter( ( [ name ] ) => name.startsWith( 'wordpress_logged_in' ) );
	const before = cookies.map( ( [ name, value ] ) => `$_COOKIE['${ name }']=rawurldecode('${ value }');` ).join( '' );
	return shop.php( `echo wp_create_nonce('${ action }');`, before );
}

/** All that the bridge keeps, apart from how delivery stands: if a door did something, it is seen here. */
const kept = async ( shop ) => [ shop.told(), await shop.php( `global $wpdb;echo md5(serialize($wpdb->get_results("SELECT option_name,option_value FROM $wpdb->options WHERE option_name LIKE 'bazgasht%' AND option_name<>'bazgasht_delivery' ORDER BY 1")));` ) ].join( ' ' );

function doors( world ) {
	test( 'each door is known', async () => {
		const found = JSON.parse( await world.shop.script( 'doors.php' ) );
		const known = [ ...Object.keys( MANAGERS ), ...Object.keys( SHOPPERS ), SIGNED ];
		const strange = found.filter( ( door ) => ! PASSING.includes( door ) && ! known.includes( door.split( ':' )[ 0 ] ) );
		assert.deepEqual( strange, [], 'say in tests/shop/doors.js how it is guarded' );
		const gone = [ ...known.filter( ( name ) => ! found.some( ( door ) => door.split( ':' )[ 0 ] === name ) ), ...PASSING.filter( ( door ) => ! found.includes( door ) ) ];
		assert.deepEqual( gone, [], 'listed in tests/shop/doors.js, but not there' );
	} );

	test( "managers' doors stay shut without nonce or without the right, and open with both", async () => {
		const { shop } = world;
		const [ nobody, buyer, admin ] = [ new Plain( shop ), await new Plain( shop ).logIn( 'buyer', 'buyer-pass' ), await new Plain( shop ).logIn( 'admin', 'admin-pass' ) ];
		const order = await shop.php( "$o=wc_create_order();$o->set_billing_phone('09120000001');echo $o->save();" );
		const fill = ( value ) => String( value ).replace( 'ORDER', order );
		for ( const [ door, { nonce: action, field = '_wpnonce', form } ] of Object.entries( MANAGERS ) ) {
			const filled = Object.fromEntries( Object.entries( { action: actionOf( door ), ...form } ).map( ( [ key, value ] ) => [ key, fill( value ) ] ) );
			const knock = ( who, extra = {} ) => who.ask( addressOf( door ), { form: { ...filled, ...extra } } );
			const before = await kept( shop );
			const refused = {
				'nobody': await knock( nobody ),
				'somebody logged in': await knock( buyer ),
				'their own nonce': await knock( buyer, { [ field ]: await nonce( shop, buyer, fill( action ) ) } ),
				'a manager lured here': await knock( admin ),
				"a manager, another door's nonce": await knock( admin, { [ field ]: await nonce( shop, admin, 'another' ) } ),
			};
			for ( const [ who, answer ] of Object.entries( refused ) ) {
				assert.ok( answer.status >= 400 || /wp-login/.test( answer.headers.get( 'location' ) ), `${ door } answered ${ who }: ${ answer.status }` );
				assert.doesNotMatch( answer.text, /"success":true/, door );
			}
			assert.equal( await kept( shop ), before, `${ door } did something` );
			const let_in = await knock( admin, { [ field ]: await nonce( shop, admin, fill( action ) ) } );
			assert.ok( [ 200, 302 ].includes( let_in.status ), `${ door } is shut to a manager: ${ let_in.status }` );
		}
	} );

	test( "the settings are saved by nobody but a manager with the form's nonce", async () => {
		const { shop } = world;
		const form = { option_page: 'bazgasht', action: 'update', 'bazgasht_settings[address]': 'http://127.0.0.1:1' };
		const people = [ new Plain( shop ), await new Plain( shop ).logIn( 'buyer', 'buyer-pass' ), await new Plain( shop ).logIn( 'admin', 'admin-pass' ) ];
		const before = await kept( shop );
		for ( const who of people ) {
			const answer = await who.ask( '/wp-admin/options.php', { form } );
			assert.ok( answer.status >= 400 || answer.status === 302, String( answer.status ) );
		}
		assert.equal( await kept( shop ), before );
	} );

	test( "shoppers' doors open only to this shop's own pages", async () => {
		const { shop } = world;
		const shopper = new Plain( shop );
		await shopper.ask( '/?wc-ajax=add_to_cart', { form: { product_id: shop.made.tea, quantity: 1 } } );
		for ( const [ door, answer ] of Object.entries( SHOPPERS ) ) {
			const knock = ( who, headers, method ) => who.ask( `/?wc-ajax=${ actionOf( door ) }`, { form: method ? undefined : { phone: '09120000002', source: 'dialog' }, headers, method } );
			assert.equal( ( await knock( shopper, { origin: 'https://elsewhere.example' } ) ).status, 403, door );
			assert.equal( ( await knock( shopper, { 'sec-fetch-site': 'cross-site' } ) ).status, 403, door );
			assert.equal( ( await knock( shopper, {}, 'GET' ) ).status, 405, door );
			const { status, text } = await knock( shopper, {} );
			assert.equal( status, answer, door );
			assert.match( text, /^\{"(ok|ask)":(true|false)\}$/, `${ door } says more than yes or no` );
		}
		const stranger = await new Plain( shop ).ask( '/?wc-ajax=bazgasht_number', { form: { phone: '09120000003', source: 'dialog' } } );
		assert.equal( stranger.status, 409, 'a number without a basket' );
	} );

	test( "the daemon's door opens to its signature, once", async () => {
		const { shop } = world;
		const key = Buffer.from( SECRET.slice( 'whsec_'.length ), 'base64' );
		const now = Math.floor( Date.now() / 1000 );
		const call = async ( { id = `msg_${ randomUUID() }`, at = now, body = '{}', signed = `${ id }.${ at }.${ body }`, by = key } = {} ) => {
			const signature = `v1,${ createHmac( 'sha256', by ).update( signed ).digest( 'base64' ) }`;
			const answer = await fetch( `${ shop.url }/wp-json/bazgasht/v1/deliver`, {
				method: 'POST',
				body,
				headers: { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': String( at ), 'webhook-signature': signature },
			} );
			return { status: answer.status, text: await answer.text() };
		};
		const address = `${ shop.url }/wp-json/bazgasht/v1/deliver`;
		assert.equal( ( await fetch( address, { method: 'POST', body: '{}' } ) ).status, 401, 'unsigned' );
		assert.equal( ( await fetch( address ) ).status, 404, 'GET' );
		assert.equal( ( await call( { by: Buffer.from( 'another secret' ) } ) ).status, 401, 'another secret' );
		assert.equal( ( await call( { at: now - 301 } ) ).status, 401, 'an old call' );
		assert.equal( ( await call( { at: now + 320 } ) ).status, 401, 'a call from the future' );
		assert.equal( ( await call( { body: '{"a":1}', signed: `x.${ now }.{}` } ) ).status, 401, 'another body' );
		const once = { id: `msg_${ randomUUID() }` };
		const { status, text } = await call( once );
		assert.equal( status, 200 );
		assert.deepEqual( Object.keys( JSON.parse( text ) ), [ 'waiting', 'oldest', 'delivered' ] );
		assert.equal( ( await call( once ) ).status, 401, 'the same call again' );
	} );

	test( 'links: whatever is asked, nobody learns whether a slug exists, and a choice needs the page it stands on', async () => {
		const { shop } = world;
		const before = await kept( shop );
		const visitor = new Plain( shop );
		const unknown = await visitor.ask( '/s/Nobody7' );
		assert.deepEqual( [ unknown.status, unknown.headers.get( 'location' ) ], [ 302, `${ shop.url }/` ] );
		for ( const form of [ undefined, { bazgasht_answer: 'yes', bazgasht_proof: 'x' } ] ) {
			const question = await visitor.ask( '/s/Nobody7/ask', { form } );
			assert.deepEqual( [ question.status, question.headers.get( 'location' ) ], [ 302, `${ shop.url }/` ] );
		}
		const page = ( await visitor.ask( '/s/Nobody7/stop' ) ).text;
		assert.match( page, /bazgasht_proof/ );
		for ( const form of [ { bazgasht_choice: 'all' }, { bazgasht_choice: 'all', bazgasht_proof: 'x' }, { bazgasht_choice: 'all', bazgasht_proof: page.match( /bazgasht_proof" value="(\w+)"/ )[ 1 ] } ] ) {
			// The last one is the proof of another link.
			assert.equal( ( await visitor.ask( '/s/Nobody8/stop', { form } ) ).status, 403 );
		}
		for ( const slug of [ '../wp-config', 'a', "x'--", '%00abcd', 'x'.repeat( 500 ) ] ) {
			const { status, text } = await visitor.ask( `/s/${ encodeURIComponent( slug ) }` );
			assert.ok( status < 500, `${ slug }: ${ status }` );
			assert.doesNotMatch( text, /bazgasht_proof/ );
		}
		assert.equal( await kept( shop ), before );
	} );

	test( "the daemon's signed routes answer nothing unsigned", async () => {
		const { daemon } = world;
		for ( const route of [ '/v1/status', '/v1/coupons', '/v1/links/Nobody7?hit=1', '/v1/reports/summary' ] ) {
			assert.equal( ( await fetch( daemon.address + route ) ).status, 401, route );
		}
		assert.equal( ( await fetch( `${ daemon.address }/v1/events`, { method: 'POST', body: '{"events":[]}' } ) ).status, 401 );
	} );

	test( 'no file of the plugin says anything when it is asked for by itself', async () => {
		const { shop } = world;
		const files = fs.readdirSync( BRIDGE, { recursive: true } ).filter( ( name ) => name.endsWith( '.php' ) && ! name.startsWith( 'tests' + path.sep ) );
		assert.ok( files.length > 30 );
		for ( const file of files ) {
			const { text } = await new Plain( shop ).ask( `/wp-content/plugins/bazgasht-bridge/${ file }` );
			assert.equal( text, '', file );
		}
	} );

	test( 'what waits in the outbox cannot be fetched', async () => {
		const { shop, daemon } = world;
		await daemon.stop();
		try {
			await new Plain( shop ).leaveBasket( shop.made.honey, '09120000004' );
			const uploads = path.join( shop.root, 'wp-content/uploads' );
			const folder = fs.readdirSync( uploads ).find( ( name ) => name.startsWith( 'bazgasht-' ) );
			const files = fs.readdirSync( path.join( uploads, folder ) );
			assert.ok( fs.readFileSync( path.join( uploads, folder, 'current.php' ), 'utf8' ).includes( '09120000004' ) );
			for ( const file of files.filter( ( name ) => name !== '.htaccess' ) ) {
				const { text } = await new Plain( shop ).ask( `/wp-content/uploads/${ folder }/${ file }` );
				assert.doesNotMatch( text, /0912|cart|\{/, file );
			}
		} finally {
			await daemon.start();
		}
	} );
}

module.exports = { doors };
