<?php
/**
 * The manager walks through the shop with a phone of her own, and wp-admin shows what is heard of it.
 *
 * The walk's link marks the phone's session. What a marked session does is noted beside the outbox, for two hours at
 * most; sessions without the mark cost nothing, since theirs is looked at in memory only.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Walk;

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Cart;

defined( 'ABSPATH' ) || exit;

const QUERY_VAR  = 'bazgasht_walk';
const SESSION    = 'bazgasht_walk';
const ABOUT      = 'bazgasht_walk_';
const STEPS      = 'bazgasht_steps_';
const LIFE_S     = 2 * HOUR_IN_SECONDS;
const MOST_STEPS = 100;
const MOST_KEYS  = 5;
const MOST_ITEMS = 3;

// What happens to things in the shop, by a walk as by anything else, is no step of it.
const NO_STEPS = array( 'product.updated', 'product.deleted', 'coupon.updated', 'coupon.deleted', 'shop.updated' );

/**
 * Begins a walk.
 *
 * @param int    $user_id Whose it is.
 * @param string $phone   Her number, if she has given it; else it is learnt on the way.
 * @param string $country Of the shop.
 * @return string The token in its link.
 */
function begin( int $user_id, string $phone, string $country ): string {
	$token = bin2hex( random_bytes( 8 ) );
	set_transient(
		ABOUT . $token,
		array(
			'user'    => $user_id,
			'phone'   => $phone,
			'country' => $country,
			'from'    => time(),
			'keys'    => array(),
			'arrived' => false,
		),
		LIFE_S
	);
	return $token;
}

/**
 * A walk.
 *
 * @param string $token From its link.
 * @return array{user: int, phone: string, country: string, from: int, keys: string[], arrived: bool}|null Null when it is over.
 */
function about( string $token ): ?array {
	$about = 1 === preg_match( '/^[0-9a-f]{16}$/D', $token ) ? get_transient( ABOUT . $token ) : false;
	return is_array( $about ) ? $about : null;
}

/**
 * Ends it; nothing of it stays.
 *
 * @param string $token From its link.
 */
function finish( string $token ): void {
	delete_transient( ABOUT . $token );
	delete_transient( STEPS . $token );
}

/**
 * The address that marks a phone.
 *
 * @param string $token From begin().
 */
function link( string $token ): string {
	return home_url( '/?' . QUERY_VAR . '=' . $token );
}

/**
 * Somebody opens the link: from here on the session belongs to the walk.
 */
function action_arrived(): void {
	// phpcs:disable WordPress.Security.NonceVerification.Recommended -- The token is what lets in, as far as there is anything to get into.
	if ( ! isset( $_GET[ QUERY_VAR ] ) || ! is_string( $_GET[ QUERY_VAR ] ) || is_admin() ) {
		return;
	}
	$token = sanitize_key( $_GET[ QUERY_VAR ] );
	// phpcs:enable
	nocache_headers();
	if ( null !== about( $token ) && null !== WC()->session && ! Cart\is_prefetch() ) {
		// Without its cookie the session of a visitor with an empty basket is forgotten at once.
		WC()->session->set_customer_session_cookie( true );
		WC()->session->set( SESSION, $token );
		learn( $token, '', Cart\key() );
	}
	wp_safe_redirect( home_url( '/' ), 302, 'Bazgasht' );
	exit;
}

/**
 * An event has been taken down. Of a marked session it is noted.
 *
 * @param array $event As from Events\envelope().
 */
function action_recorded( $event ): void {
	$token = function_exists( 'WC' ) && null !== WC()->session ? (string) WC()->session->get( SESSION, '' ) : '';
	if ( '' === $token || in_array( $event['type'], NO_STEPS, true ) ) {
		return;
	}
	if ( null === about( $token ) ) {
		WC()->session->set( SESSION, null );
		return;
	}
	learn( $token, (string) ( $event['data']['contact']['phone'] ?? '' ), (string) ( $event['data']['cart_key'] ?? Cart\key() ) );
	$steps   = steps( $token );
	$steps[] = step( $event );
	set_transient( STEPS . $token, array_slice( $steps, -MOST_STEPS ), LIFE_S );
}

/**
 * What was noted of a walk.
 *
 * @param string $token From its link.
 * @return array<int, array{id: string, type: string, time: string, data: array}>
 */
function steps( string $token ): array {
	$steps = get_transient( STEPS . $token );
	return is_array( $steps ) ? $steps : array();
}

/**
 * Takes down by what the person on the walk is known.
 *
 * @param string $token    From its link.
 * @param string $phone    Empty when it is not known.
 * @param string $cart_key Empty when there is none.
 */
function learn( string $token, string $phone, string $cart_key ): void {
	$about = about( $token );
	if ( null === $about ) {
		return;
	}
	$before           = $about;
	$about['phone']   = '' === $about['phone'] ? $phone : $about['phone'];
	$about['arrived'] = true;
	if ( '' !== $cart_key && ! in_array( $cart_key, $about['keys'], true ) ) {
		$about['keys'] = array_slice( array_merge( $about['keys'], array( $cart_key ) ), -MOST_KEYS );
	}
	if ( $about !== $before ) {
		set_transient( ABOUT . $token, $about, max( 1, $about['from'] + LIFE_S - time() ) );
	}
}

/**
 * What is noted of an event: enough to say in a few words what it is about, and no more of a number than its end.
 *
 * @param array $event As from Events\envelope().
 * @return array{id: string, type: string, time: string, data: array}
 */
function step( array $event ): array {
	$data = (array) ( $event['data'] ?? array() );
	$kept = array_intersect_key( $data, array_flip( array( 'number', 'status', 'total', 'currency', 'product_id', 'page', 'consent' ) ) );
	foreach ( array_slice( (array) ( $data['items'] ?? array() ), 0, MOST_ITEMS + 1 ) as $item ) {
		$kept['items'][] = array_intersect_key( (array) $item, array_flip( array( 'name', 'quantity' ) ) );
	}
	if ( isset( $data['contact']['phone'] ) ) {
		$kept['phone_end'] = substr( Capture\plain( (string) $data['contact']['phone'] ), -2 );
	}
	return array(
		'id'   => (string) ( $event['id'] ?? '' ),
		'type' => (string) ( $event['type'] ?? '' ),
		'time' => (string) ( $event['time'] ?? '' ),
		'data' => $kept,
	);
}
