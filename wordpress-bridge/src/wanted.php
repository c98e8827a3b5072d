<?php
/**
 * "Tell me when it is back": a number field beside what is out of stock, also a variation or a part of a group.
 *
 * It is printed with the sentence that says "out of stock", the same for everybody and without a nonce, so page caches
 * may keep it. What stands guard is said at receive().
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Wanted;

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Visitors;
use Bazgasht\Bridge\Cart;
use function Bazgasht\Bridge\account_of;

defined( 'ABSPATH' ) || exit;

const ENDPOINT = 'bazgasht_wanted';

// From one address, which a whole office may share; and for one number, which anybody may type.
const MOST_OF_ADDRESS = 20;
const MOST_OF_NUMBER  = 10;
const SPAN_S          = 600;
const DAY_S           = 86400;

/**
 * What the script says, or null where there is nothing to say.
 */
function for_page(): ?array {
	if ( ! is_on() || ! is_product() ) {
		return null;
	}
	return array(
		'url'    => \WC_AJAX::get_endpoint( ENDPOINT ),
		'wrong'  => __( 'This does not look like a whole mobile number. Could you check it?', 'bazgasht-bridge' ),
		'failed' => __( 'We could not save it just now. Please try once more.', 'bazgasht-bridge' ),
		'thanks' => __( 'Thank you. We will text you when it is back.', 'bazgasht-bridge' ),
	);
}

/**
 * Whether the shop offers it.
 */
function is_on(): bool {
	return Settings\is_connected() && Settings\get( 'wanted_enabled' );
}

/**
 * Adds the field to the sentence that says that something is out of stock.
 *
 * @param mixed       $html    The sentence.
 * @param \WC_Product $product A product or a variation.
 * @return mixed
 */
function filter_stock_html( $html, $product = null ) {
	if ( ! is_string( $html ) || ! is_a( $product, 'WC_Product' ) || ! is_on() || $product->is_in_stock() ) {
		return $html;
	}
	$parent = (int) $product->get_parent_id();
	return $product->is_type( 'variation' ) ? $html . box( $parent, $product->get_id() ) : $html . box( $product->get_id(), 0 );
}

/**
 * The same for a product none of whose variations is left to choose: there WooCommerce's sentence has no filter.
 */
function action_after_variations(): void {
	global $product;
	if ( is_a( $product, 'WC_Product' ) && is_on() && ! $product->is_in_stock() && array() === $product->get_visible_children() ) {
		echo box( $product->get_id(), 0 ); // phpcs:ignore WordPress.Security.EscapeOutput -- Escaped there.
	}
}

/**
 * The field. No form: it may stand in the one that adds to the basket.
 *
 * @param int $product_id   The product.
 * @param int $variation_id 0 for none.
 */
function box( int $product_id, int $variation_id ): string {
	$id = 'bazgasht-wanted-' . ( $variation_id > 0 ? $variation_id : $product_id );
	return sprintf(
		'<div class="bazgasht-wanted" data-product="%1$d" data-variation="%2$d"><label for="%3$s">%4$s</label> <span style="display:flex;flex-wrap:wrap;gap:.5em;margin:.4em 0"><input type="tel" id="%3$s" class="input-text" inputmode="tel" autocomplete="tel" dir="ltr" maxlength="40" placeholder="%5$s" style="flex:1 1 10em;min-width:0;padding:.6em .8em;text-align:%7$s"><button type="button" class="button wp-element-button">%6$s</button></span><p role="status" style="margin:0"></p></div>',
		$product_id,
		$variation_id,
		esc_attr( $id ),
		esc_html__( 'Shall we text you when it is back?', 'bazgasht-bridge' ),
		esc_attr__( 'Mobile number', 'bazgasht-bridge' ),
		esc_html__( 'Tell me when it is back', 'bazgasht-bridge' ),
		// The number reads from left to right, at the side where the language begins.
		is_rtl() ? 'right' : 'left'
	);
}

/**
 * Takes a wish down. Only this shop's own pages may ask, only for what is really out of stock, and only so often; the
 * answer is the same whether the number was here before or not.
 */
function receive(): void {
	$refusal = Capture\refusal_of_page();
	if ( 0 !== $refusal ) {
		Capture\answer( array( 'ok' => false ), $refusal );
	}
	if ( ! is_on() || Visitors\is_robot() ) {
		Capture\answer( array( 'ok' => false ), 403 );
	}
	// phpcs:disable WordPress.Security.NonceVerification.Missing -- See above.
	$phone        = isset( $_POST['phone'] ) && is_string( $_POST['phone'] ) ? trim( sanitize_text_field( wp_unslash( $_POST['phone'] ) ) ) : '';
	$product_id   = isset( $_POST['product'] ) && is_string( $_POST['product'] ) ? absint( $_POST['product'] ) : 0;
	$variation_id = isset( $_POST['variation'] ) && is_string( $_POST['variation'] ) ? absint( $_POST['variation'] ) : 0;
	// phpcs:enable
	if ( strlen( $phone ) > Capture\MAX_PHONE_BYTES || ! Capture\looks_complete( $phone ) ) {
		Capture\answer( array( 'ok' => false ), 422 );
	}
	if ( ! is_missing( $product_id, $variation_id ) ) {
		Capture\answer( array( 'ok' => false ), 409 );
	}
	$number = Capture\digits( $phone );
	if ( ! Visitors\has_room( 'wanted', MOST_OF_ADDRESS, SPAN_S ) || ! Visitors\has_room( 'wanted by', MOST_OF_NUMBER, DAY_S, $number ) ) {
		Capture\answer( array( 'ok' => false ), 429 );
	}
	// The same wish twice is one; the answer does not say so.
	if ( Visitors\has_room( 'wish', 1, DAY_S, "$number $product_id $variation_id" ) ) {
		tell( $phone, $product_id, $variation_id );
	}
	Capture\answer( array( 'ok' => true ), 200 );
}

/**
 * Whether the shop shows the product, and has none of it.
 *
 * @param int $product_id   The product.
 * @param int $variation_id 0 for none.
 */
function is_missing( int $product_id, int $variation_id ): bool {
	$product = wc_get_product( $variation_id > 0 ? $variation_id : $product_id );
	if ( ! is_a( $product, 'WC_Product' ) || $product->is_in_stock() || 'publish' !== get_post_status( $product_id ) ) {
		return false;
	}
	return $variation_id > 0 ? (int) $product->get_parent_id() === $product_id : 0 === (int) $product->get_parent_id();
}

/**
 * Tells a wish.
 *
 * @param string $phone        As typed.
 * @param int    $product_id   The product.
 * @param int    $variation_id 0 for none.
 */
function tell( string $phone, int $product_id, int $variation_id ): void {
	Record\event(
		'product.wanted',
		Events\filled(
			array(
				'product_id'   => $product_id,
				'variation_id' => 0 === $variation_id ? null : $variation_id,
				'contact'      => Events\filled(
					array(
						'phone'   => $phone,
						'user_id' => account_of( $phone, false ),
						'locale'  => determine_locale(),
					)
				),
				'cart_key'     => Cart\key(),
				'source'       => 'product-page',
			)
		)
	);
}
