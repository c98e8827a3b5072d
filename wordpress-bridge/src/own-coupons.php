<?php
/**
 * Coupons of one's own: one code for one person, made in the shop when that person arrives.
 *
 * The daemon says what the code gives and whose it is, by a keyed hash of the number; the number itself stays with
 * the daemon. The bounds of the shared codes hold here as well.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Own_Coupons;

use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Phone;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Signer;

defined( 'ABSPATH' ) || exit;

// On the coupon: whose it is, as owner_of() says it.
const META = '_bazgasht_own';

// On a code that somebody got for friends: good for everybody but its owner.
const META_FRIENDS = '_bazgasht_friends';

const MOST_FRIENDS = 100;

// The daemon makes its codes of what nobody mixes up: no 0, 1, i, l, o.
const CODE_PATTERN = '[2-9a-hjkmnp-z]{6,12}';

const MOST_PRODUCTS = 200;

/**
 * Makes the coupon that a person has been offered, unless it is there.
 *
 * @param mixed $offer `coupon_offer` of the contract.
 * @param int   $now   Unix seconds: the click.
 * @return string The code in WooCommerce's form; empty when there is none for this person.
 */
function take_up( $offer, int $now ): string {
	$offer = is_array( $offer ) ? $offer : array();
	$plain = array_filter( $offer, 'is_scalar' );
	$code  = wc_format_coupon_code( (string) ( $plain['code'] ?? '' ) );
	$owner = (string) ( $plain['owner'] ?? '' );
	if ( ! Settings\get( 'make_coupons' ) || ! wc_coupons_enabled() || ! is_code( $code ) || 1 !== preg_match( '/^[0-9a-f]{64}$/D', $owner ) ) {
		return '';
	}
	$unlock = lock( $code );
	try {
		if ( ! Coupons\exists( $code ) ) {
			return make( $code, $owner, $plain, (array) ( $offer['product_ids'] ?? array() ), $now ) ? $code : '';
		}
	} finally {
		$unlock();
	}
	// Made at an earlier click. Whatever else has that name is the manager's.
	$coupon = new \WC_Coupon( $code );
	if ( '' === (string) $coupon->get_meta( META ) ) {
		return '';
	}
	if ( (string) $coupon->get_meta( META ) !== $owner ) {
		// The secret is another one since.
		$coupon->update_meta_data( META, $owner );
		$coupon->save_meta_data();
	}
	return $code;
}

/**
 * Whether a code has the form that the daemon gives to its own.
 *
 * @param string $code In WooCommerce's form.
 */
function is_code( string $code ): bool {
	return 1 === preg_match( '/^' . CODE_PATTERN . '$/D', $code );
}

/**
 * Lets a second tap on a link wait for the first: both would make the code.
 *
 * @param string $code The code.
 * @return callable Ends it.
 */
function lock( string $code ): callable {
	global $wpdb;
	// Names of locks are the whole database server's.
	$name = substr( 'bazgasht_' . hash( 'sha256', $wpdb->prefix . wp_salt() . $code ), 0, 60 );
	// A server that knows no locks answers null, and then a code is made twice at worst.
	$wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, 2)', $name ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- No function of WordPress locks.
	return static function () use ( $wpdb, $name ): void {
		$wpdb->get_var( $wpdb->prepare( 'SELECT RELEASE_LOCK(%s)', $name ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- As above.
	};
}

/**
 * Makes one coupon.
 *
 * @param string $code     In WooCommerce's form.
 * @param string $owner    As owner_of() says it.
 * @param array  $offer    The plain fields of the contract.
 * @param array  $products Ids that it is for; none for all.
 * @param int    $now      Unix seconds.
 * @return bool Whether it could be made.
 */
function make( string $code, string $owner, array $offer, array $products, int $now ): bool {
	$type      = (string) ( $offer['discount_type'] ?? '' );
	$amount    = (string) ( $offer['amount'] ?? '' );
	$is_free   = ! empty( $offer['free_shipping'] );
	$least     = (string) ( $offer['minimum_amount'] ?? '' );
	$end       = expiry( $offer, $now );
	$is_wanted = Coupons\is_modest( $type, $amount ) && ( (float) $amount > 0 || $is_free )
		&& ( '' === $least || 1 === preg_match( '/^\d{1,12}(\.\d{1,4})?$/D', $least ) );
	if ( ! $is_wanted || ( null !== $end && $end <= $now ) ) {
		return false;
	}
	if ( 'fixed_cart' === $type ) {
		$least = (string) max( (float) $least, (float) Coupons\least_basket( $amount ) );
	}
	$products = array_filter( array_map( 'absint', array_slice( array_filter( $products, 'is_scalar' ), 0, MOST_PRODUCTS ) ) );
	$coupon   = new \WC_Coupon();
	try {
		$coupon->set_code( $code );
		$coupon->set_discount_type( $type );
		$coupon->set_amount( $amount );
		$coupon->set_free_shipping( $is_free );
		$coupon->set_minimum_amount( $least );
		$coupon->set_product_ids( array_values( $products ) );
		$coupon->set_exclude_sale_items( ! empty( $offer['exclude_sale_items'] ) );
		$coupon->set_individual_use( true );
		$coupon->set_usage_limit( 1 );
		$coupon->set_date_expires( $end );
		$coupon->set_description( __( 'Bazgasht: for one person, who got it by text.', 'bazgasht-bridge' ) );
		$coupon->update_meta_data( Coupons\META, '1' );
		$coupon->update_meta_data( META, $owner );
		if ( ! empty( $offer['for_friends'] ) ) {
			$coupon->set_usage_limit( min( MOST_FRIENDS, max( 1, (int) ( $offer['usage_limit'] ?? 1 ) ) ) );
			$coupon->set_usage_limit_per_user( 1 );
			$coupon->set_description( __( 'Bazgasht: for the friends of one person, who got it by text.', 'bazgasht-bridge' ) );
			$coupon->update_meta_data( META_FRIENDS, '1' );
		}
		return $coupon->save() > 0;
	} catch ( \WC_Data_Exception $refused ) {
		return false;
	}
}

/**
 * When a coupon ends: at a moment, so long after the click, or what comes first.
 *
 * @param array $offer The plain fields of the contract.
 * @param int   $now   Unix seconds.
 * @return int|null Unix seconds; null for never.
 */
function expiry( array $offer, int $now ): ?int {
	$ends = array();
	if ( '' !== (string) ( $offer['expires_at'] ?? '' ) ) {
		$moment = strtotime( (string) $offer['expires_at'] );
		// What cannot be read must not become a code that lives for ever.
		$ends[] = false === $moment ? $now : $moment;
	}
	if ( isset( $offer['lives_seconds'] ) ) {
		$ends[] = $now + (int) $offer['lives_seconds'];
	}
	return array() === $ends ? null : min( $ends );
}

/**
 * A number as a coupon names its owner.
 *
 * @param string $e164 Such as `+989120000001`.
 * @return string Hexadecimal; empty without a secret.
 */
function owner_of( string $e164 ): string {
	$key = Signer\key( (string) Settings\get( 'secret' ) );
	return null === $key ? '' : hash_hmac( 'sha256', 'coupon-owner:' . $e164, $key );
}

/**
 * Whether whoever has a number may use a coupon: its owner, or of one for friends everybody else.
 *
 * @param \WC_Coupon $coupon  One with META.
 * @param string[]   $phones  Their numbers, as typed.
 * @param string     $country Of the billing address; may be empty.
 */
function is_good_for( \WC_Coupon $coupon, array $phones, string $country ): bool {
	$is_owner = false;
	foreach ( $phones as $phone ) {
		$is_owner = $is_owner || belongs_to( $coupon, $phone, $country );
	}
	// Without a secret nobody can tell any more.
	return ! Settings\has_secret() || is_for_friends( $coupon ) !== $is_owner;
}

/**
 * Whether a coupon is to be passed on.
 *
 * @param \WC_Coupon $coupon The coupon.
 */
function is_for_friends( \WC_Coupon $coupon ): bool {
	return '' !== (string) $coupon->get_meta( META_FRIENDS );
}

/**
 * Whether a coupon belongs to whoever has a number.
 *
 * @param \WC_Coupon $coupon  One with META.
 * @param string     $typed   The number as typed.
 * @param string     $country Of the billing address; may be empty.
 */
function belongs_to( \WC_Coupon $coupon, string $typed, string $country ): bool {
	foreach ( owners( $typed, $country ) as $owner ) {
		if ( hash_equals( (string) $coupon->get_meta( META ), $owner ) ) {
			return true;
		}
	}
	return false;
}

/**
 * Whom a number may stand for, as coupons name their owners.
 *
 * @param string $typed   The number as typed.
 * @param string $country Of the billing address; may be empty.
 * @return string[]
 */
function owners( string $typed, string $country ): array {
	$shop  = WC()->countries->get_base_country();
	$codes = (array) WC()->countries->get_country_calling_code( '' === $country ? $shop : $country );
	return array_map( __NAMESPACE__ . '\owner_of', Phone\readings( $typed, $country, $shop, array_filter( array_map( 'strval', $codes ), 'strlen' ) ) );
}

/**
 * The coupons of whoever has a number.
 *
 * @param string $typed   The number as typed.
 * @param string $country Of the billing address; may be empty.
 * @return int[]
 */
function ids_of( string $typed, string $country ): array {
	global $wpdb;
	$ids = array();
	foreach ( array_filter( owners( $typed, $country ), 'strlen' ) as $owner ) {
		$ids = array_merge( $ids, (array) $wpdb->get_col( $wpdb->prepare( "SELECT post_id FROM {$wpdb->postmeta} WHERE meta_key = %s AND meta_value = %s", META, $owner ) ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- No function finds posts by meta alone, whatever their status.
	}
	return array_map( 'intval', $ids );
}
