<?php
/**
 * Hears the shopper's mobile number in the browser, before anything is submitted.
 *
 * The page carries no nonce and no cookie of ours: what is printed is the same for everybody, so that page
 * caches may keep it. What stands guard instead is said at refusal().
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Capture;

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\Dialog;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Visitors;
use Bazgasht\Bridge\Wanted;
use Bazgasht\Bridge\Watched;
use function Bazgasht\Bridge\note_number;

defined( 'ABSPATH' ) || exit;

const SCRIPT           = 'bazgasht-shop';
const ENDPOINT         = 'bazgasht_number';
const MAX_BODY_BYTES   = 16384;
const MAX_PHONE_BYTES  = 80;
const MAX_NAME_CHARS   = 60;
const NUMBERS_PER_SPAN = 12;
const SPAN_SECONDS     = 600;
// New numbers from one address, which a whole office may share; and sessions that bring the same one in a day.
const MOST_OF_ADDRESS = 30;
const MOST_OF_NUMBER  = 5;
const DAY_SECONDS     = 86400;
// WooCommerce keeps a guest's session for two days.
const MEMORY_SECONDS = 172800;

/**
 * Hooks the script and its endpoint.
 */
function init_hooks(): void {
	add_action( 'wp_enqueue_scripts', __NAMESPACE__ . '\enqueue' );
	add_action( 'wc_ajax_' . ENDPOINT, __NAMESPACE__ . '\receive' );
	add_action( 'wc_ajax_' . Watched\ENDPOINT, 'Bazgasht\Bridge\Watched\receive' );
	add_action( 'wc_ajax_' . Wanted\ENDPOINT, 'Bazgasht\Bridge\Wanted\receive' );
	// A checkout may stand on any page.
	add_action( 'woocommerce_before_checkout_form', __NAMESPACE__ . '\enqueue_at_checkout', 10, 0 );
	add_action( 'woocommerce_blocks_checkout_enqueue_data', __NAMESPACE__ . '\enqueue_at_checkout', 10, 0 );
}

/**
 * Puts the one script on the pages that need it.
 */
function enqueue(): void {
	put( is_checkout() || has_block( 'woocommerce/checkout' ) );
}

/**
 * The same, once it shows that a checkout is drawn.
 */
function enqueue_at_checkout(): void {
	put( true );
}

/**
 * Puts it on this page, once.
 *
 * @param bool $at_checkout Whether there is a checkout on it.
 */
function put( bool $at_checkout ): void {
	if ( ! Settings\is_connected() || wp_script_is( SCRIPT ) ) {
		return;
	}
	$at_checkout = $at_checkout && ! is_order_received_page();
	$listens     = $at_checkout && Settings\get( 'capture_checkout' );
	$dialog      = is_checkout() || $at_checkout ? null : Dialog\for_page();
	$watch       = Watched\for_page();
	$wanted      = Wanted\for_page();
	if ( ! $listens && null === $dialog && null === $watch && null === $wanted ) {
		return;
	}

	$config = array(
		'url'      => \WC_AJAX::get_endpoint( ENDPOINT ),
		'pattern'  => number_pattern(),
		'capture'  => (bool) Settings\get( 'capture_checkout' ),
		'checkout' => $at_checkout,
		'consent'  => $at_checkout && Consent\is_asked() ? Consent\wording() : '',
		'ticks'    => Consent\may_tick(),
		'dialog'   => $dialog,
		'watch'    => $watch,
		'wanted'   => $wanted,
	);
	wp_enqueue_script(
		SCRIPT,
		asset_url( 'shop.js' ),
		array(),
		null, // phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion -- asset_url() has it.
		array(
			'strategy'  => 'defer',
			'in_footer' => true,
		)
	);
	wp_add_inline_script( SCRIPT, 'window.bazgashtShop=' . wp_json_encode( $config, JSON_HEX_TAG | JSON_HEX_AMP ) . ';', 'before' );
}

/**
 * The address of one of our assets; it changes when the file does.
 *
 * @param string $name File name below assets/.
 */
function asset_url( string $name ): string {
	return add_query_arg( 'ver', (string) filemtime( dirname( __DIR__ ) . '/assets/' . $name ), plugins_url( 'assets/' . $name, __DIR__ ) );
}

/**
 * What a complete mobile number looks like once it is plain, for PHP and JavaScript alike.
 *
 * In an Iranian shop: an Iranian mobile number in any of its forms, or a foreign one with its country code.
 * Elsewhere any length that a number can have; the daemon knows the countries.
 */
function number_pattern(): string {
	return 'IR' === WC()->countries->get_base_country()
		? '^(?:(?:(?:[+]|00)?98)?0?9[0-9]{9}|(?:[+]|00)(?!98)[1-9][0-9]{7,13})$'
		: '^(?:[+]|00)?[0-9]{8,15}$';
}

/**
 * Folds Persian and Arabic digits to Latin ones.
 *
 * @param string $typed As typed.
 */
function latin_digits( string $typed ): string {
	$digits = array();
	foreach ( array( '۰۱۲۳۴۵۶۷۸۹', '٠١٢٣٤٥٦٧٨٩' ) as $family ) {
		foreach ( preg_split( '//u', $family, -1, PREG_SPLIT_NO_EMPTY ) as $value => $digit ) {
			$digits[ $digit ] = (string) $value;
		}
	}
	return strtr( $typed, $digits );
}

/**
 * Folds digits to Latin ones and drops separators and invisible marks.
 *
 * @param string $typed The number as typed.
 */
function plain( string $typed ): string {
	$separators = '/[\s\-.,()\/#\x{a0}\x{200b}-\x{2015}\x{202a}-\x{202f}\x{2060}-\x{2069}\x{2212}\x{feff}]/u';
	return (string) preg_replace( $separators, '', latin_digits( $typed ) );
}

/**
 * Whether the number looks complete: a half-typed one is nobody's.
 *
 * @param string $typed The number as typed.
 */
function looks_complete( string $typed ): bool {
	return 1 === preg_match( '/' . number_pattern() . '/', plain( $typed ) );
}

/**
 * Whether a number that looks complete may be half of a longer one.
 *
 * @param string $typed The number as typed.
 */
function may_go_on( string $typed ): bool {
	return looks_complete( $typed . '0' );
}

/**
 * The part of a number that is the same however it was typed.
 *
 * @param string $typed The number as typed.
 */
function digits( string $typed ): string {
	return substr( plain( $typed ), -10 );
}

/**
 * Whether two numbers are the same one.
 *
 * @param string $typed As typed.
 * @param string $other As typed.
 */
function same_number( string $typed, string $other ): bool {
	return digits( $typed ) === digits( $other );
}

/**
 * A first or last name, no longer than a text could bear.
 *
 * @param string $typed Sanitised.
 */
function name( string $typed ): string {
	return trim( mb_substr( $typed, 0, MAX_NAME_CHARS ) );
}

/**
 * Whether this visitor's number has reached us, or the daemon before: its links come by text.
 */
function number_known(): bool {
	if ( '' !== Cart\told()['link'] ) {
		return true;
	}
	if ( null !== WC()->customer && '' !== (string) WC()->customer->get_billing_phone() ) {
		return true;
	}
	return '' !== memory()['number'];
}

/**
 * Why a request is turned away before its content is read, as an HTTP status; 0 if it is not.
 *
 * Instead of a nonce, which a cached page cannot carry: only this shop's own pages may ask (browsers name the
 * origin, and pages cannot forge it), and only for a visitor who has a session with something in the basket.
 */
function refusal(): int {
	$refusal = refusal_of_page();
	if ( 0 !== $refusal ) {
		return $refusal;
	}
	if ( null === WC()->session || ! WC()->session->has_session() || null === WC()->cart || WC()->cart->is_empty() ) {
		return 409;
	}
	return 0;
}

/**
 * The same for what somebody without a basket may ask as well.
 */
function refusal_of_page(): int {
	if ( 'POST' !== server( 'REQUEST_METHOD' ) ) {
		return 405;
	}
	if ( (int) server( 'CONTENT_LENGTH' ) > MAX_BODY_BYTES ) {
		return 413;
	}
	return from_own_page() ? 0 : 403;
}

/**
 * Whether this visitor may bring a number. Anybody can type anybody's, and each costs the owner a text: so each new
 * one takes room of the visitor's address and of its own.
 *
 * @param string $phone As typed.
 */
function has_room_for( string $phone ): bool {
	if ( Visitors\is_robot() ) {
		return false;
	}
	$memory = memory();
	if ( $memory['count'] >= NUMBERS_PER_SPAN ) {
		return false;
	}
	$number = digits( $phone );
	if ( wp_hash( $number ) === $memory['number'] ) {
		return true;
	}
	if ( ! Visitors\has_room( 'numbers', MOST_OF_ADDRESS, SPAN_SECONDS ) || ! Visitors\has_room( 'number', MOST_OF_NUMBER, DAY_SECONDS, $number ) ) {
		return false;
	}
	remember( array( 'number' => wp_hash( $number ) ) );
	return true;
}

/**
 * Takes a number from the checkout or the dialog. The answer never says anything about anybody.
 */
function receive(): void {
	$refusal = refusal();
	if ( 0 !== $refusal ) {
		answer( array( 'ok' => false ), $refusal );
	}

	// phpcs:disable WordPress.Security.NonceVerification.Missing -- see refusal().
	$phone  = isset( $_POST['phone'] ) && is_string( $_POST['phone'] ) ? trim( sanitize_text_field( wp_unslash( $_POST['phone'] ) ) ) : '';
	$source = isset( $_POST['source'] ) && 'dialog' === $_POST['source'] ? 'dialog' : 'checkout';
	if ( ! Settings\get( 'dialog' === $source ? 'dialog_enabled' : 'capture_checkout' ) ) {
		answer( array( 'ok' => false ), 403 );
	}
	if ( strlen( $phone ) > MAX_PHONE_BYTES || ! looks_complete( $phone ) ) {
		answer( array( 'ok' => false ), 422 );
	}

	$names = array();
	foreach ( 'checkout' === $source ? array( 'first_name', 'last_name' ) : array() as $field ) {
		$names[ $field ] = isset( $_POST[ $field ] ) && is_string( $_POST[ $field ] ) ? name( sanitize_text_field( wp_unslash( $_POST[ $field ] ) ) ) : '';
	}

	$consent = null;
	if ( isset( $_POST['text'], $_POST['consent'] ) && is_string( $_POST['text'] ) && '' !== $_POST['text'] ) {
		// The wording comes from the page: a cached page may have shown an older one than the settings hold now.
		$consent = Consent\answer( '1' === $_POST['consent'], 'dialog' === $source ? Consent\IN_DIALOG : Consent\AT_CHECKOUT, sanitize_textarea_field( wp_unslash( $_POST['text'] ) ) );
	}
	// phpcs:enable

	$memory = memory();
	$same   = wp_hash( plain( $phone ) . wp_json_encode( array( array_diff_key( (array) $consent, array( 'at' => 0 ) ), $names ) ) );
	if ( $memory['last'] === $same ) {
		answer( array( 'ok' => true ), 200 );
	}
	if ( ! has_room_for( $phone ) ) {
		answer( array( 'ok' => false ), 429 );
	}

	note_number( $phone, $consent, $names );
	if ( null !== $consent ) {
		Consent\keep( get_current_user_id(), $consent );
	}
	remember(
		array(
			'count' => $memory['count'] + 1,
			'last'  => $same,
		)
	);
	answer( array( 'ok' => true ), 200 );
}

/**
 * What was heard of this session: `since` (Unix seconds) and `count` for the limit, `number` (keyed hash of the last
 * number, empty if none), `last` (the same with its consent and names).
 *
 * Not kept in the WooCommerce session: it is written whole, and the shop may be writing it at the same moment.
 *
 * @return array{since: int, count: int, number: string, last: string}
 */
function memory(): array {
	$now    = time();
	$memory = get_transient( memory_key() );
	$memory = array_merge(
		array(
			'since'  => $now,
			'count'  => 0,
			'number' => '',
			'last'   => '',
		),
		is_array( $memory ) ? $memory : array()
	);
	if ( $now - $memory['since'] >= SPAN_SECONDS ) {
		$memory['since'] = $now;
		$memory['count'] = 0;
	}
	return $memory;
}

/**
 * Keeps what was heard.
 *
 * @param array $changes Some of the keys of memory().
 */
function remember( array $changes ): void {
	set_transient( memory_key(), array_merge( memory(), $changes ), MEMORY_SECONDS );
}

/**
 * The transient's name for this session.
 */
function memory_key(): string {
	return memory_key_of( (string) WC()->session->get_customer_id() );
}

/**
 * The same for any session.
 *
 * @param string $session_key Its key.
 */
function memory_key_of( string $session_key ): string {
	return 'bazgasht_heard_' . md5( $session_key );
}

/**
 * Whether the request was made by a page of this very shop.
 */
function from_own_page(): bool {
	$site = server( 'HTTP_SEC_FETCH_SITE' );
	if ( '' !== $site ) {
		return 'same-origin' === $site;
	}
	// Browsers leave that header out where the shop has no HTTPS.
	$from = server( 'HTTP_ORIGIN' );
	$from = '' !== $from ? $from : server( 'HTTP_REFERER' );
	$host = wp_parse_url( $from, PHP_URL_HOST );
	$port = wp_parse_url( $from, PHP_URL_PORT );
	if ( ! is_string( $host ) ) {
		return false;
	}
	return strtolower( $host . ( $port ? ':' . $port : '' ) ) === strtolower( server( 'HTTP_HOST' ) );
}

/**
 * One value of the request's surroundings.
 *
 * @param string $name Key in `$_SERVER`.
 */
function server( string $name ): string {
	return isset( $_SERVER[ $name ] ) ? sanitize_text_field( wp_unslash( $_SERVER[ $name ] ) ) : '';
}

/**
 * Answers and ends the request.
 *
 * @param array $body   JSON body.
 * @param int   $status HTTP status.
 */
function answer( array $body, int $status ): void {
	// By the filter: WordPress sends its own header once more when it ends the request.
	add_filter(
		'nocache_headers',
		static function ( array $headers ): array {
			$headers['Cache-Control'] = 'no-store';
			return $headers;
		}
	);
	wp_send_json( $body, $status );
}
