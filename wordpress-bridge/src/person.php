<?php
/**
 * What was sent to a person and why, on the order's and the account's screen. Asked for once the screen is there, so
 * that the screen never waits for the daemon.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Person;

use Bazgasht\Bridge\Look;
use Bazgasht\Bridge\Person_View;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Stop_Admin;

defined( 'ABSPATH' ) || exit;

const ACTION = 'bazgasht_person';
const SCRIPT = 'bazgasht-person';

/**
 * Adds the box to the order's screen, with order tables and without.
 */
function action_meta_boxes(): void {
	if ( ! Settings\is_connected() || ! current_user_can( Stop_Admin\CAPABILITY ) ) {
		return;
	}
	foreach ( array_unique( array( 'shop_order', wc_get_page_screen_id( 'shop-order' ) ) ) as $screen ) {
		add_meta_box( 'bazgasht-person-box', __( 'Texts to this customer', 'bazgasht-bridge' ), __NAMESPACE__ . '\show_on_order', $screen, 'normal', 'low' );
	}
}

/**
 * The box on the order's screen.
 *
 * @param \WP_Post|\WC_Order $shown The post where orders are posts.
 */
function show_on_order( $shown ): void {
	$order = is_a( $shown, 'WP_Post' ) ? wc_get_order( $shown->ID ) : $shown;
	if ( is_a( $order, 'WC_Order' ) ) {
		show( Stop_Admin\ORDER, $order->get_id() );
	}
}

/**
 * The same on the account's screen, below the box that stops texts.
 *
 * @param \WP_User $user The account.
 */
function action_profile( $user ): void {
	if ( is_a( $user, 'WP_User' ) && Settings\is_connected() && Stop_Admin\is_allowed( Stop_Admin\ACCOUNT, $user->ID ) ) {
		echo '<h3>' . esc_html__( 'Texts to this customer', 'bazgasht-bridge' ) . '</h3>';
		show( Stop_Admin\ACCOUNT, $user->ID );
	}
}

/**
 * The place that the script fills as soon as it comes into view.
 *
 * @param string $kind Stop_Admin\ORDER or Stop_Admin\ACCOUNT.
 * @param int    $id   The order's or the account's.
 */
function show( string $kind, int $id ): void {
	$contact = contact( $kind, $id );
	if ( array() === $contact ) {
		echo '<p>' . esc_html__( 'No phone number is saved here.', 'bazgasht-bridge' ) . '</p>';
		return;
	}
	if ( isset( $contact['phone'] ) ) {
		echo '<p><bdi dir="ltr">' . esc_html( $contact['phone'] ) . '</bdi></p>';
	}
	add_action( 'admin_footer', __NAMESPACE__ . '\print_script', 5 );
	printf(
		'<div class="bazgasht-person" data-kind="%s" data-id="%d" data-nonce="%s" aria-live="polite"><p class="description">%s</p></div>',
		esc_attr( $kind ),
		(int) $id,
		esc_attr( wp_create_nonce( nonce_name( $kind, $id ) ) ),
		esc_html__( 'Asking Bazgasht…', 'bazgasht-bridge' )
	);
}

/**
 * By what the daemon may know the person: the number, or else the account.
 *
 * @param string $kind Stop_Admin\ORDER or Stop_Admin\ACCOUNT.
 * @param int    $id   The order's or the account's.
 */
function contact( string $kind, int $id ): array {
	$contact = Stop_Admin\contact( $kind, $id );
	if ( isset( $contact['phone'] ) ) {
		return $contact;
	}
	return Stop_Admin\ACCOUNT === $kind && $id > 0 ? array( 'user_id' => $id ) : array();
}

/**
 * One nonce for each person.
 *
 * @param string $kind Stop_Admin\ORDER or Stop_Admin\ACCOUNT.
 * @param int    $id   The order's or the account's.
 */
function nonce_name( string $kind, int $id ): string {
	return ACTION . '_' . $kind . '_' . $id;
}

/**
 * The script, on the screens that have a box.
 */
function print_script(): void {
	wp_enqueue_style( 'bazgasht-admin', plugins_url( 'admin/admin.css', __DIR__ ), array(), \Bazgasht\Bridge\VERSION );
	wp_enqueue_script( SCRIPT, plugins_url( 'admin/person.js', __DIR__ ), array(), \Bazgasht\Bridge\VERSION, true );
	wp_add_inline_script(
		SCRIPT,
		'window.bazgashtPerson=' . wp_json_encode(
			array(
				'url'    => admin_url( 'admin-ajax.php' ),
				'action' => ACTION,
				'failed' => __( 'WordPress did not answer. Reload the page and try again.', 'bazgasht-bridge' ),
			),
			JSON_HEX_TAG | JSON_HEX_AMP
		) . ';',
		'before'
	);
}

/**
 * Answers the script.
 */
function action_ajax(): void {
	$kind = isset( $_POST['kind'] ) && Stop_Admin\ACCOUNT === $_POST['kind'] ? Stop_Admin\ACCOUNT : Stop_Admin\ORDER;
	$id   = isset( $_POST['id'] ) ? absint( $_POST['id'] ) : 0;
	check_ajax_referer( nonce_name( $kind, $id ) );
	if ( ! Stop_Admin\is_allowed( $kind, $id ) ) {
		wp_send_json_error( null, 403 );
	}
	$contact = contact( $kind, $id );
	$known   = array() === $contact ? Look\read( array() ) : Look\ask( $contact );
	wp_send_json_success( array( 'html' => Person_View\page( $known ) ) );
}
