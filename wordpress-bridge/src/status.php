<?php
/**
 * Whether the bridge and the daemon get on: the test of the connection, and the warning in wp-admin.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Status;

use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Daemon;
use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Signer;

defined( 'ABSPATH' ) || exit;

const PATIENCE_S   = 30 * MINUTE_IN_SECONDS;
const TEST_TIMEOUT = 5.0;

/**
 * Asks the daemon how it is.
 *
 * @return array{ok: bool, said: string[]} Sentences for the manager: what was found, and what to do.
 */
function test(): array {
	if ( ! Settings\has_secret() ) {
		return array(
			'ok'   => false,
			'said' => array( __( 'No secret has been saved yet. Copy it from bazgasht.toml (it begins with whsec_), save, and test again.', 'bazgasht-bridge' ) ),
		);
	}
	return findings( Daemon\get( '/v1/status', TEST_TIMEOUT ), (string) Settings\get( 'address' ), Home\url(), time() );
}

/**
 * What an answer means.
 *
 * @param array|\WP_Error $answer  From Daemon\request().
 * @param string          $address The daemon's.
 * @param string          $shop    The shop's.
 * @param int             $now     Unix seconds.
 * @return array{ok: bool, said: string[]}
 */
function findings( $answer, string $address, string $shop, int $now ): array {
	if ( is_wp_error( $answer ) && 'bazgasht_copy' === $answer->get_error_code() ) {
		return failed( $answer->get_error_message(), __( 'The notice above asks what is to be done.', 'bazgasht-bridge' ) );
	}
	if ( is_wp_error( $answer ) ) {
		return failed(
			/* translators: 1: address, 2: the error in English */
			sprintf( __( 'Nothing answers at %1$s: %2$s', 'bazgasht-bridge' ), $address, $answer->get_error_message() ),
			__( 'Is the daemon running on this server (systemctl status bazgasht), and is the address the one in its bazgasht.toml?', 'bazgasht-bridge' )
		);
	}
	$ahead = null === $answer['date'] ? 0 : $answer['date'] - $now;
	if ( 401 === $answer['status'] && abs( $ahead ) > Signer\TOLERANCE_S ) {
		return failed(
			/* translators: %s: number of seconds */
			sprintf( __( 'The clocks of the shop and the daemon differ by %s seconds, so the daemon refuses what the shop signs.', 'bazgasht-bridge' ), number_format_i18n( abs( $ahead ) ) ),
			__( 'Set both clocks by the network (timedatectl set-ntp true).', 'bazgasht-bridge' )
		);
	}
	if ( 401 === $answer['status'] ) {
		return failed(
			__( 'The daemon answers, but with another secret.', 'bazgasht-bridge' ),
			__( 'Copy the secret from bazgasht.toml once more, whole, with whsec_ at its beginning.', 'bazgasht-bridge' )
		);
	}
	if ( 409 === $answer['status'] ) {
		return failed(
			__( 'The daemon answers, but it belongs to another shop.', 'bazgasht-bridge' ),
			__( 'If this shop has moved, its new address must also stand in bazgasht.toml.', 'bazgasht-bridge' )
		);
	}
	if ( 503 === $answer['status'] || ( 200 === $answer['status'] && isset( $answer['json']['ready'] ) && ! $answer['json']['ready'] ) ) {
		return failed(
			__( 'The daemon is there, but not ready.', 'bazgasht-bridge' ),
			__( 'It may still be starting. If this stays so, "bazgasht doctor" on the server says why.', 'bazgasht-bridge' )
		);
	}
	if ( 200 !== $answer['status'] || ! isset( $answer['json']['version'] ) ) {
		return failed(
			/* translators: 1: address, 2: HTTP status */
			sprintf( __( 'Something answers at %1$s with HTTP %2$s, but it is not the Bazgasht daemon.', 'bazgasht-bridge' ), $address, number_format_i18n( $answer['status'] ) ),
			__( 'Check the port, and that no other program or proxy stands in between.', 'bazgasht-bridge' )
		);
	}
	return array(
		'ok'   => true,
		'said' => welcome( $answer['json'], $ahead, $shop ),
	);
}

/**
 * What is said when all is well, or nearly.
 *
 * @param array  $status The daemon's answer.
 * @param int    $ahead  Seconds by which its clock is ahead.
 * @param string $shop   The shop's address.
 * @return string[]
 */
function welcome( array $status, int $ahead, string $shop ): array {
	/* translators: 1: version, 2: name of the SMS gateway */
	$said = array( sprintf( __( 'Connected to Bazgasht %1$s, which sends through "%2$s".', 'bazgasht-bridge' ), (string) $status['version'], (string) ( $status['gateway'] ?? '?' ) ) );
	if ( abs( $ahead ) > Signer\TOLERANCE_S / 5 ) {
		/* translators: 1, 2: numbers of seconds */
		$said[] = sprintf( __( 'The clocks differ by %1$s seconds. From %2$s on, nothing gets through.', 'bazgasht-bridge' ), number_format_i18n( abs( $ahead ) ), number_format_i18n( Signer\TOLERANCE_S ) );
	}
	$their_shop = (string) ( $status['shop_url'] ?? '' );
	if ( '' !== $their_shop && untrailingslashit( $their_shop ) !== untrailingslashit( $shop ) ) {
		/* translators: %s: address */
		$said[] = sprintf( __( 'The daemon takes %s for the address of this shop; its links lead there.', 'bazgasht-bridge' ), $their_shop );
	}
	if ( ! empty( $status['paused'] ) ) {
		$said[] = __( 'Sending is paused on the daemon\'s side.', 'bazgasht-bridge' );
	}
	return array_merge( $said, detour( (string) ( $status['detour'] ?? '' ) ) );
}

/**
 * What is wrong with a gateway while texts go by another.
 *
 * @param string $detour In the daemon's words: what each refuses, `(GATEWAY/WHAT)` behind it, and by which the texts
 *                       go. Empty for nothing.
 * @return string[]
 */
function detour( string $detour ): array {
	if ( '' === $detour ) {
		return array();
	}
	$said = array();
	preg_match_all( '~\(([a-z0-9_-]+)/(account|credit|line|silence)\)~', $detour, $shut, PREG_SET_ORDER );
	foreach ( $shut as list( , $gateway, $what ) ) {
		$said[] = sprintf( gateway_trouble( $what ), $gateway );
	}
	if ( 1 === preg_match( '~; texts go by ([a-z0-9_-]+) meanwhile$~D', $detour, $by ) ) {
		/* translators: %s: name of an SMS gateway */
		$said[] = sprintf( __( 'Texts go out through "%s" meanwhile; nothing is lost.', 'bazgasht-bridge' ), $by[1] );
	}
	/* translators: %s: a sentence in English */
	return count( $said ) > 1 ? $said : array( sprintf( __( 'Texts go out, but not the usual way: %s', 'bazgasht-bridge' ), $detour ) );
}

/**
 * What keeps a gateway from sending, and what to do.
 *
 * @param string $what The daemon's word.
 * @return string With a place for the gateway's name.
 */
function gateway_trouble( string $what ): string {
	switch ( $what ) {
		case 'credit':
			/* translators: %s: name of an SMS gateway */
			return __( 'There is no credit left at "%s". Please top it up.', 'bazgasht-bridge' );
		case 'line':
			/* translators: %s: name of an SMS gateway */
			return __( 'The line (sender number) at "%s" is closed. Please ask the provider.', 'bazgasht-bridge' );
		case 'silence':
			/* translators: %s: name of an SMS gateway */
			return __( '"%s" gives no clear answers at present.', 'bazgasht-bridge' );
	}
	/* translators: %s: name of an SMS gateway */
	return __( '"%s" refuses everything; its key or the account may have been blocked. "bazgasht doctor" on the server says more.', 'bazgasht-bridge' );
}

/**
 * A finding that needs doing something.
 *
 * @param string $what What is wrong.
 * @param string $todo What to do.
 * @return array{ok: bool, said: string[]}
 */
function failed( string $what, string $todo ): array {
	return array(
		'ok'   => false,
		'said' => array( $what, $todo ),
	);
}

/**
 * Warns the manager when nothing gets through, for a reason that does not go away by itself or has not for long.
 */
function action_admin_notice(): void {
	if ( ! current_user_can( 'manage_woocommerce' ) || ! Settings\is_connected() ) {
		return;
	}
	$state = Deliver\state();
	// Home_Notice speaks of the shop that is not the daemon's.
	if ( 0 === $state['failures'] || Deliver\is_held() || ( '401' !== $state['code'] && time() - $state['since'] < PATIENCE_S ) ) {
		return;
	}
	$reason = '401' === $state['code']
		? __( 'Bazgasht refuses what this shop sends: the secret or the clock does not agree.', 'bazgasht-bridge' )
		/* translators: %s: a span of time such as "2 hours" */
		: sprintf( __( 'Bazgasht has not been reached for %s.', 'bazgasht-bridge' ), human_time_diff( $state['since'] ) );
	printf(
		'<div class="notice notice-warning"><p>%s %s <a href="%s">%s</a></p></div>',
		esc_html( $reason ),
		esc_html__( 'Nothing is lost, events wait here; but no text goes out meanwhile.', 'bazgasht-bridge' ),
		esc_url( admin_url( 'admin.php?page=bazgasht' ) ),
		esc_html__( 'Test the connection', 'bazgasht-bridge' )
	);
}

/**
 * How delivery stands, in a sentence or two.
 *
 * @return string[]
 */
function summary(): array {
	$waiting = Outbox\waiting();
	$state   = Deliver\state();
	$said    = array();
	if ( Settings\has_secret() && ! Settings\is_connected() ) {
		$said[] = __( 'This looks like a copy of the shop, so nothing is sent from here.', 'bazgasht-bridge' );
	} elseif ( ! Settings\has_secret() ) {
		$said[] = __( 'Nothing is gathered until a secret is saved.', 'bazgasht-bridge' );
	} elseif ( 0 === $waiting['events'] ) {
		$said[] = __( 'No event is waiting: the daemon knows everything.', 'bazgasht-bridge' );
	}
	if ( $waiting['events'] > 0 ) {
		$said[] = sprintf(
			/* translators: 1: number of events, 2: size such as "3 KB", 3: a span of time such as "2 hours" */
			_n( '%1$s event (%2$s) is waiting, for %3$s.', '%1$s events (%2$s) are waiting, the oldest for %3$s.', $waiting['events'], 'bazgasht-bridge' ),
			number_format_i18n( $waiting['events'] ),
			size_format( $waiting['bytes'] ),
			human_time_diff( $waiting['oldest'] ?? time() )
		);
	}
	if ( 'table' === $waiting['store'] ) {
		$said[] = __( 'They wait in the database, which is slower, because the uploads folder cannot be written.', 'bazgasht-bridge' );
	}
	if ( $state['failures'] > 0 ) {
		/* translators: 1: error, 2: a span of time */
		$said[] = sprintf( __( 'The last attempt failed (%1$s); the next is due in %2$s at the latest.', 'bazgasht-bridge' ), $state['error'], human_time_diff( time(), max( time(), $state['next_try'] ) + MINUTE_IN_SECONDS ) );
	}
	if ( $state['refused'] > 0 ) {
		/* translators: %s: number of events */
		$said[] = sprintf( _n( 'The daemon has refused %s event; "bazgasht doctor" says why.', 'The daemon has refused %s events; "bazgasht doctor" says why.', $state['refused'], 'bazgasht-bridge' ), number_format_i18n( $state['refused'] ) );
	}
	foreach ( Coupons\memory()['refused'] as $code ) {
		/* translators: 1: a coupon code, 2: a number of percent */
		$said[] = sprintf( __( 'A campaign uses the coupon %1$s, which the shop lacks and Bazgasht does not make by itself: it makes percentages up to %2$s and sums off the basket. Make it by hand, or the texts with it do not go out.', 'bazgasht-bridge' ), $code, number_format_i18n( Coupons\MOST_PERCENT ) );
	}
	return $said;
}
