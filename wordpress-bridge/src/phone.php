<?php
/**
 * Mobile numbers, read from whatever a checkout field holds, as the daemon reads them; both are tried with the same
 * vectors. Pure: no settings.
 *
 * Of other countries only the shape of a number is known here, so there may be several readings. That is enough to
 * find out whether somebody typed a number that is known already, and for nothing else.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Phone;

use Bazgasht\Bridge\Capture;

defined( 'ABSPATH' ) || exit;

const IRAN = '+98';

// The work on a field grows with the square of its length.
const LONGEST_FIELD_BYTES = 200;

// The calling codes of one and two digits; all others have three.
const CALLING_CODE = '(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d)';

/**
 * What a field may stand for, the likeliest first.
 *
 * @param string   $typed    As the person typed it, with digits of any script, marks, words, or a second number.
 * @param string   $country  Of the billing address, such as `IR`; empty when it is not known.
 * @param string   $shop     The shop's.
 * @param string[] $codes    The calling codes of the billing country, such as `+44`.
 * @return string[] In E.164, such as `+989120000001`; none when no mobile number is in it.
 */
function readings( string $typed, string $country, string $shop, array $codes ): array {
	$text = plain( $typed );
	if ( strlen( $text ) > LONGEST_FIELD_BYTES ) {
		return array();
	}
	$home = array(
		'iranian_buyer' => 'IR' === ( '' === $country ? $shop : $country ),
		'iranian_shop'  => 'IR' === $shop,
		'codes'         => $codes,
	);
	foreach ( (array) preg_split( '/[\p{L}\p{M}]+/u', $text ) as $stretch ) {
		$found = read_stretch( (string) $stretch, $home );
		if ( array() !== $found ) {
			return $found;
		}
	}
	return array();
}

/**
 * The field with Latin digits and plus signs, and without what cannot be seen.
 *
 * @param string $typed As typed.
 */
function plain( string $typed ): string {
	$wide = array( "\u{ff0b}" => '+' );
	foreach ( preg_split( '//u', '０１２３４５６７８９', -1, PREG_SPLIT_NO_EMPTY ) as $value => $digit ) {
		$wide[ $digit ] = (string) $value;
	}
	$text = strtr( Capture\latin_digits( $typed ), $wide );
	// Drawn out on a Persian keyboard where a dash was meant; it counts as a letter elsewhere.
	$text = str_replace( "\u{640}", '-', $text );
	return (string) preg_replace( '/[\x{ad}\x{61c}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]/u', '', $text );
}

/**
 * Reads a stretch without letters: mostly one number, maybe with punctuation in it, sometimes several. It is taken for
 * one number first; failing that, the longest run of its groups that is one is looked for.
 *
 * @param string $stretch Plain.
 * @param array  $home    From readings().
 * @return string[] As readings().
 */
function read_stretch( string $stretch, array $home ): array {
	preg_match_all( '/(?:\+[^0-9+]*)?[0-9]+/', $stretch, $matches );
	$groups = array_map(
		static function ( string $group ): string {
			return (string) preg_replace( '/[^0-9+]/', '', $group );
		},
		$matches[0]
	);
	$start  = substr( implode( '', $groups ), 0, 8 );
	// The tail of a foreign number must not be taken for an Iranian one.
	$is_abroad = array() !== $groups && is_international( $groups[0] ) && 0 !== strpos( ltrim( $start, '+0' ), '98' );
	foreach ( $groups as $at => $group ) {
		if ( $at > 0 && ! begins_number( $group, $is_abroad ) ) {
			continue;
		}
		for ( $length = count( $groups ) - $at; $length > 0; $length-- ) {
			$found = read( implode( '', array_slice( $groups, $at, $length ) ), $home );
			if ( array() !== $found ) {
				return $found;
			}
		}
	}
	return array();
}

/**
 * Whether a group of digits says that a country's code comes first.
 *
 * @param string $group Digits, maybe with a plus.
 */
function is_international( string $group ): bool {
	return '' !== $group && ( '+' === $group[0] || 0 === strpos( $group, '00' ) );
}

/**
 * Whether a number can begin at this group, other than the first.
 *
 * @param string $group     Digits, maybe with a plus.
 * @param bool   $is_abroad Whether a foreign country's code came before.
 */
function begins_number( string $group, bool $is_abroad ): bool {
	return is_international( $group ) || 1 === preg_match( $is_abroad ? '/^09\d{9}$/D' : '/^(?:0|(?:98)?9\d{9}$)/D', $group );
}

/**
 * Reads digits as exactly one number.
 *
 * @param string $number Digits, maybe with one plus before them.
 * @param array  $home   From readings().
 * @return string[] As readings().
 */
function read( string $number, array $home ): array {
	$digits = (string) preg_replace( '/^\+?(?:00)?/', '', $number );
	if ( 1 !== preg_match( '/^\d+$/D', $digits ) ) {
		return array();
	}
	// No country's code begins with 0: +0912… is a national number with a plus too many.
	if ( strlen( $digits ) < strlen( $number ) && '0' !== $digits[0] ) {
		return 0 === strpos( $digits, '98' ) ? iranian( '/^980?(9\d{9})$/D', $digits ) : abroad( $digits );
	}
	if ( $home['iranian_buyer'] ) {
		return iranian( '/^(?:98)?0?(9\d{9})$/D', $digits );
	}
	// In an Iranian shop a whole 09… or 98… number is Iranian: many leave the checkout's country at a wrong default.
	$iranian = $home['iranian_shop'] ? iranian( '/^(?:980?|0)(9\d{9})$/D', $digits ) : array();
	return array_merge( $iranian, national( $digits, $home['codes'] ) );
}

/**
 * An Iranian mobile: every 9 with nine more digits is one.
 *
 * @param string $pattern Its first group is what stands behind the country's code.
 * @param string $digits  Without plus.
 * @return string[] As readings().
 */
function iranian( string $pattern, string $digits ): array {
	return 1 === preg_match( $pattern, $digits, $match ) ? array( IRAN . $match[1] ) : array();
}

/**
 * A number with another country's code.
 *
 * @param string $digits Without plus.
 * @return string[] As readings().
 */
function abroad( string $digits ): array {
	// A zero that is dialled within a country is often kept behind its code, and belongs there in a few.
	$without_zero = (string) preg_replace( '/^(' . CALLING_CODE . ')0/', '$1', $digits );
	return possible( array( $without_zero, $digits ) );
}

/**
 * A number as it is dialled within a country.
 *
 * @param string   $digits Without plus.
 * @param string[] $codes  As for readings().
 * @return string[] As readings().
 */
function national( string $digits, array $codes ): array {
	$found = array();
	foreach ( $codes as $code ) {
		$code = ltrim( $code, '+' );
		if ( '1' === ( $code[0] ?? '' ) ) {
			// North America: the area code that WooCommerce counts in is part of the number.
			$found[] = 10 === strlen( $digits ) ? '1' . $digits : $digits;
			continue;
		}
		if ( 0 === strpos( $digits, $code ) ) {
			$found[] = $digits;
		}
		// What comes first within a country and does not belong to the number: 0 mostly, 8 in Russia, 06 in Hungary.
		foreach ( array( '/^0/', '/^8(?=\d{9,10}$)/D', '/^06/', '/^/' ) as $trunk ) {
			if ( 1 === preg_match( $trunk, $digits ) ) {
				$found[] = $code . preg_replace( $trunk, '', $digits );
			}
		}
	}
	return possible( $found );
}

/**
 * Those that are as long as numbers are, each once.
 *
 * @param string[] $numbers Digits with a country's code.
 * @return string[] As readings().
 */
function possible( array $numbers ): array {
	$found = array();
	foreach ( array_unique( $numbers ) as $digits ) {
		if ( 1 === preg_match( '/^[1-9]\d{7,14}$/D', $digits ) ) {
			$found[] = '+' . $digits;
		}
	}
	return $found;
}
