<?php
/**
 * What the shop may write into its privacy policy about the bridge and the daemon (Settings > Privacy > Policy Guide).
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Privacy_Text;

use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

/**
 * Suggests the text.
 */
function action_suggest(): void {
	if ( function_exists( 'wp_add_privacy_policy_content' ) ) {
		// Never translated: by its name WordPress knows the text again, whatever language a manager reads.
		wp_add_privacy_policy_content( 'Bazgasht', wp_kses_post( text() ) );
	}
}

/**
 * The text, as the settings are now: nothing in it that the shop does not do.
 */
function text(): string {
	$html  = hint( __( 'Bazgasht writes SMS to the buyers of this shop. What follows is true for the settings as they are now. Add who runs the server of the Bazgasht service and which SMS provider you use, and ask somebody who knows the law of your country.', 'bazgasht-bridge' ) );
	$html .= part( __( 'What we note for our text messages', 'bazgasht-bridge' ), noted() );
	$html .= part(
		__( 'What for, and who gets it', 'bazgasht-bridge' ),
		array(
			__( 'With this we send you news of your orders and, where you may be written to, a reminder of a basket that you have left, a request for a review and offers. This is decided by a service that runs for this shop alone (Bazgasht); it keeps what it needs for it on the shop\'s server.', 'bazgasht-bridge' ),
			__( 'Your number and the text go to the SMS provider that delivers the message. Nobody else gets them from us.', 'bazgasht-bridge' ),
		)
	);
	$html .= part(
		__( 'The links in our texts', 'bazgasht-bridge' ),
		array(
			__( 'Each text has a short link of its own, so opening it tells us which text brought you. We note when it was opened, and remember for 30 days at most that it brought you, so that we know which texts are of use. The link puts your basket back; it logs nobody in and shows nothing personal.', 'bazgasht-bridge' ),
		)
	);
	$html .= part(
		__( 'How long', 'bazgasht-bridge' ),
		array(
			__( 'On the way to the service, what happens in the shop waits in a closed folder on the server until it has been handed over, as a rule for less than a minute. Baskets that cannot be handed over are dropped after two weeks. To keep anybody from trying out numbers, we keep a fingerprint of the number last typed for two days, and one of the internet address of whoever changes what they want to get for ten minutes; neither can be read back.', 'bazgasht-bridge' ),
			__( 'The service keeps what it knows until you ask us to erase it. Figures without names, such as the sum of an order, stay.', 'bazgasht-bridge' ),
		)
	);
	return $html . part(
		__( 'Your say', 'bazgasht-bridge' ),
		array(
			__( 'With "/stop" behind the link of any text you can stop all texts, keep only the news of your orders, or pause for a month. You can also tell us, and we do it for you.', 'bazgasht-bridge' ),
			__( 'Ask us, and you get a copy of what is kept about you, or have it erased, here and in the service. If you have stopped our texts, we keep a fingerprint of your number, which cannot be read back, so that it stays so.', 'bazgasht-bridge' ),
		)
	);
}

/**
 * What is noted, by what is switched on.
 *
 * @return string[]
 */
function noted(): array {
	$said = array( __( 'Which products are in your basket, your orders, your log-ins, and for which products you have written a review, together with your name, your mobile number, your country and your language, as far as we know them.', 'bazgasht-bridge' ) );
	if ( Settings\get( 'capture_checkout' ) ) {
		$said[] = __( 'At the checkout we note your mobile number and your name as soon as the number is complete, before you place the order, so that we can bring you back to your basket if something comes in between.', 'bazgasht-bridge' );
	}
	if ( Settings\get( 'dialog_enabled' ) ) {
		$said[] = __( 'After you put something into your basket we may ask for your mobile number. You need not give it. Your browser remembers your answer, so that we do not ask again soon.', 'bazgasht-bridge' );
	}
	if ( Settings\get( 'watch_products' ) || '' !== trim( (string) Settings\get( 'watch_pages' ) ) ) {
		$said[] = __( 'If you have something in your basket, are logged in, or have come by a link in one of our texts: which products you have looked at for half a minute or longer, and visits of a few pages that matter to us.', 'bazgasht-bridge' );
	}
	if ( Settings\get( 'wanted_enabled' ) ) {
		$said[] = __( 'If you ask us to tell you when a product is back: your mobile number and the product.', 'bazgasht-bridge' );
	}
	if ( Settings\get( 'birthday_field' ) ) {
		$said[] = __( 'Your birthday, if you enter it in your account.', 'bazgasht-bridge' );
	}
	if ( Settings\get( 'consent_checkout' ) ) {
		$said[] = __( 'Whether you want offers by SMS, with the words of the question, and when and where you answered.', 'bazgasht-bridge' );
	}
	return $said;
}

/**
 * A word to the shop, which is not copied into the policy.
 *
 * @param string $sentence Plain.
 */
function hint( string $sentence ): string {
	return '<p class="privacy-policy-tutorial">' . esc_html( $sentence ) . '</p>';
}

/**
 * One part of the text.
 *
 * @param string   $title     Plain.
 * @param string[] $sentences A paragraph each.
 */
function part( string $title, array $sentences ): string {
	$html = '<h3>' . esc_html( $title ) . '</h3>';
	foreach ( $sentences as $sentence ) {
		$html .= '<p>' . esc_html( $sentence ) . '</p>';
	}
	return $html;
}
