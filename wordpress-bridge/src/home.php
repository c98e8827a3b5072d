<?php
/**
 * Whether this is still the shop that was connected, or a copy of it. A copy has the secret and the outbox of the
 * shop it was made from, and must not speak in its name.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Home;

use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const OPTION = 'bazgasht_home';

// Ways to have strayed.
const ADDRESS     = 'address';
const ENVIRONMENT = 'environment';

/**
 * The shop's own address, without a slash at its end; empty when it is not known, as on a command line that makes
 * it from the visitor's request.
 *
 * Past all filters: plugins for several languages make home_url() the address of the page's language.
 */
function url(): string {
	$url = ! is_multisite() && defined( 'WP_HOME' ) ? (string) WP_HOME : (string) ( wp_load_alloptions()['home'] ?? get_option( 'home' ) );
	return '' === (string) wp_parse_url( $url, PHP_URL_HOST ) ? '' : untrailingslashit( $url );
}

/**
 * The same as a header may carry it: nothing but visible ASCII.
 */
function header_value(): string {
	return (string) preg_replace_callback(
		'/[^\x21-\x7e]+/',
		static function ( array $found ): string {
			return rawurlencode( $found[0] );
		},
		url()
	);
}

/**
 * What of an address tells two shops apart: neither the scheme nor a leading `www.` does.
 *
 * @param string $url From url().
 */
function address( string $url ): string {
	static $known = array();
	if ( isset( $known[ $url ] ) ) {
		return $known[ $url ];
	}
	$parts = (array) wp_parse_url( strtolower( $url ) );
	$host  = (string) preg_replace( '/^www\./', '', (string) ( $parts['host'] ?? '' ) );

	$known[ $url ] = '' === $host ? '' : $host . ( isset( $parts['port'] ) ? ':' . $parts['port'] : '' ) . untrailingslashit( (string) ( $parts['path'] ?? '' ) );
	return $known[ $url ];
}

/**
 * How this place differs from the one that was connected: ADDRESS, ENVIRONMENT, or an empty string.
 *
 * A secret that is seen for the first time was saved here by somebody: then this is the place.
 */
function strayed(): string {
	$known = remembered();
	$here  = here();
	if ( '' === $here['address'] ) {
		return '';
	}
	if ( $known['secret'] !== $here['secret'] ) {
		remember();
		return '';
	}
	if ( $known['address'] !== $here['address'] ) {
		return ADDRESS;
	}
	// A host that marks a site as staging may leave its address as it was.
	return 'production' === $known['environment'] && 'production' !== $here['environment'] ? ENVIRONMENT : '';
}

/**
 * The place that was connected.
 *
 * @return array{secret: string, address: string, environment: string} Empty strings before there was one.
 */
function remembered(): array {
	$known = get_option( OPTION, array() );
	return array_merge(
		array(
			'secret'      => '',
			'address'     => '',
			'environment' => '',
		),
		is_array( $known ) ? $known : array()
	);
}

/**
 * This place.
 *
 * @return array{secret: string, address: string, environment: string} `secret` is a fingerprint. It is not made with
 *         the site's keys: a copy may have others.
 */
function here(): array {
	return array(
		'secret'      => hash_hmac( 'sha256', 'bazgasht home', (string) Settings\get( 'secret' ) ),
		'address'     => address( url() ),
		'environment' => wp_get_environment_type(),
	);
}

/**
 * Makes this the place that is connected.
 */
function remember(): void {
	update_option( OPTION, here(), true );
}
