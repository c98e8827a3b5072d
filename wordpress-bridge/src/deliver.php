<?php
/**
 * Carries the outbox to the daemon: after the answer to the shopper where PHP can do that, each minute by Action
 * Scheduler, and by `wp bazgasht deliver`. One process at a time, in order.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Deliver;

use Bazgasht\Bridge\Coupon_Tidy;
use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Daemon;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const ACTION = 'bazgasht_deliver';
const GROUP  = 'bazgasht';
const OPTION = 'bazgasht_delivery';

// The contract's limits; the envelope takes a few bytes.
const BATCH_EVENTS = 500;
const BATCH_BYTES  = 1048576 - 64;

// How long a worker may stay busy with it once the shopper has gone, and in the background.
const AFTER_REQUEST_S = 2.0;
const BACKGROUND_S    = 20.0;

// How long to leave the daemon alone after so many failures on end. It is on this very machine as a rule.
// While it is open which shop the lines belong to, so many times the room may fill up before some must go all the same.
const HELD_TIMES = 4;

const LADDER_S = array( 10, 30, 60, 120, 300 );

const LONGEST_WAIT_S = 3600;

/**
 * How delivery stands.
 *
 * @return array{failures: int, next_try: int, error: string, code: string, since: int, last_ok: int, refused: int, thinned: int}
 *         `code` is an HTTP status or a word for what went wrong; `since` the first of the failures on end; `refused`
 *         counts the events that the daemon will never take. Times in Unix seconds.
 */
function state(): array {
	$state = get_option( OPTION, array() );
	return array_merge(
		array(
			'failures' => 0,
			'next_try' => 0,
			'error'    => '',
			'code'     => '',
			'since'    => 0,
			'last_ok'  => 0,
			'refused'  => 0,
			'thinned'  => 0,
		),
		is_array( $state ) ? $state : array()
	);
}

/**
 * Changes how delivery stands.
 *
 * @param array $changes Some of the keys of state().
 */
function save_state( array $changes ): void {
	update_option( OPTION, array_merge( state(), $changes ), false );
}

/**
 * Whether the daemon has said that it belongs to another shop. What waits is kept until it says otherwise.
 */
function is_held(): bool {
	return '409' === state()['code'];
}

/**
 * Lets the next attempt be made at once, as if nothing had gone wrong before.
 */
function forget_failures(): void {
	save_state(
		array(
			'failures' => 0,
			'next_try' => 0,
			'error'    => '',
			'code'     => '',
			'since'    => 0,
		)
	);
}

/**
 * The very end of a request: the shopper is let go, then what was written is delivered, if the daemon is believed
 * to be there.
 */
function action_request_over(): void {
	Record\action_shutdown();
	if ( ! Record\has_written() && array() === Record\left() ) {
		return;
	}
	$is_gone = release_visitor();
	Record\catch_up();
	if ( ! $is_gone || ! Record\has_written() ) {
		return;
	}
	Record\safely(
		static function (): void {
			if ( time() >= state()['next_try'] ) {
				run( AFTER_REQUEST_S );
			}
		}
	);
}

/**
 * Whether PHP can go on here after a page has been sent.
 */
function can_release_visitor(): bool {
	return function_exists( 'fastcgi_finish_request' ) || function_exists( 'litespeed_finish_request' );
}

/**
 * Ends the answer to the visitor while PHP goes on.
 *
 * @return bool Whether nobody waits any more; not every server can do that.
 */
function release_visitor(): bool {
	if ( wp_doing_cron() ) {
		// Nobody waits for it, and WordPress has ended the answer already.
		return true;
	}
	if ( PHP_SESSION_ACTIVE === session_status() ) {
		session_write_close();
	}
	if ( function_exists( 'fastcgi_finish_request' ) ) {
		return (bool) fastcgi_finish_request();
	}
	if ( function_exists( 'litespeed_finish_request' ) ) {
		return (bool) litespeed_finish_request();
	}
	return false;
}

/**
 * Each minute.
 */
function action_scheduled(): void {
	if ( ! Settings\is_connected() ) {
		return;
	}
	// An exception would make Action Scheduler give the action up after a few times.
	try {
		if ( time() >= state()['next_try'] && in_array( run( BACKGROUND_S ), array( 'sent', 'empty' ), true ) ) {
			Coupons\pull();
			Record\action_shutdown();
		}
		forget_finished_actions();
	} catch ( \Throwable $error ) {
		save_state( array( 'error' => Record\name_of( $error ) ) );
	}
}

/**
 * Delivers until the outbox is empty, the daemon refuses, or the time is up.
 *
 * @param float $budget_s For all of it.
 * @return string `sent`, `empty`, `busy` (another process is at it), `failed`, or `late` (time is up).
 */
function run( float $budget_s ): string {
	$unlock = Outbox\lock_delivery();
	if ( null === $unlock ) {
		return 'busy';
	}
	try {
		return run_locked( microtime( true ) + $budget_s );
	} finally {
		$unlock();
	}
}

/**
 * The same, under the lock.
 *
 * @param float $deadline Unix seconds.
 */
function run_locked( float $deadline ): string {
	$outcome = 'empty';
	while ( microtime( true ) < $deadline ) {
		$entries = Outbox\peek( BATCH_EVENTS, BATCH_BYTES );
		if ( array() === $entries ) {
			return $outcome;
		}
		$outcome = send( $entries, $deadline );
		if ( 'sent' !== $outcome ) {
			return $outcome;
		}
	}
	return 'late';
}

/**
 * Sends a run of events, in smaller pieces where the daemon wants that.
 *
 * @param array $entries  From Outbox\peek().
 * @param float $deadline Unix seconds.
 */
function send( array $entries, float $deadline ): string {
	$size = count( $entries );
	while ( array() !== $entries ) {
		$left = $deadline - microtime( true );
		if ( $left <= 0 ) {
			return 'late';
		}
		$part   = array_slice( $entries, 0, $size );
		$answer = Daemon\post_events( array_column( $part, 'line' ), $left );
		if ( ! is_wp_error( $answer ) && 200 === $answer['status'] && isset( $answer['json']['accepted'] ) ) {
			note_success( count( (array) ( $answer['json']['rejected'] ?? array() ) ) );
			if ( ! Outbox\advance( end( $part )['next'] ) ) {
				return stuck();
			}
			$entries = array_slice( $entries, count( $part ) );
			taken( count( $part ) );
			continue;
		}
		$is_unwanted = ! is_wp_error( $answer ) && in_array( $answer['status'], array( 400, 413 ), true );
		if ( $is_unwanted && count( $part ) > 1 ) {
			$size = intdiv( count( $part ) + 1, 2 );
			continue;
		}
		if ( $is_unwanted && is_really_the_daemon( $deadline - microtime( true ) ) ) {
			note_success( 1 );
			if ( ! Outbox\set_aside( $part[0], 'HTTP ' . $answer['status'] ) ) {
				return stuck();
			}
			$entries = array_slice( $entries, 1 );
			continue;
		}
		note_failure( $answer );
		return 'failed';
	}
	return 'sent';
}

/**
 * How many events the daemon has taken in this request.
 *
 * @param int $more Of them just now.
 */
function taken( int $more = 0 ): int {
	static $taken = 0;
	$taken       += $more;
	return $taken;
}

/**
 * What was delivered could not be noted (the disk is full, as a rule): the same would be sent over and over.
 */
function stuck(): string {
	note_failure( new \WP_Error( 'bazgasht_outbox', __( 'The outbox cannot be written. Is the disk full?', 'bazgasht-bridge' ) ) );
	return 'failed';
}

/**
 * Whether it is the daemon that refuses an event, and not some other program that refuses everything.
 *
 * @param float $timeout_s How long to wait.
 */
function is_really_the_daemon( float $timeout_s ): bool {
	$answer = Daemon\get( '/v1/status', $timeout_s );
	return ! is_wp_error( $answer ) && 200 === $answer['status'] && isset( $answer['json']['version'] );
}

/**
 * The daemon has taken something.
 *
 * @param int $refused Events it will never take.
 */
function note_success( int $refused ): void {
	$state = state();
	// Written rarely: each write is a query.
	if ( $state['failures'] > 0 || $refused > 0 || $state['last_ok'] < time() - 5 * MINUTE_IN_SECONDS ) {
		save_state(
			array(
				'failures' => 0,
				'next_try' => 0,
				'error'    => '',
				'code'     => '',
				'since'    => 0,
				'last_ok'  => time(),
				'refused'  => $state['refused'] + $refused,
			)
		);
	}
}

/**
 * The daemon has taken nothing. What waits stays where it is.
 *
 * @param array|\WP_Error $answer From Daemon\request().
 */
function note_failure( $answer ): void {
	$state = state();
	$now   = time();
	$wait  = LADDER_S[ min( $state['failures'], count( LADDER_S ) - 1 ) ];
	if ( ! is_wp_error( $answer ) && null !== $answer['retry_after'] ) {
		$wait = min( max( 1, $answer['retry_after'] ), LONGEST_WAIT_S );
	}
	$changes = array(
		'failures' => $state['failures'] + 1,
		'next_try' => $now + $wait,
		'code'     => is_wp_error( $answer ) ? (string) $answer->get_error_code() : (string) $answer['status'],
		'error'    => is_wp_error( $answer ) ? $answer->get_error_message() : 'HTTP ' . $answer['status'],
		'since'    => $state['since'] > 0 ? $state['since'] : $now,
	);
	// Which shop the lines belong to is for the manager to say; until then none of them goes.
	$is_held = in_array( $changes['code'], array( '409', 'bazgasht_copy' ), true );
	if ( $state['thinned'] < $now - HOUR_IN_SECONDS && ( ! $is_held || Outbox\waiting()['bytes'] > HELD_TIMES * Outbox\MAX_BYTES ) ) {
		Outbox\thin( $now );
		$changes['thinned'] = $now;
	}
	save_state( $changes );
}

/**
 * Puts the minute's action and the day's on the schedule; on activation, and whenever it is found missing in wp-admin.
 */
function schedule(): void {
	if ( ! function_exists( 'as_schedule_recurring_action' ) || ! did_action( 'action_scheduler_init' ) ) {
		return;
	}
	$rhythm = array(
		ACTION             => MINUTE_IN_SECONDS,
		Coupon_Tidy\ACTION => DAY_IN_SECONDS,
	);
	foreach ( $rhythm as $action => $every ) {
		if ( ! as_has_scheduled_action( $action, array(), GROUP ) ) {
			as_schedule_recurring_action( time() + $every, $every, $action, array(), GROUP, true );
		}
	}
}

/**
 * Takes our actions off the schedule. The outbox stays: after a deactivation nothing is lost.
 */
function unschedule(): void {
	if ( function_exists( 'as_unschedule_all_actions' ) ) {
		as_unschedule_all_actions( '', array(), GROUP );
	}
}

/**
 * Removes the traces of our own finished actions: one a minute, kept for a month, would be most of that table.
 */
function forget_finished_actions(): void {
	if ( ! class_exists( 'ActionScheduler' ) ) {
		return;
	}
	$store = \ActionScheduler::store();
	$done  = $store->query_actions(
		array(
			'hook'             => ACTION,
			'group'            => GROUP,
			'status'           => \ActionScheduler_Store::STATUS_COMPLETE,
			'modified'         => as_get_datetime_object( '-1 hour' ),
			'modified_compare' => '<=',
			'per_page'         => 20,
		)
	);
	foreach ( $done as $action_id ) {
		$store->delete_action( $action_id );
	}
}
