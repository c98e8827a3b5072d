<?php
/**
 * Asks the daemon what it knows of one person. Nothing of the answer is kept.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Look;

use Bazgasht\Bridge\Daemon;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const PATH      = '/v1/contacts/look';
const TIMEOUT_S = 4.0;
const MOST      = 200;

// Error codes.
const AWAY          = 'bazgasht_away';
const REFUSED       = 'bazgasht_refused';
const NOT_CONNECTED = 'bazgasht_not_connected';
const TOO_OLD       = 'bazgasht_too_old';

/**
 * Asks.
 *
 * @param array    $contact   `phone` with `country`, or `user_id`.
 * @param string   $cart_key  Of a session; events of it come too.
 * @param int|null $since     Only events after this place in the daemon's log.
 * @param int      $limit     How many of each kind at most.
 * @param float    $timeout_s How long to wait.
 * @return array|\WP_Error As from read().
 */
function ask( array $contact, string $cart_key = '', ?int $since = null, int $limit = 50, float $timeout_s = TIMEOUT_S ) {
	if ( ! Settings\is_connected() ) {
		return new \WP_Error( NOT_CONNECTED, __( 'Bazgasht is not connected here.', 'bazgasht-bridge' ) );
	}
	$question = array_filter(
		array(
			'contact'  => (object) array_intersect_key( $contact, array_flip( array( 'phone', 'country', 'user_id' ) ) ),
			'cart_key' => '' === $cart_key ? null : $cart_key,
			'since'    => $since,
			'limit'    => min( MOST, max( 1, $limit ) ),
		),
		static function ( $value ): bool {
			return null !== $value;
		}
	);
	// In a body: a number in an address would stand in the logs of whatever is in between.
	$answer = Daemon\request( 'POST', PATH, (string) wp_json_encode( $question, JSON_UNESCAPED_UNICODE ), 'msg_' . bin2hex( random_bytes( 16 ) ), $timeout_s );
	if ( is_wp_error( $answer ) || $answer['status'] >= 500 ) {
		return new \WP_Error( AWAY, __( 'Bazgasht does not answer at the moment.', 'bazgasht-bridge' ) );
	}
	if ( in_array( $answer['status'], array( 404, 405 ), true ) ) {
		return new \WP_Error( TOO_OLD, __( 'This version of Bazgasht cannot say what it knows of a person. A newer one on the server can.', 'bazgasht-bridge' ) );
	}
	if ( 200 !== $answer['status'] || null === $answer['json'] ) {
		/* translators: %s: HTTP status */
		return new \WP_Error( REFUSED, sprintf( __( 'Bazgasht refuses to answer (HTTP %s). The test of the connection says why.', 'bazgasht-bridge' ), number_format_i18n( $answer['status'] ) ) );
	}
	return read( $answer['json'] );
}

/**
 * An answer with every field of the contract in its place, whatever came.
 *
 * @param array $json The daemon's.
 * @return array{known: bool, opted_out: array|null, consent: array|null, messages: array[], enrolments: array[], events: array[], seq: int}
 */
function read( array $json ): array {
	return array(
		'known'      => ! empty( $json['known'] ),
		'opted_out'  => isset( $json['opted_out'] ) && is_array( $json['opted_out'] ) ? plain( $json['opted_out'], array( 'scope', 'source', 'at', 'until' ) ) : null,
		'consent'    => isset( $json['consent'] ) && is_array( $json['consent'] ) ? array( 'marketing' => ! empty( $json['consent']['marketing'] ) ) + plain( $json['consent'], array( 'source', 'at', 'text' ) ) : null,
		'messages'   => array_map( __NAMESPACE__ . '\message', rows( $json['messages'] ?? null ) ),
		'enrolments' => array_map( __NAMESPACE__ . '\enrolment', rows( $json['enrolments'] ?? null ) ),
		'events'     => array_map( __NAMESPACE__ . '\event', rows( $json['events'] ?? null ) ),
		'seq'        => (int) ( is_scalar( $json['seq'] ?? null ) ? $json['seq'] : 0 ),
	);
}

/**
 * A text.
 *
 * @param array $row The daemon's.
 */
function message( array $row ): array {
	return plain( $row, array( 'id', 'campaign', 'campaign_name', 'step', 'state', 'due_at', 'sent_at', 'text', 'reason', 'gateway' ) ) + array(
		'parts'   => (int) ( is_scalar( $row['parts'] ?? null ) ? $row['parts'] : 0 ),
		'visits'  => (int) ( is_scalar( $row['visits'] ?? null ) ? $row['visits'] : 0 ),
		'planned' => ! empty( $row['planned'] ),
		'cost'    => is_array( $row['cost'] ?? null ) ? plain( $row['cost'], array( 'amount', 'currency' ) ) : null,
	);
}

/**
 * A way through a campaign.
 *
 * @param array $row The daemon's.
 */
function enrolment( array $row ): array {
	return plain( $row, array( 'campaign', 'campaign_name', 'state', 'reason', 'next_at', 'since' ) ) + array(
		'subject' => plain( is_array( $row['subject'] ?? null ) ? $row['subject'] : array(), array( 'kind', 'id' ) ),
	);
}

/**
 * An event.
 *
 * @param array $row The daemon's.
 */
function event( array $row ): array {
	return plain( $row, array( 'id', 'type', 'time' ) ) + array( 'seq' => (int) ( is_scalar( $row['seq'] ?? null ) ? $row['seq'] : 0 ) );
}

/**
 * The rows of a list.
 *
 * @param mixed $rows Whatever came.
 * @return array[]
 */
function rows( $rows ): array {
	return array_values( array_filter( array_slice( is_array( $rows ) ? $rows : array(), 0, MOST ), 'is_array' ) );
}

/**
 * Fields as text, an empty one where there is none.
 *
 * @param array    $row   Whatever came.
 * @param string[] $names The fields.
 * @return array<string, string>
 */
function plain( array $row, array $names ): array {
	$plain = array();
	foreach ( $names as $name ) {
		$plain[ $name ] = is_scalar( $row[ $name ] ?? null ) ? (string) $row[ $name ] : '';
	}
	return $plain;
}
