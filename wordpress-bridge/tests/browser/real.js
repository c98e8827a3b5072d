'use strict';
// A real shop: runs PHP in it, and stands in for the daemon. README.md says how to start it.

const { execFile, execFileSync } = require( 'node:child_process' );
const http = require( 'node:http' );
const { promisify } = require( 'node:util' );
const { until } = require( './world' );

const { SHOP_URL, WORDPRESS_DIR } = process.env;
const SKIPPED = 'SKIPPED ALOUD: no real shop was tried; give SHOP_URL and WORDPRESS_DIR to do so';

/** How PHP is run inside the shop's WordPress. */
const inside = ( code ) => [
	process.env.WORDPRESS_PHP || 'php',
	[ '-r', `$_SERVER['HTTP_HOST']=$_SERVER['SHOP_HOST']=${ JSON.stringify( new URL( SHOP_URL ).host ) };require ${ JSON.stringify( WORDPRESS_DIR + '/wp-load.php' ) };${ code }` ],
	{ encoding: 'utf8' },
];
const wordpress = ( code ) => execFileSync( ...inside( code ) );

/** A daemon that believes everything and keeps it, connected to the shop with these settings until close(). */
async function connect( settings ) {
	const events = [];
	const server = http.createServer( async ( request, response ) => {
		let body = '';
		for await ( const chunk of request ) {
			body += chunk;
		}
		const told = request.url === '/v1/events' ? JSON.parse( body ).events : [];
		events.push( ...told );
		response.writeHead( 200, { 'content-type': 'application/json' } );
		response.end( JSON.stringify( { accepted: told.length, duplicate: 0, rejected: [], coupons: [], version: 'test', ready: true } ) );
	} );
	await new Promise( ( done ) => server.listen( 0, '127.0.0.1', done ) );
	const saved = wordpress( 'echo base64_encode(serialize(get_option("bazgasht_settings")));' );
	const use = ( changes ) =>
		wordpress( `update_option('bazgasht_settings',array_merge((array)unserialize(base64_decode('${ saved }')),json_decode('${ JSON.stringify( {
			address: `http://127.0.0.1:${ server.address().port }`,
			...settings,
			...changes,
		} ) }',true),array('secret'=>'whsec_'.base64_encode(str_repeat('k',32)))));delete_option('bazgasht_delivery');
		global $wpdb;$wpdb->query("DELETE FROM {$wpdb->options} WHERE option_name LIKE '%bazgasht\\\\_room\\\\_%'");` );
	use( {} );
	const deliver = () => promisify( execFile )( ...inside( 'Bazgasht\\Bridge\\Deliver\\run(5.0);' ) );
	// What waited before is not this test's.
	await deliver();
	events.length = 0;
	return {
		events,
		use,
		deliver,
		/** The events of a kind that the test asks for, once there are any. */
		async told( type, fits = () => true ) {
			const found = () => events.filter( ( event ) => event.type === type && fits( event.data ) ).map( ( { data } ) => data );
			for ( let i = 0; i < 3 && ! found().length; i++ ) {
				// Where PHP cannot let the shopper go first, delivery waits for the clock.
				await deliver();
			}
			await until( () => found().length, type );
			return found();
		},
		/** The same of what must not come. */
		async untold( type, fits = () => true ) {
			await deliver();
			return ! events.some( ( event ) => event.type === type && fits( event.data ) );
		},
		close() {
			server.closeAllConnections();
			server.close();
			wordpress( `$old=unserialize(base64_decode('${ saved }'));false===$old?delete_option('bazgasht_settings'):update_option('bazgasht_settings',$old);` );
		},
	};
}

module.exports = { SHOP_URL, SKIPPED, wordpress, connect, has: !! ( SHOP_URL && WORDPRESS_DIR ) };
