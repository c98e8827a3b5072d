<?php
/**
 * The one page under WooCommerce, with its tabs.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Settings_Page;

use Bazgasht\Bridge\Doubles;
use Bazgasht\Bridge\Fields;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Snapshot;
use Bazgasht\Bridge\Status;
use Bazgasht\Bridge\Walk_Page;
use Bazgasht\Bridge\Ways_Page;
use Bazgasht\Bridge\Wizard;
use Bazgasht\Bridge\Wizard_View;

defined( 'ABSPATH' ) || exit;

const PAGE         = Fields\PAGE;
const CAPABILITY   = 'manage_woocommerce';
const ACTION_AGAIN = 'bazgasht_snapshot_again';

// Views.
const CONNECTION = 'connection';
const FORM       = 'settings';
const WALK       = 'walk';
const SETUP      = 'setup';

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
	Fields\action_declare();
}

/**
 * Whoever may see the page may save it.
 */
function filter_capability(): string {
	return CAPABILITY;
}

/**
 * The address of a view.
 *
 * @param string $view One of the constants.
 */
function url( string $view ): string {
	return admin_url( 'admin.php?page=' . PAGE . '&view=' . $view );
}

/**
 * The view that is asked for; the wizard while nothing has been set up.
 */
function view(): string {
	$asked = isset( $_GET['view'] ) ? sanitize_key( $_GET['view'] ) : ''; // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- Only chooses what is shown.
	if ( in_array( $asked, array( CONNECTION, FORM, WALK, SETUP ), true ) ) {
		return $asked;
	}
	return Wizard\is_open() ? SETUP : CONNECTION;
}

/**
 * The page's style, and the script of its view.
 *
 * @param string $screen Which admin page.
 */
function action_enqueue( $screen ): void {
	if ( 'woocommerce_page_' . PAGE !== $screen ) {
		return;
	}
	wp_enqueue_style( 'bazgasht-admin', plugins_url( 'admin/admin.css', __DIR__ ), array(), \Bazgasht\Bridge\VERSION );
	if ( CONNECTION === view() || SETUP === view() ) {
		Ways_Page\enqueue();
	} elseif ( WALK === view() ) {
		Walk_Page\enqueue();
	}
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
	wp_safe_redirect( add_query_arg( 'again', '1', url( CONNECTION ) ) );
	exit;
}

/**
 * Shows the page.
 */
function show(): void {
	if ( ! current_user_can( CAPABILITY ) ) {
		return;
	}
	echo '<div class="wrap bazgasht"><h1>' . esc_html__( 'Bazgasht', 'bazgasht-bridge' ) . '</h1>';
	// The line below which WordPress puts what it has to say.
	echo '<hr class="wp-header-end">';
	if ( SETUP === view() ) {
		settings_errors();
		Wizard_View\show( Wizard\step() );
		echo '</div>';
		return;
	}
	tabs();
	settings_errors();
	switch ( view() ) {
		case FORM:
			show_form();
			break;
		case WALK:
			Walk_Page\show();
			break;
		default:
			show_connection();
	}
	echo '</div>';
}

/**
 * The tabs.
 */
function tabs(): void {
	$views = array(
		CONNECTION => __( 'Connection', 'bazgasht-bridge' ),
		FORM       => __( 'Settings', 'bazgasht-bridge' ),
		WALK       => __( 'Walk your shop', 'bazgasht-bridge' ),
	);
	echo '<nav class="nav-tab-wrapper" aria-label="' . esc_attr__( 'Bazgasht', 'bazgasht-bridge' ) . '">';
	foreach ( $views as $view => $label ) {
		printf( '<a class="nav-tab%s" href="%s"%s>%s</a>', view() === $view ? ' nav-tab-active' : '', esc_url( url( $view ) ), view() === $view ? ' aria-current="page"' : '', esc_html( $label ) );
	}
	echo '</nav>';
}

/**
 * The settings.
 */
function show_form(): void {
	echo '<form method="post" action="options.php">';
	settings_fields( PAGE );
	do_settings_sections( PAGE );
	submit_button();
	printf( '<p><a href="%s">%s</a></p></form>', esc_url( url( SETUP ) ), esc_html__( 'Go through the set-up again', 'bazgasht-bridge' ) );
}

/**
 * How it stands between the shop and the daemon.
 */
function show_connection(): void {
	if ( isset( $_GET['again'] ) ) { // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- Only shows a sentence.
		printf( '<div class="notice notice-success inline"><p>%s</p></div>', esc_html__( 'The catalogue is being sent again; this takes a few minutes.', 'bazgasht-bridge' ) );
	}
	if ( ! Settings\has_secret() ) {
		printf( '<div class="bazgasht-card"><h2>%s</h2><p>%s</p><p><a class="button button-primary" href="%s">%s</a></p></div>', esc_html__( 'Not connected yet', 'bazgasht-bridge' ), esc_html__( 'Nothing is gathered until a secret is saved.', 'bazgasht-bridge' ), esc_url( url( SETUP ) ), esc_html__( 'Set Bazgasht up', 'bazgasht-bridge' ) );
		return;
	}
	echo '<div class="bazgasht-card"><h2>' . esc_html__( 'How it stands', 'bazgasht-bridge' ) . '</h2>';
	foreach ( Status\summary() as $sentence ) {
		echo '<p>' . esc_html( $sentence ) . '</p>';
	}
	echo '</div>';

	echo '<div class="bazgasht-card"><h2>' . esc_html__( 'Test the connection', 'bazgasht-bridge' ) . '</h2>';
	Ways_Page\show( false );
	echo '</div>';

	if ( array() !== Doubles\found() ) {
		echo '<div class="bazgasht-card"><h2>' . esc_html__( 'What else writes to your buyers', 'bazgasht-bridge' ) . '</h2>';
		Doubles\show();
		echo '</div>';
	}

	echo '<div class="bazgasht-card"><h2>' . esc_html__( 'The catalogue', 'bazgasht-bridge' ) . '</h2><p>' . esc_html__( 'Products, coupons and the shop itself are sent once when it is connected, and then on change. Send them again after the service\'s database was lost.', 'bazgasht-bridge' ) . '</p>';
	printf( '<form method="post" action="%s"><input type="hidden" name="action" value="%s">', esc_url( admin_url( 'admin-post.php' ) ), esc_attr( ACTION_AGAIN ) );
	wp_nonce_field( ACTION_AGAIN );
	submit_button( __( 'Send the whole catalogue again', 'bazgasht-bridge' ), 'secondary', 'submit', false, Settings\is_connected() ? array() : array( 'disabled' => 'disabled' ) );
	echo '</form></div>';
}
