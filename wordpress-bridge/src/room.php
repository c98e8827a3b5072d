<?php
/**
 * How often one address may do something that costs.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Room;

use Bazgasht\Bridge\Restore;

defined( 'ABSPATH' ) || exit;

/**
 * Whether the visitor's address has not done something too often of late; counts.
 *
 * @param string $what   What is done, as part of a name.
 * @param int    $most   How often at most.
 * @param int    $span_s Within so many seconds.
 * @param int    $now    Unix seconds.
 */
function take( string $what, int $most, int $span_s, int $now ): bool {
	$key   = 'bazgasht_' . $what . '_' . wp_hash( visitor() );
	$count = get_transient( $key );
	if ( ! is_array( $count ) || $now - $count['since'] >= $span_s ) {
		$count = array(
			'since' => $now,
			'sent'  => 0,
		);
	}
	if ( $count['sent'] >= $most ) {
		return false;
	}
	++$count['sent'];
	set_transient( $key, $count, $span_s );
	return true;
}

/**
 * Whose room it is: the network that the request comes from.
 */
function visitor(): string {
	/**
	 * Filters the visitor's address, for shops behind a proxy that leave their proxy's in `REMOTE_ADDR`. Only a header
	 * that the proxy itself sets may be believed: anybody can send one.
	 *
	 * @param string $address IPv4 or IPv6.
	 */
	return network( (string) apply_filters( 'bazgasht_visitor_address', Restore\server( 'REMOTE_ADDR' ) ) );
}

/**
 * Whom an address belongs to: one line has a whole /64 of IPv6.
 *
 * @param string $address IPv4 or IPv6.
 */
function network( string $address ): string {
	$bytes = filter_var( $address, FILTER_VALIDATE_IP, FILTER_FLAG_IPV6 ) ? (string) inet_pton( $address ) : '';
	// IPv4 that is written as IPv6 keeps its last bytes, or it would be all one.
	return '' === $bytes || 0 === strpos( $bytes, str_repeat( "\0", 10 ) ) ? $address : bin2hex( substr( $bytes, 0, 8 ) );
}
