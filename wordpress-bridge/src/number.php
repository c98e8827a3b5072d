<?php
/**
 * The door for a person's number, whichever way it was found.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge;

defined( 'ABSPATH' ) || exit;

/**
 * Takes down a person's number and joins it to the cart of the present session.
 *
 * Writes nothing into the session: requests that only bring a number run beside those that change the cart, and a
 * session is saved whole.
 *
 * @param string     $phone   As typed.
 * @param array|null $consent `marketing` (bool), `source`, `text`; null when nothing was asked.
 * @param array      $extra   Further fields of the contact, such as `first_name`.
 */
function note_number( string $phone, ?array $consent = null, array $extra = array() ): void {
	$phone = trim( $phone );
	if ( '' === $phone ) {
		return;
	}
	$contact = Events\filled(
		array_merge(
			array(
				'user_id' => get_current_user_id() > 0 ? get_current_user_id() : null,
				'locale'  => determine_locale(),
			),
			$extra,
			array( 'phone' => $phone )
		)
	);
	$data    = Events\filled(
		array(
			'cart_key' => Cart\key(),
			'contact'  => $contact,
			'consent'  => $consent,
		)
	);
	Record\event( 'contact.captured', $data );
}
