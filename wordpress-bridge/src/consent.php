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

// Where the bridge's answers come from; the daemon knows these words, and `counts` in its settings names them.
const AT_CHECKOUT = 'checkout-box';
const IN_DIALOG   = 'dialog';
const IN_ACCOUNT  = 'account';

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
 * Whether the law lets a box be ticked by anybody but the person.
 */
function may_tick(): bool {
	return IRAN === law();
}

/**
 * What the law asks for before marketing texts, as the daemon names it.
 */
function rule(): string {
	return GDPR === law() ? 'yes_needed' : 'refusal_stops';
}

/**
 * Whether boxes are ticked before anybody touched them: as the owner wishes, but never where the law forbids it.
 */
function is_ticked(): bool {
	return may_tick() && Settings\get( 'consent_ticked' );
}

/**
 * Whether the checkout and the account ask.
 */
function is_asked(): bool {
	return Settings\get( 'consent_checkout' ) && Settings\is_connected();
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
 * @param string $source    AT_CHECKOUT, IN_DIALOG or IN_ACCOUNT.
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
	$kept = kept();
	return null === $kept ? null : (bool) $kept['marketing'];
}

/**
 * The same as answer() has it.
 */
function kept(): ?array {
	$user_id = get_current_user_id();
	$kept    = $user_id > 0 ? get_user_meta( $user_id, META, true ) : '';
	return is_array( $kept ) && isset( $kept['marketing'] ) ? $kept : null;
}

/**
 * Whether the account's box stands ticked for this person: by their own earlier answer, or else by the default.
 */
function state(): bool {
	return before() ?? is_ticked();
}

/**
 * The same at the checkout. What is ticked there goes out with the order, so where the law wants a yes of the person's
 * own hand it is never ticked beforehand, also not by an earlier yes, which may have been to other words.
 */
function state_at_checkout(): bool {
	return may_tick() ? state() : false;
}

/**
 * What a box at the checkout says when the order is placed. Left as it came, it says what the person said before, if
 * they said anything: nobody has agreed to new words, or refused, by leaving a box alone.
 *
 * @param bool $marketing Whether it is ticked.
 * @return array{marketing: bool, source: string, text: string, at: string}
 */
function answer_at_checkout( bool $marketing ): array {
	$kept = kept();
	return null !== $kept && state_at_checkout() === $marketing ? $kept : answer( $marketing, AT_CHECKOUT, wording() );
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
