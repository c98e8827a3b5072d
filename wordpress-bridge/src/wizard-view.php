<?php
/**
 * What the steps of the first run look like.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Wizard_View;

use Bazgasht\Bridge\Doubles;
use Bazgasht\Bridge\Fields;
use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Settings_Page;
use Bazgasht\Bridge\Ways_Page;
use Bazgasht\Bridge\Wizard;

defined( 'ABSPATH' ) || exit;

/**
 * A step, with the way to the others.
 *
 * @param string $step One of Wizard's.
 */
function show( string $step ): void {
	$steps = Wizard\steps();
	$place = (int) array_search( $step, array_keys( $steps ), true );
	echo '<ol class="bazgasht-steps">';
	foreach ( array_keys( $steps ) as $number => $name ) {
		$class = $number === $place ? 'is-here' : ( $number < $place ? 'is-past' : '' );
		printf( '<li class="%s"%s><a href="%s">%s</a></li>', esc_attr( $class ), $number === $place ? ' aria-current="step"' : '', esc_url( Wizard\url( $name ) ), esc_html( $steps[ $name ] ) );
	}
	echo '</ol><div class="bazgasht-card">';

	// The list of doubles has forms of its own, so it stands outside this one.
	before( $step );
	printf( '<form method="post" action="%s"><input type="hidden" name="action" value="%s"><input type="hidden" name="step" value="%s">', esc_url( admin_url( 'admin-post.php' ) ), esc_attr( Wizard\ACTION ), esc_attr( $step ) );
	wp_nonce_field( Wizard\ACTION );
	if ( isset( Wizard\SECTIONS[ $step ] ) ) {
		section( Wizard\SECTIONS[ $step ] );
	}
	buttons( $step, $place );
	echo '</form></div>';
}

/**
 * What stands above the fields.
 *
 * @param string $step One of Wizard's.
 */
function before( string $step ): void {
	switch ( $step ) {
		case Wizard\CONNECT:
			heading( __( 'Connect the shop with Bazgasht', 'bazgasht-bridge' ), __( 'The plugin only listens and passes on; texts are planned and sent by the program bazgasht on a server. If it runs already, paste its secret below. If not, this is what to type on the server, or to send to whoever looks after it:', 'bazgasht-bridge' ) );
			echo '<pre class="bazgasht-command" dir="ltr" tabindex="0">' . esc_html( command() ) . '</pre>';
			echo '<p>' . esc_html__( 'The last line shows the secret.', 'bazgasht-bridge' ) . '</p>';
			return;
		case Wizard\NUMBER:
			heading( __( 'When may the shop know a number?', 'bazgasht-bridge' ), __( 'Both can be changed at any time in the settings.', 'bazgasht-bridge' ) );
			return;
		case Wizard\CONSENT:
			heading( __( 'What do shoppers agree to?', 'bazgasht-bridge' ), '' );
			return;
		case Wizard\DOUBLES:
			heading( __( 'Does something else write to the same people?', 'bazgasht-bridge' ), __( 'Two reminders about one basket are one too many. This was looked for: plugins for baskets left behind and for SMS, and WooCommerce\'s own mails.', 'bazgasht-bridge' ) );
			if ( array() === Doubles\found() ) {
				echo '<p class="bazgasht-good">' . esc_html__( 'Nothing found that would write a second time.', 'bazgasht-bridge' ) . '</p>';
			}
			Doubles\show();
			return;
		case Wizard\TEST:
			heading( __( 'Does it work each way?', 'bazgasht-bridge' ), __( 'Nobody is written to by this test, and nothing of it stays.', 'bazgasht-bridge' ) );
			Ways_Page\show( true );
			return;
	}
	done();
}

/**
 * What to type on the server; as in docs/operating.md.
 */
function command(): string {
	$language = 0 === strpos( get_locale(), 'fa' ) ? '' : ' --language en';
	return "install -d -m 750 -g bazgasht /etc/bazgasht && cd /etc/bazgasht\nbazgasht init --shop-url " . Home\header_value() . $language . "\nchgrp bazgasht *.toml && chmod 640 *.toml\nsystemctl enable --now bazgasht\ngrep ^secret bazgasht.toml";
}

/**
 * The end.
 */
function done(): void {
	if ( Settings\has_secret() ) {
		heading( __( 'Bazgasht is set up', 'bazgasht-bridge' ), __( 'From now on it hears what happens in the shop. Which texts go out, and when, stands in campaigns.toml on the server; as long as its gateway is "console", nothing is sent to anybody.', 'bazgasht-bridge' ) );
		printf( '<p>%s</p><p><a class="button button-primary" href="%s">%s</a></p>', esc_html__( 'The best way to see it: walk through your shop with your own phone, and watch what Bazgasht makes of it.', 'bazgasht-bridge' ), esc_url( Settings_Page\url( Settings_Page\WALK ) ), esc_html__( 'Walk your shop', 'bazgasht-bridge' ) );
		return;
	}
	heading( __( 'Not connected yet', 'bazgasht-bridge' ), __( 'The rest is saved. Nothing is gathered until there is a secret; you can come back at any time.', 'bazgasht-bridge' ) );
}

/**
 * A title, and a sentence.
 *
 * @param string $title    Of the step.
 * @param string $sentence May be empty.
 */
function heading( string $title, string $sentence ): void {
	echo '<h2>' . esc_html( $title ) . '</h2>' . ( '' === $sentence ? '' : '<p>' . esc_html( $sentence ) . '</p>' );
}

/**
 * The fields of a section, as on the settings page.
 *
 * @param string $id One of Fields' constants.
 */
function section( string $id ): void {
	global $wp_settings_sections;
	$section = $wp_settings_sections[ Fields\PAGE ][ $id ] ?? null;
	if ( Fields\DAEMON !== $id && is_callable( $section['callback'] ?? null ) ) {
		call_user_func( $section['callback'], $section );
	}
	echo '<table class="form-table" role="presentation">';
	do_settings_fields( Fields\PAGE, $id );
	echo '</table>';
}

/**
 * The buttons below.
 *
 * @param string $step  One of Wizard's.
 * @param int    $place Which one it is, from 0.
 */
function buttons( string $step, int $place ): void {
	echo '<p class="bazgasht-buttons">';
	if ( Wizard\DONE !== $step ) {
		printf( '<button class="button button-primary" name="go" value="%s">%s</button> ', esc_attr( Wizard\NEXT ), esc_html( isset( Wizard\SECTIONS[ $step ] ) ? __( 'Save and go on', 'bazgasht-bridge' ) : __( 'Go on', 'bazgasht-bridge' ) ) );
	}
	if ( isset( Wizard\SECTIONS[ $step ] ) ) {
		printf( '<button class="button" name="go" value="%s" formnovalidate>%s</button> ', esc_attr( Wizard\SKIP ), esc_html__( 'Skip this step', 'bazgasht-bridge' ) );
	}
	if ( $place > 0 ) {
		printf( '<a class="button" href="%s">%s</a> ', esc_url( Wizard\url( array_keys( Wizard\steps() )[ $place - 1 ] ) ), esc_html__( 'Back', 'bazgasht-bridge' ) );
	}
	if ( Wizard\DONE === $step ) {
		printf( '<a class="button" href="%s">%s</a>', esc_url( Settings_Page\url( Settings_Page\FORM ) ), esc_html__( 'To the settings', 'bazgasht-bridge' ) );
	} else {
		printf( '<button class="button-link" name="go" value="%s" formnovalidate>%s</button>', esc_attr( Wizard\LEAVE ), esc_html__( 'Leave the set-up', 'bazgasht-bridge' ) );
	}
	echo '</p>';
}
