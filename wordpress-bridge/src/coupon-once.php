<?php
/**
 * A code of one's own is for one order. Whoever walks away from the bank's page and orders something else would have
 * it on two unpaid orders, each of which could be paid later: only the last order that was placed with a code keeps it.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Coupon_Once;

use Bazgasht\Bridge\Coupon_Guard;
use Bazgasht\Bridge\Own_Coupons;
use Bazgasht\Bridge\Record;

defined( 'ABSPATH' ) || exit;

// On the coupon: the orders that were placed with it.
const META = '_bazgasht_orders';

const UNPAID = array( 'pending', 'failed' );
const USED   = array( 'processing', 'completed', 'on-hold', 'refunded' );

/**
 * An order was placed: earlier ones with the same code that nobody has paid are cancelled.
 *
 * @param int|\WC_Order $order The order, by its id in the classic checkout.
 */
function action_placed( $order ): void {
	Record\safely(
		static function () use ( $order ): void {
			$order = is_a( $order, 'WC_Order' ) ? $order : wc_get_order( (int) $order );
			if ( ! is_a( $order, 'WC_Order' ) ) {
				return;
			}
			foreach ( own_of( $order ) as $code => $coupon ) {
				foreach ( others( $coupon, $order ) as $other ) {
					if ( $other->has_status( UNPAID ) ) {
						/* translators: 1: coupon code, 2: order number */
						$other->update_status( 'cancelled', sprintf( __( 'Bazgasht: the code %1$s is for one order, and went into order %2$s.', 'bazgasht-bridge' ), Coupon_Guard\apart( $code ), $order->get_order_number() ) );
					}
				}
				$coupon->update_meta_data( META, array_values( array_unique( array_merge( noted( $coupon ), array( $order->get_id() ) ) ) ) );
				$coupon->save_meta_data();
			}
		}
	);
}

/**
 * Somebody pays an order that was placed earlier.
 *
 * @param \WC_Order $order The order.
 */
function action_paying( $order ): void {
	foreach ( is_a( $order, 'WC_Order' ) ? used_elsewhere( $order ) : array() as $code ) {
		wc_add_notice( esc_html( refusal( $code ) ), 'error' );
	}
}

/**
 * The same by the Store API, where orders are placed as well.
 *
 * @param \WC_Order        $order   Has the form's fields.
 * @param \WP_REST_Request $request The Store API's.
 * @throws \Automattic\WooCommerce\StoreApi\Exceptions\RouteException When a code on it was used by another order.
 */
function action_block( $order, $request ): void {
	$codes = is_a( $order, 'WC_Order' ) && 'POST' === $request->get_method() ? used_elsewhere( $order ) : array();
	if ( array() !== $codes ) {
		throw new \Automattic\WooCommerce\StoreApi\Exceptions\RouteException( 'bazgasht_coupon', esc_html( refusal( $codes[0] ) ), 409 );
	}
}

/**
 * The codes of one's own on an order that another order has used.
 *
 * @param \WC_Order $order The order.
 * @return string[]
 */
function used_elsewhere( $order ): array {
	$used = array();
	foreach ( own_of( $order ) as $code => $coupon ) {
		foreach ( others( $coupon, $order ) as $other ) {
			if ( $other->has_status( USED ) ) {
				$used[] = (string) $code;
				break;
			}
		}
	}
	return $used;
}

/**
 * Says that a code is spent, and what can be done.
 *
 * @param string $code In WooCommerce's form.
 */
function refusal( string $code ): string {
	/* translators: %s: coupon code */
	return sprintf( __( 'The code %s was used in another order of yours. Please order again without it.', 'bazgasht-bridge' ), Coupon_Guard\apart( $code ) );
}

/**
 * The coupons of one's own on an order.
 *
 * @param \WC_Order $order The order.
 * @return array<string, \WC_Coupon> By code.
 */
function own_of( $order ): array {
	$own = array();
	foreach ( $order->get_coupon_codes() as $code ) {
		$coupon = new \WC_Coupon( $code );
		// One for friends is for an order of each of them.
		if ( '' !== (string) $coupon->get_meta( Own_Coupons\META ) && ! Own_Coupons\is_for_friends( $coupon ) ) {
			$own[ $code ] = $coupon;
		}
	}
	return $own;
}

/**
 * The other orders that were placed with a coupon and have it still.
 *
 * @param \WC_Coupon $coupon The coupon.
 * @param \WC_Order  $order  This one is left out.
 * @return \WC_Order[]
 */
function others( $coupon, $order ): array {
	$others = array();
	foreach ( array_diff( noted( $coupon ), array( $order->get_id() ) ) as $id ) {
		$other = wc_get_order( $id );
		if ( is_a( $other, 'WC_Order' ) && in_array( $coupon->get_code(), $other->get_coupon_codes(), true ) ) {
			$others[] = $other;
		}
	}
	return $others;
}

/**
 * The orders that were placed with a coupon, by id.
 *
 * @param \WC_Coupon $coupon The coupon.
 * @return int[]
 */
function noted( $coupon ): array {
	return array_map( 'intval', array_filter( (array) $coupon->get_meta( META ), 'is_numeric' ) );
}
