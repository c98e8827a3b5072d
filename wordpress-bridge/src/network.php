<?php
/**
 * A network of sites: each is a shop of its own with a daemon of its own, and nothing is shared between them.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Network;

use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Outbox;

defined( 'ABSPATH' ) || exit;

/**
 * The plugin was activated. The other sites of a network schedule for themselves when their wp-admin is next opened.
 */
function activated(): void {
	Deliver\schedule();
}

/**
 * The plugin was deactivated, here or in the whole network at once: then no site may keep an action that nobody hears.
 *
 * @param bool $network_wide Whether it was in the whole network.
 */
function deactivated( $network_wide = false ): void {
	$network_wide ? everywhere( 'Bazgasht\Bridge\Deliver\unschedule' ) : Deliver\unschedule();
}

/**
 * Does something in each site of the network that has Action Scheduler's tables.
 *
 * @param callable $work Takes nothing.
 */
function everywhere( callable $work ): void {
	global $wpdb;
	foreach ( get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	) as $site_id ) {
		switch_to_blog( $site_id );
		$table = $wpdb->prefix . 'actionscheduler_actions';
		if ( $table === $wpdb->get_var( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $table ) ) ) ) { // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- Asked once, when the plugin is deactivated.
			$work();
		}
		restore_current_blog();
	}
}

/**
 * A site is being deleted for good: its table goes with it.
 *
 * @param string[] $tables As WordPress has them.
 */
function filter_tables_of_site( $tables ): array {
	return array_merge( (array) $tables, array( Outbox\Table\name() ) );
}
