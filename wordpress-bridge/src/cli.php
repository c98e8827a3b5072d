<?php
/**
 * `wp bazgasht`: what the schedule does, by hand.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Cli;

use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Snapshot;
use Bazgasht\Bridge\Status;

defined( 'ABSPATH' ) || exit;

const LONG_S = 3600.0;

/**
 * Names the commands.
 */
function init(): void {
	\WP_CLI::add_command( 'bazgasht deliver', __NAMESPACE__ . '\deliver', array( 'shortdesc' => 'Delivers all that waits, whatever the retry ladder says.' ) );
	\WP_CLI::add_command( 'bazgasht status', __NAMESPACE__ . '\status', array( 'shortdesc' => 'Tests the connection and says what waits.' ) );
	\WP_CLI::add_command( 'bazgasht snapshot', __NAMESPACE__ . '\snapshot', array( 'shortdesc' => 'Sends shop, coupons and products again.' ) );
}

/**
 * Delivers.
 */
function deliver(): void {
	$outcome = Deliver\run( LONG_S );
	if ( ! in_array( $outcome, array( 'sent', 'empty' ), true ) ) {
		\WP_CLI::error( sprintf( 'outbox: %s (%s)', $outcome, Deliver\state()['error'] ) );
	}
	Coupons\pull( true );
	\WP_CLI::success( implode( ' ', Status\summary() ) );
}

/**
 * Tests.
 */
function status(): void {
	$finding = Status\test();
	foreach ( array_merge( $finding['said'], Status\summary() ) as $sentence ) {
		\WP_CLI::log( $sentence );
	}
	if ( ! $finding['ok'] ) {
		\WP_CLI::halt( 1 );
	}
}

/**
 * Puts the catalogue on its way.
 */
function snapshot(): void {
	Snapshot\begin();
	\WP_CLI::success( 'the catalogue goes out with the next runs of Action Scheduler' );
}
