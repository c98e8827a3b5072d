<?php
/**
 * The short links on the shop's own domain: asks the daemon what a slug stands for and puts the visitor there.
 *
 * Nobody is logged in or out, the basket at hand is never made smaller, and whatever goes wrong ends on a page of
 * the shop.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Restore;

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Daemon;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const QUERY_VAR      = 'bazgasht';
const SLUG_PATTERN   = '[A-Za-z0-9]{4,32}';
const TIMEOUT_S      = 1.0;
const SESSION_COUPON = 'bazgasht_coupon';
const MOST_LINES     = 100;
const MOST_OF_ONE    = 100000.0;

// After a daemon that hangs, so long nobody else is made to wait for it.
const SILENCE   = 'bazgasht_silence';
const SILENCE_S = 10;

/**
 * Looks whether a request asks for a link. Needs no rewrite rule, so none can be missing.
 *
 * @param \WP $wp Has parsed the address.
 */
function action_request( $wp ): void {
	$slug = asked_slug( isset( $wp->request ) ? (string) $wp->request : '' );
	if ( '' === $slug ) {
		return;
	}
	keep_private();
	header( 'Referrer-Policy: no-referrer' );

	$counts = ! isset( $_GET['hit'] ) || '0' !== $_GET['hit']; // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- A link from a text message carries no nonce.
	$answer = Settings\is_connected() ? ask( $slug, $counts ) : null;
	if ( Cart\is_prefetch() ) {
		// Browsers throw a failed prefetch away and come again when the visitor does.
		status_header( 503 );
		exit;
	}
	$page = wc_get_cart_url();
	Record\safely(
		static function () use ( &$page, $slug, $answer, $counts ): void {
			$page = destination( $slug, $answer, $counts );
		}
	);
	wp_safe_redirect( $page, 302, 'Bazgasht' );
	exit;
}

/**
 * Keeps an answer from caches and searches: it is for one visitor and one moment.
 */
function keep_private(): void {
	if ( ! defined( 'DONOTCACHEPAGE' ) ) {
		define( 'DONOTCACHEPAGE', true ); // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals -- The page caches' own name.
	}
	nocache_headers();
	header( 'X-Robots-Tag: noindex, nofollow' );
}

/**
 * The slug in the address, or an empty string.
 *
 * @param string $path Of the request, without slashes at its ends; empty with plain permalinks.
 */
function asked_slug( string $path ): string {
	$by_path = slug_in_path( $path );
	if ( '' !== $by_path ) {
		return $by_path;
	}
	$query = isset( $_GET[ QUERY_VAR ] ) && is_string( $_GET[ QUERY_VAR ] ) ? sanitize_text_field( wp_unslash( $_GET[ QUERY_VAR ] ) ) : ''; // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- As above.
	return 1 === preg_match( '~^' . SLUG_PATTERN . '$~D', $query ) ? $query : '';
}

/**
 * The slug in a path, or an empty string.
 *
 * @param string $path As for asked_slug().
 */
function slug_in_path( string $path ): string {
	$prefix = preg_quote( (string) Settings\get( 'link_prefix' ), '~' );
	return 1 === preg_match( '~^' . $prefix . '/(' . SLUG_PATTERN . ')$~D', $path, $match ) ? $match[1] : '';
}

/**
 * Asks the daemon, and tells it who is asking.
 *
 * @param string $slug   Matches SLUG_PATTERN.
 * @param bool   $counts Whether the daemon has not counted this visit itself.
 * @return array|\WP_Error As from Daemon\request().
 */
function ask( string $slug, bool $counts ) {
	if ( false !== get_transient( SILENCE ) ) {
		return new \WP_Error( 'bazgasht_silence', 'the daemon has just kept somebody waiting' );
	}
	$begin   = microtime( true );
	$purpose = '' !== server( 'HTTP_SEC_PURPOSE' ) ? server( 'HTTP_SEC_PURPOSE' ) : server( 'HTTP_PURPOSE' );
	$answer  = Daemon\get(
		'/v1/links/' . $slug . '?hit=' . ( $counts ? '1' : '0' ),
		TIMEOUT_S,
		array_filter(
			array(
				'Bazgasht-Visitor-Agent'   => server( 'HTTP_USER_AGENT' ),
				'Bazgasht-Visitor-Method'  => server( 'REQUEST_METHOD' ),
				'Bazgasht-Visitor-Purpose' => $purpose,
			),
			'strlen'
		)
	);
	note_silence( $answer, microtime( true ) - $begin );
	return $answer;
}

/**
 * Remembers a daemon that hangs. One that refuses at once costs nobody anything and may be back in a moment.
 *
 * @param array|\WP_Error $answer  From Daemon\request().
 * @param float           $seconds What it took.
 */
function note_silence( $answer, float $seconds ): void {
	if ( is_wp_error( $answer ) && $seconds > TIMEOUT_S / 2 ) {
		set_transient( SILENCE, 1, SILENCE_S );
	}
}

/**
 * Does what the link stands for, and says where the visitor goes.
 *
 * @param string               $slug   The link.
 * @param array|\WP_Error|null $answer From ask(); null without a connection.
 * @param bool                 $counts As for ask().
 */
function destination( string $slug, $answer, bool $counts ): string {
	$status = is_array( $answer ) ? $answer['status'] : 0;
	$link   = is_array( $answer ) && is_array( $answer['json'] ) ? array_filter( $answer['json'], 'is_scalar' ) + array( 'restore' => $answer['json']['restore'] ?? null ) : array();
	// A basket that a robot's look at a link has filled would be told as somebody's. The daemon knows robots.
	$is_visit = 'HEAD' !== server( 'REQUEST_METHOD' ) && false !== ( $link['human'] ?? true );
	if ( in_array( $status, array( 404, 410 ), true ) ) {
		return home_url( '/' );
	}
	if ( 200 !== $status || ! isset( $link['kind'] ) ) {
		if ( $is_visit && $counts ) {
			report_later( $slug );
		}
		return wc_get_cart_url();
	}
	if ( $is_visit ) {
		remember( $slug );
		if ( 'cart' === $link['kind'] ) {
			restore_items( is_array( $link['restore'] ) ? (array) ( $link['restore']['items'] ?? array() ) : array() );
		}
		if ( '' !== (string) ( $link['coupon'] ?? '' ) ) {
			keep_coupon( wc_format_coupon_code( (string) $link['coupon'] ) );
		}
	}
	return page_of( $link );
}

/**
 * The page a link leads to; never one of another host, which wp_safe_redirect() sees to.
 *
 * @param array $link The daemon's answer.
 */
function page_of( array $link ): string {
	switch ( $link['kind'] ) {
		case 'cart':
			return wc_get_cart_url();
		case 'product':
			return product_page( (int) ( $link['product_id'] ?? 0 ), '' );
		case 'review':
			return product_page( (int) ( $link['product_id'] ?? 0 ), '#reviews' );
		case 'pay':
			return pay_page( (int) ( $link['order_id'] ?? 0 ) );
		case 'url':
			return wp_validate_redirect( (string) ( $link['url'] ?? '' ), home_url( '/' ) );
		default:
			return home_url( '/' );
	}
}

/**
 * A product's page, or the front page when it is not on sale.
 *
 * @param int    $product_id A product or variation.
 * @param string $fragment   Place on the page.
 */
function product_page( int $product_id, string $fragment ): string {
	$product = wc_get_product( $product_id );
	$parent  = is_a( $product, 'WC_Product' ) && $product->get_parent_id() > 0 ? wc_get_product( $product->get_parent_id() ) : $product;
	if ( ! is_a( $parent, 'WC_Product' ) || 'publish' !== $parent->get_status() ) {
		return home_url( '/' );
	}
	return $product->get_permalink() . $fragment;
}

/**
 * Where an order is paid. The address with its key goes only to whom the order belongs: a text is soon forwarded.
 *
 * @param int $order_id The order.
 */
function pay_page( int $order_id ): string {
	$order = wc_get_order( $order_id );
	if ( is_a( $order, 'WC_Order' ) && $order->needs_payment() ) {
		$is_account = $order->get_customer_id() > 0 && get_current_user_id() === $order->get_customer_id();
		$is_session = null !== WC()->session && (int) WC()->session->get( 'order_awaiting_payment' ) === $order_id;
		if ( $is_account || $is_session ) {
			return $order->get_checkout_payment_url();
		}
	}
	return wc_get_page_permalink( 'myaccount' );
}

/**
 * Puts back what is missing. What is there stays; nothing goes above the stock.
 *
 * @param array $items As in the contract.
 */
function restore_items( array $items ): void {
	if ( null === WC()->cart ) {
		return;
	}
	$sentences = array();
	$prices    = array();
	foreach ( array_slice( $items, 0, MOST_LINES ) as $item ) {
		if ( is_array( $item ) ) {
			$item     = array_filter( $item, 'is_scalar' ) + array( 'attributes' => (array) ( $item['attributes'] ?? array() ) );
			$product  = wc_get_product( (int) ( $item['variation_id'] ?? 0 ) > 0 ? (int) $item['variation_id'] : (int) ( $item['product_id'] ?? 0 ) );
			$sentence = restore_item( $item, $product );

			$sentences[] = $sentence;
			$prices[]    = is_a( $product, 'WC_Product' ) && is_on_sale_here( $product, (int) ( $item['product_id'] ?? 0 ) ) ? price_change( $product, $item['unit_price'] ?? null ) : '';
		}
	}
	$prices = array_filter( $prices, 'strlen' );
	if ( array() !== $prices ) {
		/* translators: %s: list such as "Green tea: 250,000 (was 200,000)" */
		$sentences[] = sprintf( _n( 'A price has changed since: %s', 'Prices have changed since: %s', count( $prices ), 'bazgasht-bridge' ), wp_sprintf( '%l', array_values( $prices ) ) );
	}
	foreach ( array_filter( $sentences, 'strlen' ) as $sentence ) {
		wc_add_notice( $sentence, 'notice' );
	}
	WC()->session->set_customer_session_cookie( true );
}

/**
 * Whether a product can be bought in this shop now.
 *
 * @param \WC_Product $product    A product or variation.
 * @param int         $product_id The parent's for a variation.
 */
function is_on_sale_here( \WC_Product $product, int $product_id ): bool {
	return 'publish' === get_post_status( $product_id ) && $product->is_purchasable() && $product->is_in_stock();
}

/**
 * Puts one line back.
 *
 * @param array                  $item    As in the contract.
 * @param \WC_Product|false|null $product The product or variation.
 * @return string What the visitor should know; empty when all is as it was.
 */
function restore_item( array $item, $product ): string {
	$product_id   = (int) ( $item['product_id'] ?? 0 );
	$variation_id = (int) ( $item['variation_id'] ?? 0 );
	$name         = is_a( $product, 'WC_Product' ) ? $product->get_name() : sanitize_text_field( (string) ( $item['name'] ?? '' ) );
	if ( ! is_a( $product, 'WC_Product' ) || ! is_on_sale_here( $product, $product_id ) ) {
		/* translators: %s: product name */
		return sprintf( __( '%s is not available at the moment, so it could not be put back into your basket.', 'bazgasht-bridge' ), esc_html( $name ) );
	}

	$wanted  = min( (float) ( $item['quantity'] ?? 0 ), MOST_OF_ONE );
	$missing = $wanted - present( $product_id, $variation_id );
	$free    = free_stock( $product );
	$add     = min( $missing, $free );
	if ( $add > 0 ) {
		$attributes = array_filter( array_map( 'strval', array_filter( (array) ( $item['attributes'] ?? array() ), 'is_scalar' ) ), 'strlen' );
		// Not sanitize_text_field(): it eats the percent signs that the slugs of Persian attributes consist of.
		$attributes = array_map( 'wp_strip_all_tags', $attributes );
		try {
			$is_added = false !== WC()->cart->add_to_cart( $product_id, $add, $variation_id, $variation_id > 0 ? $attributes : array() );
		} catch ( \Throwable $refused ) {
			$is_added = false;
		}
		if ( ! $is_added ) {
			/* translators: %s: product name */
			return sprintf( __( '%s could not be put back into your basket.', 'bazgasht-bridge' ), esc_html( $name ) );
		}
	}
	if ( $missing > $free ) {
		/* translators: %s: product name */
		return sprintf( __( 'There is less of %s in stock than you had in your basket.', 'bazgasht-bridge' ), esc_html( $name ) );
	}
	return '';
}

/**
 * How many of a product the basket has.
 *
 * @param int $product_id   Product.
 * @param int $variation_id 0 for none.
 */
function present( int $product_id, int $variation_id ): float {
	$present = 0.0;
	foreach ( WC()->cart->get_cart() as $line ) {
		if ( (int) $line['product_id'] === $product_id && (int) $line['variation_id'] === $variation_id ) {
			$present += (float) $line['quantity'];
		}
	}
	return $present;
}

/**
 * How many more of a product the basket can take.
 *
 * @param \WC_Product $product A product or variation.
 */
function free_stock( \WC_Product $product ): float {
	$managed = $product->get_stock_managed_by_id();
	$present = 0.0;
	foreach ( WC()->cart->get_cart() as $line ) {
		if ( $line['data']->get_stock_managed_by_id() === $managed ) {
			$present += (float) $line['quantity'];
		}
	}
	$free = INF;
	if ( $product->managing_stock() && ! $product->backorders_allowed() ) {
		$free = (float) $product->get_stock_quantity() - wc_get_held_stock_quantity( $product ) - $present;
	}
	if ( $product->is_sold_individually() ) {
		$free = min( $free, 1.0 - $present );
	}
	return max( 0.0, $free );
}

/**
 * A word on a price that is not what it was.
 *
 * @param \WC_Product           $product A product or variation.
 * @param string|int|float|null $before  Of one piece, with tax, as cart events have it; null when not known.
 * @return string HTML; empty when the price is the same.
 */
function price_change( \WC_Product $product, $before ): string {
	if ( ! is_numeric( $before ) || (float) $before <= 0 ) {
		return '';
	}
	$now = round( (float) wc_get_price_including_tax( $product ), wc_get_price_decimals() );
	// One cent may come from dividing a line's rounded tax.
	if ( abs( $now - (float) $before ) < 1.5 * pow( 10, -wc_get_price_decimals() ) ) {
		return '';
	}
	/* translators: 1: product name, 2: price now, 3: price before */
	return sprintf( __( '%1$s: %2$s (was %3$s)', 'bazgasht-bridge' ), esc_html( $product->get_name() ), wp_strip_all_tags( wc_price( $now ) ), wp_strip_all_tags( wc_price( (float) $before ) ) );
}

/**
 * Puts a coupon onto the basket, now or as soon as there is something in it.
 *
 * @param string $code In WooCommerce's form.
 */
function keep_coupon( string $code ): void {
	if ( null === WC()->cart || ! wc_coupons_enabled() || WC()->cart->has_discount( $code ) ) {
		return;
	}
	WC()->session->set_customer_session_cookie( true );
	WC()->session->set( SESSION_COUPON, $code );
	action_basket_filled();
}

/**
 * Something is in the basket: the coupon that waited for it goes on.
 */
function action_basket_filled(): void {
	if ( ! did_action( 'wp_loaded' ) || null === WC()->session || null === WC()->cart || WC()->cart->is_empty() ) {
		return;
	}
	$code = (string) WC()->session->get( SESSION_COUPON, '' );
	if ( '' === $code ) {
		return;
	}
	$coupon = new \WC_Coupon( $code );
	if ( WC()->cart->has_discount( $code ) || is_dead( $coupon, time() ) ) {
		WC()->session->set( SESSION_COUPON, null );
		return;
	}
	if ( ! fits_beside( $coupon, array_map( __NAMESPACE__ . '\coupon', WC()->cart->get_applied_coupons() ) ) ) {
		return;
	}
	WC()->cart->calculate_totals();
	$discounts = new \WC_Discounts( WC()->cart );
	// One that the basket is not good for yet (too small, say) keeps waiting, without an error in the shopper's face.
	if ( true === $discounts->is_coupon_valid( $coupon ) ) {
		WC()->session->set( SESSION_COUPON, null );
		WC()->cart->apply_coupon( $code );
	}
}

/**
 * A coupon of the shop.
 *
 * @param string $code In WooCommerce's form.
 */
function coupon( string $code ): \WC_Coupon {
	return new \WC_Coupon( $code );
}

/**
 * Whether waiting for this coupon is in vain: each thing put into the basket would look at it again.
 *
 * @param \WC_Coupon $coupon The coupon.
 * @param int        $now    Unix seconds.
 */
function is_dead( \WC_Coupon $coupon, int $now ): bool {
	$end = $coupon->get_date_expires();
	return ( 0 === (int) $coupon->get_id() && ! $coupon->get_virtual() ) || ( null !== $end && $end->getTimestamp() <= $now );
}

/**
 * Whether a coupon may go onto a basket without taking anything from the shopper: WooCommerce takes all others off for
 * one that goes alone. Only a smaller one of our own may have to go.
 *
 * @param \WC_Coupon   $coupon  That waits.
 * @param \WC_Coupon[] $applied Those that are on.
 */
function fits_beside( \WC_Coupon $coupon, array $applied ): bool {
	foreach ( $applied as $other ) {
		if ( ! $coupon->get_individual_use() && ! $other->get_individual_use() ) {
			continue;
		}
		$gives_way = '' !== (string) $other->get_meta( Coupons\META )
			&& $coupon->get_individual_use()
			&& $coupon->get_discount_type() === $other->get_discount_type()
			&& (float) $coupon->get_amount() > (float) $other->get_amount();
		if ( ! $gives_way ) {
			return false;
		}
	}
	return true;
}

/**
 * Remembers which link brought the visitor, for the cart and the order that follow.
 *
 * @param string $slug The link.
 */
function remember( string $slug ): void {
	if ( null !== WC()->session ) {
		// Without its cookie the session of a visitor with an empty basket is forgotten at once.
		WC()->session->set_customer_session_cookie( true );
		Cart\note_told(
			array(
				'link'    => $slug,
				'link_at' => time(),
			)
		);
	}
}

/**
 * The daemon did not answer: it hears of the visit with the next events.
 *
 * @param string $slug The link.
 */
function report_later( string $slug ): void {
	Record\event(
		'link.followed',
		array_filter(
			array(
				'slug'       => $slug,
				'cart_key'   => Cart\key(),
				'user_agent' => server( 'HTTP_USER_AGENT' ),
			),
			'strlen'
		)
	);
}

/**
 * One value of the request's surroundings.
 *
 * @param string $name Key in `$_SERVER`.
 */
function server( string $name ): string {
	return isset( $_SERVER[ $name ] ) ? substr( sanitize_text_field( wp_unslash( $_SERVER[ $name ] ) ), 0, 500 ) : '';
}
