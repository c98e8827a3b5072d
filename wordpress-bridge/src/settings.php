<?php
/**
 * The bridge's settings: one option, its defaults, and what may stand in it.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const OPTION = 'bazgasht_settings';

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
		'make_coupons'        => true,
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
 * Whether there is a daemon to tell anything to. Without a secret nothing is gathered, so nothing piles up.
 */
function is_connected(): bool {
	return '' !== get( 'secret' );
}

/**
 * Turns what a form sent into what may be saved; what cannot be understood keeps its present value.
 *
 * @param mixed $input The form's fields.
 * @return array<string, string|int|bool>
 */
function sanitize( $input ): array {
	$input = is_array( $input ) ? $input : array();
	$clean = array();
	foreach ( array_keys( defaults() ) as $key ) {
		$clean[ $key ] = get( $key );
	}

	// A form leaves out the boxes that are not ticked.
	foreach ( array( 'capture_checkout', 'dialog_enabled', 'make_coupons' ) as $switch ) {
		$clean[ $switch ] = ! empty( $input[ $switch ] );
	}
	foreach ( array( 'dialog_text', 'dialog_consent_text' ) as $text ) {
		if ( isset( $input[ $text ] ) ) {
			$clean[ $text ] = sanitize_textarea_field( (string) $input[ $text ] );
		}
	}
	if ( isset( $input['dialog_snooze_days'] ) ) {
		$clean['dialog_snooze_days'] = min( 365, max( 1, (int) $input['dialog_snooze_days'] ) );
	}
	if ( isset( $input['address'] ) ) {
		$clean['address'] = sanitize_address( (string) $input['address'], (string) $clean['address'] );
	}
	if ( isset( $input['link_prefix'] ) ) {
		$prefix               = sanitize_title( trim( (string) $input['link_prefix'], " /\t" ) );
		$clean['link_prefix'] = '' !== $prefix ? $prefix : $clean['link_prefix'];
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
	if ( '' === $address || ! wp_parse_url( $address, PHP_URL_HOST ) ) {
		complain( 'address', __( 'The daemon\'s address was not changed: it must look like http://127.0.0.1:8733.', 'bazgasht-bridge' ) );
		return $present;
	}
	return $address;
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
 */
function complain( string $code, string $sentence ): void {
	if ( function_exists( 'add_settings_error' ) ) {
		add_settings_error( OPTION, $code, $sentence );
	}
}
