<?php
/**
 * Standard Webhooks signatures, for both directions. Pure: no clock, no settings.
 *
 * @see https://www.standardwebhooks.com
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Signer;

const SCHEME        = 'v1';
const SECRET_PREFIX = 'whsec_';
const TOLERANCE_S   = 300;
const KEY_MIN_BYTES = 24;
const KEY_MAX_BYTES = 64;

/**
 * The HMAC key in a secret.
 *
 * @param string $secret `whsec_` and base64.
 * @return string|null Raw bytes, or null when it is no secret of 24 to 64 bytes.
 */
function key( string $secret ): ?string {
	if ( 0 !== strpos( $secret, SECRET_PREFIX ) ) {
		return null;
	}
	$key = base64_decode( substr( $secret, strlen( SECRET_PREFIX ) ), true ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions.obfuscation_base64_decode -- The format of the standard.
	if ( false === $key || strlen( $key ) < KEY_MIN_BYTES || strlen( $key ) > KEY_MAX_BYTES ) {
		return null;
	}
	return $key;
}

/**
 * The value of `webhook-signature`.
 *
 * @param string $key       From key().
 * @param string $id        Value of `webhook-id`.
 * @param int    $timestamp Unix seconds, value of `webhook-timestamp`.
 * @param string $payload   The raw body, or request_line() of a request without one.
 */
function sign( string $key, string $id, int $timestamp, string $payload ): string {
	$mac = hash_hmac( 'sha256', $id . '.' . $timestamp . '.' . $payload, $key, true );
	return SCHEME . ',' . base64_encode( $mac ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions.obfuscation_base64_encode -- The format of the standard.
}

/**
 * Whether one of the signatures in a header is ours.
 *
 * @param string $key       From key().
 * @param string $id        Value of `webhook-id`.
 * @param int    $timestamp Value of `webhook-timestamp`.
 * @param string $payload   As for sign().
 * @param string $header    Value of `webhook-signature`; several are separated by spaces.
 * @param int    $now       Unix seconds.
 */
function verify( string $key, string $id, int $timestamp, string $payload, string $header, int $now ): bool {
	if ( abs( $now - $timestamp ) > TOLERANCE_S ) {
		return false;
	}
	$expected = sign( $key, $id, $timestamp, $payload );
	$matches  = false;
	foreach ( explode( ' ', $header ) as $signature ) {
		$matches = hash_equals( $expected, $signature ) || $matches;
	}
	return $matches;
}

/**
 * What is signed when a request has no body; otherwise one signed GET could be replayed against another path.
 *
 * @param string $method         `GET`.
 * @param string $path_and_query As sent, for example `/v1/links/3JcKdsX?hit=1`.
 */
function request_line( string $method, string $path_and_query ): string {
	return $method . ' ' . $path_and_query;
}
