<?php
/**
 * Tells people from robots, as far as a server can. Robots fill baskets by following "?add-to-cart=" links, and look
 * at every product.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Visitors;

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Room;

defined( 'ABSPATH' ) || exit;

// Programs that fetch in a shopper's name, such as a shop's own app, are none of these.
const ROBOTS = '~bot\b|bot[/;_-]|crawl|spider|slurp|scrap|preview|fetcher|facebookexternalhit|lighthouse~i';

/**
 * Whether the visitor says that it is a program, or says nothing at all.
 */
function is_robot(): bool {
	$agent = Capture\server( 'HTTP_USER_AGENT' );
	return '' === $agent || 1 === preg_match( ROBOTS, $agent );
}

/**
 * Whether nothing but one address was fetched so far, by somebody the shop sees for the first time. A browser comes
 * back with the cookie that the shop has just set; most robots do not keep it.
 */
function is_first_sight(): bool {
	if ( 'GET' !== Capture\server( 'REQUEST_METHOD' ) || get_current_user_id() > 0 ) {
		return false;
	}
	foreach ( array_keys( $_COOKIE ) as $name ) {
		if ( 0 === strpos( (string) $name, 'wp_woocommerce_session_' ) ) {
			return false;
		}
	}
	return true;
}

/**
 * Whether the visitor's address still may do something that is limited; counts.
 *
 * @param string $what    What is limited; a word of our own.
 * @param int    $most    How often.
 * @param int    $seconds In how long.
 * @param string $who     Whose room it is; the visitor's address when left out.
 */
function has_room( string $what, int $most, int $seconds, string $who = '' ): bool {
	$who   = '' !== $who ? $who : Room\visitor();
	$key   = 'bazgasht_room_' . substr( wp_hash( $what . ' ' . $who ), 0, 32 );
	$count = get_transient( $key );
	$now   = time();
	if ( ! is_array( $count ) || $now - $count['since'] >= $seconds ) {
		$count = array(
			'since' => $now,
			'times' => 0,
		);
	}
	if ( $count['times'] >= $most ) {
		return false;
	}
	++$count['times'];
	set_transient( $key, $count, $seconds );
	return true;
}
