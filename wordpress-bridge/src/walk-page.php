<?php
/**
 * The page of the walk, and what its script asks for.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Walk_Page;

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Settings_Page;
use Bazgasht\Bridge\Walk;
use Bazgasht\Bridge\Walk_View;

defined( 'ABSPATH' ) || exit;

const ACTION  = 'bazgasht_walk';
const EVERY_S = 2;

/**
 * The scripts.
 */
function enqueue(): void {
	wp_enqueue_script( 'bazgasht-qr', plugins_url( 'admin/qr.js', __DIR__ ), array(), \Bazgasht\Bridge\VERSION, true );
	wp_enqueue_script( 'bazgasht-walk', plugins_url( 'admin/walk.js', __DIR__ ), array( 'bazgasht-qr' ), \Bazgasht\Bridge\VERSION, true );
	wp_add_inline_script(
		'bazgasht-walk',
		'window.bazgashtWalk=' . wp_json_encode(
			array(
				'url'    => admin_url( 'admin-ajax.php' ),
				'action' => ACTION,
				'nonce'  => wp_create_nonce( ACTION ),
				'every'  => EVERY_S * 1000,
				'words'  => array(
					'scan'    => __( 'Scan this with your phone, or open the link in another tab.', 'bazgasht-bridge' ),
					'coming'  => __( 'Your phone is in the shop. Put something into the basket.', 'bazgasht-bridge' ),
					'nothing' => __( 'Nothing planned yet.', 'bazgasht-bridge' ),
					'number'  => __( 'Texts are planned as soon as your number is known: type it at the checkout.', 'bazgasht-bridge' ),
					'later'   => __( 'Written when it goes out.', 'bazgasht-bridge' ),
					'away'    => __( 'What you do meanwhile waits in the shop, and is told later.', 'bazgasht-bridge' ),
					'over'    => __( 'This walk is over. Begin another one.', 'bazgasht-bridge' ),
					'failed'  => __( 'WordPress does not answer. It is tried again.', 'bazgasht-bridge' ),
				),
			),
			JSON_HEX_TAG | JSON_HEX_AMP
		) . ';',
		'before'
	);
}

/**
 * Shows the page.
 */
function show(): void {
	echo '<div class="bazgasht-card" id="bazgasht-walk"><h2>' . esc_html__( 'Walk your shop with your own phone', 'bazgasht-bridge' ) . '</h2>';
	echo '<p>' . esc_html__( 'Do what a buyer does: look around, fill the basket, type your number at the checkout, go away. Here you see what Bazgasht hears of it, step by step, and which texts it plans.', 'bazgasht-bridge' ) . '</p>';
	if ( ! Settings\is_connected() ) {
		printf( '<p><a class="button button-primary" href="%s">%s</a></p></div>', esc_url( Settings_Page\url( Settings_Page\SETUP ) ), esc_html__( 'Set Bazgasht up', 'bazgasht-bridge' ) );
		return;
	}
	printf(
		'<form id="bazgasht-walk-begin"><p><label for="bazgasht-walk-phone">%s</label><br><input type="tel" id="bazgasht-walk-phone" dir="ltr" class="regular-text" autocomplete="tel" aria-describedby="bazgasht-walk-hint"></p><p class="description" id="bazgasht-walk-hint">%s</p><p><button class="button button-primary">%s</button> <span id="bazgasht-walk-wrong" role="alert"></span></p></form>',
		esc_html__( 'Your mobile number', 'bazgasht-bridge' ),
		esc_html__( 'It may stay empty: then it is learnt when you type it in the shop. You are a buyer like any other here, so texts that come due are really sent to you.', 'bazgasht-bridge' ),
		esc_html__( 'Begin', 'bazgasht-bridge' )
	);
	printf(
		'<div id="bazgasht-walk-on" hidden><div class="bazgasht-scan"><div id="bazgasht-walk-code"></div><div><p id="bazgasht-walk-say" aria-live="polite"></p><p><a id="bazgasht-walk-link" target="_blank" rel="noopener" dir="ltr"></a></p><p><button type="button" class="button" id="bazgasht-walk-end">%1$s</button></p></div></div><div class="notice notice-warning inline" id="bazgasht-walk-away" hidden><p></p></div><div class="bazgasht-columns"><section><h3>%2$s</h3><ol id="bazgasht-walk-events" class="bazgasht-events" aria-live="polite"></ol></section><section><h3>%3$s</h3><ul id="bazgasht-walk-texts" class="bazgasht-plans" aria-live="polite"></ul></section></div></div>',
		esc_html__( 'End the walk', 'bazgasht-bridge' ),
		esc_html__( 'What was heard', 'bazgasht-bridge' ),
		esc_html__( 'What follows from it', 'bazgasht-bridge' )
	);
	echo '<p class="description">' . esc_html__( 'What is shown here is forgotten when you end the walk, after two hours at the latest. Bazgasht itself keeps your walk as it keeps every buyer\'s.', 'bazgasht-bridge' ) . '</p></div>';
}

/**
 * Answers the script.
 */
function action_ajax(): void {
	check_ajax_referer( ACTION );
	if ( ! current_user_can( Settings_Page\CAPABILITY ) || ! Settings\is_connected() ) {
		wp_send_json_error( null, 403 );
	}
	// phpcs:disable WordPress.Security.NonceVerification.Missing -- Looked at above.
	$does  = isset( $_POST['does'] ) ? sanitize_key( $_POST['does'] ) : '';
	$token = isset( $_POST['token'] ) ? sanitize_key( $_POST['token'] ) : '';
	$phone = isset( $_POST['phone'] ) ? substr( sanitize_text_field( wp_unslash( $_POST['phone'] ) ), 0, Capture\MAX_PHONE_BYTES ) : '';
	$base  = isset( $_POST['base'] ) && '' !== $_POST['base'] ? absint( $_POST['base'] ) : null;
	// phpcs:enable
	wp_send_json_success( answer( $does, $token, trim( $phone ), $base ) );
}

/**
 * What the script is told.
 *
 * @param string   $does  `begin`, `look` or `end`.
 * @param string   $token Of the walk.
 * @param string   $phone As typed; may be empty.
 * @param int|null $base  As for Walk_View\now().
 */
function answer( string $does, string $token, string $phone, ?int $base ): array {
	if ( 'begin' === $does ) {
		if ( '' !== $phone && ! Capture\looks_complete( $phone ) ) {
			return array( 'wrong' => __( 'This does not look like a whole mobile number. Could you check it?', 'bazgasht-bridge' ) );
		}
		$token = Walk\begin( get_current_user_id(), $phone, WC()->countries->get_base_country() );
		return array(
			'token' => $token,
			'link'  => Walk\link( $token ),
		);
	}
	$about = Walk\about( $token );
	if ( null === $about || get_current_user_id() !== $about['user'] ) {
		return array( 'over' => true );
	}
	if ( 'end' === $does ) {
		Walk\finish( $token );
		return array( 'over' => true );
	}
	return Walk_View\now( $token, $about, $base );
}
