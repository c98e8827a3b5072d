<?php
/**
 * Finds what else in this shop writes to buyers about the same things, and shows the way to where it is switched off.
 *
 * Which of the two is to write is for the manager to say: WooCommerce's own mails are switched off here at a word,
 * other plugins where they are switched on.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Doubles;

use Bazgasht\Bridge\Settings_Page;

defined( 'ABSPATH' ) || exit;

const ACTION = 'bazgasht_doubles';
const OPTION = 'bazgasht_doubles';
const OFF    = 'off';

// WooCommerce's mails, by the option of theirs that makes them go out by themselves.
const MAILS = array(
	'customer_review_request'          => 'enabled',
	'customer_abandoned_cart_recovery' => 'automated',
);

/**
 * What was found, without what the manager wants to keep.
 *
 * @return array<string, array{name: string, does: string, place: string}> `place` is an address in wp-admin.
 */
function found(): array {
	$found = array();
	foreach ( plugins() + mails() as $id => $one ) {
		if ( $one['is_on'] && ! in_array( $id, kept(), true ) ) {
			$found[ $id ] = array_diff_key( $one, array( 'is_on' => true ) );
		}
	}
	return $found;
}

/**
 * The plugins that are known, and whether each writes at present.
 *
 * @return array<string, array{name: string, does: string, place: string, is_on: bool}>
 */
function plugins(): array {
	$reminds = __( 'reminds people of their baskets, by e-mail', 'bazgasht-bridge' );
	$buyers  = (array) get_option( 'sms_buyer_settings', array() );
	$news    = (array) get_option( 'sms_notif_settings', array() );
	$funnel  = (array) get_option( 'bwfan_global_settings', array() );
	return array(
		'cartflows'  => array(
			'name'  => 'Cart Abandonment Recovery (CartFlows)',
			'does'  => $reminds,
			'place' => 'admin.php?page=woo-cart-abandonment-recovery&path=settings',
			// On as long as nobody has switched it off.
			'is_on' => is_active( 'woo-cart-abandonment-recovery/woo-cart-abandonment-recovery.php' ) && 'on' === get_option( 'wcf_ca_status', 'on' ),
		),
		'cartbounty' => array(
			'name'  => 'CartBounty',
			'does'  => $reminds,
			'place' => 'admin.php?page=cartbounty&tab=recovery',
			// The paid one has more ways to write than can be looked into.
			'is_on' => is_active( 'woo-save-abandoned-carts-pro/cartbounty-pro-abandoned-carts.php' ) || ( is_active( 'woo-save-abandoned-carts/cartbounty-abandoned-carts.php' ) && has_step( get_option( 'cartbounty_automation_steps', array() ) ) ),
		),
		'funnelkit'  => array(
			'name'  => 'FunnelKit Automations',
			'does'  => $reminds,
			'place' => 'admin.php?page=autonami&path=/settings',
			'is_on' => is_active( 'wp-marketing-automations/wp-marketing-automations.php' ) && ! empty( $funnel['bwfan_ab_enable'] ),
		),
		'persian'    => array(
			'name'  => __( 'Persian WooCommerce SMS', 'bazgasht-bridge' ),
			'does'  => __( 'texts buyers about their orders or about products that are back', 'bazgasht-bridge' ),
			'place' => 'admin.php?page=persian-woocommerce-sms-pro',
			'is_on' => is_active( 'persian-woocommerce-sms/WoocommerceIR_SMS.php' ) && ( 'on' === ( $buyers['enable_buyer'] ?? '' ) || 'on' === ( $news['enable_notif_sms_main'] ?? '' ) ),
		),
	);
}

/**
 * WooCommerce's own mails, in the versions that have them.
 *
 * @return array<string, array{name: string, does: string, place: string, is_on: bool}>
 */
function mails(): array {
	$known = array(
		'customer_review_request'          => __( 'asks buyers for a review, by e-mail', 'bazgasht-bridge' ),
		'customer_abandoned_cart_recovery' => __( 'reminds people of orders that they have not paid, by e-mail', 'bazgasht-bridge' ),
	);
	$mails = array();
	foreach ( WC()->mailer()->get_emails() as $mail ) {
		if ( ! is_a( $mail, 'WC_Email' ) || ! isset( $known[ $mail->id ] ) ) {
			continue;
		}
		$mails[ $mail->id ] = array(
			/* translators: %s: the title of a mail */
			'name'  => sprintf( __( 'WooCommerce\'s own mail "%s"', 'bazgasht-bridge' ), $mail->get_title() ),
			'does'  => $known[ $mail->id ],
			'place' => 'admin.php?page=wc-settings&tab=email&section=' . strtolower( get_class( $mail ) ),
			// One of them is sent by hand only, until it is told otherwise.
			'is_on' => $mail->is_enabled() && ( 'customer_abandoned_cart_recovery' !== $mail->id || 'yes' === $mail->get_option( 'automated' ) ),
		);
	}
	return $mails;
}

/**
 * Whether a plugin is active here, or in the whole network.
 *
 * @param string $file Its main file.
 */
function is_active( string $file ): bool {
	$network = is_multisite() ? (array) get_site_option( 'active_sitewide_plugins', array() ) : array();
	return isset( $network[ $file ] ) || in_array( $file, (array) get_option( 'active_plugins', array() ), true );
}

/**
 * Whether one of CartBounty's mails is switched on.
 *
 * @param mixed $steps Its option.
 */
function has_step( $steps ): bool {
	foreach ( is_array( $steps ) ? $steps : array() as $step ) {
		if ( is_array( $step ) && ! empty( $step['enabled'] ) ) {
			return true;
		}
	}
	return false;
}

/**
 * What the manager wants to keep.
 *
 * @return string[]
 */
function kept(): array {
	return array_filter( (array) get_option( OPTION, array() ), 'is_string' );
}

/**
 * Shows what was found, on the settings page.
 */
function show(): void {
	foreach ( found() as $id => $one ) {
		printf(
			'<div class="notice notice-info inline"><form method="post" action="%1$s"><p><strong>%2$s</strong> %3$s</p><p><a class="button" href="%4$s">%5$s</a> <input type="hidden" name="action" value="%6$s"><input type="hidden" name="which" value="%7$s">',
			esc_url( admin_url( 'admin-post.php' ) ),
			/* translators: 1: name of a plugin or a mail, 2: what it does, such as "asks buyers for a review" */
			esc_html( sprintf( __( '%1$s %2$s.', 'bazgasht-bridge' ), $one['name'], $one['does'] ) ),
			esc_html__( 'If one of your campaigns does so too, people hear the same twice. Switch it off there, or leave the campaign out here.', 'bazgasht-bridge' ),
			esc_url( admin_url( $one['place'] ) ),
			esc_html__( 'To where it is switched off', 'bazgasht-bridge' ),
			esc_attr( ACTION ),
			esc_attr( $id )
		);
		wp_nonce_field( ACTION . '_' . $id, '_wpnonce', false );
		if ( isset( MAILS[ $id ] ) ) {
			printf( '<button class="button" name="what" value="%s">%s</button> ', esc_attr( OFF ), esc_html__( 'Switch it off', 'bazgasht-bridge' ) );
		}
		printf( '<button class="button-link">%s</button></p></form></div>', esc_html__( 'It is meant so; do not show again', 'bazgasht-bridge' ) );
	}
}

/**
 * Keeps one of WooCommerce's mails from going out by itself.
 *
 * @param string $id The mail's.
 */
function switch_off( string $id ): void {
	foreach ( WC()->mailer()->get_emails() as $mail ) {
		if ( is_a( $mail, 'WC_Email' ) && $mail->id === $id && isset( MAILS[ $id ] ) ) {
			$mail->update_option( MAILS[ $id ], 'no' );
		}
	}
}

/**
 * Takes down that one of them is meant so, or is to be switched off.
 */
function action_keep(): void {
	$id = isset( $_POST['which'] ) ? sanitize_key( $_POST['which'] ) : '';
	check_admin_referer( ACTION . '_' . $id );
	if ( ! current_user_can( Settings_Page\CAPABILITY ) ) {
		wp_die( '', '', array( 'response' => 403 ) );
	}
	$what = isset( $_POST['what'] ) ? sanitize_key( $_POST['what'] ) : '';
	if ( OFF === $what ) {
		switch_off( $id );
	} elseif ( isset( ( plugins() + mails() )[ $id ] ) ) {
		update_option( OPTION, array_values( array_unique( array_merge( kept(), array( $id ) ) ) ), false );
	}
	// The settings show it, and so does the wizard.
	$back = wp_get_referer();
	wp_safe_redirect( false === $back ? admin_url( 'admin.php?page=' . Settings_Page\PAGE ) : $back );
	exit;
}
