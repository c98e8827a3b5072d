<?php
/**
 * Events of the owner's own, such as "asked for a demo": code of hers tells them, and campaigns begin with them.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Custom;

use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\People;
use Bazgasht\Bridge\Record;

defined( 'ABSPATH' ) || exit;

const ACTION = 'bazgasht_custom_event';

// As the contract has it.
const NAME       = '/^[a-z0-9._-]{1,48}$/D';
const FIELD      = '/^[A-Za-z_][A-Za-z0-9_]{0,47}$/D';
const MAX_FIELDS = 30;
const MAX_CHARS  = 200;

const PERSON = array( 'phone', 'country', 'first_name', 'last_name', 'user_id', 'locale' );

/**
 * Takes an event down. What campaigns could not use is refused aloud to whoever writes the code, and to nobody else.
 *
 * @param mixed $name    1 to 48 of a–z, 0–9, `-`, `_` and `.`; campaigns name it.
 * @param mixed $contact Whom it is about: an order, an account (object or id), a number, or the contract's contact.
 * @param mixed $data    What texts may say as `event.FIELD`: texts, numbers, yes or no, by name.
 */
function action_told( $name, $contact = null, $data = array() ): void {
	Record\safely(
		static function () use ( $name, $contact, $data ): void {
			if ( ! is_string( $name ) || 1 !== preg_match( NAME, $name ) ) {
				wrong( 'its name must be 1 to 48 of a-z, 0-9, "-", "_" and "."' );
				return;
			}
			$person = person( $contact );
			if ( ! isset( $person['phone'] ) && ! isset( $person['user_id'] ) ) {
				wrong( 'it needs an order, an account or a mobile number, so nobody could be written to' );
				return;
			}
			Record\event( 'custom.' . $name, array( 'contact' => $person ) + fields( $data ) );
		}
	);
}

/**
 * The person as the contract has it; empty when nobody can be made out.
 *
 * @param mixed $whom As for action_told().
 */
function person( $whom ): array {
	if ( is_a( $whom, 'WC_Order' ) ) {
		return Orders\data( $whom )['contact'];
	}
	if ( is_a( $whom, 'WP_User' ) ) {
		return People\contact( (int) $whom->ID );
	}
	if ( is_a( $whom, 'WC_Customer' ) ) {
		return $whom->get_id() > 0 ? People\contact( $whom->get_id() ) : Events\contact( $whom, 0, determine_locale() );
	}
	if ( is_int( $whom ) ) {
		return People\contact( $whom );
	}
	$given  = is_string( $whom ) ? array( 'phone' => $whom ) : ( is_array( $whom ) ? $whom : array() );
	$person = array();
	foreach ( PERSON as $field ) {
		if ( isset( $given[ $field ] ) && is_scalar( $given[ $field ] ) ) {
			$person[ $field ] = trim( sanitize_text_field( (string) $given[ $field ] ) );
		}
	}
	return array_diff( $person, array( '' ) );
}

/**
 * What of the data a text can say.
 *
 * @param mixed $data As for action_told().
 * @return array<string, string|int|float|bool>
 */
function fields( $data ): array {
	$fields = array();
	$left   = array();
	foreach ( is_array( $data ) ? $data : array() as $name => $value ) {
		if ( 1 !== preg_match( FIELD, (string) $name ) || 'contact' === $name || ! is_scalar( $value ) || ( is_float( $value ) && ! is_finite( $value ) ) || count( $fields ) >= MAX_FIELDS ) {
			$left[] = (string) $name;
			continue;
		}
		$fields[ $name ] = is_string( $value ) ? mb_substr( trim( $value ), 0, MAX_CHARS ) : $value;
	}
	if ( array() !== $left ) {
		wrong( 'texts cannot say these of its fields: ' . implode( ', ', array_slice( $left, 0, 5 ) ) );
	}
	return $fields;
}

/**
 * Says what is wrong, where WordPress is told to show such things. Without a value: it may be a number.
 *
 * @param string $what In English, as WordPress's own messages to developers.
 */
function wrong( string $what ): void {
	_doing_it_wrong( esc_html( 'do_action( "' . ACTION . '" )' ), esc_html( $what ), '0.1.0' );
}
