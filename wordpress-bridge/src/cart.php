<?php
/**
 * The cart. Hooks only set a flag; the cart is read once, at the end of the request, when its totals and the
 * session are right in the classic and in the block flow alike.
 *
 * What was last told about the session's cart is kept in the session, as `bazgasht`: the key it was told under and
 * a fingerprint of it.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Cart;

use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Visitors;
use function Bazgasht\Bridge\account_of;

defined( 'ABSPATH' ) || exit;

const SESSION_KEY = 'bazgasht';

// In the place of a fingerprint: there is a basket, but perhaps nobody who carries it.
const HELD = 'held';

// The session of somebody with an account may last for ever; what a link brought about does not. The daemon looks as
// far back for the message that an order is owed to.
const LINK_LASTS_S = 30 * DAY_IN_SECONDS;

/**
 * What this request has done so far.
 *
 * @return object{touched: bool, checkout: bool, logged_out: bool, ordered: bool, left: string[]}
 */
function seen(): object {
	static $seen = null;
	if ( null === $seen ) {
		$seen = (object) array(
			'touched'    => false,
			'checkout'   => false,
			'logged_out' => false,
			'ordered'    => false,
			'left'       => array(),
		);
	}
	return $seen;
}

/**
 * Somebody has changed the cart, or may have.
 */
function action_touched(): void {
	seen()->touched = true;
}

/**
 * The cart has been read from the session. Some ways of changing one (plugins, mostly) call no hook; they show here,
 * and so does a session that goes on under another key, of which WooCommerce before 8.8 says nothing.
 */
function action_loaded(): void {
	$told = told();
	if ( '' === $told['items'] || null === WC()->cart ) {
		return;
	}
	if ( key() !== $told['key'] || fingerprint_items( WC()->cart->get_cart() ) !== $told['items'] ) {
		action_touched();
	}
}

/**
 * A guest has become a user: the same session goes on under another key.
 *
 * @param string $guest_key The key until now.
 */
function action_guest_became_user( $guest_key ): void {
	seen()->left[]  = (string) $guest_key;
	seen()->touched = true;
}

/**
 * WooCommerce empties the cart of whoever logs out; they have not.
 */
function action_logged_out(): void {
	seen()->logged_out = true;
}

/**
 * The checkout page is shown.
 */
function action_checkout_shown(): void {
	// The block checkout calls its hook on the thank-you page as well, and browsers fetch pages nobody opens.
	if ( ! is_order_received_page() && ! is_prefetch() ) {
		seen()->checkout = true;
	}
}

/**
 * Whether the browser only fetches the page in case it is wanted.
 */
function is_prefetch(): bool {
	foreach ( array( 'HTTP_SEC_PURPOSE', 'HTTP_PURPOSE', 'HTTP_X_MOZ' ) as $header ) {
		if ( isset( $_SERVER[ $header ] ) && false !== strpos( sanitize_text_field( wp_unslash( $_SERVER[ $header ] ) ), 'prefetch' ) ) {
			return true;
		}
	}
	return false;
}

/**
 * The key of the visitor's cart, or an empty string: without a session the key would be thrown away.
 */
function key(): string {
	if ( ! function_exists( 'WC' ) || null === WC()->session || ! WC()->session->has_session() ) {
		return '';
	}
	return (string) WC()->session->get_customer_id();
}

/**
 * What was last told about this session's cart.
 *
 * @return array{key: string, items: string, all: string, checkout: string, ordered: string, link: string, link_at: int}
 *         `items` and `all` are fingerprints of the lines and of everything told; `checkout` and `ordered` those of
 *         the lines at the last checkout and order; `link` the slug that brought the visitor here, and when.
 */
function told(): array {
	$told = function_exists( 'WC' ) && null !== WC()->session ? WC()->session->get( SESSION_KEY ) : null;
	$told = array_merge(
		array(
			'key'      => '',
			'items'    => '',
			'all'      => '',
			'checkout' => '',
			'ordered'  => '',
			'link'     => '',
			'link_at'  => 0,
		),
		is_array( $told ) ? $told : array()
	);
	if ( $told['link_at'] < time() - LINK_LASTS_S ) {
		$told['link'] = '';
	}
	return $told;
}

/**
 * Notes what has been told.
 *
 * @param array $changes Some of the keys of told().
 */
function note_told( array $changes ): void {
	if ( null !== WC()->session ) {
		WC()->session->set( SESSION_KEY, array_merge( told(), $changes ) );
	}
}

/**
 * An order has been made from the cart: when the cart is emptied next, it is not given up.
 *
 * @return string The key under which the cart was told, for the order to carry.
 */
function ordered(): string {
	$told           = told();
	seen()->ordered = true;
	note_told( array( 'ordered' => $told['items'] ) );
	return '' !== $told['key'] ? $told['key'] : key();
}

/**
 * Reads the cart if anything flagged it, and tells what has changed.
 */
function collect(): void {
	$seen = seen();
	if ( ! $seen->touched && ! $seen->checkout ) {
		return;
	}
	$seen->touched = false;
	$key           = key();
	if ( '' === $key || null === WC()->cart ) {
		return;
	}

	if ( WC()->cart->is_empty() ) {
		tell_empty();
		return;
	}
	if ( '' === told()['key'] && ( Visitors\is_robot() || Visitors\is_first_sight() ) ) {
		// Told with the next request of the same visitor, if there is one: action_loaded() sees that it is not HELD.
		note_told( array( 'items' => HELD ) );
		return;
	}
	tell_full( $key );
	if ( $seen->checkout ) {
		$seen->checkout = false;
		tell_checkout( $key );
	}
}

/**
 * Tells a cart with something in it, unless just that was told before.
 *
 * @param string $key Cart key.
 */
function tell_full( string $key ): void {
	$cart    = WC()->cart;
	$told    = told();
	$contact = contact();
	$items   = fingerprint_items( $cart->get_cart() );
	$all     = md5( $key . $items . wp_json_encode( array( $cart->get_applied_coupons(), $contact ) ) );
	if ( $all !== $told['all'] ) {
		$data = Events\cart( $key, $cart, shop(), $contact );
		Record\event( 'cart.updated', '' === $told['link'] ? $data : $data + array( 'link' => $told['link'] ) );
	}
	clear_left( $key, $told['key'] );
	note_told(
		array(
			'key'   => $key,
			'items' => $items,
			'all'   => $all,
		)
	);
}

/**
 * Tells an emptied cart, unless it became an order or its owner only logged out.
 */
function tell_empty(): void {
	$seen    = seen();
	$told    = told();
	$ordered = $seen->ordered || is_order_received_page() || ( '' !== $told['items'] && $told['items'] === $told['ordered'] );
	if ( '' === $told['items'] || $seen->logged_out ) {
		return;
	}
	if ( ! $ordered && '' !== $told['key'] ) {
		Record\event( 'cart.cleared', array( 'cart_key' => $told['key'] ) );
	}
	note_told(
		array(
			'key'      => '',
			'items'    => '',
			'all'      => '',
			'checkout' => '',
		)
	);
}

/**
 * Tells that the carts which this one goes on from are no more, so that one basket is not two.
 *
 * @param string $key      The key now.
 * @param string $told_key The key it was told under until now; empty for none.
 */
function clear_left( string $key, string $told_key ): void {
	$seen = seen();
	foreach ( array_unique( array_merge( $seen->left, array( $told_key ) ) ) as $left ) {
		if ( '' !== $left && $left !== $key && '' !== $told_key ) {
			Record\event( 'cart.cleared', array( 'cart_key' => $left ) );
		}
	}
	$seen->left = array();
}

/**
 * Tells that the checkout was opened with this basket, once.
 *
 * @param string $key Cart key.
 */
function tell_checkout( string $key ): void {
	$told = told();
	if ( $told['checkout'] === $told['items'] ) {
		return;
	}
	note_told( array( 'checkout' => $told['items'] ) );
	$contact = contact();
	Record\event(
		'checkout.started',
		array() === $contact ? array( 'cart_key' => $key ) : array(
			'cart_key' => $key,
			'contact'  => $contact,
		)
	);
}

/**
 * The session's customer, as far as a number is known.
 */
function contact(): array {
	if ( null === WC()->customer ) {
		return array();
	}
	// The session's customer has the number that was typed last.
	$contact = Events\contact( WC()->customer, 0, determine_locale() );
	return isset( $contact['phone'] ) ? $contact + Events\filled( array( 'user_id' => account_of( $contact['phone'] ) ) ) : array();
}

/**
 * What the mapping needs to know of the shop.
 *
 * @return array{currency: string, decimals: int}
 */
function shop(): array {
	return array(
		'currency' => get_woocommerce_currency(),
		'decimals' => wc_get_price_decimals(),
	);
}

/**
 * A fingerprint of a cart's lines. Prices are left out: a sale that ends is nothing the shopper did.
 *
 * @param array $lines As from `get_cart()`.
 */
function fingerprint_items( array $lines ): string {
	$basis = array();
	foreach ( $lines as $line ) {
		$basis[] = array( (int) $line['product_id'], (int) $line['variation_id'], (float) $line['quantity'] );
	}
	return array() === $basis ? '' : md5( (string) wp_json_encode( $basis ) );
}
