<?php
/**
 * The daemon fetches what waits: `POST /wp-json/bazgasht/v1/deliver`, for shops where nothing runs in the background.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Pull;

use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Signer;

defined( 'ABSPATH' ) || exit;

const SPACE = 'bazgasht/v1';
const ROUTE = '/deliver';

// Ids are remembered for as long as their signature could pass, by clocks that differ either way.
const REMEMBERED_S = 2 * Signer\TOLERANCE_S;

const MOST_BODY_BYTES = 1024;

/**
 * Makes the route.
 */
function action_routes(): void {
	register_rest_route(
		SPACE,
		ROUTE,
		array(
			'methods'             => 'POST',
			'callback'            => __NAMESPACE__ . '\deliver',
			'permission_callback' => __NAMESPACE__ . '\may',
			'show_in_index'       => false,
		)
	);
}

/**
 * Whether the daemon asks: by its signature, which no other call has.
 *
 * @param \WP_REST_Request $request The call.
 * @return true|\WP_Error
 */
function may( $request ) {
	$key = Signer\key( (string) Settings\get( 'secret' ) );
	$id  = (string) $request->get_header( 'webhook-id' );
	// A body is what is signed, so there must be one.
	$body  = (string) $request->get_body();
	$stamp = (string) $request->get_header( 'webhook-timestamp' );
	$is_ok = null !== $key && 1 === preg_match( '/^[\x21-\x2d\x2f-\x7e]{1,128}$/D', $id ) && 1 === preg_match( '/^\d{1,12}$/D', $stamp )
		&& '' !== $body && strlen( $body ) <= MOST_BODY_BYTES
		&& Signer\verify( $key, $id, (int) $stamp, $body, (string) $request->get_header( 'webhook-signature' ), time() );
	if ( ! $is_ok ) {
		return new \WP_Error( 'bazgasht_signature', 'the call is not signed by the daemon that this shop is connected with', array( 'status' => 401 ) );
	}
	$seen = 'bazgasht_pulled_' . hash_hmac( 'md5', $id, $key );
	if ( false !== get_transient( $seen ) ) {
		return new \WP_Error( 'bazgasht_repeated', 'a call with this webhook-id was answered already', array( 'status' => 401 ) );
	}
	set_transient( $seen, 1, REMEMBERED_S );
	if ( '' !== Home\strayed() ) {
		return new \WP_Error( 'bazgasht_copy', 'this looks like a copy of the shop, so nothing is sent from here', array( 'status' => 409 ) );
	}
	return true;
}

/**
 * Delivers, and says what is left.
 *
 * The daemon is there, since it asks: how long it was to be left alone does not count. If another process delivers at
 * this moment, that one goes on, and this says what waits.
 */
function deliver(): \WP_REST_Response {
	$before = Deliver\taken();
	Deliver\run( Deliver\BACKGROUND_S );
	$waiting = Outbox\waiting();
	return new \WP_REST_Response(
		array(
			'waiting'   => $waiting['events'],
			'oldest'    => null === $waiting['oldest'] ? null : gmdate( 'Y-m-d\TH:i:s\Z', $waiting['oldest'] ),
			'delivered' => Deliver\taken() - $before,
		),
		200,
		array( 'Cache-Control' => 'no-store' )
	);
}
