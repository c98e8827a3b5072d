<?php
/**
 * The shop's settings; what differs from run to run comes from surroundings.php beside it.
 *
 * @package Bazgasht
 */

$bazgasht_shop = require __DIR__ . '/surroundings.php';

define( 'DB_NAME', 'shop' );
define( 'DB_USER', 'shop' );
define( 'DB_PASSWORD', 'shop' );
define( 'DB_HOST', 'localhost:' . $bazgasht_shop['socket'] );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
$table_prefix = 'wp_';

foreach ( array( 'AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT' ) as $bazgasht_key ) {
	define( $bazgasht_key, md5( $bazgasht_key . __DIR__ ) );
}

define( 'WP_HOME', $bazgasht_shop['url'] );
define( 'WP_SITEURL', $bazgasht_shop['url'] );
define( 'WP_DEBUG', true );
define( 'WP_DEBUG_LOG', $bazgasht_shop['log'] );
define( 'WP_DEBUG_DISPLAY', false );
// The clock is the test's: it says when the background has its turn.
define( 'DISABLE_WP_CRON', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
// Nothing leaves this machine.
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'WP_ACCESSIBLE_HOSTS', '127.0.0.1,localhost' );
define( 'FS_METHOD', 'direct' );
if ( PHP_SAPI === 'cli' && ! isset( $_SERVER['HTTP_HOST'] ) ) {
	$_SERVER['HTTP_HOST'] = (string) preg_replace( '~^https?://~', '', $bazgasht_shop['url'] );
}
if ( ! defined( 'ABSPATH' ) ) {
	define( 'ABSPATH', __DIR__ . '/' );
}
require_once ABSPATH . 'wp-settings.php';
