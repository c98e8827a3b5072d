<?php
/**
 * Makes the shared coupon codes that the daemon's campaigns use and the shop lacks.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Coupons;

use Bazgasht\Bridge\Daemon;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const META   = '_bazgasht';
const OPTION = 'bazgasht_coupons';
const EVERY  = 5 * MINUTE_IN_SECONDS;

/**
 * Asks for the codes, now and then, and makes what is missing. One that exists is never changed, and one that was
 * made before and has been deleted since stays deleted: that was the manager's word.
 *
 * @param bool $now Whether to ask in any case.
 */
function pull( bool $now = false ): void {
	if ( ! Settings\get( 'make_coupons' ) || ! wc_coupons_enabled() ) {
		return;
	}
	$memory = get_option( OPTION, array() );
	$memory = array_merge(
		array(
			'asked' => 0,
			'made'  => array(),
		),
		is_array( $memory ) ? $memory : array()
	);
	if ( ! $now && $memory['asked'] > time() - EVERY ) {
		return;
	}
	$answer = Daemon\get( '/v1/coupons', 5.0 );
	if ( is_wp_error( $answer ) || 200 !== $answer['status'] || ! is_array( $answer['json']['coupons'] ?? null ) ) {
		return;
	}
	$memory['asked'] = time();
	foreach ( $answer['json']['coupons'] as $wanted ) {
		$code = wc_format_coupon_code( is_array( $wanted ) ? (string) ( $wanted['code'] ?? '' ) : '' );
		if ( '' === $code || in_array( $code, $memory['made'], true ) || wc_get_coupon_id_by_code( $code ) > 0 ) {
			continue;
		}
		if ( make( $code, $wanted ) ) {
			$memory['made'][] = $code;
		}
	}
	update_option( OPTION, $memory, false );
}

/**
 * Makes one coupon.
 *
 * @param string $code   In WooCommerce's form.
 * @param array  $wanted As in the contract.
 * @return bool Whether it could be made.
 */
function make( string $code, array $wanted ): bool {
	$type   = (string) ( $wanted['discount_type'] ?? '' );
	$amount = (string) ( $wanted['amount'] ?? '' );
	if ( ! array_key_exists( $type, wc_get_coupon_types() ) || ! is_numeric( $amount ) || (float) $amount <= 0 || ( 'percent' === $type && (float) $amount > 100 ) ) {
		return false;
	}
	$coupon = new \WC_Coupon();
	try {
		$coupon->set_code( $code );
		$coupon->set_discount_type( $type );
		$coupon->set_amount( $amount );
		$coupon->set_description( sanitize_text_field( (string) ( $wanted['description'] ?? '' ) ) );
		$coupon->set_date_expires( empty( $wanted['expires_at'] ) ? null : (string) $wanted['expires_at'] );
		$coupon->update_meta_data( META, '1' );
		return $coupon->save() > 0;
	} catch ( \WC_Data_Exception $refused ) {
		return false;
	}
}
