<?php
/**
 * "No more texts, please" said on the phone or at the counter: the manager passes it on from the order or the account.
 *
 * There is no way back here: only the person can agree again.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Stop_Admin;

use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const ACTION     = 'bazgasht_stop';
const CAPABILITY = 'edit_shop_orders';
const FORM       = 'bazgasht-stop';
const TOLD       = 'bazgasht_told';

// What the person is known by.
const ORDER   = 'order';
const ACCOUNT = 'account';

// How much stops; as in the contract.
const SCOPES = array( 'all', 'marketing' );

/**
 * Adds the box to the order's screen, with order tables and without.
 */
function action_meta_boxes(): void {
	if ( ! current_user_can( CAPABILITY ) ) {
		return;
	}
	foreach ( array_unique( array( 'shop_order', wc_get_page_screen_id( 'shop-order' ) ) ) as $screen ) {
		add_meta_box( 'bazgasht-stop-box', __( 'Bazgasht SMS', 'bazgasht-bridge' ), __NAMESPACE__ . '\show_on_order', $screen, 'side', 'low' );
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
		show( ORDER, $order->get_id() );
	}
}

/**
 * The same on the account's screen.
 *
 * @param \WP_User $user The account.
 */
function action_profile( $user ): void {
	if ( is_a( $user, 'WP_User' ) && is_allowed( ACCOUNT, $user->ID ) ) {
		echo '<h2>' . esc_html__( 'Bazgasht SMS', 'bazgasht-bridge' ) . '</h2>';
		show( ACCOUNT, $user->ID );
	}
}

/**
 * Whether the person at the screen may speak for somebody.
 *
 * @param string $kind ORDER or ACCOUNT.
 * @param int    $id   The order's or the account's.
 */
function is_allowed( string $kind, int $id ): bool {
	return current_user_can( CAPABILITY ) && ( ORDER === $kind || current_user_can( 'edit_user', $id ) );
}

/**
 * The number that is meant.
 *
 * @param string $kind ORDER or ACCOUNT.
 * @param int    $id   The order's or the account's.
 * @return array{phone?: string, country?: string} Without `phone` when there is none.
 */
function contact( string $kind, int $id ): array {
	$person = ORDER === $kind ? wc_get_order( $id ) : new \WC_Customer( $id );
	if ( ! is_a( $person, ORDER === $kind ? 'WC_Order' : 'WC_Customer' ) ) {
		return array();
	}
	return array_intersect_key( Events\contact( $person, 0, '' ), array_flip( array( 'phone', 'country' ) ) );
}

/**
 * Shows the choice and the button. They stand inside another form, so they belong to one of their own at the page's end.
 *
 * @param string $kind ORDER or ACCOUNT.
 * @param int    $id   The order's or the account's.
 */
function show( string $kind, int $id ): void {
	$told = isset( $_GET[ TOLD ] ) ? sanitize_key( $_GET[ TOLD ] ) : ''; // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- Only shows a sentence.
	if ( '' !== $told ) {
		printf( '<div class="notice inline %s"><p>%s</p></div>', in_array( $told, SCOPES, true ) ? 'notice-success' : 'notice-error', esc_html( outcome( $told ) ) );
	}
	if ( ! Settings\is_connected() ) {
		echo '<p>' . esc_html__( 'Bazgasht is not connected here.', 'bazgasht-bridge' ) . '</p>';
		return;
	}
	if ( ! isset( contact( $kind, $id )['phone'] ) ) {
		echo '<p>' . esc_html__( 'No phone number is saved here.', 'bazgasht-bridge' ) . '</p>';
		return;
	}
	add_action( 'admin_footer', __NAMESPACE__ . '\print_form' );
	hidden( 'action', ACTION );
	hidden( 'bazgasht_kind', $kind );
	hidden( 'bazgasht_id', (string) $id );
	hidden( 'bazgasht_nonce', wp_create_nonce( nonce_name( $kind, $id ) ) );
	foreach ( scopes() as $scope => $label ) {
		printf(
			'<p><label><input type="radio" name="bazgasht_scope" value="%1$s" form="%2$s" %3$s> %4$s</label></p>',
			esc_attr( $scope ),
			esc_attr( FORM ),
			checked( 'all', $scope, false ),
			esc_html( $label )
		);
	}
	printf(
		'<p><button type="submit" class="button" form="%s">%s</button></p><p class="description">%s</p>',
		esc_attr( FORM ),
		esc_html__( 'Stop texts to this customer', 'bazgasht-bridge' ),
		esc_html__( 'For when they ask you to. Nobody can undo it here: only the person can agree again.', 'bazgasht-bridge' )
	);
}

/**
 * How much may stop.
 *
 * @return array<string, string> Label by scope.
 */
function scopes(): array {
	return array_combine(
		SCOPES,
		array(
			__( 'All texts', 'bazgasht-bridge' ),
			__( 'Offers and reminders; news of orders goes on', 'bazgasht-bridge' ),
		)
	);
}

/**
 * One hidden field of the form.
 *
 * @param string $name  Its name.
 * @param string $value Its value.
 */
function hidden( string $name, string $value ): void {
	printf( '<input type="hidden" name="%s" value="%s" form="%s">', esc_attr( $name ), esc_attr( $value ), esc_attr( FORM ) );
}

/**
 * The form itself.
 */
function print_form(): void {
	printf( '<form id="%s" method="post" action="%s"></form>', esc_attr( FORM ), esc_url( admin_url( 'admin-post.php' ) ) );
}

/**
 * One nonce for each person.
 *
 * @param string $kind ORDER or ACCOUNT.
 * @param int    $id   The order's or the account's.
 */
function nonce_name( string $kind, int $id ): string {
	return ACTION . '_' . $kind . '_' . $id;
}

/**
 * What has come of it.
 *
 * @param string $told A scope, or anything else when nothing was passed on.
 */
function outcome( string $told ): string {
	switch ( $told ) {
		case 'all':
			return __( 'Passed on: no more texts to this number. It holds as soon as Bazgasht has heard it, within a minute as a rule.', 'bazgasht-bridge' );
		case 'marketing':
			return __( 'Passed on: no more offers and reminders to this number. It holds as soon as Bazgasht has heard it, within a minute as a rule.', 'bazgasht-bridge' );
	}
	return __( 'It could not be passed on. Please try once more.', 'bazgasht-bridge' );
}

/**
 * Takes the form.
 */
function action_told(): void {
	$kind = isset( $_POST['bazgasht_kind'] ) && ACCOUNT === $_POST['bazgasht_kind'] ? ACCOUNT : ORDER;
	$id   = isset( $_POST['bazgasht_id'] ) ? absint( $_POST['bazgasht_id'] ) : 0;
	check_admin_referer( nonce_name( $kind, $id ), 'bazgasht_nonce' );
	if ( ! is_allowed( $kind, $id ) ) {
		wp_die( '', '', array( 'response' => 403 ) );
	}
	$scope = isset( $_POST['bazgasht_scope'] ) ? sanitize_key( $_POST['bazgasht_scope'] ) : '';
	$told  = tell( $kind, $id, $scope ) ? $scope : 'failed';
	$back  = wp_get_referer();
	wp_safe_redirect( add_query_arg( TOLD, $told, false === $back ? admin_url() : $back ) );
	exit;
}

/**
 * Passes it on, and leaves a note on the order: who did it, and when.
 *
 * @param string $kind  ORDER or ACCOUNT.
 * @param int    $id    The order's or the account's.
 * @param string $scope One of SCOPES.
 * @return bool Whether it is kept until Bazgasht hears it.
 */
function tell( string $kind, int $id, string $scope ): bool {
	$contact = contact( $kind, $id );
	if ( ! isset( $contact['phone'] ) || ! in_array( $scope, SCOPES, true ) || ! Settings\is_connected() ) {
		return false;
	}
	Record\event(
		'contact.opted_out',
		array(
			'contact' => $contact,
			'source'  => 'wp-admin',
			'scope'   => $scope,
		)
	);
	if ( ! Record\write() ) {
		return false;
	}
	if ( ORDER === $kind ) {
		wc_get_order( $id )->add_order_note( __( 'Bazgasht SMS', 'bazgasht-bridge' ) . ': ' . outcome( $scope ), 0, true );
	}
	return true;
}
