<?php
/**
 * Reviews of products: by the form, by REST, and those let through later.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Reviews;

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\Record;

defined( 'ABSPATH' ) || exit;

const META_TOLD = '_bazgasht_told';

/**
 * The comments of this request that may be reviews.
 *
 * @return object{ids: array<int, true>}
 */
function seen(): object {
	static $seen = null;
	if ( null === $seen ) {
		$seen = (object) array( 'ids' => array() );
	}
	return $seen;
}

/**
 * The form was sent.
 *
 * @param int $comment_id The comment.
 */
function action_written( $comment_id ): void {
	seen()->ids[ (int) $comment_id ] = true;
}

/**
 * REST made or changed one.
 *
 * @param \WP_Comment $comment The review.
 */
function action_rest( $comment ): void {
	if ( is_a( $comment, 'WP_Comment' ) ) {
		seen()->ids[ (int) $comment->comment_ID ] = true;
	}
}

/**
 * A moderator decided.
 *
 * @param string      $now     New status.
 * @param string      $before  Old status.
 * @param \WP_Comment $comment The comment.
 */
function action_moderated( $now, $before, $comment ): void {
	if ( 'approved' === $now && is_a( $comment, 'WP_Comment' ) ) {
		seen()->ids[ (int) $comment->comment_ID ] = true;
	}
}

/**
 * Reads and tells the reviews of this request. One that waits for approval counts if its writer is known: they have
 * done their part.
 */
function collect(): void {
	$seen      = seen();
	$ids       = array_keys( $seen->ids );
	$seen->ids = array();
	foreach ( $ids as $id ) {
		$comment = get_comment( $id );
		if ( ! is_a( $comment, 'WP_Comment' ) || 'review' !== $comment->comment_type || 'product' !== get_post_type( (int) $comment->comment_post_ID ) ) {
			continue;
		}
		if ( in_array( $comment->comment_approved, array( 'spam', 'trash' ), true ) || get_comment_meta( $id, META_TOLD, true ) ) {
			continue;
		}
		if ( ! is_known( $comment ) ) {
			continue;
		}
		update_comment_meta( $id, META_TOLD, '1' );
		tell( $comment );
	}
}

/**
 * Whether it is known who wrote a review: anybody can sign one with anybody's e-mail address. A guest's is told when it
 * is approved, unless a link of ours brought them.
 *
 * @param \WP_Comment $comment A review of a product.
 */
function is_known( \WP_Comment $comment ): bool {
	return (int) $comment->user_id > 0 || '1' === (string) $comment->comment_approved || came_by( $comment ) !== '';
}

/**
 * The link that has brought the writer; a moderator's session says nothing of them.
 *
 * @param \WP_Comment $comment A review of a product.
 */
function came_by( \WP_Comment $comment ): string {
	return get_current_user_id() === (int) $comment->user_id ? Cart\told()['link'] : '';
}

/**
 * Tells one review, with its writer's number from their account or from their newest order.
 *
 * @param \WP_Comment $comment A review of a product.
 */
function tell( \WP_Comment $comment ): void {
	$product_id = (int) $comment->comment_post_ID;
	$user_id    = (int) $comment->user_id;
	$is_signed  = '1' === (string) $comment->comment_approved;
	$order      = newest_order( $user_id, $is_signed ? (string) $comment->comment_author_email : '' );
	$contact    = array();
	if ( $user_id > 0 ) {
		$contact = Events\contact( new \WC_Customer( $user_id ), $user_id, get_user_locale( $user_id ) );
	}
	if ( ! isset( $contact['phone'] ) && null !== $order && ! Orders\is_erased( $order ) ) {
		$contact = array_merge( $contact, Events\contact( $order, $user_id, get_locale() ) );
	}
	$order_id = null !== $order && holds( $order, $product_id ) ? $order->get_id() : 0;
	$data     = Events\review( $product_id, (int) $comment->comment_ID, (int) get_comment_meta( (int) $comment->comment_ID, 'rating', true ), $order_id, $contact );
	$link     = came_by( $comment );
	Record\event( 'review.created', '' === $link ? $data : $data + array( 'link' => $link ) );
}

/**
 * The writer's newest order.
 *
 * @param int    $user_id 0 for a guest.
 * @param string $email   As given with the review.
 */
function newest_order( int $user_id, string $email ): ?\WC_Order {
	if ( 0 === $user_id && '' === $email ) {
		return null;
	}
	$found = wc_get_orders(
		array(
			'limit'   => 1,
			'type'    => 'shop_order',
			'status'  => array_keys( wc_get_order_statuses() ),
			'orderby' => 'date',
			'order'   => 'DESC',
		) + ( $user_id > 0 ? array( 'customer_id' => $user_id ) : array( 'billing_email' => $email ) )
	);
	return isset( $found[0] ) && is_a( $found[0], 'WC_Order' ) ? $found[0] : null;
}

/**
 * Whether the order has the product in it.
 *
 * @param \WC_Order $order      The order.
 * @param int       $product_id The product.
 */
function holds( \WC_Order $order, int $product_id ): bool {
	foreach ( $order->get_items() as $item ) {
		if ( is_a( $item, 'WC_Order_Item_Product' ) && $item->get_product_id() === $product_id ) {
			return true;
		}
	}
	return false;
}
