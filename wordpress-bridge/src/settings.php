<?php
/**
 * The bridge's settings: one option, its defaults, and what may stand in it.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Settings;

use Bazgasht\Bridge\Consent;

defined( 'ABSPATH' ) || exit;

const OPTION = 'bazgasht_settings';

// As link prefix: links stand right behind the shop's address.
const ROOT = '/';

/**
 * Every key with its value on a fresh install.
 *
 * @return array<string, string|int|bool>
 */
function defaults(): array {
	return array(
		'address'             => 'http://127.0.0.1:8733',
		'secret'              => '',
		'link_prefix'         => 's',
		'capture_checkout'    => true,
		'dialog_enabled'      => false,
		'dialog_text'         => '',
		'dialog_consent_text' => '',
		'dialog_snooze_days'  => 30,
		'watch_products'      => true,
		'watch_pages'         => '',
		'wanted_enabled'      => false,
		'birthday_field'      => false,
		'consent_checkout'    => false,
		'consent_law'         => '',
		'consent_text'        => '',
		'consent_ticked'      => false,
		'make_coupons'        => true,
		'remove_data'         => false,
	);
}

/**
 * One setting.
 *
 * @param string $key One of the keys of defaults().
 * @return string|int|bool|null Null for an unknown key.
 */
function get( string $key ) {
	$saved = get_option( OPTION, array() );
	if ( is_array( $saved ) && isset( $saved[ $key ] ) ) {
		return $saved[ $key ];
	}
	return defaults()[ $key ] ?? null;
}

/**
 * Whether a secret is saved, be it here or in the shop that this one was copied from.
 */
function has_secret(): bool {
	return '' !== get( 'secret' );
}

/**
 * Whether there is a daemon to tell anything to. Without a secret nothing is gathered, so nothing piles up; nor is
 * anything in a copy of the shop.
 */
function is_connected(): bool {
	return has_secret() && '' === \Bazgasht\Bridge\Home\strayed();
}

/**
 * Turns the bridge off until a secret is typed in again.
 */
function forget_secret(): void {
	// To the form an empty secret means "as it was".
	remove_filter( 'sanitize_option_' . OPTION, __NAMESPACE__ . '\sanitize' );
	update_option( OPTION, array_merge( (array) get_option( OPTION, array() ), array( 'secret' => '' ) ) );
	delete_option( \Bazgasht\Bridge\Home\OPTION );
}

/**
 * Turns what a form sent into what may be saved; what cannot be understood keeps its present value.
 *
 * @param mixed $input The form's fields.
 * @return array<string, string|int|bool>
 */
function sanitize( $input ): array {
	$input = is_array( $input ) ? array_filter( $input, 'is_scalar' ) : array();
	$clean = array();
	foreach ( array_keys( defaults() ) as $key ) {
		$clean[ $key ] = get( $key );
	}

	// A form leaves out the boxes that are not ticked.
	foreach ( array( 'capture_checkout', 'dialog_enabled', 'watch_products', 'wanted_enabled', 'birthday_field', 'consent_checkout', 'consent_ticked', 'make_coupons', 'remove_data' ) as $switch ) {
		$clean[ $switch ] = ! empty( $input[ $switch ] );
	}
	foreach ( array( 'dialog_text', 'dialog_consent_text', 'watch_pages', 'consent_text' ) as $text ) {
		if ( isset( $input[ $text ] ) ) {
			$clean[ $text ] = sanitize_textarea_field( (string) $input[ $text ] );
		}
	}
	if ( isset( $input['dialog_snooze_days'] ) ) {
		$clean['dialog_snooze_days'] = min( 365, max( 1, (int) $input['dialog_snooze_days'] ) );
	}
	if ( isset( $input['consent_law'] ) && in_array( $input['consent_law'], array( '', Consent\IRAN, Consent\GDPR ), true ) ) {
		$clean['consent_law'] = $input['consent_law'];
	}
	if ( isset( $input['address'] ) ) {
		$clean['address'] = sanitize_address( (string) $input['address'], (string) $clean['address'] );
	}
	if ( isset( $input['link_prefix'] ) ) {
		$prefix = trim( (string) $input['link_prefix'] );

		$clean['link_prefix'] = ROOT === $prefix ? ROOT : sanitize_prefix( trim( $prefix, " /\t" ), (string) $clean['link_prefix'] );
	}
	// Never printed back, so an empty field means "as it was".
	$secret = isset( $input['secret'] ) ? trim( (string) $input['secret'] ) : '';
	if ( '' !== $secret ) {
		$clean['secret'] = sanitize_secret( $secret, (string) $clean['secret'] );
	}
	return $clean;
}

/**
 * The daemon's address without a trailing slash, or the present one with a word to the manager.
 *
 * @param string $address What was typed.
 * @param string $present What is saved.
 */
function sanitize_address( string $address, string $present ): string {
	$address = untrailingslashit( esc_url_raw( trim( $address ), array( 'http', 'https' ) ) );
	$parts   = wp_parse_url( $address );
	// The paths of the contract are put behind it, so a query would swallow them.
	if ( '' === $address || ! is_array( $parts ) || empty( $parts['host'] ) || array() !== array_intersect( array( 'query', 'fragment', 'user' ), array_keys( $parts ) ) ) {
		complain( 'address', __( 'The daemon\'s address was not changed: it must look like http://127.0.0.1:8733.', 'bazgasht-bridge' ) );
		return $present;
	}
	if ( 'http' === $parts['scheme'] && $address !== $present && ! is_near( $parts['host'] ) ) {
		complain( 'address', __( 'Numbers and names would go to that address in the clear: let it begin with https://, or let the daemon run on this server.', 'bazgasht-bridge' ), 'warning' );
	}
	return $address;
}

/**
 * Whether a host is this machine or one beside it.
 *
 * @param string $host Name or address.
 */
function is_near( string $host ): bool {
	$host = strtolower( trim( $host, '[]' ) );
	if ( false !== filter_var( $host, FILTER_VALIDATE_IP ) ) {
		return false === filter_var( $host, FILTER_VALIDATE_IP, FILTER_FLAG_NO_PRIV_RANGE | FILTER_FLAG_NO_RES_RANGE );
	}
	return false === strpos( $host, '.' ) || 1 === preg_match( '/\.(local|localhost|internal|lan)$/D', $host );
}

/**
 * The prefix of links, or the present one with a word to the manager: whatever it is, addresses below it are no
 * pages of the shop any more.
 *
 * @param string $prefix  What was typed.
 * @param string $present What is saved.
 */
function sanitize_prefix( string $prefix, string $present ): string {
	$prefix = strtolower( $prefix );
	if ( $prefix === $present || '' === $prefix ) {
		return $present;
	}
	if ( 1 !== preg_match( '/^[a-z0-9_-]{1,20}$/D', $prefix ) ) {
		complain( 'link_prefix', __( 'The link prefix was not changed: one word of Latin letters and digits, such as s.', 'bazgasht-bridge' ) );
		return $present;
	}
	if ( is_taken( $prefix ) ) {
		/* translators: %s: the beginning of an address, such as "product" */
		complain( 'link_prefix', sprintf( __( 'The link prefix was not changed: the shop has pages of its own below /%s/.', 'bazgasht-bridge' ), $prefix ) );
		return $present;
	}
	return $prefix;
}

/**
 * Whether the shop has pages below a prefix.
 *
 * @param string $prefix One part of a path.
 */
function is_taken( string $prefix ): bool {
	global $wp_rewrite;
	if ( null !== get_page_by_path( $prefix ) || in_array( $prefix, array( 'wp-admin', 'wp-content', 'wp-includes', 'wp-json', 'feed', 'page' ), true ) ) {
		return true;
	}
	foreach ( array_keys( (array) $wp_rewrite->wp_rewrite_rules() ) as $rule ) {
		if ( 1 === preg_match( '~^\^?' . preg_quote( $prefix, '~' ) . '/~', (string) $rule ) ) {
			return true;
		}
	}
	return false;
}

/**
 * The secret, or the present one with a word to the manager.
 *
 * @param string $secret  What was typed.
 * @param string $present What is saved.
 */
function sanitize_secret( string $secret, string $present ): string {
	if ( null === \Bazgasht\Bridge\Signer\key( $secret ) ) {
		complain( 'secret', __( 'The secret was not changed: it must begin with whsec_ and be copied whole from bazgasht.toml.', 'bazgasht-bridge' ) );
		return $present;
	}
	return $secret;
}

/**
 * Shows a sentence above the form, where the settings screen is what saves.
 *
 * @param string $code     Which setting.
 * @param string $sentence For the manager.
 * @param string $kind     `error`, or `warning` when it was saved all the same.
 */
function complain( string $code, string $sentence, string $kind = 'error' ): void {
	if ( function_exists( 'add_settings_error' ) ) {
		add_settings_error( OPTION, $code, $sentence, $kind );
	}
}
