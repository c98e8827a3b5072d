<?php
/**
 * A must-use plugin of the shop for trying: takes down what the bridge tells and what the daemon
 * has acknowledged, and keeps the shop from work of its own.
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

add_action(
	'http_api_debug',
	static function ( $answer, $context, $transport, $call, $url ) {
		if ( '/v1/events' === substr( $url, -10 ) && 200 === wp_remote_retrieve_response_code( $answer ) ) {
			file_put_contents( ABSPATH . 'acknowledged.txt', wp_remote_retrieve_body( $answer ) . "\n", FILE_APPEND | LOCK_EX ); // phpcs:ignore -- Where the test looks.
		}
	},
	10,
	5
);

add_filter( 'pre_site_transient_update_core', '__return_null' );
add_filter( 'pre_site_transient_update_plugins', '__return_null' );
add_filter( 'pre_site_transient_update_themes', '__return_null' );
add_filter( 'woocommerce_background_image_regeneration', '__return_false' );
add_filter( 'action_scheduler_allow_async_request_runner', '__return_false' );
add_filter( 'pre_wp_mail', '__return_true' );
