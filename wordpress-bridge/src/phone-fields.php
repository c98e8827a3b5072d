<?php
/**
 * Where a mobile number may stand: checkout plugins and field editors have fields of their own, and shops that keep
 * the landline in `billing_phone` ask for the mobile number somewhere else.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Phone_Fields;

use Bazgasht\Bridge\Capture;

defined( 'ABSPATH' ) || exit;

// The same as in assets/shop.js.
const NAMES     = '/phone|mobile|hamrah|موبا|همراه|تلفن|(^|[^a-z])tel([^a-z]|$)/iu';
const NOT_NAMES = '/card|cc-|cv[cv]|expir|code|melli|national.?id|fax|(^|[^a-z])(pin|otp)([^a-z]|$)/i';

// Where plugins for logging in by number keep it.
const ACCOUNT_KEYS = array( 'billing_mobile', 'digits_phone', 'phone_number', 'mobile', 'phone', 'user_phone', 'mobile_number' );

/**
 * Whether a field or a piece of meta with this name may hold the buyer's number.
 *
 * @param string $name Such as `billing_mobile`.
 */
function may_hold( string $name ): bool {
	return 1 === preg_match( NAMES, $name ) && 1 !== preg_match( NOT_NAMES, $name );
}

/**
 * The buyer's number in what was typed: the billing phone when it is a whole mobile number, else the first other one
 * that is, the parcel's last.
 *
 * @param array $fields Values by name; what is no text is passed over.
 */
function among( array $fields ): string {
	$found = array();
	foreach ( $fields as $name => $value ) {
		$name = (string) $name;
		// Most fields are told by their name, which costs least.
		if ( ! is_string( $value ) || '' === $value || ! may_hold( $name ) ) {
			continue;
		}
		$value = trim( sanitize_text_field( $value ) );
		if ( '' !== $value && strlen( $value ) <= Capture\MAX_PHONE_BYTES && Capture\looks_complete( $value ) ) {
			$found[ rank( $name ) ] = $found[ rank( $name ) ] ?? $value;
		}
	}
	ksort( $found );
	return (string) reset( $found );
}

/**
 * How near a field's name is to "the buyer's own number".
 *
 * @param string $name One that may hold a number.
 */
function rank( string $name ): int {
	$name = ltrim( $name, '_' );
	if ( in_array( $name, array( 'billing_phone', 'billing-phone' ), true ) ) {
		return 0;
	}
	if ( 0 === strpos( $name, 'billing' ) ) {
		return 1;
	}
	return false !== strpos( $name, 'shipping' ) ? 3 : 2;
}

/**
 * A number in an order's own fields; empty if there is none.
 *
 * @param \WC_Order $order The order.
 */
function of_order( $order ): string {
	return among( fields_of_order( $order ) );
}

/**
 * An order's own fields, by name.
 *
 * @param \WC_Order $order The order.
 */
function fields_of_order( $order ): array {
	$fields = array();
	foreach ( $order->get_meta_data() as $meta ) {
		$data                   = $meta->get_data();
		$fields[ $data['key'] ] = $data['value'];
	}
	return $fields;
}

/**
 * A number that a plugin has kept with an account; empty if there is none.
 *
 * @param int $user_id The account.
 */
function of_account( int $user_id ): string {
	$fields = array();
	foreach ( ACCOUNT_KEYS as $key ) {
		$fields[ $key ] = get_user_meta( $user_id, $key, true );
	}
	/**
	 * Filters the mobile number of an account that has none in its billing address.
	 *
	 * @param string $phone   As found; may be empty.
	 * @param int    $user_id The account.
	 */
	return (string) apply_filters( 'bazgasht_account_phone', among( $fields ), $user_id );
}

/**
 * A contact with the mobile number that is elsewhere, if its own is none.
 *
 * @param array    $contact From Events\contact().
 * @param callable $find    Gives the other number, or an empty string.
 */
function complete( array $contact, callable $find ): array {
	if ( isset( $contact['phone'] ) && Capture\looks_complete( $contact['phone'] ) ) {
		return $contact;
	}
	$other = $find();
	return '' === $other ? $contact : array_merge( $contact, array( 'phone' => $other ) );
}
