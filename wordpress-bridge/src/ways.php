<?php
/**
 * The test of the connection, one way at a time: what goes to the daemon, what comes back from it, and what the shop
 * must let through. Nothing that is tried leaves anything behind.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Ways;

use Bazgasht\Bridge\Catalogue;
use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Daemon;
use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Health;
use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Signer;
use Bazgasht\Bridge\Status;

defined( 'ABSPATH' ) || exit;

const TIMEOUT_S = 5.0;
const EVENT_S   = 8.0;
// The daemon's call may make the shop deliver for twenty seconds.
const BACK_S = 25;

// A code that is worth nothing even in the moment that it lives.
const TEST_CODE    = 'bazgasht-test';
const LONG_EXPIRED = '2000-01-01T00:00:00Z';

// States of a finding.
const GOOD = 'good';
const WARN = 'warn';
const BAD  = 'bad';

/**
 * What can be tried, in this order.
 *
 * @return array<string, array{0: string, 1: bool}> What it is called, and whether it needs a daemon that answers.
 */
function all(): array {
	return array(
		'answer'    => array( __( 'Bazgasht answers', 'bazgasht-bridge' ), false ),
		'event'     => array( __( 'An event gets there', 'bazgasht-bridge' ), true ),
		'link'      => array( __( 'Bazgasht is asked what a link means', 'bazgasht-bridge' ), true ),
		'shop_link' => array( __( 'Links of texts reach the shop', 'bazgasht-bridge' ), false ),
		'coupon'    => array( __( 'Bazgasht says which codes it uses', 'bazgasht-bridge' ), true ),
		'make'      => array( __( 'The shop can make a code', 'bazgasht-bridge' ), false ),
		'back'      => array( __( 'Bazgasht can call the shop', 'bazgasht-bridge' ), false ),
	);
}

/**
 * Tries one.
 *
 * @param string $which A key of all().
 * @return array{state: string, said: string[]} What was found, and what to do.
 */
function look( string $which ): array {
	switch ( $which ) {
		case 'event':
			return event();
		case 'link':
			return link_known( Daemon\get( '/v1/links/' . Health\NO_SLUG . '?hit=0', TIMEOUT_S ) );
		case 'shop_link':
			return shop_link( Health\links() );
		case 'coupon':
			return codes( Daemon\get( '/v1/coupons', TIMEOUT_S ) );
		case 'make':
			return make();
		case 'back':
			return back( call_shop() );
	}
	$test = Status\test();
	return found( $test['ok'] ? GOOD : BAD, ...$test['said'] );
}

/**
 * Sends what the shop is, by the way that every event takes: outbox, delivery, answer.
 */
function event(): array {
	$refused = Deliver\state()['refused'];
	Record\event( 'shop.updated', Catalogue\shop() );
	if ( ! Record\write() ) {
		return found( BAD, __( 'The outbox cannot be written. Is the disk full?', 'bazgasht-bridge' ), __( 'Let the web server write to wp-content/uploads, and see whether the disk is full.', 'bazgasht-bridge' ) );
	}
	// A daemon that is tested should not have to wait for its next turn.
	Deliver\save_state( array( 'next_try' => 0 ) );
	return event_heard( Deliver\run( EVENT_S ), Deliver\state()['refused'] - $refused, Deliver\state()['error'] );
}

/**
 * What a delivery says.
 *
 * @param string $outcome From Deliver\run().
 * @param int    $refused How many events it refused.
 * @param string $error   Of the last failure.
 */
function event_heard( string $outcome, int $refused, string $error ): array {
	if ( $refused > 0 ) {
		/* translators: %s: number of events */
		return found( WARN, sprintf( _n( 'The daemon has refused %s event; "bazgasht doctor" says why.', 'The daemon has refused %s events; "bazgasht doctor" says why.', $refused, 'bazgasht-bridge' ), number_format_i18n( $refused ) ) );
	}
	switch ( $outcome ) {
		case 'sent':
			return found( GOOD, __( 'The shop has told what it is, and Bazgasht has taken it.', 'bazgasht-bridge' ) );
		case 'busy':
			return found( WARN, __( 'A delivery is under way at this moment. Try again in half a minute.', 'bazgasht-bridge' ) );
		case 'empty':
		case 'late':
			return found( WARN, __( 'Much is waiting, and is on its way now. This takes a few minutes; nothing needs doing.', 'bazgasht-bridge' ) );
	}
	/* translators: %s: the error in English */
	return found( BAD, sprintf( __( 'The event could not be delivered: %s', 'bazgasht-bridge' ), Health\apart( $error ) ), __( 'It waits, with all others, until it can be.', 'bazgasht-bridge' ) );
}

/**
 * Whether the daemon says of a link that never was that it does not know it.
 *
 * @param array|\WP_Error $answer From Daemon\get().
 */
function link_known( $answer ): array {
	if ( is_array( $answer ) && 404 === $answer['status'] && isset( $answer['json']['error'] ) ) {
		return found( GOOD, __( 'It answers at once, and knows that the link of this test is none of its own.', 'bazgasht-bridge' ) );
	}
	return unexpected( $answer, __( 'Until this is mended, whoever follows a link in a text ends on an empty basket.', 'bazgasht-bridge' ) );
}

/**
 * The same test as in Site Health.
 *
 * @param array $result From Health\links().
 */
function shop_link( array $result ): array {
	$states = array(
		Health\GOOD        => GOOD,
		Health\RECOMMENDED => WARN,
	);
	return found( $states[ $result['status'] ] ?? BAD, ...$result['said'] );
}

/**
 * Whether the daemon says which codes its campaigns use.
 *
 * @param array|\WP_Error $answer From Daemon\get().
 */
function codes( $answer ): array {
	if ( ! is_array( $answer ) || 200 !== $answer['status'] || ! is_array( $answer['json']['coupons'] ?? null ) ) {
		return unexpected( $answer, __( 'Until this is mended, codes that the campaigns need are not made, and texts with them do not go out.', 'bazgasht-bridge' ) );
	}
	$count = count( $answer['json']['coupons'] );
	return found(
		GOOD,
		0 === $count
			? __( 'The campaigns use no code at present.', 'bazgasht-bridge' )
			/* translators: %s: a number */
			: sprintf( _n( 'The campaigns use %s code.', 'The campaigns use %s codes.', $count, 'bazgasht-bridge' ), number_format_i18n( $count ) )
	);
}

/**
 * Makes a code and deletes it again. Nobody is told of it.
 */
function make(): array {
	if ( ! wc_coupons_enabled() ) {
		return found( WARN, __( 'Coupons are switched off in this shop (WooCommerce > Settings > General), so texts with a code do not go out.', 'bazgasht-bridge' ) );
	}
	if ( ! Settings\get( 'make_coupons' ) ) {
		return found( GOOD, __( 'Making codes is switched off in the settings; those that the campaigns use are made by hand.', 'bazgasht-bridge' ) );
	}
	$seen   = Catalogue\seen();
	$before = clone $seen;
	$made   = Coupons\exists( TEST_CODE ) || Coupons\make(
		TEST_CODE,
		array(
			'discount_type' => 'percent',
			'amount'        => '1',
			'expires_at'    => LONG_EXPIRED,
		)
	);
	$coupon = new \WC_Coupon( TEST_CODE );
	if ( $coupon->get_id() > 0 && '' === (string) $coupon->get_meta( Coupons\META ) ) {
		/* translators: %s: a coupon code */
		return found( WARN, sprintf( __( 'There is a code %s that was made by hand. It stays, so making one was not tried.', 'bazgasht-bridge' ), TEST_CODE ) );
	}
	if ( $coupon->get_id() > 0 ) {
		$coupon->delete( true );
	}
	$seen->coupons = $before->coupons;
	$seen->gone    = $before->gone;
	if ( ! $made ) {
		return found( BAD, __( 'WooCommerce would not make a code.', 'bazgasht-bridge' ), __( 'Try to make one by hand under Marketing > Coupons: what stands in the way shows there.', 'bazgasht-bridge' ) );
	}
	if ( Coupons\exists( TEST_CODE ) ) {
		/* translators: %s: a coupon code */
		return found( WARN, sprintf( __( 'The code %s was made but could not be deleted again. It is worth nothing; delete it by hand.', 'bazgasht-bridge' ), TEST_CODE ) );
	}
	return found( GOOD, __( 'A code without worth was made, and deleted again.', 'bazgasht-bridge' ) );
}

/**
 * Calls the shop as the daemon does when it fetches what waits.
 *
 * @return array|\WP_Error From wp_remote_post().
 */
function call_shop() {
	$key  = Signer\key( (string) Settings\get( 'secret' ) );
	$path = '' === (string) get_option( 'permalink_structure' ) ? '/?rest_route=/bazgasht/v1/deliver' : '/wp-json/bazgasht/v1/deliver';
	$id   = 'msg_' . bin2hex( random_bytes( 16 ) );
	$now  = time();
	return null === $key ? new \WP_Error( 'bazgasht_no_secret', __( 'No secret has been set yet.', 'bazgasht-bridge' ) ) : wp_remote_post(
		Home\url() . $path,
		array(
			'timeout'     => BACK_S,
			'redirection' => 0,
			'body'        => '{}',
			'sslverify'   => apply_filters( 'https_local_ssl_verify', false ), // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals -- WordPress's own.
			'headers'     => array(
				'Content-Type'      => 'application/json',
				'webhook-id'        => $id,
				'webhook-timestamp' => (string) $now,
				'webhook-signature' => Signer\sign( $key, $id, $now, '{}' ),
			),
		)
	);
}

/**
 * What the shop says to such a call.
 *
 * @param array|\WP_Error $answer From call_shop().
 */
function back( $answer ): array {
	$meaning = __( 'Only shops where PHP cannot deliver by itself depend on it; elsewhere the daemon hears of everything all the same.', 'bazgasht-bridge' );
	if ( is_wp_error( $answer ) ) {
		/* translators: %s: the error in English */
		return found( WARN, sprintf( __( 'The shop could not reach itself: %s', 'bazgasht-bridge' ), Health\apart( $answer->get_error_message() ) ), __( 'Look whether the server can call its own address (name service, firewall, a password before the shop).', 'bazgasht-bridge' ), $meaning );
	}
	$status = (int) wp_remote_retrieve_response_code( $answer );
	$json   = json_decode( wp_remote_retrieve_body( $answer ), true );
	if ( 200 === $status && is_array( $json ) && isset( $json['waiting'] ) ) {
		return found( GOOD, __( 'A call signed as the daemon\'s got through to the plugin. It came from the shop\'s own server; if the daemon runs on another one, a firewall may still stand in between.', 'bazgasht-bridge' ) );
	}
	if ( 401 === $status && isset( $json['code'] ) ) {
		return found( WARN, __( 'The shop\'s REST address answers, but refuses the daemon\'s signature.', 'bazgasht-bridge' ), __( 'A plugin for security, or a proxy that drops the headers "webhook-…", stands in between.', 'bazgasht-bridge' ), $meaning );
	}
	/* translators: 1: a path, 2: HTTP status */
	return found( WARN, sprintf( __( 'The shop\'s address %1$s does not reach the plugin (HTTP %2$s).', 'bazgasht-bridge' ), Health\apart( '/wp-json/bazgasht/v1/deliver' ), number_format_i18n( $status ) ), __( 'Let the web server, and plugins for security, hand /wp-json/bazgasht/ on to WordPress.', 'bazgasht-bridge' ), $meaning );
}

/**
 * An answer that was not the right one.
 *
 * @param array|\WP_Error $answer  From Daemon\get().
 * @param string          $meaning What follows from it.
 */
function unexpected( $answer, string $meaning ): array {
	$what = is_wp_error( $answer )
		/* translators: %s: the error in English */
		? sprintf( __( 'There was no answer: %s', 'bazgasht-bridge' ), Health\apart( $answer->get_error_message() ) )
		/* translators: %s: HTTP status */
		: sprintf( __( 'The answer was not as it should be (HTTP %s).', 'bazgasht-bridge' ), number_format_i18n( $answer['status'] ) );
	return found( BAD, $what, $meaning, __( 'See that the plugin and the program on the server are of the same age, and that no proxy stands in between.', 'bazgasht-bridge' ) );
}

/**
 * A finding.
 *
 * @param string $state   GOOD, WARN or BAD.
 * @param string ...$said Sentences.
 * @return array{state: string, said: string[]}
 */
function found( string $state, string ...$said ): array {
	return array(
		'state' => $state,
		'said'  => $said,
	);
}
