<?php
/**
 * What the account's forms ask beyond WooCommerce's own: the birthday, on signing up and later, and whether offers are
 * wanted. Both only where the owner has switched them on.
 *
 * In a Persian shop the birthday is typed in the Jalali calendar; what is kept and told is Gregorian.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Account;

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\Consent_Checkout;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Jalali;
use Bazgasht\Bridge\People;
use Bazgasht\Bridge\Settings;
use function Bazgasht\Bridge\note_number;

defined( 'ABSPATH' ) || exit;

const META_BIRTHDAY = '_bazgasht_birthday';

const FIELD = 'bazgasht_birthday';
const SHOWN = 'bazgasht_account';

const OLDEST_YEARS = 120;

/**
 * Whether dates are typed in the Jalali calendar.
 */
function is_jalali(): bool {
	return 0 === strpos( determine_locale(), 'fa' );
}

/**
 * Whether the birthday is asked for.
 */
function asks_birthday(): bool {
	return Settings\is_connected() && Settings\get( 'birthday_field' );
}

/**
 * The form for signing up.
 */
function action_register_form(): void {
	if ( asks_birthday() ) {
		// What was typed comes back when something else was wrong.
		birthday_field( typed_parts() );
	}
}

/**
 * The form of the account.
 */
function action_edit_form(): void {
	if ( asks_birthday() ) {
		$typed = typed_parts();
		birthday_field( array() !== $typed ? $typed : parts( birthday( get_current_user_id() ) ) );
	}
	if ( Consent\is_asked() ) {
		printf(
			'<p class="woocommerce-form-row form-row form-row-wide"><label class="woocommerce-form__label woocommerce-form__label-for-checkbox"><input type="checkbox" class="woocommerce-form__input woocommerce-form__input-checkbox" name="%1$s" value="1" %2$s> <span>%3$s</span></label><input type="hidden" name="%4$s" value="1"></p>',
			esc_attr( Consent_Checkout\NAME ),
			checked( Consent\state(), true, false ),
			esc_html( Consent\wording() ),
			esc_attr( SHOWN )
		);
	}
}

/**
 * The birthday's field: three small ones, or the browser's own for dates.
 *
 * @param string[] $parts Year, month, day as typed; empty for none.
 */
function birthday_field( array $parts ): void {
	$label = __( 'Birthday (optional)', 'bazgasht-bridge' );
	if ( ! is_jalali() ) {
		printf(
			'<p class="woocommerce-form-row form-row form-row-wide"><label for="%1$s">%2$s</label><input type="date" class="woocommerce-Input input-text" name="%1$s" id="%1$s" value="%3$s" min="%4$s" max="%5$s" autocomplete="bday"></p>',
			esc_attr( FIELD ),
			esc_html( $label ),
			esc_attr( array() === $parts ? '' : implode( '-', $parts ) ),
			esc_attr( gmdate( 'Y-m-d', time() - OLDEST_YEARS * 31557600 ) ),
			esc_attr( gmdate( 'Y-m-d' ) )
		);
		return;
	}
	list( $year, $month, $day ) = array() === $parts ? array( '', '', '' ) : $parts;
	$options                    = '<option value="">' . esc_html__( 'Month', 'bazgasht-bridge' ) . '</option>';
	foreach ( Jalali\MONTHS as $index => $name ) {
		$options .= sprintf( '<option value="%d"%s>%s</option>', $index + 1, (int) $month === $index + 1 ? ' selected' : '', esc_html( $name ) );
	}
	$number = static function ( string $part, string $value, string $placeholder, int $length ): string {
		return sprintf(
			'<input type="text" inputmode="numeric" class="woocommerce-Input input-text" name="%1$s[%2$s]" value="%3$s" placeholder="%4$s" aria-label="%4$s" maxlength="%5$d" style="flex:%5$d 1 0;min-width:0;width:auto" autocomplete="off">',
			esc_attr( FIELD ),
			esc_attr( $part ),
			esc_attr( $value ),
			esc_attr( $placeholder ),
			$length
		);
	};
	printf(
		'<fieldset class="woocommerce-form-row form-row form-row-wide" style="border:0;padding:0;margin:0 0 1em;min-width:0"><legend style="font-size:inherit;padding:0">%1$s</legend><span style="display:flex;gap:.5em;max-width:26em">%2$s<select name="%3$s[m]" aria-label="%4$s" style="flex:5 1 0;min-width:0;width:auto">%5$s</select>%6$s</span></fieldset>',
		esc_html( $label ),
		$number( 'd', $day, __( 'Day', 'bazgasht-bridge' ), 2 ), // phpcs:ignore WordPress.Security.EscapeOutput -- Escaped above, like the others.
		esc_attr( FIELD ),
		esc_attr__( 'Month', 'bazgasht-bridge' ),
		$options, // phpcs:ignore WordPress.Security.EscapeOutput
		$number( 'y', $year, __( 'Year', 'bazgasht-bridge' ), 4 ) // phpcs:ignore WordPress.Security.EscapeOutput
	);
}

/**
 * What the form brought: year, month, day with Latin digits; empty when nothing was typed.
 *
 * @return string[]
 */
function typed_parts(): array {
	// phpcs:disable WordPress.Security.NonceVerification.Missing -- The forms' own nonces are checked by WooCommerce before anything is saved.
	$typed = isset( $_POST[ FIELD ] ) ? map_deep( wp_unslash( $_POST[ FIELD ] ), 'sanitize_text_field' ) : ''; // phpcs:ignore WordPress.Security.ValidatedSanitizedInput.InputNotSanitized -- Just done.
	// phpcs:enable
	if ( is_string( $typed ) ) {
		$parts = explode( '-', Capture\latin_digits( $typed ) );
	} else {
		$parts = array();
		foreach ( array( 'y', 'm', 'd' ) as $part ) {
			$parts[] = isset( $typed[ $part ] ) && is_string( $typed[ $part ] ) ? Capture\latin_digits( trim( $typed[ $part ] ) ) : '';
		}
	}
	return 3 === count( $parts ) && '' !== implode( '', $parts ) ? $parts : array();
}

/**
 * The Gregorian date that was typed; empty when nothing was, null when it is no date or nobody's birthday.
 */
function typed_birthday(): ?string {
	$parts = typed_parts();
	if ( array() === $parts ) {
		return '';
	}
	foreach ( $parts as $part ) {
		if ( 1 !== preg_match( '/^\d{1,4}$/D', $part ) ) {
			return null;
		}
	}
	list( $year, $month, $day ) = array_map( 'intval', $parts );
	// A year below 100 in the Jalali calendar is one of the thirteen hundreds: nobody writes the century.
	if ( is_jalali() && $year > 9 && $year < 100 ) {
		$year += 1300;
	}
	$date = '';
	if ( $year > Jalali\LAST_YEAR ) {
		$date = checkdate( $month, $day, $year ) ? sprintf( '%04d-%02d-%02d', $year, $month, $day ) : '';
	} elseif ( is_jalali() ) {
		$date = Jalali\to_gregorian( $year, $month, $day );
	}
	$is_possible = '' !== $date && $date <= gmdate( 'Y-m-d' ) && $date >= gmdate( 'Y-m-d', time() - OLDEST_YEARS * 31557600 );
	return $is_possible ? $date : null;
}

/**
 * A date's year, month and day as the form shows them.
 *
 * @param string $date YYYY-MM-DD, or empty.
 * @return string[]
 */
function parts( string $date ): array {
	if ( '' === $date ) {
		return array();
	}
	return is_jalali() ? array_map( 'strval', Jalali\from_gregorian( $date ) ) : explode( '-', $date );
}

/**
 * An account's birthday as YYYY-MM-DD; empty when it is not known.
 *
 * @param int $user_id The account.
 */
function birthday( int $user_id ): string {
	/**
	 * Filters an account's birthday, for shops that ask for it in a form of their own.
	 *
	 * @param string $date    YYYY-MM-DD, Gregorian; empty when not known.
	 * @param int    $user_id The account.
	 */
	$date = (string) apply_filters( 'bazgasht_birthday', (string) get_user_meta( $user_id, META_BIRTHDAY, true ), $user_id );
	return 1 === preg_match( '/^\d{4}-\d\d-\d\d$/D', $date ) ? $date : '';
}

/**
 * Says so when the birthday is none.
 *
 * @param \WP_Error $errors The form's.
 * @return \WP_Error
 */
function check( $errors ) {
	if ( is_wp_error( $errors ) && asks_birthday() && null === typed_birthday() ) {
		$errors->add( FIELD, __( 'Please check the birthday, or leave it empty.', 'bazgasht-bridge' ) );
	}
	return $errors;
}

/**
 * An account was made by the form for signing up.
 *
 * @param int $user_id The account.
 */
function action_created( $user_id ): void {
	$date = asks_birthday() ? typed_birthday() : '';
	if ( null !== $date && '' !== $date ) {
		keep_birthday( (int) $user_id, $date );
	}
}

/**
 * The account's form was saved.
 *
 * @param int $user_id The account.
 */
function action_saved( $user_id ): void {
	$user_id = (int) $user_id;
	// phpcs:disable WordPress.Security.NonceVerification.Missing -- WooCommerce has checked its nonce.
	if ( asks_birthday() && isset( $_POST[ FIELD ] ) ) {
		$date = typed_birthday();
		if ( null !== $date ) {
			keep_birthday( $user_id, $date );
		}
	}
	if ( Consent\is_asked() && isset( $_POST[ SHOWN ] ) ) {
		answer( $user_id, isset( $_POST[ Consent_Checkout\NAME ] ) );
	}
	// phpcs:enable
}

/**
 * Keeps a birthday; the account is told at the end of the request.
 *
 * @param int    $user_id The account.
 * @param string $date    Empty to forget it.
 */
function keep_birthday( int $user_id, string $date ): void {
	'' === $date ? delete_user_meta( $user_id, META_BIRTHDAY ) : update_user_meta( $user_id, META_BIRTHDAY, $date );
	People\action_changed( $user_id );
}

/**
 * Keeps and tells an answer that is another one than the form came with: whoever changes their password has not
 * answered a box that they never touched.
 *
 * @param int  $user_id   The account.
 * @param bool $marketing The answer.
 */
function answer( int $user_id, bool $marketing ): void {
	if ( Consent\state() === $marketing ) {
		return;
	}
	$answer = Consent\answer( $marketing, Consent\IN_ACCOUNT, Consent\wording() );
	Consent\keep( $user_id, $answer );
	$contact = People\contact( $user_id );
	if ( isset( $contact['phone'] ) ) {
		note_number( $contact['phone'], $answer, $contact );
	}
}
