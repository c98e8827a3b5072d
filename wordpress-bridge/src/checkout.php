<?php
/**
 * The number typed at the checkout, as the server hears of it.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Checkout;

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Phone_Fields;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;
use function Bazgasht\Bridge\note_number;

defined( 'ABSPATH' ) || exit;

/**
 * Block checkout: the form pushes each field soon after the last key.
 *
 * @param \WC_Customer $customer The session's customer, already changed.
 */
function action_block_customer_updated( $customer ): void {
	if ( is_a( $customer, 'WC_Customer' ) ) {
		typed( (string) $customer->get_billing_phone(), Capture\name( (string) $customer->get_billing_first_name() ), Capture\name( (string) $customer->get_billing_last_name() ), (string) $customer->get_billing_country() );
	}
}

/**
 * Classic checkout: the address refresh brings the whole form, of which the number, the names and the country are read.
 *
 * @param mixed $form URL-encoded.
 */
function action_classic_form_refreshed( $form ): void {
	if ( ! is_string( $form ) ) {
		return;
	}
	$fields = array();
	wp_parse_str( $form, $fields );
	$field = static function ( string $name ) use ( $fields ): string {
		return isset( $fields[ $name ] ) && is_string( $fields[ $name ] ) ? sanitize_text_field( $fields[ $name ] ) : '';
	};
	typed( Phone_Fields\among( $fields ), Capture\name( $field( 'billing_first_name' ) ), Capture\name( $field( 'billing_last_name' ) ), $field( 'billing_country' ) );
}

/**
 * Classic checkout: WooCommerce takes a number in Persian digits for none and refuses the order.
 *
 * @param mixed $posted What was typed into a phone field; other plugins may have made anything of it.
 * @return mixed
 */
function filter_classic_phone( $posted ) {
	return is_string( $posted ) ? Capture\latin_digits( $posted ) : $posted;
}

/**
 * Takes a number down when it looks complete and is new in this session.
 *
 * @param string $phone   As typed so far.
 * @param string $first_name As typed so far.
 * @param string $last_name  As typed so far.
 * @param string $country   Billing country.
 */
function typed( string $phone, string $first_name, string $last_name, string $country ): void {
	if ( ! Settings\get( 'capture_checkout' ) || ! Settings\is_connected() || '' === $phone || ! Capture\looks_complete( $phone ) ) {
		return;
	}
	$key = Cart\key();
	if ( '' === $key ) {
		return;
	}
	// Both requests save the session anyway, so it may keep the memory.
	$number = md5( Capture\plain( $phone ) );
	if ( WC()->session->get( 'bazgasht_typing' ) !== $number ) {
		WC()->session->set( 'bazgasht_typing', $number );
		if ( Capture\may_go_on( $phone ) ) {
			// Half of a longer one, perhaps: it counts when it comes again. The script tells it when the field is left.
			return;
		}
	}
	$fingerprint = md5( wp_json_encode( array( $key, Capture\plain( $phone ), $first_name, $last_name ) ) );
	if ( WC()->session->get( 'bazgasht_typed' ) === $fingerprint ) {
		return;
	}
	WC()->session->set( 'bazgasht_typed', $fingerprint );
	$names = array(
		'first_name' => $first_name,
		'last_name'  => $last_name,
		'country'    => $country,
	);
	// The limits are kept in the database, and the buyer is waiting for their totals.
	Record\when_gone(
		static function () use ( $phone, $names ): void {
			if ( Capture\has_room_for( $phone ) ) {
				note_number( $phone, null, $names );
			}
		}
	);
}
