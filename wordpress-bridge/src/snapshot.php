<?php
/**
 * Tells a newly connected daemon what the shop has: itself, its coupons, its published products, in pages.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Snapshot;

use Bazgasht\Bridge\Catalogue;
use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const ACTION = 'bazgasht_snapshot';
const OPTION = 'bazgasht_snapshot';
const PAGE   = 50;

/**
 * Begins, when this daemon has not been told yet; of another law than the one it was told, the shop alone is told again.
 */
function begin_if_new(): void {
	if ( ! Settings\is_connected() || ! did_action( 'action_scheduler_init' ) ) {
		return;
	}
	$daemon = md5( Settings\get( 'address' ) . ' ' . Settings\get( 'secret' ) );
	$told   = (string) get_option( OPTION );
	$now    = $daemon . ' ' . Consent\rule();
	if ( $told === $now ) {
		return;
	}
	update_option( OPTION, $now, false );
	if ( 0 === strpos( $told, $daemon ) ) {
		Catalogue\action_shop();
	} else {
		begin();
	}
}

/**
 * Begins.
 */
function begin(): void {
	as_unschedule_all_actions( ACTION, null, Deliver\GROUP );
	as_enqueue_async_action( ACTION, array( 'shop_coupon', 0 ), Deliver\GROUP );
}

/**
 * Tells one page and asks for the next.
 *
 * @param string $post_type `shop_coupon`, then `product`.
 * @param int    $after     The last id of the page before: ids do not shift when something is deleted meanwhile.
 */
function action_page( $post_type, $after ): void {
	if ( ! Settings\is_connected() ) {
		return;
	}
	$after = (int) $after;
	if ( 'shop_coupon' === $post_type && 0 === $after ) {
		Record\event( 'shop.updated', Catalogue\shop() );
	}
	$ids = page( (string) $post_type, $after );
	foreach ( $ids as $id ) {
		'product' === $post_type ? Catalogue\tell_product( $id ) : Catalogue\tell_coupon( $id );
	}
	Record\write();
	if ( PAGE === count( $ids ) ) {
		as_enqueue_async_action( ACTION, array( $post_type, end( $ids ) ), Deliver\GROUP );
	} elseif ( 'shop_coupon' === $post_type ) {
		as_enqueue_async_action( ACTION, array( 'product', 0 ), Deliver\GROUP );
	}
}

/**
 * The ids of one page.
 *
 * @param string $post_type Post type.
 * @param int    $after     The last id of the page before.
 * @return int[]
 */
function page( string $post_type, int $after ): array {
	global $wpdb;
	$ids = $wpdb->get_col( $wpdb->prepare( "SELECT ID FROM {$wpdb->posts} WHERE post_type = %s AND post_status = 'publish' AND ID > %d ORDER BY ID LIMIT %d", $post_type, $after, PAGE ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- Pages by id, which WP_Query cannot do.
	return array_map( 'intval', $ids );
}
