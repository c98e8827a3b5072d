<?php
/**
 * Turns WooCommerce's objects into the events of the contract. Pure: what is needed comes in as arguments, and
 * only named fields go out, never a hook's raw arguments (those hold passwords and whole forms).
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Events;

/**
 * An event with its identity.
 *
 * @param string $type   As in the contract.
 * @param array  $data   As in the contract.
 * @param float  $time   Unix seconds with fraction.
 * @param string $random Ten random bytes.
 * @return array{id: string, type: string, time: string, data: array}
 */
function envelope( string $type, array $data, float $time, string $random ): array {
	$millis = (int) floor( $time * 1000 );
	return array(
		'id'   => uuid7( $millis, $random ),
		'type' => $type,
		'time' => gmdate( 'Y-m-d\TH:i:s', intdiv( $millis, 1000 ) ) . sprintf( '.%03dZ', $millis % 1000 ),
		'data' => $data,
	);
}

/**
 * A UUID of version 7 (RFC 9562): its order is the order of happening.
 *
 * @param int    $millis Unix milliseconds.
 * @param string $random Ten random bytes.
 */
function uuid7( int $millis, string $random ): string {
	$hex     = sprintf( '%012x', $millis ) . bin2hex( $random );
	$hex[12] = '7';
	$hex[16] = dechex( 8 | ( hexdec( $hex[16] ) & 3 ) );
	return substr( $hex, 0, 8 ) . '-' . substr( $hex, 8, 4 ) . '-' . substr( $hex, 12, 4 ) . '-' . substr( $hex, 16, 4 ) . '-' . substr( $hex, 20, 12 );
}

/**
 * Money as a decimal string.
 *
 * @param string|float|int|null $amount   Raw value, never one formatted for display.
 * @param int                   $decimals The shop's.
 */
function money( $amount, int $decimals ): string {
	return number_format( round( (float) $amount, $decimals ), $decimals, '.', '' );
}

/**
 * A moment as RFC 3339, or null.
 *
 * @param \DateTimeInterface|null $moment Any zone.
 */
function moment( ?\DateTimeInterface $moment ): ?string {
	return null === $moment ? null : gmdate( 'Y-m-d\TH:i:s\Z', $moment->getTimestamp() );
}

/**
 * Leaves out the fields that have nothing in them; lists stay even when empty.
 *
 * @param array $fields By name.
 */
function filled( array $fields ): array {
	return array_filter(
		$fields,
		static function ( $value ) {
			return null !== $value && '' !== $value;
		}
	);
}

/**
 * A person as known to a customer object or an order.
 *
 * @param \WC_Customer|\WC_Order $person  Has the billing getters.
 * @param int                    $user_id 0 for a guest.
 * @param string                 $locale  Such as `fa_IR`.
 */
function contact( $person, int $user_id, string $locale ): array {
	$phone = trim( (string) $person->get_billing_phone() );
	if ( '' === $phone && method_exists( $person, 'get_shipping_phone' ) ) {
		$phone = trim( (string) $person->get_shipping_phone() );
	}
	return filled(
		array(
			'phone'      => $phone,
			'first_name' => trim( (string) $person->get_billing_first_name() ),
			'last_name'  => trim( (string) $person->get_billing_last_name() ),
			'user_id'    => 0 === $user_id ? null : $user_id,
			'locale'     => $locale,
			'country'    => (string) $person->get_billing_country(),
		)
	);
}

/**
 * A cart as it stands now.
 *
 * @param string   $cart_key Of the session.
 * @param \WC_Cart $cart     With its totals calculated.
 * @param array    $shop     `currency`, `decimals`.
 * @param array    $contact  From contact(); empty while nobody is known.
 */
function cart( string $cart_key, $cart, array $shop, array $contact ): array {
	$items = array();
	foreach ( $cart->get_cart() as $line ) {
		$quantity = (float) $line['quantity'];
		if ( $quantity <= 0 || ! is_object( $line['data'] ) ) {
			continue;
		}
		$gross   = (float) ( $line['line_subtotal'] ?? 0 ) + (float) ( $line['line_subtotal_tax'] ?? 0 );
		$items[] = item( $line['data'], (int) $line['product_id'], (int) $line['variation_id'], $quantity, $gross / $quantity, (array) $line['variation'], $shop['decimals'] );
	}
	$data = array(
		'cart_key' => $cart_key,
		'items'    => $items,
		// What the items cost after coupons. Delivery is left out: it comes and goes with the address typed so far.
		'total'    => money( (float) $cart->get_cart_contents_total() + (float) $cart->get_cart_contents_tax(), $shop['decimals'] ),
		'currency' => $shop['currency'],
		'coupons'  => array_values( $cart->get_applied_coupons() ),
	);
	return array() === $contact ? $data : $data + array( 'contact' => $contact );
}

/**
 * One line of a cart or an order. Its address comes with the product: making one costs a shopper's request more than
 * all the rest of the line.
 *
 * @param \WC_Product|null $product      Null when it has been deleted since.
 * @param int              $product_id   The parent's for a variation.
 * @param int              $variation_id 0 for none.
 * @param float            $quantity     Whole numbers go out as such.
 * @param float            $unit_price   With tax, before coupons.
 * @param array            $attributes   `attribute_…` names and values of a variation.
 * @param int              $decimals     The shop's.
 * @param string           $name         Used when there is no product.
 */
function item( $product, int $product_id, int $variation_id, float $quantity, float $unit_price, array $attributes, int $decimals, string $name = '' ): array {
	$item       = filled(
		array(
			'product_id'   => $product_id,
			'variation_id' => 0 === $variation_id ? null : $variation_id,
			'name'         => null === $product ? $name : plain_text( $product->get_name() ),
			'quantity'     => floor( $quantity ) === $quantity ? (int) $quantity : $quantity,
			'unit_price'   => money( $unit_price, $decimals ),
		)
	);
	$attributes = array_filter( array_map( 'strval', $attributes ), 'strlen' );
	return 0 === $variation_id || array() === $attributes ? $item : $item + array( 'attributes' => $attributes );
}

/**
 * A whole order.
 *
 * @param \WC_Order $order    Not a draft.
 * @param string    $cart_key The cart it was made from; empty when not known.
 * @param string    $locale   The buyer's.
 * @param int       $decimals The shop's.
 */
function order( $order, string $cart_key, string $locale, int $decimals ): array {
	$items = array();
	foreach ( $order->get_items() as $line ) {
		$quantity = (float) $line->get_quantity();
		if ( $quantity <= 0 ) {
			continue;
		}
		$product = $line->get_product();
		$product = is_object( $product ) ? $product : null;
		$gross   = (float) $line->get_subtotal() + (float) $line->get_subtotal_tax();
		$items[] = item( $product, (int) $line->get_product_id(), (int) $line->get_variation_id(), $quantity, $gross / $quantity, chosen( $line, $product ), $decimals, plain_text( $line->get_name() ) );
	}
	return filled(
		array(
			'order_id'       => $order->get_id(),
			'number'         => (string) $order->get_order_number(),
			'status'         => $order->get_status(),
			'total'          => money( $order->get_total(), $decimals ),
			'currency'       => $order->get_currency(),
			'items'          => $items,
			'cart_key'       => $cart_key,
			'contact'        => contact( $order, (int) $order->get_customer_id(), $locale ),
			'coupons'        => array_values( $order->get_coupon_codes() ),
			'payment_method' => (string) $order->get_payment_method(),
			'created_at'     => moment( $order->get_date_created() ),
			'paid_at'        => moment( $order->get_date_paid() ),
			'completed_at'   => moment( $order->get_date_completed() ),
		)
	);
}

/**
 * The attribute values of an order line's variation, also where the variation leaves one open ("any").
 *
 * @param \WC_Order_Item_Product $line    The line.
 * @param \WC_Product|null       $product Its product.
 * @return array<string, string> As `attribute_…`.
 */
function chosen( $line, $product ): array {
	$chosen = array();
	if ( null === $product || ! method_exists( $product, 'get_variation_attributes' ) || 0 === (int) $line->get_variation_id() ) {
		return $chosen;
	}
	foreach ( $product->get_variation_attributes() as $name => $value ) {
		// An order line keeps the name readable; a variation has it as a slug, which is percent-encoded in Persian.
		$written         = rawurldecode( substr( $name, strlen( 'attribute_' ) ) );
		$chosen[ $name ] = '' !== (string) $value ? (string) $value : (string) $line->get_meta( $written );
	}
	return $chosen;
}

/**
 * A refund.
 *
 * @param \WC_Order_Refund $refund   The refund.
 * @param int              $order_id The order it belongs to.
 * @param int              $decimals The shop's.
 */
function refund( $refund, int $order_id, int $decimals ): array {
	return array(
		'order_id'  => $order_id,
		'refund_id' => $refund->get_id(),
		'amount'    => money( abs( (float) $refund->get_amount() ), $decimals ),
		'currency'  => $refund->get_currency(),
	);
}

/**
 * A price, or null where there is none: an emptied one ("call us") is not a fall to nothing.
 *
 * @param mixed $stored   As the shop has it.
 * @param int   $decimals The shop's.
 */
function price( $stored, int $decimals ): ?string {
	return '' === (string) $stored ? null : money( $stored, $decimals );
}

/**
 * A product as the shop has it. Not as it is shown: the request may be a buyer's, whose role or country has prices of
 * its own.
 *
 * @param \WC_Product $product    Never a variation.
 * @param array       $shop       `currency`, `decimals`.
 * @param string[]    $categories Their names.
 * @param string      $image      Address, or empty.
 */
function product( $product, array $shop, array $categories, string $image ): array {
	$stock = $product->managing_stock() ? $product->get_stock_quantity() : null;
	return filled(
		array(
			'product_id'     => $product->get_id(),
			'name'           => plain_text( $product->get_name() ),
			'url'            => $product->get_permalink(),
			'price'          => price( $product->get_price( 'edit' ), $shop['decimals'] ),
			'regular_price'  => price( $product->get_regular_price( 'edit' ), $shop['decimals'] ),
			'currency'       => $shop['currency'],
			'stock_status'   => $product->get_stock_status(),
			'stock_quantity' => null === $stock ? null : (int) $stock,
			'categories'     => array_values( array_map( __NAMESPACE__ . '\plain_text', $categories ) ),
			'cross_sell_ids' => array_values( array_map( 'intval', $product->get_cross_sell_ids() ) ),
			'upsell_ids'     => array_values( array_map( 'intval', $product->get_upsell_ids() ) ),
			'image'          => $image,
			'published'      => 'publish' === $product->get_status(),
		)
	);
}

/**
 * A coupon.
 *
 * @param \WC_Coupon $coupon   A published one.
 * @param int        $decimals The shop's.
 */
function coupon( $coupon, int $decimals ): array {
	$minimum = (float) $coupon->get_minimum_amount();
	return filled(
		array(
			'code'           => $coupon->get_code(),
			'discount_type'  => $coupon->get_discount_type(),
			// A percentage is no money: it keeps the digits it has.
			'amount'         => 'percent' === $coupon->get_discount_type() ? (string) (float) $coupon->get_amount() : money( $coupon->get_amount(), $decimals ),
			'expires_at'     => moment( $coupon->get_date_expires() ),
			'usage_limit'    => 0 === (int) $coupon->get_usage_limit( 'edit' ) ? null : (int) $coupon->get_usage_limit( 'edit' ),
			'usage_count'    => (int) $coupon->get_usage_count(),
			'minimum_amount' => $minimum > 0 ? money( $minimum, $decimals ) : null,
		)
	);
}

/**
 * A review.
 *
 * @param int   $product_id The product.
 * @param int   $review_id  The comment.
 * @param int   $rating     1 to 5; 0 for none.
 * @param int   $order_id   The order it is about; 0 when not known.
 * @param array $contact    From contact(), or whatever is known.
 */
function review( int $product_id, int $review_id, int $rating, int $order_id, array $contact ): array {
	return filled(
		array(
			'product_id' => $product_id,
			'review_id'  => $review_id,
			'order_id'   => 0 === $order_id ? null : $order_id,
			'rating'     => 0 === $rating ? null : $rating,
			'contact'    => array() === $contact ? null : $contact,
		)
	);
}

/**
 * Names as text: WooCommerce keeps them as HTML.
 *
 * @param string $html May hold tags and entities.
 */
function plain_text( string $html ): string {
	return trim( html_entity_decode( strip_tags( $html ), ENT_QUOTES | ENT_HTML5, 'UTF-8' ) ); // phpcs:ignore WordPress.WP.AlternativeFunctions.strip_tags_strip_tags -- Kept free of WordPress, so that tests need none.
}
