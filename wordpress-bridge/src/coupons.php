<?php
/**
 * Makes the shared coupon codes that the daemon's campaigns use and the shop lacks.
 *
 * What answers at the daemon's address can so make money, hence the bounds: no code takes off more than half, and
 * none goes together with another. Whoever wants more makes the code by hand, which the bridge then leaves as it is.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Coupons;

use Bazgasht\Bridge\Daemon;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const META   = '_bazgasht';
const OPTION = 'bazgasht_coupons';
const EVERY  = 5 * MINUTE_IN_SECONDS;

const MOST_PERCENT = 50;
const MOST_CODES   = 100;
const CODE_CHARS   = 64;

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
	if ( ! $now && memory()['asked'] > time() - EVERY ) {
		return;
	}
	// One at a time, or two would make the same code.
	$unlock = Outbox\lock_delivery();
	if ( null === $unlock ) {
		return;
	}
	try {
		ask();
	} finally {
		$unlock();
	}
}

/**
 * What is known of the codes.
 *
 * @return array{asked: int, made: string[], refused: string[]} `asked` in Unix seconds; `made` by the bridge, ever;
 *         `refused` when last asked.
 */
function memory(): array {
	$memory = get_option( OPTION, array() );
	return array_merge(
		array(
			'asked'   => 0,
			'made'    => array(),
			'refused' => array(),
		),
		is_array( $memory ) ? $memory : array()
	);
}

/**
 * Asks, and makes what is missing. Only under the delivery lock.
 */
function ask(): void {
	$memory = memory();
	$answer = Daemon\get( '/v1/coupons', 5.0 );
	if ( is_wp_error( $answer ) || 200 !== $answer['status'] || ! is_array( $answer['json']['coupons'] ?? null ) ) {
		return;
	}
	$memory['asked']   = time();
	$memory['refused'] = array();
	foreach ( array_slice( $answer['json']['coupons'], 0, MOST_CODES ) as $wanted ) {
		$wanted = is_array( $wanted ) ? array_filter( $wanted, 'is_scalar' ) : array();
		$code   = wc_format_coupon_code( mb_substr( (string) ( $wanted['code'] ?? '' ), 0, CODE_CHARS ) );
		if ( '' === $code || in_array( $code, $memory['made'], true ) || exists( $code ) ) {
			continue;
		}
		if ( make( $code, $wanted ) ) {
			$memory['made'][] = $code;
		} else {
			$memory['refused'][] = $code;
		}
	}
	update_option( OPTION, $memory, false );
}

/**
 * Whether the shop has the code, also as a draft or in the bin: those are the manager's word as well.
 *
 * @param string $code In WooCommerce's form.
 */
function exists( string $code ): bool {
	global $wpdb;
	if ( wc_get_coupon_id_by_code( $code ) > 0 ) {
		return true;
	}
	return null !== $wpdb->get_var( $wpdb->prepare( "SELECT ID FROM {$wpdb->posts} WHERE post_type = 'shop_coupon' AND post_title = %s LIMIT 1", $code ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- WooCommerce finds published ones only.
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
	if ( ! is_modest( $type, $amount ) || (float) $amount <= 0 ) {
		return false;
	}
	$coupon = new \WC_Coupon();
	try {
		$coupon->set_code( $code );
		$coupon->set_discount_type( $type );
		$coupon->set_amount( $amount );
		$coupon->set_individual_use( true );
		if ( 'fixed_cart' === $type ) {
			$coupon->set_minimum_amount( least_basket( $amount ) );
		}
		$coupon->set_description( sanitize_text_field( (string) ( $wanted['description'] ?? '' ) ) );
		$coupon->set_date_expires( empty( $wanted['expires_at'] ) ? null : (string) $wanted['expires_at'] );
		$coupon->update_meta_data( META, '1' );
		return $coupon->save() > 0;
	} catch ( \WC_Data_Exception $refused ) {
		return false;
	}
}

/**
 * Whether a discount is within what the bridge makes.
 *
 * @param string $type   As WooCommerce has it.
 * @param string $amount Decimal.
 */
function is_modest( string $type, string $amount ): bool {
	return in_array( $type, array( 'percent', 'fixed_cart' ), true )
		&& 1 === preg_match( '/^\d{1,12}(\.\d{1,4})?$/D', $amount )
		&& ( 'percent' !== $type || (float) $amount <= MOST_PERCENT );
}

/**
 * The least basket that a sum is taken off.
 *
 * @param string $amount Decimal.
 */
function least_basket( string $amount ): string {
	return (string) ( (float) $amount * 100 / MOST_PERCENT );
}
