<?php
/**
 * Long looks at products, and visits of the pages that the owner has chosen as milestones. The browser counts the
 * seconds in which the page is really seen and tells once, long after the page has loaded.
 *
 * Nobody gets a session or a cookie for looking: what is told is told of people with a basket, an account, or a link
 * of ours behind them. Of everybody else nothing is kept.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Watched;

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\People;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Visitors;

defined( 'ABSPATH' ) || exit;

const ENDPOINT = 'bazgasht_seen';

const SECONDS     = 30;
const MAX_SECONDS = 3600;
const MAX_PAGES   = 50;

// Of one visitor; somebody who compares for an hour stays below it.
const MOST_LOOKS = 120;
const SPAN_S     = 3600;

/**
 * What the script needs to know on this page, or null where nothing is watched. The same for everybody.
 *
 * @return array<string, string|int>|null
 */
function for_page(): ?array {
	$product = Settings\get( 'watch_products' ) && is_product() ? (int) get_queried_object_id() : 0;
	$path    = path( Capture\server( 'REQUEST_URI' ) );
	$page    = is_chosen( $path ) ? $path : '';
	if ( 0 === $product && '' === $page ) {
		return null;
	}
	return array(
		'url'     => \WC_AJAX::get_endpoint( ENDPOINT ),
		'product' => $product,
		'page'    => $page,
	);
}

/**
 * An address's path: without host and query, readable, without a slash at its end.
 *
 * @param string $address Or a part of one.
 */
function path( string $address ): string {
	$path = (string) wp_parse_url( trim( $address ), PHP_URL_PATH );
	$path = '/' . trim( rawurldecode( $path ), '/' );
	// Not mb_check_encoding(), which WordPress does not stand in for where it is missing.
	return 1 === preg_match( '//u', $path ) ? mb_substr( $path, 0, 200 ) : '/';
}

/**
 * The pages that count, as paths; one that ends with a star stands for all below it.
 *
 * @return string[]
 */
function chosen(): array {
	$lines = preg_split( '/\R/u', (string) Settings\get( 'watch_pages' ), -1, PREG_SPLIT_NO_EMPTY );
	$paths = array();
	foreach ( array_slice( array_map( 'trim', is_array( $lines ) ? $lines : array() ), 0, MAX_PAGES ) as $line ) {
		if ( '' !== $line ) {
			$paths[] = '*' === substr( $line, -1 ) ? path( substr( $line, 0, -1 ) ) . '*' : path( $line );
		}
	}
	return $paths;
}

/**
 * Whether a page is a milestone.
 *
 * @param string $path From path().
 */
function is_chosen( string $path ): bool {
	foreach ( chosen() as $page ) {
		if ( $page === $path || ( '*' === substr( $page, -1 ) && 0 === strpos( $path . '/', rtrim( substr( $page, 0, -1 ), '/' ) . '/' ) ) ) {
			return true;
		}
	}
	return false;
}

/**
 * Takes a look down. The answer is empty, whoever asks.
 */
function receive(): void {
	$refusal = Capture\refusal_of_page();
	if ( 0 !== $refusal ) {
		Capture\answer( array( 'ok' => false ), $refusal );
	}
	if ( ! Visitors\is_robot() && is_somebody() ) {
		// phpcs:disable WordPress.Security.NonceVerification.Missing -- see Capture\refusal_of_page().
		$field = static function ( string $name ): string {
			return isset( $_POST[ $name ] ) && is_string( $_POST[ $name ] ) ? sanitize_text_field( wp_unslash( $_POST[ $name ] ) ) : '';
		};
		// phpcs:enable
		$event = '' !== $field( 'page' ) ? page_event( path( $field( 'page' ) ) ) : product_event( (int) $field( 'product' ), (int) $field( 'variation' ), (int) $field( 'seconds' ) );
		if ( null !== $event && Visitors\has_room( 'looks', MOST_LOOKS, SPAN_S, '' !== Cart\key() ? Cart\key() : (string) get_current_user_id() ) ) {
			Record\event( $event[0], $event[1] + visitor() );
		}
	}
	Capture\answer( array( 'ok' => true ), 200 );
}

/**
 * Whether there is anybody to tell of: an account, or a session, which WooCommerce begins with a basket and the bridge
 * with a link.
 */
function is_somebody(): bool {
	return get_current_user_id() > 0 || '' !== Cart\key();
}

/**
 * The event of a long look, or null.
 *
 * @param int $product_id   As the page says.
 * @param int $variation_id The one that was chosen; 0 for none.
 * @param int $seconds      As the page says.
 * @return array{0: string, 1: array}|null
 */
function product_event( int $product_id, int $variation_id, int $seconds ): ?array {
	if ( ! Settings\get( 'watch_products' ) || $seconds < SECONDS || 'product' !== get_post_type( $product_id ) || 'publish' !== get_post_status( $product_id ) ) {
		return null;
	}
	$is_its_own = $variation_id > 0 && wp_get_post_parent_id( $variation_id ) === $product_id;
	return array(
		'product.viewed',
		Events\filled(
			array(
				'product_id'   => $product_id,
				'variation_id' => $is_its_own ? $variation_id : null,
				'seconds'      => min( $seconds, MAX_SECONDS ),
			)
		),
	);
}

/**
 * The event of a milestone, or null.
 *
 * @param string $path From path().
 * @return array{0: string, 1: array}|null
 */
function page_event( string $path ): ?array {
	return is_chosen( $path ) ? array( 'page.viewed', array( 'page' => $path ) ) : null;
}

/**
 * Who looked, as the events have it.
 */
function visitor(): array {
	$contact = Cart\contact();
	if ( array() === $contact && get_current_user_id() > 0 ) {
		$contact = People\contact( get_current_user_id() );
	}
	$link = Cart\told()['link'];
	return Events\filled(
		array(
			'cart_key' => Cart\key(),
			'contact'  => array() === $contact ? null : $contact,
			'link'     => $link,
		)
	);
}
