<?php
/**
 * The page on which a person says which texts they want: a short link with `/stop` behind it.
 *
 * Whoever has the link has the text it came with, so the slug is the key, and any slug gets the same page: nothing
 * can be learnt here about which exist. The daemon is not asked and not waited for; what was chosen waits in the outbox.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Stop_Page;

use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Restore;
use Bazgasht\Bridge\Room;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Signer;
use Bazgasht\Bridge\Slugs;

defined( 'ABSPATH' ) || exit;

const PATH_END  = 'stop';
const QUERY_VAR = 'stop';

const FIELD_CHOICE = 'bazgasht_choice';
const FIELD_PROOF  = 'bazgasht_proof';

// What can be chosen.
const ALL    = 'all';
const ORDERS = 'orders';
const PAUSE  = 'pause';
const AGAIN  = 'again';

const PAUSE_S = 30 * DAY_IN_SECONDS;

// Ways back from one address, which many people share. There is no such limit on stopping: whoever uses up the room of
// an address, be it a proxy's, must not keep others from saying no.
const MOST_AGAIN = 60;
const SPAN_S     = 10 * MINUTE_IN_SECONDS;

/**
 * Looks whether a request asks for the page.
 *
 * @param \WP $wp Has parsed the address.
 */
function action_request( $wp ): void {
	$slug = asked_slug( isset( $wp->request ) ? (string) $wp->request : '' );
	if ( '' !== $slug ) {
		show( $slug );
	}
}

/**
 * Shows the page, which ends the request.
 *
 * @param string $slug The link.
 */
function show( string $slug ): void {
	Restore\keep_private();
	header( 'Cache-Control: no-store' );
	header( 'Referrer-Policy: same-origin' );
	header( "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'" );
	header( 'Content-Type: text/html; charset=UTF-8' );

	// Opening a link changes nothing: previews and robots open links too.
	$answer = 'POST' === Restore\server( 'REQUEST_METHOD' )
		? answer( $slug, field( FIELD_CHOICE ), field( FIELD_PROOF ), time() )
		: view( Settings\is_connected() ? 200 : 503 );
	status_header( $answer['status'] );
	if ( $answer['status'] >= 429 ) {
		header( 'Retry-After: ' . SPAN_S );
	}
	echo page( $slug, $answer ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- page() escapes what it puts together.
	exit;
}

/**
 * The slug whose page is asked for, or an empty string.
 *
 * @param string $path Of the request, without slashes at its ends; empty with plain permalinks.
 */
function asked_slug( string $path ): string {
	$end = '/' . PATH_END;
	if ( substr( $path, -strlen( $end ) ) === $end ) {
		$by_path = Slugs\in_path( substr( $path, 0, -strlen( $end ) ) );
		if ( '' !== $by_path ) {
			return $by_path;
		}
	}
	// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- A link from a text message carries no nonce.
	return isset( $_GET[ QUERY_VAR ] ) && '1' === $_GET[ QUERY_VAR ] ? Slugs\asked( '' ) : '';
}

/**
 * A field of the form.
 *
 * @param string $name Its name.
 */
function field( string $name ): string {
	// phpcs:ignore WordPress.Security.NonceVerification.Missing -- proof() stands in for a nonce, which belongs to a session and ages.
	return isset( $_POST[ $name ] ) && is_string( $_POST[ $name ] ) ? sanitize_text_field( wp_unslash( $_POST[ $name ] ) ) : '';
}

/**
 * What a request is answered with.
 *
 * @param int    $status HTTP status.
 * @param string $holds  The choice that was taken down.
 * @return array{status: int, holds: string}
 */
function view( int $status, string $holds = '' ): array {
	return array(
		'status' => $status,
		'holds'  => $holds,
	);
}

/**
 * Takes a choice down, if it comes from the page.
 *
 * @param string $slug   The link.
 * @param string $choice ALL, ORDERS, PAUSE or AGAIN.
 * @param string $proof  As the page had it.
 * @param int    $now    Unix seconds.
 * @return array{status: int, holds: string} 403: not from the page; 429: too many ways back; 503: could not be kept.
 */
function answer( string $slug, string $choice, string $proof, int $now ): array {
	if ( ! Settings\is_connected() ) {
		return view( 503 );
	}
	if ( ! hash_equals( proof( $slug ), $proof ) || ! in_array( $choice, array( ALL, ORDERS, PAUSE, AGAIN ), true ) ) {
		return view( 403 );
	}
	if ( last_choice( $slug, $now ) === $choice ) {
		// Said already, and taken down.
		return view( 200, $choice );
	}
	if ( AGAIN === $choice && ! Room\take( 'backs', MOST_AGAIN, SPAN_S, $now ) ) {
		return view( 429 );
	}
	if ( ! tell( $slug, $choice, $now ) ) {
		return view( 503 );
	}
	set_transient( last_choice_key( $slug ), array( $choice, $now ), SPAN_S );
	return view( 200, $choice );
}

/**
 * What was chosen last by a link, a moment ago; empty if nothing was.
 *
 * @param string $slug The link.
 * @param int    $now  Unix seconds.
 */
function last_choice( string $slug, int $now ): string {
	$last = get_transient( last_choice_key( $slug ) );
	return is_array( $last ) && $now - $last[1] < SPAN_S ? $last[0] : '';
}

/**
 * The transient's name for a link.
 *
 * @param string $slug The link.
 */
function last_choice_key( string $slug ): string {
	return 'bazgasht_stops_' . substr( wp_hash( $slug ), 0, 32 );
}

/**
 * What the form carries to show that it is ours. Does not age, and is the same for everybody with the link.
 *
 * @param string $slug The link.
 */
function proof( string $slug ): string {
	return hash_hmac( 'sha256', 'bazgasht stop ' . $slug, (string) Signer\key( (string) Settings\get( 'secret' ) ) );
}

/**
 * Puts a choice into the outbox.
 *
 * @param string $slug   The link.
 * @param string $choice As for answer().
 * @param int    $now    Unix seconds.
 * @return bool Whether it is kept there: nobody is told "done" otherwise.
 */
function tell( string $slug, string $choice, int $now ): bool {
	$is_kept = false;
	Record\safely(
		static function () use ( &$is_kept, $slug, $choice, $now ): void {
			$said = array(
				'link'   => $slug,
				'source' => 'link',
			);
			if ( AGAIN === $choice ) {
				Record\event( 'contact.opted_in', $said );
			} else {
				$said['scope'] = ALL === $choice ? 'all' : 'marketing';
				$until         = PAUSE === $choice ? Events\moment( new \DateTimeImmutable( '@' . ( $now + PAUSE_S ) ) ) : null;
				Record\event( 'contact.opted_out', null === $until ? $said : $said + array( 'until' => $until ) );
			}
			$is_kept = Record\write();
		}
	);
	return $is_kept;
}

/**
 * What is said above the choices.
 *
 * @param array $answer From view().
 * @return string[] The first one is the heading.
 */
function sentences( array $answer ): array {
	$on_its_way = __( 'A text that is already on its way may still reach you.', 'bazgasht-bridge' );
	switch ( $answer['holds'] ) {
		case ALL:
			return array( __( 'Done. You will get no more texts from us.', 'bazgasht-bridge' ), $on_its_way );
		case ORDERS:
			return array( __( 'Done. From now on we text you only about your own orders.', 'bazgasht-bridge' ), $on_its_way );
		case PAUSE:
			return array( __( 'Done. No offers and no reminders for 30 days.', 'bazgasht-bridge' ), $on_its_way );
		case AGAIN:
			return array( __( 'Good to have you back. We will write to you again.', 'bazgasht-bridge' ) );
	}
	switch ( $answer['status'] ) {
		case 403:
			return array( __( 'That did not reach us whole. Please choose once more.', 'bazgasht-bridge' ) );
		case 429:
			return array( __( 'Too much is coming from your network just now. Please choose again in ten minutes.', 'bazgasht-bridge' ) );
		case 503:
			return array( __( 'We cannot take your choice down just now. Please open this link again in a few minutes.', 'bazgasht-bridge' ) );
	}
	return array(
		__( 'Which texts may we send you?', 'bazgasht-bridge' ),
		__( 'Your choice is for the number that this link was sent to.', 'bazgasht-bridge' ),
	);
}

/**
 * The choices that are offered: label and what it means.
 *
 * After a choice only the stricter ones and the way back; the page must not promise less strictness than the daemon keeps.
 *
 * @param string $holds The choice that was just taken down, if any.
 * @return array<string, array{0: string, 1: string}>
 */
function choices( string $holds ): array {
	$choices = array(
		ALL    => array( __( 'Stop all texts', 'bazgasht-bridge' ), __( 'No offers, no reminders, no news of orders.', 'bazgasht-bridge' ) ),
		ORDERS => array( __( 'Only news of my orders', 'bazgasht-bridge' ), __( 'No offers and no reminders.', 'bazgasht-bridge' ) ),
		PAUSE  => array( __( 'Pause for a month', 'bazgasht-bridge' ), __( 'No offers and no reminders for 30 days, then as before.', 'bazgasht-bridge' ) ),
	);
	switch ( $holds ) {
		case ALL:
			return array();
		case ORDERS:
			return array_intersect_key( $choices, array( ALL => true ) );
		case PAUSE:
			return array_diff_key( $choices, array( PAUSE => true ) );
	}
	return $choices;
}

/**
 * The whole page. On its own: no theme, no script, nothing from anywhere else.
 *
 * @param string $slug   The link.
 * @param array  $answer From view().
 */
function page( string $slug, array $answer ): string {
	$sentences = sentences( $answer );
	$shop      = Events\plain_text( (string) get_option( 'blogname' ) );
	$html      = sprintf(
		'<!DOCTYPE html><html lang="%s" dir="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex, nofollow"><meta name="color-scheme" content="light dark"><title>%s</title><style>%s</style></head><body><main><p class="shop">%s</p>',
		esc_attr( str_replace( '_', '-', determine_locale() ) ),
		is_rtl() ? 'rtl' : 'ltr',
		esc_html( $sentences[0] . ' – ' . $shop ),
		style(),
		esc_html( $shop )
	);
	// What was just said is read out.
	$html .= sprintf( '<div role="status"><h1>%s</h1>', esc_html( $sentences[0] ) );
	foreach ( array_slice( $sentences, 1 ) as $sentence ) {
		$html .= '<p>' . esc_html( $sentence ) . '</p>';
	}
	$html .= '</div>';
	if ( 503 !== $answer['status'] ) {
		$html .= form( $slug, $answer['holds'] );
	}
	return $html . sprintf( '<p class="shop"><a href="%s">%s</a></p></main></body></html>', esc_url( home_url( '/' ) ), esc_html__( 'To the shop', 'bazgasht-bridge' ) );
}

/**
 * The form. It goes to the address it stands at.
 *
 * @param string $slug  The link.
 * @param string $holds The choice that was just taken down, if any.
 */
function form( string $slug, string $holds ): string {
	$html = sprintf( '<form method="post"><input type="hidden" name="%s" value="%s">', esc_attr( FIELD_PROOF ), esc_attr( proof( $slug ) ) );
	$back = button( AGAIN, __( 'Write to me again', 'bazgasht-bridge' ) );
	foreach ( choices( $holds ) as $choice => $words ) {
		$html .= button( $choice, ...$words );
	}
	if ( '' !== $holds && AGAIN !== $holds ) {
		// Away from where the choice was made: a second tap at the same place must not undo it.
		$html .= '<div class="back">' . $back . '</div>';
	} elseif ( '' === $holds ) {
		// Folded away: few come for it, and nobody should press it by mistake.
		$html .= sprintf( '<details><summary>%s</summary>%s</details>', esc_html__( 'Stopped before, and changed your mind?', 'bazgasht-bridge' ), $back );
	}
	return $html . '</form>';
}

/**
 * One choice.
 *
 * @param string $choice Its value.
 * @param string $label  What it says.
 * @param string $hint   What it means; may be empty.
 */
function button( string $choice, string $label, string $hint = '' ): string {
	return sprintf(
		'<button name="%s" value="%s"><b>%s</b>%s</button>',
		esc_attr( FIELD_CHOICE ),
		esc_attr( $choice ),
		esc_html( $label ),
		'' === $hint ? '' : '<span>' . esc_html( $hint ) . '</span>'
	);
}

/**
 * The page's looks, for both directions of writing, light and dark.
 */
function style(): string {
	return ':root{--ink:#1c2024;--soft:#5b636b;--paper:#f4f5f6;--card:#fff;--line:#d4d8dc;--mark:#0b6b53}'
		. '@media(prefers-color-scheme:dark){:root{--ink:#eceef0;--soft:#a4abb2;--paper:#121416;--card:#1d2023;--line:#3a4046;--mark:#5fc9a8}}'
		. '*{box-sizing:border-box}'
		. 'body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.7 Vazirmatn,Vazir,IRANSans,system-ui,-apple-system,"Segoe UI",Roboto,Tahoma,sans-serif}'
		. 'main{max-width:27rem;margin:0 auto;padding:2rem 1.25rem 3rem}'
		. 'h1{font-size:1.375rem;line-height:1.5;margin:.25rem 0 .5rem}h1,p,span,summary{text-wrap:pretty}'
		. 'p{margin:0 0 1rem;color:var(--soft)}.shop{font-size:.9375rem;margin:0 0 1rem}a{color:inherit}'
		. 'form{margin:1.5rem 0 2rem}'
		. 'button{display:block;width:100%;margin:0 0 .75rem;padding:.875rem 1.125rem;border:1px solid var(--line);border-radius:.75rem;background:var(--card);color:inherit;font:inherit;text-align:start;cursor:pointer}'
		. 'button b{display:block}button span{display:block;font-size:.9375rem;color:var(--soft)}'
		. 'button:hover{border-color:var(--mark)}button:focus-visible,summary:focus-visible,a:focus-visible{outline:3px solid var(--mark);outline-offset:2px}'
		. '.back{padding-top:4rem}details{margin-top:1.5rem}summary{cursor:pointer;color:var(--soft);font-size:.9375rem;padding:.5rem 0}';
}
