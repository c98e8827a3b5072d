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

use Bazgasht\Bridge\Ask_Page;
use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Coupon_Guard;
use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Daemon;
use Bazgasht\Bridge\Own_Coupons;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Slugs;
use Bazgasht\Bridge\Undo;

defined( 'ABSPATH' ) || exit;

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
	$slug = Slugs\asked( isset( $wp->request ) ? (string) $wp->request : '' );
	if ( '' !== $slug ) {
		follow( $slug, true );
	}
}

/**
 * Follows a link, which ends the request.
 *
 * @param string $slug     Matches Slugs\PATTERN.
 * @param bool   $is_link  Whether it can be nothing else; otherwise the daemon is asked, and the request may go on.
 */
function follow( string $slug, bool $is_link ): void {
	$counts = ! isset( $_GET['hit'] ) || '0' !== $_GET['hit']; // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- A link from a text message carries no nonce.
	$answer = Settings\is_connected() ? ask( $slug, $counts ) : null;
	if ( ! $is_link && ! Slugs\is_link( $slug, $answer ) ) {
		return;
	}
	keep_private();
	header( 'Referrer-Policy: no-referrer' );
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
 * Asks the daemon, and tells it who is asking.
 *
 * @param string $slug   Matches Slugs\PATTERN.
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
		arrive( $link, $answer['json']['coupon_offer'] ?? null );
	}
	return page_of( $link );
}

/**
 * A person has come: basket and coupon.
 *
 * @param array $link  The daemon's answer.
 * @param mixed $offer Its `coupon_offer`, for a coupon that is nobody else's.
 */
function arrive( array $link, $offer ): void {
	$before   = Undo\look();
	$is_whole = true;
	if ( 'cart' === $link['kind'] ) {
		$is_whole = restore_items( is_array( $link['restore'] ) ? (array) ( $link['restore']['items'] ?? array() ) : array() );
	}
	$code = null === $offer ? wc_format_coupon_code( (string) ( $link['coupon'] ?? '' ) ) : Own_Coupons\take_up( $offer, time() );
	if ( '' !== $code ) {
		keep_coupon( $code );
	}
	if ( 'cart' === $link['kind'] ) {
		Undo\offer( $before, $is_whole, time() );
	}
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
		case 'ask':
			$slug = (string) ( $link['slug'] ?? '' );
			return 1 === preg_match( '~^' . Slugs\PATTERN . '$~D', $slug ) ? Ask_Page\url( $slug ) : home_url( '/' );
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
 * @return bool Whether all of it is there now.
 */
function restore_items( array $items ): bool {
	if ( null === WC()->cart ) {
		return false;
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
	$is_whole = array() === array_filter( $sentences, 'strlen' );
	$prices   = array_filter( $prices, 'strlen' );
	if ( array() !== $prices ) {
		/* translators: %s: list such as "Green tea: 250,000 (was 200,000)" */
		$sentences[] = sprintf( _n( 'A price has changed since: %s', 'Prices have changed since: %s', count( $prices ), 'bazgasht-bridge' ), wp_sprintf( '%l', array_values( $prices ) ) );
	}
	foreach ( array_filter( $sentences, 'strlen' ) as $sentence ) {
		wc_add_notice( $sentence, 'notice' );
	}
	WC()->session->set_customer_session_cookie( true );
	return $is_whole;
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
		$attributes = $variation_id > 0 ? $attributes : array();
		try {
			// Asked wherever WooCommerce lets a shopper add: what must be chosen, least quantities, who may buy.
			$is_added = apply_filters( 'woocommerce_add_to_cart_validation', true, $product_id, $add, $variation_id, $attributes ) // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals -- WooCommerce's own.
				&& false !== WC()->cart->add_to_cart( $product_id, $add, $variation_id, $attributes );
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
	$coupon = new \WC_Coupon( $code );
	if ( $coupon->get_id() > 0 && Coupon_Guard\is_dead( $coupon, time() ) ) {
		wc_add_notice( Coupon_Guard\why_dead( $coupon ), 'notice' );
		return;
	}
	WC()->session->set_customer_session_cookie( true );
	WC()->session->set( SESSION_COUPON, $code );
	action_basket_filled();
}

/**
 * Something is in the basket: the coupon that waited for it goes on. Another plugin's fault about coupons must not be
 * one of "add to cart".
 */
function action_basket_filled(): void {
	Record\safely( __NAMESPACE__ . '\put_on_what_waited' );
}

/**
 * Puts the waiting coupon on, if the basket is good for it.
 */
function put_on_what_waited(): void {
	if ( ! did_action( 'wp_loaded' ) || null === WC()->session || null === WC()->cart || WC()->cart->is_empty() ) {
		return;
	}
	$code = (string) WC()->session->get( SESSION_COUPON, '' );
	if ( '' === $code ) {
		return;
	}
	$coupon = new \WC_Coupon( $code );
	if ( WC()->cart->has_discount( $code ) || Coupon_Guard\is_dead( $coupon, time() ) ) {
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
