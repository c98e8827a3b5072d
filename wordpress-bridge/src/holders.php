<?php
/**
 * Whose orders and accounts have a number, however it was written there. Goes through all of them, so only for what
 * a manager does by hand.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Holders;

use Bazgasht\Bridge\Phone_Fields;
use Bazgasht\Bridge\Privacy;

defined( 'ABSPATH' ) || exit;

/**
 * Orders with the number as the billing phone.
 *
 * @param string $digits From Privacy\digits().
 * @return int[]
 */
function orders( string $digits ): array {
	global $wpdb;
	// phpcs:disable WordPress.DB -- No function looks for a part of a number; the tables' names are WordPress's and WooCommerce's.
	$found     = matching( "SELECT post_id AS id, meta_value AS phone FROM {$wpdb->postmeta} WHERE meta_key = '_billing_phone'", 'meta_value', $digits );
	$addresses = $wpdb->prefix . 'wc_order_addresses';
	if ( $addresses === $wpdb->get_var( $wpdb->prepare( 'SHOW TABLES LIKE %s', $wpdb->esc_like( $addresses ) ) ) ) {
		$found = array_merge( $found, matching( "SELECT order_id AS id, phone AS phone FROM {$addresses} WHERE address_type = 'billing'", 'phone', $digits ) );
	}
	// phpcs:enable
	return array_values( array_unique( $found ) );
}

/**
 * Accounts with the number, in the billing address or where plugins for logging in by number keep it.
 *
 * @param string $digits From Privacy\digits().
 * @return int[]
 */
function accounts( string $digits ): array {
	global $wpdb;
	$keys = "'billing_phone', '" . implode( "', '", Phone_Fields\ACCOUNT_KEYS ) . "'";
	return array_values( array_unique( matching( "SELECT user_id AS id, meta_value AS phone FROM {$wpdb->usermeta} WHERE meta_key IN ( {$keys} )", 'meta_value', $digits ) ) );
}

/**
 * The rows of a query whose number is this one.
 *
 * @param string $query  Gives `id` and `phone`; without anything of a visitor's in it.
 * @param string $column Where the number stands.
 * @param string $digits From Privacy\digits().
 * @return int[] Their ids.
 */
function matching( string $query, string $column, string $digits ): array {
	global $wpdb;
	// Spaces and dashes may stand between any two; people type in the digits that they have.
	$latin = '%' . implode( '%', str_split( $digits ) ) . '%';
	$likes = array( $latin );
	foreach ( array( '۰۱۲۳۴۵۶۷۸۹', '٠١٢٣٤٥٦٧٨٩' ) as $family ) {
		$likes[] = strtr( $latin, (array) preg_split( '//u', $family, -1, PREG_SPLIT_NO_EMPTY ) );
	}
	$found = array();
	foreach ( (array) $wpdb->get_results( $wpdb->prepare( "{$query} AND ( {$column} LIKE %s OR {$column} LIKE %s OR {$column} LIKE %s )", ...$likes ) ) as $row ) { // phpcs:ignore WordPress.DB -- See orders().
		if ( Privacy\digits( (string) $row->phone ) === $digits ) {
			$found[] = (int) $row->id;
		}
	}
	return $found;
}
