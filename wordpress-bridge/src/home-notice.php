<?php
/**
 * Tells the manager that this looks like a copy of the shop, and takes the answer.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Home_Notice;

use Bazgasht\Bridge\Catalogue;
use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const ACTION     = 'bazgasht_home';
const CAPABILITY = 'manage_woocommerce';

// The two answers.
const COPY  = 'copy';
const MOVED = 'moved';

/**
 * Why the bridge holds, in sentences; none when it does not.
 *
 * @return string[]
 */
function reasons(): array {
	if ( ! Settings\has_secret() ) {
		return array();
	}
	switch ( Home\strayed() ) {
		case Home\ADDRESS:
			return array(
				/* translators: 1, 2: addresses */
				sprintf( __( 'This shop was connected as %1$s and is now at %2$s.', 'bazgasht-bridge' ), ltr( Home\remembered()['address'] ), ltr( Home\here()['address'] ) ),
				__( 'It may be a copy, so nothing is gathered and nothing is sent from here.', 'bazgasht-bridge' ),
			);
		case Home\ENVIRONMENT:
			return array(
				/* translators: %s: one of WordPress's environment types, such as "staging" */
				sprintf( __( 'This shop was connected as the real one and is now marked as "%s" (WP_ENVIRONMENT_TYPE).', 'bazgasht-bridge' ), ltr( wp_get_environment_type() ) ),
				__( 'It may be a copy, so nothing is gathered and nothing is sent from here.', 'bazgasht-bridge' ),
			);
	}
	if ( Deliver\is_held() ) {
		return array(
			__( 'The daemon belongs to another shop and takes nothing from this one; what happens here waits.', 'bazgasht-bridge' ),
			__( 'If this shop has moved, its new address must also stand in bazgasht.toml.', 'bazgasht-bridge' ),
		);
	}
	return array();
}

/**
 * An address or a word in Latin letters, kept from left to right in a sentence of any language.
 *
 * @param string $text Plain.
 */
function ltr( string $text ): string {
	return "\u{2066}" . $text . "\u{2069}";
}

/**
 * Shows it, with the two answers.
 */
function action_admin_notice(): void {
	if ( ! current_user_can( CAPABILITY ) ) {
		return;
	}
	$reasons = reasons();
	if ( array() === $reasons ) {
		return;
	}
	printf(
		'<div class="notice notice-warning"><p><strong>%s</strong> %s</p><form method="post" action="%s"><input type="hidden" name="action" value="%s">',
		esc_html__( 'Bazgasht keeps still here.', 'bazgasht-bridge' ),
		esc_html( implode( ' ', $reasons ) ),
		esc_url( admin_url( 'admin-post.php' ) ),
		esc_attr( ACTION )
	);
	wp_nonce_field( ACTION );
	printf(
		'<p><button class="button button-primary" name="answer" value="%s">%s</button> <button class="button" name="answer" value="%s">%s</button></p></form></div>',
		esc_attr( COPY ),
		esc_html__( 'This is a copy: keep it silent', 'bazgasht-bridge' ),
		esc_attr( MOVED ),
		esc_html__( 'The shop has moved: go on here', 'bazgasht-bridge' )
	);
}

/**
 * Takes the answer.
 */
function action_answered(): void {
	check_admin_referer( ACTION );
	if ( ! current_user_can( CAPABILITY ) ) {
		wp_die( '', '', array( 'response' => 403 ) );
	}
	obey( isset( $_POST['answer'] ) ? sanitize_key( $_POST['answer'] ) : '' );
	wp_safe_redirect( admin_url( 'admin.php?page=bazgasht' ) );
	exit;
}

/**
 * Does what was answered. What waits stays, whichever it is: a wrong answer must not cost anything.
 *
 * @param string $answer COPY or MOVED; anything else changes nothing.
 */
function obey( string $answer ): void {
	if ( COPY === $answer ) {
		Settings\forget_secret();
		Deliver\forget_failures();
	} elseif ( MOVED === $answer ) {
		Home\remember();
		Record\event( 'shop.updated', Catalogue\shop() );
		Record\write();
		Deliver\forget_failures();
	}
}
