<?php
/**
 * Orders, however they are made and whoever changes them. Hooks note the order's id; the whole order is read once,
 * at the end of the request: by REST and PHP it has neither total nor items when it is made.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Orders;

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Phone_Fields;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Shipping;

defined( 'ABSPATH' ) || exit;

const META_CART_KEY = '_bazgasht_cart_key';
const META_LINK     = '_bazgasht_link';
const META_ERASED   = '_bazgasht_erased';
const META_FAILED   = '_bazgasht_failed_at';

// Not orders yet, or still being written.
const UNBORN = array( 'checkout-draft', 'auto-draft', 'new', 'draft' );

/**
 * What this request has done so far.
 *
 * @return object{touched: array<int, bool>, refunds: array<int, int>, gone: array<int, bool>} Order id => whether it is
 *         new; refund id => order id; order id => whether it was deleted.
 */
function seen(): object {
	static $seen = null;
	if ( null === $seen ) {
		$seen = (object) array(
			'touched' => array(),
			'refunds' => array(),
			'gone'    => array(),
		);
	}
	return $seen;
}

/**
 * Notes an order.
 *
 * @param int  $order_id The order.
 * @param bool $is_new   Whether this request has made it.
 */
function note( int $order_id, bool $is_new ): void {
	if ( $order_id <= 0 || Record\is_elsewhere() ) {
		return;
	}
	$seen                       = seen();
	$seen->touched[ $order_id ] = $is_new || ! empty( $seen->touched[ $order_id ] );
	if ( count( $seen->touched ) >= Record\MANY ) {
		collect();
	}
}

/**
 * The order's row has been made.
 *
 * @param int            $order_id The order.
 * @param \WC_Order|null $order    The same.
 */
function action_new( $order_id, $order = null ): void {
	if ( ! is_unborn( $order ) ) {
		note( (int) $order_id, true );
	}
}

/**
 * Something about the order has been saved.
 *
 * @param int            $order_id The order.
 * @param \WC_Order|null $order    The same.
 */
function action_updated( $order_id, $order = null ): void {
	if ( ! is_unborn( $order ) ) {
		note( (int) $order_id, false );
	}
}

/**
 * Its status has changed.
 *
 * @param int $order_id The order.
 */
function action_status_changed( $order_id ): void {
	note( (int) $order_id, false );
}

/**
 * It is about to be deleted for good, so it is read now. To the daemon that is the bin: nothing of it goes on.
 *
 * @param int $order_id The order.
 */
function action_deleting( $order_id ): void {
	$order_id = (int) $order_id;
	Record\safely(
		static function () use ( $order_id ): void {
			$order = isset( seen()->gone[ $order_id ] ) ? null : wc_get_order( $order_id );
			if ( is_a( $order, 'WC_Order' ) && 'shop_order' === $order->get_type() && ! is_unborn( $order ) && ! Record\is_elsewhere() ) {
				seen()->gone[ $order_id ] = true;
				unset( seen()->touched[ $order_id ] );
				Record\event( 'order.updated', array_merge( data( $order ), array( 'status' => 'trash' ) ) );
			}
		}
	);
}

/**
 * An order is about to be saved. When its payment failed is kept with it: WooCommerce does not, and the order may be
 * saved for other reasons later.
 *
 * @param \WC_Order $order Any.
 */
function action_saving( $order ): void {
	if ( is_a( $order, 'WC_Order' ) && 'failed' === ( $order->get_changes()['status'] ?? '' ) ) {
		$order->update_meta_data( META_FAILED, (string) time() );
	}
}

/**
 * Classic checkout: the order is about to be saved for the first time.
 *
 * @param \WC_Order $order Not saved yet.
 */
function action_classic_creating( $order ): void {
	mark_origin( $order );
}

/**
 * Classic checkout: the buyer has placed it. Comes again when the payment is tried again.
 *
 * @param int $order_id The order.
 */
function action_classic_placed( $order_id ): void {
	Cart\ordered();
	note( (int) $order_id, false );
}

/**
 * Block checkout: the buyer has placed it; before WooCommerce 9.2 it still looks like a draft here.
 *
 * @param \WC_Order $order The order.
 */
function action_block_placed( $order ): void {
	$is_new = '' === (string) $order->get_meta( META_CART_KEY );
	if ( $is_new ) {
		mark_origin( $order );
		$order->save_meta_data();
	}
	Cart\ordered();
	note( $order->get_id(), $is_new );
}

/**
 * Writes onto the order which cart it was made from, and which link had brought the buyer, for later events.
 *
 * @param \WC_Order $order Being placed by the buyer.
 */
function mark_origin( $order ): void {
	if ( ! Settings\is_connected() ) {
		return;
	}
	$key = Cart\ordered();
	if ( '' !== $key ) {
		$order->update_meta_data( META_CART_KEY, $key );
	}
	$link = Cart\told()['link'];
	if ( '' !== $link ) {
		$order->update_meta_data( META_LINK, $link );
	}
}

/**
 * Money has gone back.
 *
 * @param int $order_id  The order.
 * @param int $refund_id The refund.
 */
function action_refunded( $order_id, $refund_id ): void {
	seen()->refunds[ (int) $refund_id ] = (int) $order_id;
	note( (int) $order_id, false );
}

/**
 * Whether it is only a draft.
 *
 * @param mixed $order An order, if the hook gave one.
 */
function is_unborn( $order ): bool {
	return is_a( $order, 'WC_Order' ) && in_array( $order->get_status(), UNBORN, true );
}

/**
 * Reads and tells the orders of this request.
 */
function collect(): void {
	$seen          = seen();
	$touched       = $seen->touched;
	$refunds       = $seen->refunds;
	$seen->touched = array();
	$seen->refunds = array();

	foreach ( $touched as $order_id => $is_new ) {
		Record\safely(
			static function () use ( $order_id, $is_new ): void {
				tell( $order_id, $is_new );
			}
		);
	}
	foreach ( $refunds as $refund_id => $order_id ) {
		$refund = wc_get_order( $refund_id );
		if ( is_a( $refund, 'WC_Order_Refund' ) ) {
			Record\event( 'order.refunded', Events\refund( $refund, $order_id, wc_get_price_decimals() ) );
		}
	}
}

/**
 * Tells one order.
 *
 * @param int  $order_id The order.
 * @param bool $is_new   Whether this request has made it.
 */
function tell( int $order_id, bool $is_new ): void {
	$order = wc_get_order( $order_id );
	// Refunds are orders to WooCommerce.
	if ( is_a( $order, 'WC_Order' ) && 'shop_order' === $order->get_type() && ! is_unborn( $order ) ) {
		Record\event( $is_new ? 'order.created' : 'order.updated', data( $order ) );
	}
}

/**
 * The whole order as an event has it.
 *
 * @param \WC_Order $order Not a draft.
 */
function data( $order ): array {
	$user_id = (int) $order->get_customer_id();
	$locale  = $user_id > 0 ? get_user_locale( $user_id ) : get_locale();
	$data    = Events\order( $order, (string) $order->get_meta( META_CART_KEY ), $locale, wc_get_price_decimals() );
	$data    = Shipping\with_shipping( $data, $order );
	$failed  = 'failed' === $order->get_status() ? (int) $order->get_meta( META_FAILED ) : 0;
	if ( $failed > 0 ) {
		$data['failed_at'] = gmdate( 'Y-m-d\TH:i:s\Z', $failed );
	}
	$data['contact'] = Phone_Fields\complete(
		$data['contact'],
		static function () use ( $order ): string {
			return Phone_Fields\of_order( $order );
		}
	);
	if ( is_erased( $order ) ) {
		// The order goes on, its person does not: the next change of its status must not bring them back.
		$data['contact'] = array( 'locale' => $locale );
		unset( $data['cart_key'] );
	}
	$link = (string) $order->get_meta( META_LINK );
	return '' === $link ? $data : $data + array( 'link' => $link );
}

/**
 * Whether the person has been erased, here by us, or by WooCommerce, which leaves zeros for a number.
 *
 * @param \WC_Order $order The order.
 */
function is_erased( $order ): bool {
	return '' !== (string) $order->get_meta( META_ERASED ) || 'yes' === $order->get_meta( '_anonymized' );
}
