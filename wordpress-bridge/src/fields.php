<?php
/**
 * The settings as WordPress's settings API has them: sections with fields. What is declared here stands on the
 * settings page, and section by section in the wizard.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Fields;

use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Settings_Capture;
use Bazgasht\Bridge\Slugs;

defined( 'ABSPATH' ) || exit;

const PAGE = 'bazgasht';

// Sections.
const DAEMON  = 'bazgasht-daemon';
const NUMBER  = 'bazgasht-number';
const CONSENT = 'bazgasht-consent';
const WATCHED = 'bazgasht-watched';
const WAYS    = 'bazgasht-ways';
const END     = 'bazgasht-end';

/**
 * Declares all of them.
 */
function action_declare(): void {
	section( DAEMON, __( 'The service', 'bazgasht-bridge' ), __( 'Bazgasht runs on a server, as a rule on this one; the shop tells it what happens.', 'bazgasht-bridge' ) );
	text( DAEMON, 'address', __( 'Address', 'bazgasht-bridge' ), __( 'Where bazgasht listens, as in its bazgasht.toml.', 'bazgasht-bridge' ), 'url' );
	field( DAEMON, 'secret', 'secret', __( 'Secret', 'bazgasht-bridge' ), __( 'From bazgasht.toml. It is never shown again.', 'bazgasht-bridge' ) );

	section( NUMBER, __( 'The shopper\'s number', 'bazgasht-bridge' ), __( 'Who leaves the shop can only be written to if the number is known by then.', 'bazgasht-bridge' ) );
	box( NUMBER, 'capture_checkout', __( 'Checkout', 'bazgasht-bridge' ), __( 'Take the number down as soon as it is typed at the checkout, before the order is placed', 'bazgasht-bridge' ) );
	box( NUMBER, 'dialog_enabled', __( 'Dialog', 'bazgasht-bridge' ), __( 'Ask for the number in a small dialog after "add to cart"', 'bazgasht-bridge' ) );
	area( NUMBER, 'dialog_text', __( 'Its text', 'bazgasht-bridge' ), __( 'Leave empty for the built-in one.', 'bazgasht-bridge' ) );
	text( NUMBER, 'dialog_snooze_days', __( 'After a no', 'bazgasht-bridge' ), __( 'Days before the dialog asks the same visitor again.', 'bazgasht-bridge' ), 'number' );

	section( CONSENT, __( 'Consent', 'bazgasht-bridge' ), __( 'Offers and reminders need the shopper\'s yes in many countries; news of their own order does not. What the law of your country asks for is yours to know.', 'bazgasht-bridge' ) );
	section( WATCHED, __( 'Looks, wishes, birthdays', 'bazgasht-bridge' ), '' );
	Settings_Capture\action_declare();

	section( WAYS, __( 'Links and coupons', 'bazgasht-bridge' ), '' );
	/* translators: %s: an address, such as "https://shop.example/s/3JcKdsX" */
	text( WAYS, 'link_prefix', __( 'Link prefix', 'bazgasht-bridge' ), sprintf( __( 'Links look like %s. With a single / they stand right behind the shop\'s address; pages of the shop come first then. Write the same into bazgasht.toml.', 'bazgasht-bridge' ), "\u{2066}" . Slugs\url( '3JcKdsX' ) . "\u{2069}" ) );
	box( WAYS, 'make_coupons', __( 'Make coupons', 'bazgasht-bridge' ), __( 'Make the codes that the campaigns use and the shop lacks. Those that exist are never changed.', 'bazgasht-bridge' ) );

	section( END, __( 'When the plugin is deleted', 'bazgasht-bridge' ), '' );
	box( END, 'remove_data', __( 'Data', 'bazgasht-bridge' ), __( 'Remove all data when the plugin is deleted: these settings with the secret, what waits for the service, and the notes on orders and accounts. Without the tick everything stays, for when you install it again.', 'bazgasht-bridge' ) );
}

/**
 * Declares a section.
 *
 * @param string $id    One of the constants.
 * @param string $title Its name.
 * @param string $intro A sentence below it; may be empty.
 */
function section( string $id, string $title, string $intro ): void {
	add_settings_section(
		$id,
		$title,
		static function () use ( $intro ): void {
			if ( '' !== $intro ) {
				echo '<p>' . esc_html( $intro ) . '</p>';
			}
		},
		PAGE,
		array(
			'before_section' => '<div class="bazgasht-card" id="' . esc_attr( $id ) . '">',
			'after_section'  => '</div>',
		)
	);
}

/**
 * A one-line field. Addresses and numbers read from left to right in every language.
 *
 * @param string $section One of the constants.
 * @param string $key     Setting.
 * @param string $label   Its name.
 * @param string $hint    Below it.
 * @param string $type    Of the input.
 */
function text( string $section, string $key, string $label, string $hint, string $type = 'text' ): void {
	field( $section, $key, 'text', $label, $hint, array( 'type' => $type ) );
}

/**
 * A field of several lines.
 *
 * @param string $section One of the constants.
 * @param string $key     Setting.
 * @param string $label   Its name.
 * @param string $hint    Below it.
 */
function area( string $section, string $key, string $label, string $hint ): void {
	field( $section, $key, 'area', $label, $hint );
}

/**
 * A box to tick.
 *
 * @param string $section  One of the constants.
 * @param string $key      Setting.
 * @param string $label    Its name.
 * @param string $sentence What ticking means.
 */
function box( string $section, string $key, string $label, string $sentence ): void {
	field( $section, $key, 'box', $label, $sentence );
}

/**
 * One of several.
 *
 * @param string                $section One of the constants.
 * @param string                $key     Setting.
 * @param string                $label   Its name.
 * @param string                $hint    Below it.
 * @param array<string, string> $options What each value means.
 */
function choice( string $section, string $key, string $label, string $hint, array $options ): void {
	field( $section, $key, 'choice', $label, $hint, array( 'options' => $options ) );
}

/**
 * Declares a field.
 *
 * @param string $section One of the constants.
 * @param string $key     Setting.
 * @param string $kind    `text`, `area`, `box`, `choice` or `secret`.
 * @param string $label   Its name.
 * @param string $hint    Below it.
 * @param array  $more    What the kind needs.
 */
function field( string $section, string $key, string $kind, string $label, string $hint, array $more = array() ): void {
	$args = array(
		'key'   => $key,
		'kind'  => $kind,
		'label' => $label,
		'hint'  => $hint,
	) + $more;
	if ( in_array( $kind, array( 'text', 'area', 'secret' ), true ) ) {
		$args['label_for'] = 'bazgasht-' . $key;
	}
	add_settings_field( 'bazgasht-' . $key, $label, __NAMESPACE__ . '\show', PAGE, $section, $args );
}

/**
 * The settings of a section, with their kinds.
 *
 * @param string $section One of the constants.
 * @return array<string, string> Kind by key.
 */
function keys( string $section ): array {
	global $wp_settings_fields;
	return array_column( array_column( $wp_settings_fields[ PAGE ][ $section ] ?? array(), 'args' ), 'kind', 'key' );
}

/**
 * Shows a field.
 *
 * @param array $field As declared.
 */
function show( $field ): void {
	$name = Settings\OPTION . '[' . $field['key'] . ']';
	$id   = 'bazgasht-' . $field['key'];
	$now  = 'secret' === $field['kind'] ? '' : Settings\get( $field['key'] );
	switch ( $field['kind'] ) {
		case 'box':
			printf( '<label><input type="checkbox" id="%s" name="%s" value="1" %s> %s</label>', esc_attr( $id ), esc_attr( $name ), checked( (bool) $now, true, false ), esc_html( $field['hint'] ) );
			return;
		case 'choice':
			echo '<fieldset><legend class="screen-reader-text">' . esc_html( $field['label'] ) . '</legend>';
			foreach ( $field['options'] as $value => $label ) {
				printf( '<p><label><input type="radio" name="%s" value="%s" %s> %s</label></p>', esc_attr( $name ), esc_attr( $value ), checked( (string) $now, (string) $value, false ), esc_html( $label ) );
			}
			echo '</fieldset>';
			break;
		case 'area':
			printf( '<textarea id="%1$s" name="%2$s" rows="3" class="large-text" dir="auto" aria-describedby="%1$s-hint">%3$s</textarea>', esc_attr( $id ), esc_attr( $name ), esc_textarea( (string) $now ) );
			break;
		case 'secret':
			// What is saved is never printed.
			printf( '<input type="password" id="%1$s" name="%2$s" value="" class="regular-text" dir="ltr" autocomplete="off" spellcheck="false" placeholder="%3$s" aria-describedby="%1$s-hint">', esc_attr( $id ), esc_attr( $name ), esc_attr( Settings\has_secret() ? __( 'saved; leave empty to keep it', 'bazgasht-bridge' ) : 'whsec_…' ) );
			break;
		default:
			$is_number = 'number' === $field['type'];
			printf( '<input type="%1$s" id="%2$s" name="%3$s" value="%4$s" class="%5$s" dir="ltr"%6$s aria-describedby="%2$s-hint">', esc_attr( $field['type'] ), esc_attr( $id ), esc_attr( $name ), esc_attr( (string) $now ), $is_number ? 'small-text' : 'regular-text', $is_number ? ' min="1" max="365"' : '' );
	}
	printf( '<p class="description" id="%s-hint">%s</p>', esc_attr( $id ), esc_html( $field['hint'] ) );
}
