<?php
/**
 * The way back from a restored basket: a link in the notice that gives back the basket as it was.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Undo;

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Coupon_Guard;

defined( 'ABSPATH' ) || exit;

const QUERY_VAR = 'bazgasht_undo';
const SESSION   = 'bazgasht_undo';
const LASTS_S   = DAY_IN_SECONDS;

/**
 * The basket, as far as a link can change it.
 *
 * @return array{lines: array<string, float>, coupons: string[]} `lines` are quantities by the cart's own keys.
 */
function look(): array {
	if ( null === WC()->cart ) {
		return array(
			'lines'   => array(),
			'coupons' => array(),
		);
	}
	return array(
		'lines'   => array_map(
			static function ( array $line ): float {
				return (float) $line['quantity'];
			},
			WC()->cart->get_cart()
		),
		'coupons' => array_values( WC()->cart->get_applied_coupons() ),
	);
}

/**
 * A link has been followed: says so, with the way back.
 *
 * @param array $before   From look().
 * @param bool  $is_whole Whether all came back; what did not is said elsewhere.
 * @param int   $now      Unix seconds.
 */
function offer( array $before, bool $is_whole, int $now ): void {
	$after = look();
	$lines = array();
	foreach ( $after['lines'] as $key => $quantity ) {
		if ( $quantity > ( $before['lines'][ $key ] ?? 0.0 ) ) {
			$lines[ $key ] = array( $before['lines'][ $key ] ?? 0.0, $quantity );
		}
	}
	if ( array() === $lines ) {
		return;
	}
	$token = bin2hex( random_bytes( 12 ) );
	WC()->session->set(
		SESSION,
		array(
			'token' => $token,
			'at'    => $now,
			'lines' => $lines,
			'came'  => array_values( array_diff( $after['coupons'], $before['coupons'] ) ),
			'went'  => array_values( array_diff( $before['coupons'], $after['coupons'] ) ),
		)
	);
	wc_add_notice(
		sprintf(
			'%s <a href="%s" rel="nofollow">%s</a>',
			$is_whole ? esc_html__( 'Your basket is back as you left it.', 'bazgasht-bridge' ) : esc_html__( 'What is still to be had is back in your basket.', 'bazgasht-bridge' ),
			esc_url( add_query_arg( QUERY_VAR, $token, wc_get_cart_url() ) ),
			esc_html__( 'Undo', 'bazgasht-bridge' )
		),
		'success'
	);
}

/**
 * Looks whether a request asks for the way back.
 */
function action_request(): void {
	if ( ! isset( $_GET[ QUERY_VAR ] ) || ! is_string( $_GET[ QUERY_VAR ] ) || null === WC()->cart || null === WC()->session ) { // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- The token in the session is what counts.
		return;
	}
	nocache_headers();
	if ( Cart\is_prefetch() ) {
		status_header( 503 );
		exit;
	}
	take_back( sanitize_text_field( wp_unslash( $_GET[ QUERY_VAR ] ) ), time() ); // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- As above.
	wp_safe_redirect( wc_get_cart_url(), 302, 'Bazgasht' );
	exit;
}

/**
 * Gives back the basket as it was. What the visitor has changed since stays.
 *
 * @param string $token As the link had it.
 * @param int    $now   Unix seconds.
 */
function take_back( string $token, int $now ): void {
	$kept = WC()->session->get( SESSION );
	if ( ! is_array( $kept ) || ! hash_equals( (string) $kept['token'], $token ) || $kept['at'] < $now - LASTS_S ) {
		wc_add_notice( esc_html__( 'There is nothing to undo any more.', 'bazgasht-bridge' ), 'notice' );
		return;
	}
	WC()->session->set( SESSION, null );
	coupons_back( (array) $kept['came'], (array) $kept['went'], $now );
	foreach ( array_filter( (array) $kept['lines'], 'is_array' ) as $key => list( $quantity, $came_to ) ) {
		$line = WC()->cart->get_cart()[ $key ] ?? null;
		if ( null !== $line && (float) $line['quantity'] === (float) $came_to ) {
			$quantity > 0 ? WC()->cart->set_quantity( $key, $quantity, false ) : WC()->cart->remove_cart_item( $key );
		}
	}
	WC()->cart->calculate_totals();
	Cart\action_touched();
	wc_add_notice( esc_html__( 'Your basket is as it was before.', 'bazgasht-bridge' ), 'success' );
}

/**
 * Takes off what the link has brought, and puts on again what had to go for it.
 *
 * @param string[] $came Codes.
 * @param string[] $went Codes.
 * @param int      $now  Unix seconds.
 */
function coupons_back( array $came, array $went, int $now ): void {
	$applied = WC()->cart->get_applied_coupons();
	if ( array() !== $came && array() === array_intersect( $came, $applied ) ) {
		// The visitor has settled it otherwise since.
		return;
	}
	foreach ( array_intersect( $came, $applied ) as $code ) {
		WC()->cart->remove_coupon( $code );
	}
	$again = array_filter(
		$went,
		static function ( $code ) use ( $now ): bool {
			return ! Coupon_Guard\is_dead( new \WC_Coupon( $code ), $now );
		}
	);
	// Not by apply_coupon(), which says a sentence of its own each time.
	WC()->cart->set_applied_coupons( array_values( array_unique( array_merge( WC()->cart->get_applied_coupons(), $again ) ) ) );
}
