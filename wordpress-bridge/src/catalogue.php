<?php
/**
 * What the shop has: products, coupons, and the shop itself. One event per thing and request.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Catalogue;

use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\Record;

defined( 'ABSPATH' ) || exit;

// The options that `shop.updated` is made of.
const SHOP_OPTIONS = array( 'blogname', 'home', 'timezone_string', 'gmt_offset', 'WPLANG', 'woocommerce_currency', 'woocommerce_default_country', 'woocommerce_price_num_decimals' );

const MAX_VARIATIONS = 200;

/**
 * What this request has changed.
 *
 * @return object{products: array<int, true>, coupons: array<int, true>, gone: array<int, array>, shop: bool}
 */
function seen(): object {
	static $seen = null;
	if ( null === $seen ) {
		$seen = (object) array(
			'products' => array(),
			'coupons'  => array(),
			'gone'     => array(),
			'shop'     => false,
		);
	}
	return $seen;
}

/**
 * A product was made or saved.
 *
 * @param int $product_id The product.
 */
function action_product( $product_id ): void {
	touch_product( (int) $product_id );
}

/**
 * A variation was made or saved: its product is what is told.
 *
 * @param int $variation_id The variation.
 */
function action_variation( $variation_id ): void {
	touch_product( (int) wp_get_post_parent_id( (int) $variation_id ) );
}

/**
 * Stock has changed.
 *
 * @param \WC_Product $product A product or a variation.
 */
function action_stock( $product ): void {
	if ( is_a( $product, 'WC_Product' ) ) {
		touch_product( $product->get_parent_id() > 0 ? $product->get_parent_id() : $product->get_id() );
	}
}

/**
 * The stock status has flipped.
 *
 * @param int         $product_id A product or a variation.
 * @param string      $status     Unused: read later.
 * @param \WC_Product $product    The same.
 */
function action_stock_status( $product_id, $status = '', $product = null ): void {
	is_a( $product, 'WC_Product' ) ? action_stock( $product ) : touch_product( (int) $product_id );
}

/**
 * A product or coupon went on or off sale by another way than WooCommerce's own screens.
 *
 * @param string   $now    New status.
 * @param string   $before Old status.
 * @param \WP_Post $post   Any post.
 */
function action_post_status( $now, $before, $post ): void {
	if ( $now === $before || ! is_a( $post, 'WP_Post' ) ) {
		return;
	}
	if ( 'product' === $post->post_type && ! in_array( $now, array( 'auto-draft', 'new' ), true ) ) {
		touch_product( $post->ID );
	}
	if ( 'shop_order' === $post->post_type && in_array( 'trash', array( $now, $before ), true ) ) {
		// The list of orders puts posts into the bin by itself.
		Orders\action_status_changed( $post->ID );
	}
	if ( 'shop_coupon' === $post->post_type && 'publish' === $before ) {
		gone( 'coupon.deleted', array( 'code' => wc_format_coupon_code( $post->post_title ) ) );
	}
	if ( 'shop_coupon' === $post->post_type && 'publish' === $now ) {
		action_coupon( $post->ID );
	}
}

/**
 * A post is about to be deleted for good.
 *
 * @param int           $post_id Any post.
 * @param \WP_Post|null $post    The same.
 */
function action_deleting_post( $post_id, $post = null ): void {
	if ( ! is_a( $post, 'WP_Post' ) ) {
		return;
	}
	if ( 'shop_order' === $post->post_type ) {
		Orders\action_deleting( $post->ID );
	}
	if ( 'product' === $post->post_type ) {
		unset( seen()->products[ $post->ID ] );
		gone( 'product.deleted', array( 'product_id' => $post->ID ) );
	}
	if ( 'shop_coupon' === $post->post_type && 'publish' === $post->post_status ) {
		gone( 'coupon.deleted', array( 'code' => wc_format_coupon_code( $post->post_title ) ) );
	}
}

/**
 * A coupon was made or saved, or used.
 *
 * @param int|\WC_Coupon $coupon The coupon or its id.
 */
function action_coupon( $coupon ): void {
	seen()->coupons[ is_a( $coupon, 'WC_Coupon' ) ? $coupon->get_id() : (int) $coupon ] = true;
}

/**
 * One of the shop's own settings has changed.
 */
function action_shop(): void {
	seen()->shop = true;
}

/**
 * Notes a product.
 *
 * @param int $product_id Never a variation.
 */
function touch_product( int $product_id ): void {
	if ( $product_id <= 0 || Record\is_elsewhere() ) {
		return;
	}
	$seen                          = seen();
	$seen->products[ $product_id ] = true;
	if ( count( $seen->products ) >= Record\MANY ) {
		collect();
	}
}

/**
 * Notes that something is no more.
 *
 * @param string $type Event type.
 * @param array  $data Event data.
 */
function gone( string $type, array $data ): void {
	if ( ! Record\is_elsewhere() ) {
		seen()->gone[] = array( $type, $data );
	}
}

/**
 * Reads and tells what has changed.
 */
function collect(): void {
	$seen           = seen();
	$before         = clone $seen;
	$seen->products = array();
	$seen->coupons  = array();
	$seen->gone     = array();
	$seen->shop     = false;

	if ( $before->shop ) {
		Record\event( 'shop.updated', shop() );
	}
	foreach ( $before->gone as list( $type, $data ) ) {
		Record\event( $type, $data );
	}
	foreach ( array_keys( $before->products ) as $product_id ) {
		tell_product( $product_id );
	}
	foreach ( array_keys( $before->coupons ) as $coupon_id ) {
		tell_coupon( $coupon_id );
	}
}

/**
 * Tells a product.
 *
 * @param int $product_id Never a variation.
 */
function tell_product( int $product_id ): void {
	$product = wc_get_product( $product_id );
	if ( ! is_a( $product, 'WC_Product' ) || $product->is_type( 'variation' ) || in_array( $product->get_status(), array( 'auto-draft', 'importing' ), true ) ) {
		return;
	}
	$terms = get_the_terms( $product_id, 'product_cat' );
	$image = wp_get_attachment_image_url( (int) $product->get_image_id(), 'woocommerce_thumbnail' );
	$data  = Events\product(
		$product,
		array(
			// Not get_woocommerce_currency(), which may be the present buyer's.
			'currency' => (string) get_option( 'woocommerce_currency', get_woocommerce_currency() ),
			'decimals' => wc_get_price_decimals(),
		),
		is_array( $terms ) ? wp_list_pluck( $terms, 'name' ) : array(),
		false === $image ? '' : $image
	);
	Record\event( 'product.updated', $product->is_type( 'variable' ) ? $data + array( 'variations' => variations( $product ) ) : $data );
}

/**
 * What there is of each variation, so that somebody who wants one of them can be told. From WooCommerce's own table
 * of what shops look up: one query, not one for each.
 *
 * @param \WC_Product $product A variable one.
 * @return array<int, array>
 */
function variations( $product ): array {
	global $wpdb;
	$ids = array_slice( array_map( 'intval', (array) $product->get_children() ), 0, MAX_VARIATIONS );
	if ( array() === $ids ) {
		return array();
	}
	$list = implode( ',', $ids );
	// phpcs:ignore WordPress.DB -- Only whole numbers in it; WooCommerce keeps this table for such questions.
	$rows = $wpdb->get_results( "SELECT product_id, min_price, stock_status, stock_quantity FROM {$wpdb->prefix}wc_product_meta_lookup WHERE product_id IN ( {$list} ) ORDER BY product_id" );
	return array_map(
		static function ( $row ): array {
			return Events\filled(
				array(
					'variation_id'   => (int) $row->product_id,
					'price'          => Events\price( $row->min_price, wc_get_price_decimals() ),
					'stock_status'   => (string) $row->stock_status,
					'stock_quantity' => null === $row->stock_quantity ? null : (int) $row->stock_quantity,
				)
			);
		},
		is_array( $rows ) ? $rows : array()
	);
}

/**
 * Tells a coupon that can be used.
 *
 * @param int $coupon_id The coupon.
 */
function tell_coupon( int $coupon_id ): void {
	$post = get_post( $coupon_id );
	if ( is_a( $post, 'WP_Post' ) && 'shop_coupon' === $post->post_type && 'publish' === $post->post_status ) {
		Record\event( 'coupon.updated', Events\coupon( new \WC_Coupon( $coupon_id ), wc_get_price_decimals() ) );
	}
}

/**
 * The shop itself, as `shop.updated` has it.
 */
function shop(): array {
	return array(
		'name'         => Events\plain_text( (string) get_option( 'blogname' ) ),
		'url'          => Home\url() . '/',
		'currency'     => get_woocommerce_currency(),
		'timezone'     => wp_timezone_string(),
		'locale'       => get_locale(),
		'country'      => WC()->countries->get_base_country(),
		'decimals'     => wc_get_price_decimals(),
		'consent_rule' => Consent\rule(),
	);
}
