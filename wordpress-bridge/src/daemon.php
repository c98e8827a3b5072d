<?php
/**
 * The one place that speaks HTTP with the daemon.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Daemon;

use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Signer;

defined( 'ABSPATH' ) || exit;

const MAX_ANSWER_BYTES = 1048576;

/**
 * Sends events.
 *
 * @param string[] $lines     Events as JSON.
 * @param float    $timeout_s How long to wait.
 * @return array|\WP_Error As request().
 */
function post_events( array $lines, float $timeout_s ) {
	$body = '{"events":[' . implode( ',', $lines ) . ']}';
	// The same batch has the same id, however often it is sent.
	return request( 'POST', '/v1/events', $body, 'msg_' . substr( hash( 'sha256', $body ), 0, 32 ), $timeout_s );
}

/**
 * Asks something.
 *
 * @param string                $path_and_query As signed and sent.
 * @param float                 $timeout_s      How long to wait.
 * @param array<string, string> $headers        Further ones.
 * @return array|\WP_Error As request().
 */
function get( string $path_and_query, float $timeout_s, array $headers = array() ) {
	return request( 'GET', $path_and_query, '', 'msg_' . bin2hex( random_bytes( 16 ) ), $timeout_s, $headers );
}

/**
 * Makes a signed request.
 *
 * @param string                $method         `GET` or `POST`.
 * @param string                $path_and_query From the root.
 * @param string                $body           Empty for GET.
 * @param string                $id             Value of `webhook-id`.
 * @param float                 $timeout_s      How long to wait; WordPress makes no wait shorter than a second.
 * @param array<string, string> $headers        Further ones.
 * @return array{status: int, json: array|null, date: int|null, retry_after: int|null}|\WP_Error `date` in Unix seconds, by the daemon's clock.
 */
function request( string $method, string $path_and_query, string $body, string $id, float $timeout_s, array $headers = array() ) {
	$key = Signer\key( (string) Settings\get( 'secret' ) );
	if ( null === $key ) {
		return new \WP_Error( 'bazgasht_no_secret', __( 'No secret has been set yet.', 'bazgasht-bridge' ) );
	}
	if ( '' !== Home\strayed() ) {
		return new \WP_Error( 'bazgasht_copy', __( 'This looks like a copy of the shop, so nothing is sent from here.', 'bazgasht-bridge' ) );
	}
	$address   = (string) Settings\get( 'address' );
	$base_path = (string) wp_parse_url( $address, PHP_URL_PATH );
	$timestamp = time();
	$payload   = 'GET' === $method ? Signer\request_line( $method, $base_path . $path_and_query ) : $body;
	$answer    = wp_remote_request(
		$address . $path_and_query,
		array(
			'method'              => $method,
			'timeout'             => max( 0.2, $timeout_s ),
			'redirection'         => 0,
			// No answer is as long, and a program that is not the daemon may talk for ever.
			'limit_response_size' => MAX_ANSWER_BYTES,
			'body'                => 'GET' === $method ? null : $body,
			'user-agent'          => 'bazgasht-bridge/' . \Bazgasht\Bridge\VERSION,
			'headers'             => array_merge(
				$headers,
				array(
					'Content-Type'      => 'application/json',
					'Bazgasht-Shop'     => Home\header_value(),
					'webhook-id'        => $id,
					'webhook-timestamp' => (string) $timestamp,
					'webhook-signature' => Signer\sign( $key, $id, $timestamp, $payload ),
				)
			),
		)
	);
	if ( is_wp_error( $answer ) ) {
		return $answer;
	}
	$json = json_decode( wp_remote_retrieve_body( $answer ), true );
	$date = strtotime( (string) wp_remote_retrieve_header( $answer, 'date' ) );
	return array(
		'status'      => (int) wp_remote_retrieve_response_code( $answer ),
		'json'        => is_array( $json ) ? $json : null,
		'date'        => false === $date ? null : $date,
		'retry_after' => seconds_until( (string) wp_remote_retrieve_header( $answer, 'retry-after' ), $timestamp ),
	);
}

/**
 * Reads a `Retry-After`.
 *
 * @param string $header Seconds or a date.
 * @param int    $now    Unix seconds.
 */
function seconds_until( string $header, int $now ): ?int {
	if ( '' === $header ) {
		return null;
	}
	if ( ctype_digit( $header ) ) {
		return (int) $header;
	}
	$date = strtotime( $header );
	return false === $date ? null : max( 0, $date - $now );
}
