<?php
/**
 * What a step of the walk is about, in a few words and in the language of whoever looks on.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Walk_Words;

use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Walk;

defined( 'ABSPATH' ) || exit;

/**
 * The words.
 *
 * @param string $type As in the contract.
 * @param array  $data As from Walk\step().
 */
function detail( string $type, array $data ): string {
	$parts = array_merge( order( $type, $data ), items( (array) ( $data['items'] ?? array() ) ), person( $type, $data ), place( $data ) );
	if ( isset( $data['total'] ) ) {
		$parts[] = Events\plain_text( wc_price( (float) $data['total'], array( 'currency' => (string) ( $data['currency'] ?? '' ) ) ) );
	}
	$apart = array();
	foreach ( array_filter( $parts, 'strlen' ) as $part ) {
		// Names and sums may run the other way than the page.
		$apart[] = "\u{2068}" . $part . "\u{2069}";
	}
	return implode( ' · ', $apart );
}

/**
 * Which order it is, and how it stands.
 *
 * @param string $type As in the contract.
 * @param array  $data As from Walk\step().
 * @return string[]
 */
function order( string $type, array $data ): array {
	if ( 0 !== strpos( $type, 'order.' ) || ! isset( $data['number'] ) ) {
		return array();
	}
	return array(
		/* translators: %s: an order's number */
		sprintf( __( 'order %s', 'bazgasht-bridge' ), $data['number'] ),
		(string) ( wc_get_order_statuses()[ 'wc-' . ( $data['status'] ?? '' ) ] ?? '' ),
	);
}

/**
 * What is in the basket or the order.
 *
 * @param array[] $items As from Walk\step().
 * @return string[]
 */
function items( array $items ): array {
	$named = array();
	foreach ( array_slice( $items, 0, Walk\MOST_ITEMS ) as $item ) {
		$quantity = (float) ( $item['quantity'] ?? 1 );
		$named[]  = (string) ( $item['name'] ?? '' ) . ( $quantity > 1 ? ' × ' . number_format_i18n( $quantity ) : '' );
	}
	return count( $items ) > Walk\MOST_ITEMS ? array_merge( $named, array( '…' ) ) : $named;
}

/**
 * The end of a number, and what was agreed to with it.
 *
 * @param string $type As in the contract.
 * @param array  $data As from Walk\step().
 * @return string[]
 */
function person( string $type, array $data ): array {
	$said = 'contact.captured' === $type && isset( $data['phone_end'] ) ? array( "\u{2066}…" . $data['phone_end'] . "\u{2069}" ) : array();
	if ( isset( $data['consent'] ) ) {
		$said[] = ! empty( $data['consent']['marketing'] ) ? __( 'has agreed to offers', 'bazgasht-bridge' ) : __( 'has not agreed to offers', 'bazgasht-bridge' );
	}
	return $said;
}

/**
 * The product or the page that was looked at.
 *
 * @param array $data As from Walk\step().
 * @return string[]
 */
function place( array $data ): array {
	$product = isset( $data['product_id'] ) ? wc_get_product( (int) $data['product_id'] ) : null;
	return array(
		is_a( $product, 'WC_Product' ) ? Events\plain_text( $product->get_name() ) : '',
		isset( $data['page'] ) ? "\u{2066}" . $data['page'] . "\u{2069}" : '',
	);
}
