<?php
/**
 * A minute has passed, says the test: the bridge's actions are due, and the background has its turn.
 *
 * @package Bazgasht
 */

define( 'DOING_CRON', true );
require dirname( $argv[1] ) . '/wp-load.php';

global $wpdb;
$wpdb->query( "UPDATE {$wpdb->prefix}actionscheduler_actions SET scheduled_date_gmt = '2020-01-01 00:00:00', scheduled_date_local = '2020-01-01 00:00:00' WHERE hook LIKE 'bazgasht%' AND status = 'pending'" ); // phpcs:ignore -- The clock of a test.
do_action( 'action_scheduler_run_queue', 'WP Cron' );
