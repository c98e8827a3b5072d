<?php
/**
 * The settings page under WooCommerce.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Settings_Page;

use Bazgasht\Bridge\Doubles;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Settings_Capture;
use Bazgasht\Bridge\Snapshot;
use Bazgasht\Bridge\Status;

defined( 'ABSPATH' ) || exit;

const PAGE         = 'bazgasht';
const CAPABILITY   = 'manage_woocommerce';
const ACTION_AGAIN = 'bazgasht_snapshot_again';

/**
 * Adds the page to the menu.
 */
function action_menu(): void {
	$title = __( 'Bazgasht', 'bazgasht-bridge' );
	add_submenu_page( 'woocommerce', $title, $title, CAPABILITY, PAGE, __NAMESPACE__ . '\show' );
}

/**
 * Lets the settings screen save the option.
 */
function action_register(): void {
	register_setting( PAGE, Settings\OPTION, array( 'sanitize_callback' => 'Bazgasht\Bridge\Settings\sanitize' ) );
}

/**
 * Whoever may see the page may save it.
 */
function filter_capability(): string {
	return CAPABILITY;
}

/**
 * The page's script.
 *
 * @param string $screen Which admin page.
 */
function action_enqueue( $screen ): void {
	if ( 'woocommerce_page_' . PAGE !== $screen ) {
		return;
	}
	wp_enqueue_script( 'bazgasht-settings', plugins_url( 'admin/settings.js', __DIR__ ), array(), \Bazgasht\Bridge\VERSION, true );
	wp_add_inline_script(
		'bazgasht-settings',
		'window.bazgashtSettings=' . wp_json_encode(
			array(
				'url'    => admin_url( 'admin-ajax.php' ),
				'action' => Status\ACTION_TEST,
				'nonce'  => wp_create_nonce( Status\ACTION_TEST ),
				'wait'   => __( 'Asking the daemon…', 'bazgasht-bridge' ),
				'failed' => __( 'WordPress did not answer. Reload the page and try again.', 'bazgasht-bridge' ),
			),
			JSON_HEX_TAG | JSON_HEX_AMP
		) . ';',
		'before'
	);
}

/**
 * Sends the whole catalogue again.
 */
function action_send_again(): void {
	check_admin_referer( ACTION_AGAIN );
	if ( ! current_user_can( CAPABILITY ) ) {
		wp_die( '', '', array( 'response' => 403 ) );
	}
	Snapshot\begin();
	wp_safe_redirect( add_query_arg( 'again', '1', admin_url( 'admin.php?page=' . PAGE ) ) );
	exit;
}

/**
 * Shows the page.
 */
function show(): void {
	if ( ! current_user_can( CAPABILITY ) ) {
		return;
	}
	echo '<div class="wrap"><h1>' . esc_html__( 'Bazgasht', 'bazgasht-bridge' ) . '</h1>';
	settings_errors();
	if ( isset( $_GET['again'] ) ) { // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- Only shows a sentence.
		printf( '<div class="notice notice-success"><p>%s</p></div>', esc_html__( 'The catalogue is being sent again; this takes a few minutes.', 'bazgasht-bridge' ) );
	}
	Doubles\show();
	echo '<form method="post" action="options.php">';
	settings_fields( PAGE );

	echo '<h2>' . esc_html__( 'The daemon', 'bazgasht-bridge' ) . '</h2><table class="form-table" role="presentation">';
	text( 'address', __( 'Address', 'bazgasht-bridge' ), __( 'Where bazgasht listens, as in its bazgasht.toml.', 'bazgasht-bridge' ), 'url' );
	secret();
	// Kept from left to right by the marks around it.
	text( 'link_prefix', __( 'Link prefix', 'bazgasht-bridge' ), "\u{2066}" . home_url( '/' . Settings\get( 'link_prefix' ) . '/3JcKdsX' ) . "\u{2069}" );
	echo '</table>';

	echo '<h2>' . esc_html__( 'The shopper\'s number', 'bazgasht-bridge' ) . '</h2><table class="form-table" role="presentation">';
	box( 'capture_checkout', __( 'Checkout', 'bazgasht-bridge' ), __( 'Take the number down as soon as it is typed at the checkout, before the order is placed', 'bazgasht-bridge' ) );
	box( 'dialog_enabled', __( 'Dialog', 'bazgasht-bridge' ), __( 'Ask for the number in a small dialog after "add to cart"', 'bazgasht-bridge' ) );
	area( 'dialog_text', __( 'Its text', 'bazgasht-bridge' ), __( 'Leave empty for the built-in one.', 'bazgasht-bridge' ) );
	area( 'dialog_consent_text', __( 'Consent', 'bazgasht-bridge' ), __( 'What the shopper agrees to by ticking the box. Without it there is no box. Whoever gives a number and leaves the box empty gets no marketing text.', 'bazgasht-bridge' ) );
	text( 'dialog_snooze_days', __( 'After a no', 'bazgasht-bridge' ), __( 'Days before the dialog asks the same visitor again.', 'bazgasht-bridge' ), 'number' );
	echo '</table>';

	Settings_Capture\show();

	echo '<h2>' . esc_html__( 'Coupons', 'bazgasht-bridge' ) . '</h2><table class="form-table" role="presentation">';
	box( 'make_coupons', __( 'Make coupons', 'bazgasht-bridge' ), __( 'Make the codes that the campaigns use and the shop lacks. Those that exist are never changed.', 'bazgasht-bridge' ) );
	echo '</table>';

	echo '<h2>' . esc_html__( 'When the plugin is deleted', 'bazgasht-bridge' ) . '</h2><table class="form-table" role="presentation">';
	box( 'remove_data', __( 'Data', 'bazgasht-bridge' ), __( 'Remove all data when the plugin is deleted: these settings with the secret, what waits for the service, and the notes on orders and accounts. Without the tick everything stays, for when you install it again.', 'bazgasht-bridge' ) );
	echo '</table>';
	submit_button();
	echo '</form>';

	echo '<h2>' . esc_html__( 'Connection', 'bazgasht-bridge' ) . '</h2>';
	foreach ( Status\summary() as $sentence ) {
		echo '<p>' . esc_html( $sentence ) . '</p>';
	}
	printf(
		'<p><button type="button" class="button" id="bazgasht-test">%s</button></p><div id="bazgasht-finding" role="status" aria-live="polite"></div>',
		esc_html__( 'Test the connection', 'bazgasht-bridge' )
	);
	printf( '<form method="post" action="%s"><input type="hidden" name="action" value="%s">', esc_url( admin_url( 'admin-post.php' ) ), esc_attr( ACTION_AGAIN ) );
	wp_nonce_field( ACTION_AGAIN );
	submit_button( __( 'Send the whole catalogue again', 'bazgasht-bridge' ), 'secondary', 'submit', true, Settings\is_connected() ? array() : array( 'disabled' => 'disabled' ) );
	echo '</form></div>';
}

/**
 * The secret's field. What is saved is never printed.
 */
function secret(): void {
	printf(
		'<tr><th scope="row"><label for="bazgasht-secret">%1$s</label></th><td><input type="password" id="bazgasht-secret" name="%2$s[secret]" value="" class="regular-text" dir="ltr" autocomplete="off" spellcheck="false" placeholder="%3$s" aria-describedby="bazgasht-secret-hint"><p class="description" id="bazgasht-secret-hint">%4$s</p></td></tr>',
		esc_html__( 'Secret', 'bazgasht-bridge' ),
		esc_attr( Settings\OPTION ),
		esc_attr( Settings\has_secret() ? __( 'saved; leave empty to keep it', 'bazgasht-bridge' ) : 'whsec_…' ),
		esc_html__( 'From bazgasht.toml. It is never shown again.', 'bazgasht-bridge' )
	);
}

/**
 * A one-line field. Addresses and numbers read from left to right in every language.
 *
 * @param string $key   Setting.
 * @param string $label Its name.
 * @param string $hint  Below it.
 * @param string $type  Of the input.
 */
function text( string $key, string $label, string $hint, string $type = 'text' ): void {
	printf(
		'<tr><th scope="row"><label for="bazgasht-%1$s">%2$s</label></th><td><input type="%3$s" id="bazgasht-%1$s" name="%4$s[%1$s]" value="%5$s" class="%6$s" dir="ltr"%8$s aria-describedby="bazgasht-%1$s-hint"><p class="description" id="bazgasht-%1$s-hint">%7$s</p></td></tr>',
		esc_attr( $key ),
		esc_html( $label ),
		esc_attr( $type ),
		esc_attr( Settings\OPTION ),
		esc_attr( (string) Settings\get( $key ) ),
		'number' === $type ? 'small-text' : 'regular-text',
		esc_html( $hint ),
		'number' === $type ? ' min="1" max="365"' : ''
	);
}

/**
 * A field of several lines.
 *
 * @param string $key   Setting.
 * @param string $label Its name.
 * @param string $hint  Below it.
 */
function area( string $key, string $label, string $hint ): void {
	printf(
		'<tr><th scope="row"><label for="bazgasht-%1$s">%2$s</label></th><td><textarea id="bazgasht-%1$s" name="%3$s[%1$s]" rows="3" class="large-text" dir="auto" aria-describedby="bazgasht-%1$s-hint">%4$s</textarea><p class="description" id="bazgasht-%1$s-hint">%5$s</p></td></tr>',
		esc_attr( $key ),
		esc_html( $label ),
		esc_attr( Settings\OPTION ),
		esc_textarea( (string) Settings\get( $key ) ),
		esc_html( $hint )
	);
}

/**
 * A box to tick.
 *
 * @param string $key      Setting.
 * @param string $label    Its name.
 * @param string $sentence What ticking means.
 */
function box( string $key, string $label, string $sentence ): void {
	printf(
		'<tr><th scope="row">%1$s</th><td><label><input type="checkbox" name="%2$s[%3$s]" value="1" %4$s> %5$s</label></td></tr>',
		esc_html( $label ),
		esc_attr( Settings\OPTION ),
		esc_attr( $key ),
		checked( (bool) Settings\get( $key ), true, false ),
		esc_html( $sentence )
	);
}
