<?php
/**
 * The small dialog that asks for the mobile number after "add to cart".
 *
 * The server only prints its words, the same for everybody; the script builds it when it is wanted.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Dialog;

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const ENDPOINT = 'bazgasht_ask';

/**
 * Hooks the question whether to ask.
 */
function init_hooks(): void {
	add_action( 'wc_ajax_' . ENDPOINT, __NAMESPACE__ . '\answer_whether' );
}

/**
 * What the script needs to build the dialog, or null where it is switched off.
 */
function for_page(): ?array {
	if ( ! Settings\get( 'dialog_enabled' ) ) {
		return null;
	}
	$text = trim( (string) Settings\get( 'dialog_text' ) );
	return array(
		'url'     => \WC_AJAX::get_endpoint( ENDPOINT ),
		'script'  => Capture\asset_url( 'dialog.js' ),
		'style'   => Capture\asset_url( 'dialog.css' ),
		'dir'     => is_rtl() ? 'rtl' : 'ltr',
		'days'    => max( 1, (int) Settings\get( 'dialog_snooze_days' ) ),
		'text'    => '' !== $text ? $text : __( 'Leave your mobile number and we keep your basket for you, on every device.', 'bazgasht-bridge' ),
		'consent' => trim( (string) Settings\get( 'dialog_consent_text' ) ),
		'ticked'  => Consent\is_ticked(),
		'label'   => __( 'Mobile number', 'bazgasht-bridge' ),
		'yes'     => __( 'Keep my basket', 'bazgasht-bridge' ),
		'no'      => __( 'No, thanks', 'bazgasht-bridge' ),
		'wrong'   => __( 'This does not look like a whole mobile number. Could you check it?', 'bazgasht-bridge' ),
		'failed'  => __( 'We could not save it just now. Please try once more.', 'bazgasht-bridge' ),
		'thanks'  => __( 'Thank you. Your basket is safe with us.', 'bazgasht-bridge' ),
	);
}

/**
 * Tells the script whether this visitor has a basket and no known number. Which number is never said.
 */
function answer_whether(): void {
	$refusal = Capture\refusal();
	if ( 0 !== $refusal && 409 !== $refusal ) {
		Capture\answer( array( 'ask' => false ), $refusal );
	}
	// Without a basket there is nothing to ask about; that is an answer, not an error.
	$ask = 0 === $refusal && Settings\get( 'dialog_enabled' ) && ! Capture\number_known();
	Capture\answer( array( 'ask' => $ask ), 200 );
}
