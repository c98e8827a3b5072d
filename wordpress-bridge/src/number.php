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
				'user_id' => account_of( $phone ),
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

/**
 * The account at hand, if a number that was typed may be its own: it has that one, or none yet. With another number,
 * perhaps a friend's, only an order or the account itself says that the account has moved.
 *
 * @param string $phone        As typed.
 * @param bool   $may_be_first Whether it may be the account's if the account has none yet.
 */
function account_of( string $phone, bool $may_be_first = true ): ?int {
	$user_id = get_current_user_id();
	if ( $user_id <= 0 ) {
		return null;
	}
	$own    = (string) get_user_meta( $user_id, 'billing_phone', true );
	$own    = Capture\looks_complete( $own ) ? $own : Phone_Fields\of_account( $user_id );
	$is_own = '' === $own ? $may_be_first : Capture\same_number( $own, $phone );
	return $is_own ? $user_id : null;
}
