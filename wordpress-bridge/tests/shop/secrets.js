'use strict';
// What must never be seen: the secret anywhere, and numbers of people in logs.

const assert = require( 'node:assert/strict' );
const fs = require( 'node:fs' );
const path = require( 'node:path' );
const { test } = require( 'node:test' );
const { SECRET } = require( './shop' );
const { Plain, PERSON } = require( './visitor' );

const KEY = SECRET.slice( 'whsec_'.length );
const FORMS = [ SECRET, KEY, KEY.replace( /=+$/, '' ), encodeURIComponent( KEY ), Buffer.from( KEY, 'base64' ).toString( 'latin1' ), Buffer.from( KEY, 'base64' ).toString( 'hex' ) ];

const ADMIN = [
	...[ 'connection', 'settings', 'walk', 'setup' ].map( ( tab ) => `admin.php?page=bazgasht&view=${ tab }` ),
	'options.php',
	'site-health.php',
	'site-health.php?tab=debug',
	'plugins.php',
	'users.php',
	'profile.php',
	'user-edit.php?user_id=2',
	'export-personal-data.php',
	'erase-personal-data.php',
	'options-privacy.php',
	'options-privacy.php?tab=policyguide',
	'privacy-policy-guide.php',
	'export.php?download=true&content=all',
	'admin.php?page=wc-orders',
	'admin.php?page=wc-orders&action=edit&id=ORDER',
	'admin.php?page=wc-status',
	'admin.php?page=wc-status&tab=logs',
	'admin.php?page=wc-status&tab=action-scheduler&s=bazgasht',
	'edit.php?post_type=shop_coupon',
	'',
];
const FRONT = [ '', '?p=TEA', 'shop/', 'cart/', 'checkout/', 'my-account/', 'classic-cart/', 'classic-checkout/', 's/Nobody7', 's/Nobody7/stop', 'feed/', '?bazgasht=Nobody7&stop=1', 'wp-json/', 'wp-json/wp/v2/settings', 'wp-json/wp/v2/pages', 'wp-json/wc/store/v1/cart', 'robots.txt', 'sitemap.xml' ];

function filesIn( folder ) {
	return fs.existsSync( folder ) ? fs.readdirSync( folder, { recursive: true } ).map( ( name ) => path.join( folder, name ) ).filter( ( file ) => fs.statSync( file ).isFile() ) : [];
}

function secrets( world ) {
	const silent = ( text, where ) => FORMS.forEach( ( form ) => assert.ok( ! text.includes( form ), `${ where } shows the secret` ) );

	test( 'the secret stands on no page, for managers neither', async () => {
		const { shop } = world;
		const order = await shop.php( "echo wc_get_orders(array('limit'=>1,'return'=>'ids'))[0];" );
		const admin = await new Plain( shop ).logIn( 'admin', 'admin-pass' );
		const seen = [];
		for ( const page of ADMIN ) {
			const { status, text } = await admin.ask( `/wp-admin/${ page.replace( 'ORDER', order ) }` );
			silent( text, page );
			seen.push( [ page, status, text.length ] );
		}
		// A crawl that is turned away everywhere proves nothing.
		const shown = seen.filter( ( [ , status, length ] ) => status === 200 && length > 5000 ).length;
		assert.ok( shown > ADMIN.length * 0.7, JSON.stringify( seen ) );
		const settings = await admin.ask( '/wp-admin/admin.php?page=bazgasht&view=settings' );
		assert.match( settings.text, /bazgasht_settings\[secret\]/ );
		for ( const who of [ admin, new Plain( shop ) ] ) {
			for ( const page of FRONT ) {
				silent( ( await who.ask( `/${ page.replace( 'TEA', shop.made.tea ) }` ) ).text, page );
			}
		}
	} );

	test( 'the secret stands in no export, no Site Health report and no log, and no number in a log', async () => {
		const { shop, machine } = world;
		const exported = await shop.php( `
			$all = array();
			foreach ( array( 'buyer@example.test', '${ PERSON.email }' ) as $mail ) {
				foreach ( apply_filters( 'wp_privacy_personal_data_exporters', array() ) as $one ) { $all[] = call_user_func( $one['callback'], $mail, 1 ); }
			}
			require_once ABSPATH . 'wp-admin/includes/class-wp-debug-data.php'; require_once ABSPATH . 'wp-admin/includes/update.php'; require_once ABSPATH . 'wp-admin/includes/misc.php';
			$info = WP_Debug_Data::debug_data();
			echo json_encode( array( $all, $info, WP_Debug_Data::format( $info, 'info' ) ), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PARTIAL_OUTPUT_ON_ERROR );`, "define('WP_ADMIN',true);" );
		assert.ok( exported.includes( 'bazgasht' ) );
		assert.ok( exported.includes( PERSON.first_name ), 'the export finds the person' );
		silent( exported, 'an export' );
		const logs = [ ...fs.readdirSync( machine.folder ).filter( ( name ) => name.endsWith( '.log' ) ).map( ( name ) => machine.path( name ) ), ...filesIn( path.join( shop.root, 'wp-content/uploads/wc-logs' ) ) ];
		assert.ok( logs.length > 1 );
		for ( const log of logs ) {
			const text = fs.readFileSync( log, 'utf8' );
			silent( text, log );
			assert.doesNotMatch( text, /0912000\d{4}|98912000\d{4}/, `${ log } has a number` );
		}
	} );
}

module.exports = { secrets };
