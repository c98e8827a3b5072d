<?php
/**
 * Deleting the plugin removes all that it has written, with what was never delivered.
 *
 * @package Bazgasht
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/**
 * Cleans one site.
 */
function bazgasht_bridge_uninstall_site(): void {
	global $wpdb;
	if ( function_exists( 'as_unschedule_all_actions' ) ) {
		as_unschedule_all_actions( '', array(), 'bazgasht' );
	}

	$outbox = get_option( 'bazgasht_outbox', array() );
	if ( is_array( $outbox ) && 1 === preg_match( '/^bazgasht-[0-9a-f]{32}$/', (string) ( $outbox['folder'] ?? '' ) ) ) {
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

	// phpcs:disable WordPress.DB -- Our own table, and meta that no function deletes across order tables.
	$wpdb->query( "DROP TABLE IF EXISTS {$wpdb->prefix}bazgasht_outbox" );
	$keys = "'_bazgasht_cart_key', '_bazgasht_link', '_bazgasht_told', '_bazgasht'";
	foreach ( array( $wpdb->postmeta, $wpdb->commentmeta, $wpdb->usermeta ) as $table ) {
		$wpdb->query( "DELETE FROM {$table} WHERE meta_key IN ( {$keys} )" );
	}
	$orders = $wpdb->prefix . 'wc_orders_meta';
	if ( $orders === $wpdb->get_var( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $orders ) ) ) ) {
		$wpdb->query( "DELETE FROM {$orders} WHERE meta_key IN ( {$keys} )" );
	}
	$wpdb->query( "DELETE FROM {$wpdb->options} WHERE option_name LIKE '\\_transient\\_%bazgasht\\_heard\\_%' OR option_name LIKE '\\_transient\\_%bazgasht\\_silence' OR option_name LIKE '\\_transient\\_%bazgasht\\_stops\\_%'" );
	// phpcs:enable

	foreach ( array( 'settings', 'outbox', 'delivery', 'coupons', 'snapshot', 'home' ) as $option ) {
		delete_option( 'bazgasht_' . $option );
	}
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
