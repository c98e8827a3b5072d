<?php
/**
 * What becomes of the bridge's coupons once they are on a basket: whose they are is looked at when the order is
 * placed, and those that are dead or that the basket is not good for go off without a fright.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Coupon_Guard;

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Own_Coupons;
use Bazgasht\Bridge\Phone_Fields;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Restore;

defined( 'ABSPATH' ) || exit;

/**
 * Classic checkout: the buyer has pressed "place order".
 *
 * @param array     $data   The form.
 * @param \WP_Error $errors Gets what is wrong.
 */
function action_classic( $data, $errors ): void {
	$data   = is_array( $data ) ? array_filter( $data, 'is_scalar' ) : array();
	$phones = phones( $data );
	if ( null === WC()->cart || null === $phones ) {
		// A shop that asks for no number cannot be told whose a code is.
		return;
	}
	foreach ( strangers( WC()->cart->get_applied_coupons(), $phones, (string) ( $data['billing_country'] ?? '' ) ) as $code ) {
		WC()->cart->remove_coupon( $code );
		// The totals beside the form are drawn anew, or they would be those with the coupon.
		WC()->session->set( 'refresh_totals', true );
		$errors->add( 'bazgasht_coupon', esc_html( not_theirs( $code ) ) );
	}
}

/**
 * Block checkout: the same.
 *
 * @param \WC_Order        $order   Has the form's fields.
 * @param \WP_REST_Request $request The Store API's.
 * @throws \Automattic\WooCommerce\StoreApi\Exceptions\RouteException When a code belongs to somebody else; the answer
 *         brings the basket without it.
 */
function action_block( $order, $request ): void {
	// Newer WooCommerce calls this while the form is being filled in, too.
	if ( null === WC()->cart || ! is_a( $order, 'WC_Order' ) || 'POST' !== $request->get_method() ) {
		return;
	}
	$fields = 'hidden' === get_option( 'woocommerce_checkout_phone_field', 'required' ) ? array() : array( 'billing_phone' => (string) $order->get_billing_phone() );
	$phones = phones( $fields + Phone_Fields\fields_of_order( $order ) );
	if ( null === $phones ) {
		return;
	}
	$codes = strangers( WC()->cart->get_applied_coupons(), $phones, (string) $order->get_billing_country() );
	if ( array() === $codes ) {
		return;
	}
	foreach ( $codes as $code ) {
		WC()->cart->remove_coupon( $code );
	}
	WC()->cart->calculate_totals();
	throw new \Automattic\WooCommerce\StoreApi\Exceptions\RouteException( 'bazgasht_coupon', esc_html( implode( ' ', array_map( __NAMESPACE__ . '\not_theirs', $codes ) ) ), 409 );
}

/**
 * The numbers in a form, wherever they stand: the billing phone may be a landline, or not asked for.
 *
 * @param array $fields Values by name.
 * @return string[]|null As typed; null when the form has no field for one.
 */
function phones( array $fields ): ?array {
	$fields = array_filter( $fields, 'Bazgasht\Bridge\Phone_Fields\may_hold', ARRAY_FILTER_USE_KEY );
	return array() === $fields ? null : array_values( array_map( 'strval', array_filter( $fields, 'is_scalar' ) ) );
}

/**
 * Which of the codes on a basket this buyer may not use: somebody else's, or what the buyer got for friends.
 *
 * @param string[] $codes   In WooCommerce's form.
 * @param string[] $phones  As typed; one that reads as the owner's is enough.
 * @param string   $country Of the billing address; may be empty.
 * @return string[]
 */
function strangers( array $codes, array $phones, string $country ): array {
	return array_values(
		array_filter(
			$codes,
			static function ( $code ) use ( $phones, $country ): bool {
				$coupon = new \WC_Coupon( $code );
				return '' !== (string) $coupon->get_meta( Own_Coupons\META ) && ! Own_Coupons\is_good_for( $coupon, $phones, $country );
			}
		)
	);
}

/**
 * Says whose a code is, and what can be done.
 *
 * @param string $code In WooCommerce's form.
 */
function not_theirs( string $code ): string {
	if ( Own_Coupons\is_for_friends( new \WC_Coupon( $code ) ) ) {
		/* translators: %s: coupon code */
		return sprintf( __( 'The code %s is for your friends, not for yourself, so it was taken off. Pass it on, and place the order without it.', 'bazgasht-bridge' ), apart( $code ) );
	}
	/* translators: %s: coupon code */
	return sprintf( __( 'The code %s is meant for the mobile number that our text went to, so it was taken off. To use it, type that number as your phone and enter the code again. Or place the order without it.', 'bazgasht-bridge' ), apart( $code ) );
}

/**
 * The cart or the checkout is shown: what is no good any more goes off before WooCommerce finds it, which says so in
 * red and lets nobody pass.
 *
 * Orders are placed earlier in a request, or in calls that show no page. There WooCommerce has its say, and no code
 * goes off without the buyer's seeing it.
 */
function action_page(): void {
	if ( null === WC()->cart || array() === WC()->cart->get_applied_coupons() ) {
		return;
	}
	if ( ( ! is_cart() && ! is_checkout() ) || is_order_received_page() || Cart\is_prefetch() ) {
		return;
	}
	Record\safely(
		static function (): void {
			clear( time() );
		}
	);
}

/**
 * Takes off what is no good.
 *
 * @param int $now Unix seconds.
 */
function clear( int $now ): void {
	$discounts = null;
	foreach ( WC()->cart->get_applied_coupons() as $code ) {
		$coupon = new \WC_Coupon( $code );
		if ( '' === (string) $coupon->get_meta( Coupons\META ) ) {
			continue;
		}
		if ( is_dead( $coupon, $now ) ) {
			WC()->cart->remove_coupon( $code );
			wc_add_notice( why_dead( $coupon ) . ' ' . esc_html__( 'It is off your basket.', 'bazgasht-bridge' ), 'notice' );
			continue;
		}
		$discounts = $discounts ?? new \WC_Discounts( WC()->cart );
		$is_good   = $discounts->is_coupon_valid( $coupon );
		if ( is_wp_error( $is_good ) ) {
			WC()->cart->remove_coupon( $code );
			WC()->session->set( Restore\SESSION_COUPON, $code );
			/* translators: 1: coupon code, 2: WooCommerce's sentence on what the basket lacks */
			wc_add_notice( esc_html( sprintf( __( 'The code %1$s is off for now, and goes on again by itself when your basket fits it. %2$s', 'bazgasht-bridge' ), apart( $code ), wp_strip_all_tags( html_entity_decode( $is_good->get_error_message(), ENT_QUOTES, 'UTF-8' ) ) ) ), 'notice' );
		}
	}
}

/**
 * Whether a coupon can never go onto a basket again.
 *
 * @param \WC_Coupon $coupon The coupon.
 * @param int        $now    Unix seconds.
 */
function is_dead( \WC_Coupon $coupon, int $now ): bool {
	if ( 0 === (int) $coupon->get_id() && ! $coupon->get_virtual() ) {
		return true;
	}
	$end = $coupon->get_date_expires();
	return is_used( $coupon ) || ( null !== $end && $end->getTimestamp() <= $now );
}

/**
 * Whether a coupon was used as often as it may be.
 *
 * @param \WC_Coupon $coupon The coupon.
 */
function is_used( \WC_Coupon $coupon ): bool {
	return (int) $coupon->get_usage_limit() > 0 && (int) $coupon->get_usage_count() >= (int) $coupon->get_usage_limit();
}

/**
 * Says why a coupon is dead.
 *
 * @param \WC_Coupon $coupon One that the shop has.
 */
function why_dead( \WC_Coupon $coupon ): string {
	$sentence = is_used( $coupon )
		/* translators: %s: coupon code */
		? __( 'The code %s has been used already.', 'bazgasht-bridge' )
		/* translators: %s: coupon code */
		: __( 'The time of the code %s is over.', 'bazgasht-bridge' );
	return esc_html( sprintf( $sentence, apart( $coupon->get_code() ) ) );
}

/**
 * Somebody comes back from a payment that failed: their own unpaid order has the code, and must not bar them from it.
 * That no two orders keep it is Coupon_Once's business.
 *
 * @param mixed      $limit  How often the coupon may be used.
 * @param \WC_Coupon $coupon The coupon.
 * @return mixed
 */
function filter_usage_limit( $limit, $coupon ) {
	if ( 1 !== (int) $limit || ! function_exists( 'WC' ) || null === WC()->session || '' === (string) $coupon->get_meta( Own_Coupons\META ) ) {
		return $limit;
	}
	foreach ( array( 'order_awaiting_payment', 'store_api_draft_order' ) as $place ) {
		if ( is_in_unpaid_order( (int) WC()->session->get( $place, 0 ), $coupon->get_code() ) ) {
			return 2;
		}
	}
	return $limit;
}

/**
 * Whether an order that is not paid has a code. What was true stays true for this request: WooCommerce takes the
 * order's lines away and puts them back while the order is placed again.
 *
 * @param int    $order_id The order; 0 for none.
 * @param string $code     In WooCommerce's form.
 */
function is_in_unpaid_order( int $order_id, string $code ): bool {
	static $known = array();
	if ( 0 === $order_id || isset( $known[ $order_id ][ $code ] ) ) {
		return 0 !== $order_id;
	}
	$order = wc_get_order( $order_id );
	if ( ! is_a( $order, 'WC_Order' ) || ! $order->has_status( array( 'pending', 'failed' ) ) || ! in_array( $code, $order->get_coupon_codes(), true ) ) {
		return false;
	}
	$known[ $order_id ][ $code ] = true;
	return true;
}

/**
 * A code in Latin letters, kept together in a sentence of any language.
 *
 * @param string $code Plain.
 */
function apart( string $code ): string {
	return "\u{2068}" . $code . "\u{2069}";
}
