<?php
/**
 * The page on which a question of a text is answered: a short link with `/ask` behind it.
 *
 * For whoever got the text from a line that cannot receive. The daemon says what is asked; what was tapped waits in the
 * outbox. Nothing on the page is the person's, and opening it changes nothing.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Ask_Page;

use Bazgasht\Bridge\Daemon;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Restore;
use Bazgasht\Bridge\Room;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Signer;
use Bazgasht\Bridge\Slugs;
use Bazgasht\Bridge\Stop_Page;

defined( 'ABSPATH' ) || exit;

const PATH_END  = 'ask';
const QUERY_VAR = 'ask';

const FIELD_ANSWER = 'bazgasht_answer';
const FIELD_PROOF  = 'bazgasht_proof';

// As the daemon has it.
const LONGEST_KEY = 40;

// As for the stop page: only against programs.
const MOST_ANSWERS = 60;
const SPAN_S       = 10 * MINUTE_IN_SECONDS;

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
 * The page's address.
 *
 * @param string $slug The link.
 */
function url( string $slug ): string {
	return Slugs\url( $slug ) . '/' . PATH_END;
}

/**
 * Shows the page, which ends the request.
 *
 * @param string $slug    The link.
 * @param bool   $is_link Whether the address can be nothing else; otherwise the daemon is asked, and the request may go on.
 */
function show( string $slug, bool $is_link = true ): void {
	$question = Settings\is_connected() ? question( $slug ) : array( 'status' => 503 );
	if ( ! $is_link && in_array( $question['status'], array( 404, 503 ), true ) ) {
		return;
	}
	Restore\keep_private();
	if ( 404 === $question['status'] ) {
		wp_safe_redirect( home_url( '/' ), 302, 'Bazgasht' );
		exit;
	}
	header( 'Cache-Control: no-store' );
	header( 'Referrer-Policy: same-origin' );
	header( "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'" );
	header( 'Content-Type: text/html; charset=UTF-8' );
	$status = 'POST' === Restore\server( 'REQUEST_METHOD' )
		? answer( $slug, $question, Stop_Page\field( FIELD_ANSWER ), Stop_Page\field( FIELD_PROOF ), time() )
		: $question['status'];
	// Answered is no status of HTTP's.
	status_header( in_array( $status, array( 201, 410 ), true ) ? 200 : $status );
	if ( $status >= 429 ) {
		header( 'Retry-After: ' . SPAN_S );
	}
	echo page( $slug, $question, $status ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped -- page() escapes what it puts together.
	exit;
}

/**
 * What is asked behind a link.
 *
 * @param string $slug The link.
 * @return array{status: int, text?: string, answers?: array<string, string>} 200: asked; 404: no question's link; 410: takes
 *                     no more answers; 503: cannot be known now.
 */
function question( string $slug ): array {
	$answer = Daemon\get( '/v1/links/' . $slug . '?hit=0', Restore\TIMEOUT_S );
	$link   = is_array( $answer ) && is_array( $answer['json'] ) ? $answer['json'] : array();
	$status = is_array( $answer ) ? (int) $answer['status'] : 0;
	if ( 200 !== $status ) {
		return array( 'status' => in_array( $status, array( 404, 410 ), true ) ? 404 : 503 );
	}
	if ( 'ask' !== ( $link['kind'] ?? '' ) ) {
		return array( 'status' => 404 );
	}
	if ( ! isset( $link['ask']['answers'] ) || ! is_array( $link['ask']['answers'] ) ) {
		return array( 'status' => 410 );
	}
	$answers = array();
	foreach ( $link['ask']['answers'] as $one ) {
		if ( isset( $one['key'], $one['label'] ) && is_string( $one['key'] ) && is_string( $one['label'] ) ) {
			$answers[ $one['key'] ] = $one['label'];
		}
	}
	$text = $link['ask']['question'] ?? null;
	return array(
		'status'  => 200,
		'text'    => is_string( $text ) ? $text : '',
		'answers' => $answers,
	);
}

/**
 * Takes an answer down, if it comes from the page.
 *
 * @param string $slug     The link.
 * @param array  $question From question().
 * @param string $key      Of the answer.
 * @param string $proof    As the page had it.
 * @param int    $now      Unix seconds.
 * @return int 201: kept; 403: not from the page, or no answer; 410: too late; 429: too many; 503: could not be kept.
 */
function answer( string $slug, array $question, string $key, string $proof, int $now ): int {
	if ( ! Settings\is_connected() ) {
		return 503;
	}
	if ( ! hash_equals( proof( $slug ), $proof ) || '' === $key || mb_strlen( $key ) > LONGEST_KEY ) {
		return 403;
	}
	if ( 410 === $question['status'] ) {
		return 410;
	}
	// A daemon that is silent just now will know what is no answer of its question.
	if ( 200 === $question['status'] && ! in_array( $key, array_map( 'strval', array_keys( $question['answers'] ) ), true ) ) {
		return 403;
	}
	if ( ! Room\take( 'answers', MOST_ANSWERS, SPAN_S, $now ) ) {
		return 429;
	}
	return tell( $slug, $key ) ? 201 : 503;
}

/**
 * What the form carries to show that it is ours. Does not age, and is the same for everybody with the link.
 *
 * @param string $slug The link.
 */
function proof( string $slug ): string {
	return hash_hmac( 'sha256', 'bazgasht ask ' . $slug, (string) Signer\key( (string) Settings\get( 'secret' ) ) );
}

/**
 * Puts an answer into the outbox.
 *
 * @param string $slug The link.
 * @param string $key  Of the answer.
 * @return bool Whether it is kept there: nobody is thanked otherwise.
 */
function tell( string $slug, string $key ): bool {
	$is_kept = false;
	Record\safely(
		static function () use ( &$is_kept, $slug, $key ): void {
			Record\event(
				'contact.answered',
				array(
					'link'   => $slug,
					'answer' => $key,
				)
			);
			$is_kept = Record\write();
		}
	);
	return $is_kept;
}

/**
 * What is said above the answers.
 *
 * @param array $question From question().
 * @param int   $status   From answer(), or of the question.
 * @return string[] The first one is the heading.
 */
function sentences( array $question, int $status ): array {
	switch ( $status ) {
		case 201:
			return array( __( 'Thank you for your answer.', 'bazgasht-bridge' ) );
		case 403:
			return array( __( 'That did not reach us whole. Please choose once more.', 'bazgasht-bridge' ) );
		case 410:
			return array( __( 'Thank you. This question takes no more answers.', 'bazgasht-bridge' ) );
		case 429:
			return array( __( 'Too much is coming from your network just now. Please choose again in ten minutes.', 'bazgasht-bridge' ) );
		case 503:
			return array( __( 'We cannot take your choice down just now. Please open this link again in a few minutes.', 'bazgasht-bridge' ) );
	}
	$text = $question['text'] ?? '';
	return array( '' === $text ? __( 'Your answer?', 'bazgasht-bridge' ) : $text, __( 'One tap is enough.', 'bazgasht-bridge' ) );
}

/**
 * The whole page. On its own: no theme, no script, nothing from anywhere else.
 *
 * @param string $slug     The link.
 * @param array  $question From question().
 * @param int    $status   As for sentences().
 */
function page( string $slug, array $question, int $status ): string {
	$sentences = sentences( $question, $status );
	$shop      = Events\plain_text( (string) get_option( 'blogname' ) );
	$html      = sprintf(
		'<!DOCTYPE html><html lang="%s" dir="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex, nofollow"><meta name="color-scheme" content="light dark"><title>%s</title><style>%s</style></head><body><main><p class="shop">%s</p>',
		esc_attr( str_replace( '_', '-', determine_locale() ) ),
		is_rtl() ? 'rtl' : 'ltr',
		esc_html( $sentences[0] . ' – ' . $shop ),
		Stop_Page\style(),
		esc_html( $shop )
	);
	// What was just said is read out.
	$html .= sprintf( '<div role="status"><h1>%s</h1>', esc_html( $sentences[0] ) );
	foreach ( array_slice( $sentences, 1 ) as $sentence ) {
		$html .= '<p>' . esc_html( $sentence ) . '</p>';
	}
	$html .= '</div>';
	if ( ! in_array( $status, array( 201, 410, 503 ), true ) ) {
		$html .= form( $slug, $question['answers'] ?? array() );
	}
	return $html . sprintf( '<p class="shop"><a href="%s">%s</a></p></main></body></html>', esc_url( home_url( '/' ) ), esc_html__( 'To the shop', 'bazgasht-bridge' ) );
}

/**
 * The form. It goes to the address it stands at.
 *
 * @param string                $slug    The link.
 * @param array<string, string> $answers Key and label of each.
 */
function form( string $slug, array $answers ): string {
	$html = sprintf( '<form method="post"><input type="hidden" name="%s" value="%s">', esc_attr( FIELD_PROOF ), esc_attr( proof( $slug ) ) );
	foreach ( $answers as $key => $label ) {
		$html .= sprintf( '<button name="%s" value="%s"><b>%s</b></button>', esc_attr( FIELD_ANSWER ), esc_attr( (string) $key ), esc_html( $label ) );
	}
	return $html . '</form>';
}
