<?php
/**
 * Deleting the plugin keeps everything, unless the manager has ticked "remove all data" in the settings: whoever only
 * replaces the plugin's files by hand must lose neither the secret nor what was not delivered yet. In a network each
 * site has a say of its own.
 *
 * @package Bazgasht
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/**
 * Cleans one site, if that was asked for.
 */
function bazgasht_bridge_uninstall_site(): void {
	$settings = get_option( 'bazgasht_settings', array() );
	if ( ! is_array( $settings ) || empty( $settings['remove_data'] ) ) {
		return;
	}
	bazgasht_bridge_remove_actions();
	bazgasht_bridge_remove_folder();
	bazgasht_bridge_remove_rows();
	foreach ( array( 'settings', 'outbox', 'delivery', 'coupons', 'snapshot', 'home', 'doubles', 'setup' ) as $option ) {
		delete_option( 'bazgasht_' . $option );
	}
}

/**
 * Takes our actions away, with what is remembered of them: past their hooks, since nobody hears those any more.
 */
function bazgasht_bridge_remove_actions(): void {
	global $wpdb;
	if ( function_exists( 'as_unschedule_all_actions' ) ) {
		as_unschedule_all_actions( '', array(), 'bazgasht' );
	}
	// phpcs:disable WordPress.DB -- Finished actions that no function deletes by group.
	$actions = $wpdb->prefix . 'actionscheduler_actions';
	$logs    = $wpdb->prefix . 'actionscheduler_logs';
	if ( bazgasht_bridge_has_table( $actions ) && bazgasht_bridge_has_table( $logs ) ) {
		$wpdb->query( "DELETE l FROM {$logs} l JOIN {$actions} a ON a.action_id = l.action_id WHERE a.hook IN ( 'bazgasht_deliver', 'bazgasht_snapshot', 'bazgasht_tidy_coupons' )" );
		$wpdb->query( "DELETE FROM {$actions} WHERE hook IN ( 'bazgasht_deliver', 'bazgasht_snapshot', 'bazgasht_tidy_coupons' )" );
	}
	$groups = $wpdb->prefix . 'actionscheduler_groups';
	if ( bazgasht_bridge_has_table( $groups ) ) {
		$wpdb->query( "DELETE FROM {$groups} WHERE slug = 'bazgasht'" );
	}
	// phpcs:enable
}

/**
 * Removes the folder with what was never delivered.
 */
function bazgasht_bridge_remove_folder(): void {
	$outbox = get_option( 'bazgasht_outbox', array() );
	if ( ! is_array( $outbox ) || 1 !== preg_match( '/^bazgasht-[0-9a-f]{32}$/', (string) ( $outbox['folder'] ?? '' ) ) ) {
		return;
	}
	$folder = wp_get_upload_dir()['basedir'] . '/' . $outbox['folder'];
	foreach ( is_dir( $folder ) ? (array) scandir( $folder ) : array() as $name ) {
		if ( is_file( $folder . '/' . $name ) ) {
			wp_delete_file( $folder . '/' . $name );
		}
	}
	if ( is_dir( $folder ) ) {
		rmdir( $folder ); // phpcs:ignore WordPress.WP.AlternativeFunctions.file_system_operations_rmdir -- Our own folder, by its name.
	}
}

/**
 * Removes the table, the notes on orders, accounts, reviews and coupons, and what is kept for a while.
 */
function bazgasht_bridge_remove_rows(): void {
	global $wpdb;
	// phpcs:disable WordPress.DB -- Our own table, and meta that no function deletes across order tables.
	$wpdb->query( "DROP TABLE IF EXISTS {$wpdb->prefix}bazgasht_outbox" );
	$keys   = "'_bazgasht_cart_key', '_bazgasht_link', '_bazgasht_erased', '_bazgasht_failed_at', '_bazgasht_consent', '_bazgasht_told', '_bazgasht', '_bazgasht_own', '_bazgasht_friends', '_bazgasht_orders', '_wc_other/bazgasht/consent'";
	$tables = array( $wpdb->postmeta, $wpdb->commentmeta );
	if ( bazgasht_bridge_has_table( $wpdb->prefix . 'wc_orders_meta' ) ) {
		$tables[] = $wpdb->prefix . 'wc_orders_meta';
	}
	foreach ( $tables as $table ) {
		$wpdb->query( "DELETE FROM {$table} WHERE meta_key IN ( {$keys} )" );
	}
	// Accounts belong to the whole network: only this site's notes on them go.
	$told = '_bazgasht_told' . ( is_multisite() && ! is_main_site() ? '_' . get_current_blog_id() : '' );
	$wpdb->query( $wpdb->prepare( "DELETE FROM {$wpdb->usermeta} WHERE meta_key = %s", $told ) );
	if ( is_main_site() ) {
		$wpdb->query( "DELETE FROM {$wpdb->usermeta} WHERE meta_key IN ( '_bazgasht_birthday', '_bazgasht_consent' )" );
	}
	foreach ( array( 'heard', 'silence', 'stops', 'backs', 'answers', 'room', 'looks', 'pulled', 'walk', 'steps' ) as $kept ) {
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$wpdb->options} WHERE option_name LIKE %s", '\\_transient\\_%bazgasht\\_' . $kept . '%' ) );
	}
	// phpcs:enable
}

/**
 * Whether the database has a table.
 *
 * @param string $table Its whole name.
 */
function bazgasht_bridge_has_table( string $table ): bool {
	global $wpdb;
	return $table === $wpdb->get_var( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $table ) ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- See above.
}

if ( is_multisite() ) {
	foreach ( get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	) as $bazgasht_site_id ) {
		switch_to_blog( $bazgasht_site_id );
		bazgasht_bridge_uninstall_site();
		restore_current_blog();
	}
} else {
	bazgasht_bridge_uninstall_site();
}
