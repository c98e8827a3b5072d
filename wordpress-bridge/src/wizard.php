<?php
/**
 * The first run, step by step. It can be left at any step and taken up again there; nothing of it is needed by whoever
 * prefers the settings.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Wizard;

use Bazgasht\Bridge\Fields;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Settings_Page;
use Bazgasht\Bridge\Status;

defined( 'ABSPATH' ) || exit;

const OPTION = 'bazgasht_setup';
const ACTION = 'bazgasht_setup';

// Steps.
const CONNECT = 'connect';
const NUMBER  = 'number';
const CONSENT = 'consent';
const DOUBLES = 'doubles';
const TEST    = 'test';
const DONE    = 'done';

// What the buttons mean.
const NEXT  = 'next';
const SKIP  = 'skip';
const LEAVE = 'leave';

// What a step saves.
const SECTIONS = array(
	CONNECT => Fields\DAEMON,
	NUMBER  => Fields\NUMBER,
	CONSENT => Fields\CONSENT,
);

/**
 * The steps, in order.
 *
 * @return array<string, string> Their names.
 */
function steps(): array {
	return array(
		CONNECT => __( 'Connect', 'bazgasht-bridge' ),
		NUMBER  => __( 'The number', 'bazgasht-bridge' ),
		CONSENT => __( 'Consent', 'bazgasht-bridge' ),
		DOUBLES => __( 'Who else writes', 'bazgasht-bridge' ),
		TEST    => __( 'Test', 'bazgasht-bridge' ),
		DONE    => __( 'Done', 'bazgasht-bridge' ),
	);
}

/**
 * How far it has come.
 *
 * @return array{step: string, over: bool} `step` is empty before the first.
 */
function state(): array {
	$state = get_option( OPTION, array() );
	return array_merge(
		array(
			'step' => '',
			'over' => false,
		),
		is_array( $state ) ? $state : array()
	);
}

/**
 * Whether there is something left to set up. A shop that was connected without the wizard does not need it.
 */
function is_open(): bool {
	$state = state();
	return ! $state['over'] && ( '' !== $state['step'] || ! Settings\has_secret() );
}

/**
 * The step to show: the one that is asked for, or the one that was left.
 */
function step(): string {
	$asked = isset( $_GET['step'] ) ? sanitize_key( $_GET['step'] ) : ''; // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- Only chooses what is shown.
	foreach ( array( $asked, state()['step'] ) as $step ) {
		if ( isset( steps()[ $step ] ) ) {
			return $step;
		}
	}
	return CONNECT;
}

/**
 * The step after another.
 *
 * @param string $step One of the steps.
 */
function after( string $step ): string {
	$names = array_keys( steps() );
	return $names[ min( count( $names ) - 1, 1 + (int) array_search( $step, $names, true ) ) ];
}

/**
 * The address of a step.
 *
 * @param string $step One of the steps.
 */
function url( string $step ): string {
	return Settings_Page\url( Settings_Page\SETUP ) . '&step=' . $step;
}

/**
 * Takes a step.
 */
function action_step(): void {
	check_admin_referer( ACTION );
	if ( ! current_user_can( Settings_Page\CAPABILITY ) ) {
		wp_die( '', '', array( 'response' => 403 ) );
	}
	$step = isset( $_POST['step'] ) ? sanitize_key( $_POST['step'] ) : '';
	$go   = isset( $_POST['go'] ) ? sanitize_key( $_POST['go'] ) : NEXT;
	// Each field is looked at by Settings\sanitize().
	$typed = isset( $_POST[ Settings\OPTION ] ) && is_array( $_POST[ Settings\OPTION ] ) ? wp_unslash( $_POST[ Settings\OPTION ] ) : array(); // phpcs:ignore WordPress.Security.ValidatedSanitizedInput.InputNotSanitized -- See above.
	wp_safe_redirect( take( isset( steps()[ $step ] ) ? $step : CONNECT, $go, $typed ) );
	exit;
}

/**
 * Does what a button says.
 *
 * @param string $step  One of the steps.
 * @param string $go    NEXT, SKIP or LEAVE.
 * @param array  $typed The fields of the form.
 * @return string Where it goes on.
 */
function take( string $step, string $go, array $typed ): string {
	if ( LEAVE === $go ) {
		note( $step, true );
		return Settings_Page\url( Settings_Page\CONNECTION );
	}
	$next = after( $step );
	if ( NEXT === $go && isset( SECTIONS[ $step ] ) ) {
		save( SECTIONS[ $step ], $typed );
		if ( CONNECT === $step && ! is_well() ) {
			$next = CONNECT;
		}
		// As options.php does it: what there is to say is said on the page that comes next.
		set_transient( 'settings_errors', get_settings_errors(), 30 );
	}
	note( $next, DONE === $next );
	return url( $next ) . '&settings-updated=true';
}

/**
 * Saves one section; all else stays as it is.
 *
 * @param string $section One of Fields' constants.
 * @param array  $typed   The fields of the form.
 */
function save( string $section, array $typed ): void {
	$input = array();
	foreach ( array_keys( Settings\defaults() ) as $key ) {
		$input[ $key ] = Settings\get( $key );
	}
	foreach ( Fields\keys( $section ) as $key => $kind ) {
		if ( isset( $typed[ $key ] ) ) {
			$input[ $key ] = $typed[ $key ];
		} elseif ( 'box' === $kind ) {
			// A form leaves out the boxes that are not ticked.
			$input[ $key ] = false;
		}
	}
	update_option( Settings\OPTION, $input );
}

/**
 * Whether the daemon answers; if not, the manager is told what is in the way.
 */
function is_well(): bool {
	$test = Status\test();
	if ( ! $test['ok'] ) {
		Settings\complain( 'connection', implode( ' ', $test['said'] ) );
	}
	return $test['ok'];
}

/**
 * Remembers how far it has come.
 *
 * @param string $step The step to go on at.
 * @param bool   $over Whether it is finished, or was left for good.
 */
function note( string $step, bool $over ): void {
	update_option(
		OPTION,
		array(
			'step' => $step,
			'over' => $over || state()['over'],
		),
		false
	);
}

/**
 * Says once, where plugins are looked after, that there is something to set up.
 */
function action_admin_notice(): void {
	$screen = get_current_screen();
	if ( null === $screen || ! in_array( $screen->id, array( 'plugins', 'dashboard' ), true ) || ! current_user_can( Settings_Page\CAPABILITY ) || ! is_open() ) {
		return;
	}
	printf(
		'<div class="notice notice-info"><p>%s</p><form method="post" action="%s"><input type="hidden" name="action" value="%s"><input type="hidden" name="step" value="%s">',
		esc_html__( 'Bazgasht is installed and does nothing yet. Setting it up takes a few minutes.', 'bazgasht-bridge' ),
		esc_url( admin_url( 'admin-post.php' ) ),
		esc_attr( ACTION ),
		esc_attr( step() )
	);
	wp_nonce_field( ACTION );
	printf(
		'<p><a class="button button-primary" href="%s">%s</a> <button class="button-link" name="go" value="%s">%s</button></p></form></div>',
		esc_url( Settings_Page\url( Settings_Page\SETUP ) ),
		esc_html( '' === state()['step'] ? __( 'Set Bazgasht up', 'bazgasht-bridge' ) : __( 'Go on with the set-up', 'bazgasht-bridge' ) ),
		esc_attr( LEAVE ),
		esc_html__( 'No, thanks', 'bazgasht-bridge' )
	);
}
