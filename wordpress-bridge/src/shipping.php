<?php
/**
 * Where an order's parcel is: read from what the shop's shipping plugins write onto the order, and from its status.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Shipping;

use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Orders;

defined( 'ABSPATH' ) || exit;

// Lists of parcels, of which the last counts: Advanced Shipment Tracking and WooCommerce's own; AfterShip; ParcelPanel
// (JSON, by number).
const LISTS = array( '_wc_shipment_tracking_items', '_aftership_tracking_items', '_parcelpanel_shipping_numbers' );

// What an entry of such a list calls things.
const IN_LIST = array(
	'tracking_code' => array( 'tracking_number', 'number' ),
	'carrier'       => array( 'custom_tracking_provider', 'tracking_provider', 'courier_code', 'slug', 'carrier' ),
	'tracking_url'  => array( 'custom_tracking_link', 'ast_tracking_link', 'formatted_tracking_link', 'tracking_link', 'tracking_url' ),
);

// Single fields: Persian post (Tapin and the shipping plugins that write what it does), AfterShip, YITH, and the names
// that shops give to fields of their own.
const SINGLE = array(
	'tracking_code' => array( 'post_barcode', '_post_barcode', 'tapin_barcode', '_post_tracking_code', 'post_tracking_code', '_rahgiri_code', 'rahgiri_code', 'tipax_tracking_code', '_aftership_tracking_number', 'ywot_tracking_code', '_tracking_number', 'tracking_number', '_tracking_code', 'tracking_code', '_shipping_tracking_number', '_shipment_tracking_number' ),
	'carrier'       => array( '_aftership_tracking_provider_name', '_aftership_tracking_provider', 'ywot_carrier_name', '_tracking_provider', 'tracking_provider', '_tracking_carrier', 'tracking_carrier', '_shipping_carrier' ),
	'tracking_url'  => array( '_tracking_url', 'tracking_url', '_tracking_link', 'tracking_link' ),
);

// Where TrackShip keeps what the carrier says.
const CARRIER_SAYS = 'shipment_status';

const STATES = array(
	'packed'           => array( 'packed', 'packaged', 'pws-packaged', 'pws-ready-to-ship', 'ready-to-ship', 'awaiting-shipment', 'label-created', 'pre-transit', 'info-received' ),
	'shipped'          => array( 'shipped', 'partial-shipped', 'dispatched', 'sent', 'in-transit', 'pws-shipping', 'pws-post', 'pws-courier', 'pws-tipax', 'on-the-way' ),
	'out_for_delivery' => array( 'out-for-delivery', 'out-delivery' ),
	'delivered'        => array( 'delivered', 'available-for-pickup' ),
	'returned'         => array( 'returned', 'return-to-sender', 'pws-returned' ),
);

const MAX_CHARS = 500;

/**
 * The order as an event has it, with its parcel.
 *
 * @param array     $data  From Events\order().
 * @param \WC_Order $order The same.
 */
function with_shipping( array $data, $order ): array {
	$found = found( $order );
	/**
	 * Filters where an order's parcel is, for shipping plugins that keep it in a place of their own.
	 *
	 * @param array     $found `state` (packed, shipped, out_for_delivery, delivered, returned or free text),
	 *                         `tracking_code`, `carrier`, `tracking_url`; all optional.
	 * @param \WC_Order $order The order.
	 */
	$found = apply_filters( 'bazgasht_order_shipping', $found, $order );
	$found = array_map( __NAMESPACE__ . '\text', array_filter( is_array( $found ) ? $found : array(), 'is_scalar' ) );
	$url   = link_of( (string) ( $found['tracking_url'] ?? '' ) );
	if ( '' !== $url ) {
		$data['tracking_url'] = $url;
	}
	$shipping = Events\filled( array_intersect_key( $found, array_flip( array( 'state', 'tracking_code', 'carrier' ) ) ) );
	return array() === $shipping ? $data : $data + array( 'shipping' => $shipping );
}

/**
 * What the order says of its parcel.
 *
 * @param \WC_Order $order The order.
 * @return array<string, string>
 */
function found( $order ): array {
	$found = array();
	foreach ( LISTS as $key ) {
		$found += from_list( $order->get_meta( $key ) );
	}
	foreach ( SINGLE as $what => $keys ) {
		foreach ( $keys as $key ) {
			$value = $order->get_meta( $key );
			if ( ! isset( $found[ $what ] ) && is_scalar( $value ) && '' !== trim( (string) $value ) ) {
				$found[ $what ] = (string) $value;
			}
		}
	}
	$state = state( $order, isset( $found['tracking_code'] ) );
	return '' === $state ? $found : $found + array( 'state' => $state );
}

/**
 * The last parcel of a list.
 *
 * @param mixed $items An array, or JSON of one.
 * @return array<string, string>
 */
function from_list( $items ): array {
	$items = is_string( $items ) ? json_decode( $items, true ) : $items;
	$last  = is_array( $items ) ? end( $items ) : false;
	$found = array();
	foreach ( is_array( $last ) ? IN_LIST : array() as $what => $names ) {
		foreach ( $names as $name ) {
			if ( ! isset( $found[ $what ] ) && isset( $last[ $name ] ) && is_scalar( $last[ $name ] ) && '' !== trim( (string) $last[ $name ] ) ) {
				$found[ $what ] = (string) $last[ $name ];
			}
		}
	}
	return isset( $found['tracking_code'] ) ? $found : array();
}

/**
 * How far the parcel is: what the carrier says, else the order's status, else that it has a number at all.
 *
 * @param \WC_Order $order    The order.
 * @param bool      $has_code Whether it has a tracking code.
 */
function state( $order, bool $has_code ): string {
	$says = $order->get_meta( CARRIER_SAYS );
	$last = is_array( $says ) ? end( $says ) : $says;
	$word = is_array( $last ) ? ( $last['status'] ?? '' ) : $last;
	foreach ( array( is_string( $word ) ? $word : '', $order->get_status() ) as $status ) {
		$status = str_replace( array( '_', ' ' ), '-', strtolower( (string) preg_replace( '/^wc-/', '', $status ) ) );
		foreach ( STATES as $state => $statuses ) {
			if ( in_array( $status, $statuses, true ) ) {
				return $state;
			}
		}
	}
	return $has_code && in_array( $order->get_status(), array( 'processing', 'completed' ), true ) ? 'shipped' : '';
}

/**
 * Whether a piece of an order's meta is one that is read here.
 *
 * @param string $key Its key.
 */
function is_ours( string $key ): bool {
	return in_array( $key, array_merge( LISTS, array( CARRIER_SAYS ), ...array_values( SINGLE ) ), true );
}

/**
 * An order's meta was written past WooCommerce, into the table of posts: many plugins still do.
 *
 * @param int    $meta_id Unused.
 * @param int    $post_id A post, perhaps an order.
 * @param string $key     Which meta.
 */
function action_post_meta( $meta_id, $post_id, $key ): void {
	if ( is_string( $key ) && is_ours( $key ) && in_array( get_post_type( (int) $post_id ), array( 'shop_order', 'shop_order_placehold' ), true ) ) {
		Orders\action_status_changed( (int) $post_id );
	}
}

/**
 * A value as short text.
 *
 * @param mixed $value Scalar.
 */
function text( $value ): string {
	return mb_substr( trim( (string) $value ), 0, MAX_CHARS );
}

/**
 * An address that can be opened, also out of a whole link; empty if it is none.
 *
 * @param string $value As found.
 */
function link_of( string $value ): string {
	if ( 1 === preg_match( '~href=["\']([^"\']+)~', $value, $match ) ) {
		$value = html_entity_decode( $match[1], ENT_QUOTES );
	}
	return esc_url_raw( $value, array( 'http', 'https' ) );
}
