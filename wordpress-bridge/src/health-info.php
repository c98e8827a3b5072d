<?php
/**
 * Tools > Site Health > Info: how the bridge stands, for whoever helps. No secret, no name of a closed folder, nobody's
 * number.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Health_Info;

use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

/**
 * Adds the section.
 *
 * @param array $info As WordPress has it.
 */
function filter_information( $info ): array {
	$fields = array();
	foreach ( figures() as $name => $value ) {
		$fields[ $name ] = array(
			'label'   => labels()[ $name ],
			'value'   => is_bool( $value ) ? ( $value ? __( 'Yes', 'bazgasht-bridge' ) : __( 'No', 'bazgasht-bridge' ) ) : written( $value ),
			// What is copied to the clipboard is for everybody, in English.
			'debug'   => is_bool( $value ) ? ( $value ? 'yes' : 'no' ) : written( $value ),
			// Where the service listens is nobody else's business.
			'private' => 'address' === $name,
		);
	}
	return (array) $info + array(
		'bazgasht' => array(
			'label'  => __( 'Bazgasht', 'bazgasht-bridge' ),
			'fields' => $fields,
		),
	);
}

/**
 * How the bridge stands, for people and programs; moments are RFC 3339 in UTC.
 *
 * @return array<string, bool|int|string>
 */
function figures(): array {
	$waiting = Outbox\waiting();
	$state   = Deliver\state();
	$next    = function_exists( 'as_next_scheduled_action' ) ? as_next_scheduled_action( Deliver\ACTION, array(), Deliver\GROUP ) : false;
	return array(
		'version'       => \Bazgasht\Bridge\VERSION,
		'address'       => (string) Settings\get( 'address' ),
		'secret'        => Settings\has_secret(),
		'strayed'       => Settings\has_secret() ? Home\strayed() : '',
		'waiting'       => $waiting['events'],
		'waiting_bytes' => $waiting['bytes'],
		'oldest'        => moment( $waiting['oldest'] ),
		'store'         => $waiting['store'],
		'last_ok'       => moment( $state['last_ok'] ),
		'failures'      => $state['failures'],
		'failing_since' => moment( $state['since'] ),
		'code'          => $state['code'],
		'refused'       => $state['refused'],
		'after_page'    => Deliver\can_release_visitor(),
		'next'          => is_int( $next ) ? moment( $next ) : ( $next ? 'now' : '' ),
		'link_prefix'   => (string) Settings\get( 'link_prefix' ),
		'capture'       => (bool) Settings\get( 'capture_checkout' ),
		'dialog'        => (bool) Settings\get( 'dialog_enabled' ),
		'coupons'       => (bool) Settings\get( 'make_coupons' ),
		'remove_data'   => (bool) Settings\get( 'remove_data' ),
	);
}

/**
 * What the figures are called.
 *
 * @return array<string, string>
 */
function labels(): array {
	return array(
		'version'       => __( 'Version', 'bazgasht-bridge' ),
		'address'       => __( 'Address of the service', 'bazgasht-bridge' ),
		'secret'        => __( 'Secret saved', 'bazgasht-bridge' ),
		'strayed'       => __( 'Looks like a copy, by', 'bazgasht-bridge' ),
		'waiting'       => __( 'Events that wait', 'bazgasht-bridge' ),
		'waiting_bytes' => __( 'Their size in bytes', 'bazgasht-bridge' ),
		'oldest'        => __( 'The oldest is from', 'bazgasht-bridge' ),
		'store'         => __( 'They wait in', 'bazgasht-bridge' ),
		'last_ok'       => __( 'Last delivery that was written down', 'bazgasht-bridge' ),
		'failures'      => __( 'Failures on end', 'bazgasht-bridge' ),
		'failing_since' => __( 'Failing since', 'bazgasht-bridge' ),
		'code'          => __( 'Last error', 'bazgasht-bridge' ),
		'refused'       => __( 'Events that were refused', 'bazgasht-bridge' ),
		'after_page'    => __( 'PHP goes on after a page', 'bazgasht-bridge' ),
		'next'          => __( 'Next delivery in the background', 'bazgasht-bridge' ),
		'link_prefix'   => __( 'Link prefix', 'bazgasht-bridge' ),
		'capture'       => __( 'Number is taken at the checkout', 'bazgasht-bridge' ),
		'dialog'        => __( 'Dialog asks for the number', 'bazgasht-bridge' ),
		'coupons'       => __( 'Coupons are made', 'bazgasht-bridge' ),
		'remove_data'   => __( 'Data goes with the plugin', 'bazgasht-bridge' ),
	);
}

/**
 * A figure as text. WordPress takes an empty one for a mistake.
 *
 * @param int|string $value From figures().
 */
function written( $value ): string {
	return '' === (string) $value ? '-' : (string) $value;
}

/**
 * A moment in UTC; empty for none.
 *
 * @param int|null $at Unix seconds, 0 for none.
 */
function moment( ?int $at ): string {
	return null === $at || 0 === $at ? '' : gmdate( 'Y-m-d\TH:i:s\Z', $at );
}
