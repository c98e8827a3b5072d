<?php
/**
 * Clears away, each day, the coupons of one's own that have been dead for a month.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Coupon_Tidy;

use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Own_Coupons;

defined( 'ABSPATH' ) || exit;

const ACTION      = 'bazgasht_tidy_coupons';
const KEEP_DEAD_S = 30 * DAY_IN_SECONDS;
const PAGE        = 50;

/**
 * Deletes what has been dead for a month.
 */
function action_daily(): void {
	$dead = dead_ids( time() - KEEP_DEAD_S );
	foreach ( $dead as $id ) {
		( new \WC_Coupon( $id ) )->delete( true );
	}
	if ( PAGE === count( $dead ) && function_exists( 'as_enqueue_async_action' ) ) {
		as_enqueue_async_action( ACTION, array( 'more' ), Deliver\GROUP );
	}
}

/**
 * Coupons of one's own that have expired, or been made and used, before a moment.
 *
 * @param int $before Unix seconds.
 * @return int[] At most PAGE.
 */
function dead_ids( int $before ): array {
	global $wpdb;
	// phpcs:disable WordPress.DB.DirectDatabaseQuery -- Three meta joins by WP_Query are slower, and nothing of this is cached.
	$ids = $wpdb->get_col(
		$wpdb->prepare(
			"SELECT p.ID FROM {$wpdb->posts} p
			JOIN {$wpdb->postmeta} own ON own.post_id = p.ID AND own.meta_key = %s
			LEFT JOIN {$wpdb->postmeta} ends ON ends.post_id = p.ID AND ends.meta_key = 'date_expires'
			LEFT JOIN {$wpdb->postmeta} used ON used.post_id = p.ID AND used.meta_key = 'usage_count'
			WHERE p.post_type = 'shop_coupon'
			AND ( ( ends.meta_value <> '' AND ends.meta_value < %d ) OR ( used.meta_value > 0 AND p.post_date_gmt < %s ) )
			ORDER BY p.ID LIMIT %d",
			Own_Coupons\META,
			$before,
			gmdate( 'Y-m-d H:i:s', $before ),
			PAGE
		)
	);
	// phpcs:enable
	return array_map( 'intval', $ids );
}
