<?php
/**
 * A must-use plugin of the shop for trying: counts what the bridge tells, and keeps the shop from work of its own.
 *
 * @package Bazgasht
 */

add_filter(
	'bazgasht_event',
	static function ( $data, $type ) {
		file_put_contents( ABSPATH . 'told.txt', $type . "\n", FILE_APPEND | LOCK_EX ); // phpcs:ignore -- Where the test looks.
		return $data;
	},
	PHP_INT_MAX,
	2
);

add_filter( 'pre_site_transient_update_core', '__return_null' );
add_filter( 'pre_site_transient_update_plugins', '__return_null' );
add_filter( 'pre_site_transient_update_themes', '__return_null' );
add_filter( 'woocommerce_background_image_regeneration', '__return_false' );
add_filter( 'action_scheduler_allow_async_request_runner', '__return_false' );
add_filter( 'pre_wp_mail', '__return_true' );
