<?php
/**
 * Whether a person may be sent marketing texts: what is asked, in which words and with which default, and what is
 * kept of the answer.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Consent;

use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

// On accounts and on orders: the last answer, as answer() has it.
const META = '_bazgasht_consent';

const IRAN = 'ir';
const GDPR = 'gdpr';

const MAX_TEXT_CHARS = 2000;

/**
 * The law that was chosen, or the one of the shop's country. Where neither is known it is the stricter one.
 */
function law(): string {
	$chosen = (string) Settings\get( 'consent_law' );
	if ( in_array( $chosen, array( IRAN, GDPR ), true ) ) {
		return $chosen;
	}
	return 'IR' === WC()->countries->get_base_country() ? IRAN : GDPR;
}

/**
 * Whether boxes are ticked before anybody touched them: as the owner wishes, but never where the law forbids it.
 */
function is_ticked(): bool {
	return IRAN === law() && Settings\get( 'consent_ticked' );
}

/**
 * Whether the checkout and the account ask.
 */
function is_asked(): bool {
	return Settings\is_connected() && Settings\get( 'consent_checkout' );
}

/**
 * The wording beside the box.
 */
function wording(): string {
	$own = trim( (string) Settings\get( 'consent_text' ) );
	if ( '' !== $own ) {
		return $own;
	}
	return GDPR === law()
		? __( 'I want to get news and offers of this shop by SMS. I can stop them at any time, by the link in each of them.', 'bazgasht-bridge' )
		: __( 'Send me news and offers of this shop by SMS.', 'bazgasht-bridge' );
}

/**
 * An answer as it goes out and is kept.
 *
 * @param bool   $marketing The answer.
 * @param string $source    `dialog`, `checkout-box`, `account`.
 * @param string $text      The wording that was shown.
 * @return array{marketing: bool, source: string, text: string, at: string}
 */
function answer( bool $marketing, string $source, string $text ): array {
	return array(
		'marketing' => $marketing,
		'source'    => $source,
		'text'      => mb_substr( $text, 0, MAX_TEXT_CHARS ),
		'at'        => (string) Events\moment( new \DateTimeImmutable() ),
	);
}

/**
 * What this person has answered before; null if nothing is known. Costs no query: WordPress has read the account's
 * meta for itself.
 */
function before(): ?bool {
	$user_id = get_current_user_id();
	$kept    = $user_id > 0 ? get_user_meta( $user_id, META, true ) : '';
	return is_array( $kept ) && isset( $kept['marketing'] ) ? (bool) $kept['marketing'] : null;
}

/**
 * Whether the box stands ticked for this person: by their own earlier answer, or else by the default.
 */
function state(): bool {
	return before() ?? is_ticked();
}

/**
 * Keeps an answer with an account.
 *
 * @param int   $user_id 0 for a guest, of whom nothing is kept.
 * @param array $answer  From answer().
 */
function keep( int $user_id, array $answer ): void {
	if ( $user_id > 0 ) {
		update_user_meta( $user_id, META, $answer );
	}
}
