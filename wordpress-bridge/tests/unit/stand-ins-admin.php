<?php
/**
 * WordPress's functions as far as the pages in wp-admin need them.
 *
 * @package Bazgasht
 */

function do_action( $name, ...$arguments ) {
	foreach ( World::now()->hooks as list( $hooked, $callback ) ) {
		if ( $hooked === $name && is_callable( $callback ) ) {
			$callback( ...$arguments );
		}
	}
}
function add_settings_section( $id, $title, $callback, $page, $args = array() ) {
	$GLOBALS['wp_settings_sections'][ $page ][ $id ] = compact( 'id', 'title', 'callback' );
}
function add_settings_field( $id, $title, $callback, $page, $section, $args = array() ) {
	$GLOBALS['wp_settings_fields'][ $page ][ $section ][ $id ] = compact( 'id', 'title', 'callback', 'args' );
}
function do_settings_fields( $page, $section ) {
	foreach ( $GLOBALS['wp_settings_fields'][ $page ][ $section ] ?? array() as $field ) {
		( $field['callback'] )( $field['args'] );
	}
}
function get_settings_errors() {
	return World::now()->notices;
}
function get_current_screen() {
	return (object) array( 'id' => World::now()->options['screen'] ?? 'plugins' );
}
function wp_date( $format, $seconds ) {
	return gmdate( 'Y-m-d H:i:s', $seconds );
}
function get_woocommerce_currency_symbol( $currency ) {
	return 'IRT' === $currency ? '&#x062A;' : '';
}
function wp_remote_post( $url, $args ) {
	World::now()->requests[] = array( 'url' => $url ) + $args;
	return ( World::now()->web )( $url );
}
function plugins_url( $path, $file ) {
	return 'https://shop.example/' . $path;
}
function esc_html_e( $text, $domain = '' ) {
	echo htmlspecialchars( $text );
}
