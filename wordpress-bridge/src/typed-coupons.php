<?php
/**
 * Codes of one's own that somebody types by hand before the link was ever opened: the shop does not have them yet.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Typed_Coupons;

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Daemon;
use Bazgasht\Bridge\Own_Coupons;
use Bazgasht\Bridge\Restore;
use Bazgasht\Bridge\Room;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

// How often one address may have codes looked up that the shop does not have.
const MOST_LOOKS = 10;
const LOOKS_S    = 10 * MINUTE_IN_SECONDS;

/**
 * A code that was typed in Persian or Arabic digits. Other codes of the shop stay as they are.
 *
 * @param mixed $code As typed.
 * @return mixed
 */
function filter_code( $code ) {
	if ( ! is_string( $code ) || 1 !== preg_match( '/[\x{6f0}-\x{6f9}\x{660}-\x{669}]/u', $code ) ) {
		return $code;
	}
	$latin = Capture\latin_digits( $code );
	return Own_Coupons\is_code( strtolower( trim( $latin ) ) ) ? $latin : $code;
}

/**
 * WooCommerce looks for a code. One that is typed by hand before its link was ever opened is made now.
 *
 * @param mixed $found False, or what another plugin has found.
 * @param mixed $code  A code, an id or an object.
 * @return mixed The same: WooCommerce finds what was made.
 */
function filter_look( $found, $code ) {
	if ( false === $found && is_string( $code ) && Own_Coupons\is_code( $code ) && is_typed( $code ) ) {
		look_up( $code, time() );
	}
	return $found;
}

/**
 * Whether a code stands in what the visitor has just sent; WooCommerce looks for codes at other times too.
 *
 * @param string $code In WooCommerce's form.
 */
function is_typed( string $code ): bool {
	if ( 'POST' !== Restore\server( 'REQUEST_METHOD' ) || ( is_admin() && ! wp_doing_ajax() ) || (int) Restore\server( 'CONTENT_LENGTH' ) > 65536 ) {
		return false;
	}
	// phpcs:ignore WordPress.Security.NonceVerification.Missing -- Whoever takes the code has looked at the nonce, or will.
	foreach ( wp_unslash( $_POST ) as $value ) {
		if ( is_string( $value ) && wc_format_coupon_code( $value ) === $code ) {
			return true;
		}
	}
	// The Store API gets JSON, sometimes several calls in one.
	return false !== stripos( Capture\latin_digits( (string) file_get_contents( 'php://input' ) ), '"' . $code . '"' );
}

/**
 * Asks the daemon for a code that the shop does not have, and makes it.
 *
 * @param string $code Matches Own_Coupons\CODE_PATTERN.
 * @param int    $now  Unix seconds.
 */
function look_up( string $code, int $now ): void {
	static $asked = array();
	if ( isset( $asked[ $code ] ) || ! Settings\get( 'make_coupons' ) || ! Settings\is_connected() || Coupons\exists( $code ) ) {
		return;
	}
	$asked[ $code ] = true;
	if ( false !== get_transient( Restore\SILENCE ) || ! Room\take( 'looks', MOST_LOOKS, LOOKS_S, $now ) ) {
		return;
	}
	$begin  = microtime( true );
	$answer = Daemon\get( '/v1/coupons/' . $code, Restore\TIMEOUT_S );
	Restore\note_silence( $answer, microtime( true ) - $begin );
	$offer = ! is_wp_error( $answer ) && 200 === $answer['status'] ? (array) $answer['json'] : array();
	// Only what was asked for.
	if ( is_scalar( $offer['code'] ?? null ) && wc_format_coupon_code( (string) $offer['code'] ) === $code ) {
		Own_Coupons\take_up( $offer, $now );
	}
}
