'use strict';
// What is measured against each other: a shop without any of it, with the bridge, with each of the other plugins.

const fs = require( 'node:fs' );
const path = require( 'node:path' );

/** What a request says of itself: see arms.php. */
const headersOf = ( { name, plugins } ) => ( { 'x-arm': name, 'x-plugins': plugins } );

/** Puts the other plugins into the shop, and switches all on; which of them a request gets, it says itself. */
async function addArms( shop ) {
	const peers = ( process.env.PEERS || '' ).split( ':' ).filter( Boolean );
	fs.copyFileSync( path.join( __dirname, 'arms.php' ), path.join( shop.root, 'wp-content/mu-plugins/arms.php' ) );
	const arms = [ { name: 'without', plugins: '' }, { name: 'bridge', plugins: 'bazgasht-bridge' } ];
	for ( const folder of peers ) {
		const name = path.basename( folder );
		fs.cpSync( folder, path.join( shop.root, 'wp-content/plugins', name ), { recursive: true } );
		const said = await shop.php(
			`require_once ABSPATH.'wp-admin/includes/admin.php';wp_set_current_user(1);$f=array_keys(get_plugins('/${ name }'))[0];$r=activate_plugin('${ name }/'.$f);echo is_wp_error($r)?$r->get_error_message():get_plugins('/${ name }')[$f]['Name'].' '.get_plugins('/${ name }')[$f]['Version'];`,
			"define('WP_ADMIN',true);"
		);
		console.log( `${ name }: ${ said.split( '\n' ).pop() }` );
		arms.push( { name, plugins: name } );
	}
	return arms;
}

module.exports = { addArms, headersOf };
