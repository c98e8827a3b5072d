<?php
/**
 * `wp bazgasht`: what the schedule and wp-admin do, by hand. Each command ends with 0 when what it is for succeeded,
 * and with 1 otherwise.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Cli;

use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Health_Info;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Privacy;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Snapshot;
use Bazgasht\Bridge\Status;

defined( 'ABSPATH' ) || exit;

const LONG_S = 3600.0;

// Of a number, only so much is ever shown.
const SHOWN_DIGITS = 2;

/**
 * Names the commands.
 */
function init(): void {
	$format = array(
		'type'     => 'assoc',
		'name'     => 'format',
		'optional' => true,
		'default'  => 'table',
		'options'  => array( 'table', 'json', 'csv', 'yaml' ),
	);
	command( 'status', __NAMESPACE__ . '\status', 'How the bridge stands: connection, outbox, schedule. Ends with 1 when nothing gets through.', array( $format ) );
	command( 'test', __NAMESPACE__ . '\test', 'Asks the daemon whether it is there and says what is in the way.', array() );
	command( 'deliver', __NAMESPACE__ . '\deliver', 'Delivers all that waits, whatever the retry ladder says.', array() );
	command(
		'outbox',
		__NAMESPACE__ . '\outbox',
		'What waits, oldest first: type, time, and the last two digits of whose number.',
		array(
			$format,
			array(
				'type'        => 'assoc',
				'name'        => 'limit',
				'optional'    => true,
				'default'     => 20,
				'description' => 'How many at most; 0 for all.',
			),
		)
	);
	command( 'catalogue', __NAMESPACE__ . '\catalogue', 'Sends shop, coupons and products again.', array() );
	command(
		'forget',
		__NAMESPACE__ . '\forget',
		'Takes a person out of what waits here and asks the daemon to erase them: by e-mail address (with all numbers of the account and its orders), or by number.',
		array(
			array(
				'type' => 'positional',
				'name' => 'person',
			),
			array(
				'type'        => 'flag',
				'name'        => 'yes',
				'optional'    => true,
				'description' => 'Do not ask.',
			),
		)
	);
	// Its name until 0.1.
	\WP_CLI::add_command( 'bazgasht snapshot', __NAMESPACE__ . '\catalogue', array( 'shortdesc' => 'The same as catalogue.' ) );
}

/**
 * Names one command.
 *
 * @param string $name     Its last word.
 * @param string $callback The function.
 * @param string $what     What it does.
 * @param array  $synopsis As WP-CLI has it.
 */
function command( string $name, string $callback, string $what, array $synopsis ): void {
	\WP_CLI::add_command(
		'bazgasht ' . $name,
		$callback,
		array(
			'shortdesc' => $what,
			'synopsis'  => $synopsis,
		)
	);
}

/**
 * How the bridge stands.
 *
 * @param string[] $args  Unused.
 * @param array    $assoc `format`.
 */
function status( array $args = array(), array $assoc = array() ): void {
	$rows = array();
	foreach ( Health_Info\figures() as $name => $value ) {
		// PHP on the command line says nothing of PHP behind the web server.
		if ( 'after_page' !== $name ) {
			$rows[] = array(
				'name'  => $name,
				'value' => is_bool( $value ) ? ( $value ? 'yes' : 'no' ) : $value,
			);
		}
	}
	\WP_CLI\Utils\format_items( (string) ( $assoc['format'] ?? 'table' ), $rows, array( 'name', 'value' ) );
	if ( ! Settings\is_connected() || Deliver\state()['failures'] > 0 ) {
		\WP_CLI::halt( 1 );
	}
}

/**
 * Tests the connection.
 */
function test(): void {
	$finding = Status\test();
	foreach ( $finding['said'] as $sentence ) {
		\WP_CLI::log( $sentence );
	}
	if ( ! $finding['ok'] ) {
		\WP_CLI::halt( 1 );
	}
}

/**
 * Delivers.
 */
function deliver(): void {
	$outcome = Deliver\run( LONG_S );
	if ( ! in_array( $outcome, array( 'sent', 'empty' ), true ) ) {
		\WP_CLI::error( sprintf( 'outbox: %s (%s)', $outcome, Deliver\state()['error'] ) );
	}
	Coupons\pull( true );
	\WP_CLI::success( implode( ' ', Status\summary() ) );
}

/**
 * Lists what waits.
 *
 * @param string[] $args  Unused.
 * @param array    $assoc `format`, `limit`.
 */
function outbox( array $args = array(), array $assoc = array() ): void {
	$limit = (int) ( $assoc['limit'] ?? 20 );
	$rows  = array();
	foreach ( Outbox\events() as $event ) {
		if ( $limit > 0 && count( $rows ) >= $limit ) {
			break;
		}
		$data   = (array) ( $event['data'] ?? array() );
		$rows[] = array(
			'time'   => (string) ( $event['time'] ?? '' ),
			'type'   => (string) ( $event['type'] ?? '' ),
			'about'  => (string) ( $data['order_id'] ?? $data['product_id'] ?? $data['code'] ?? '' ),
			'number' => masked( (string) ( $data['contact']['phone'] ?? '' ) ),
			'id'     => (string) ( $event['id'] ?? '' ),
		);
	}
	\WP_CLI\Utils\format_items( (string) ( $assoc['format'] ?? 'table' ), $rows, array( 'time', 'type', 'about', 'number', 'id' ) );
}

/**
 * Puts the catalogue on its way.
 */
function catalogue(): void {
	if ( ! Settings\is_connected() ) {
		\WP_CLI::error( 'catalogue: the bridge is not connected, so there is nobody to send it to' );
	}
	Snapshot\begin();
	\WP_CLI::success( 'the catalogue goes out with the next runs of Action Scheduler' );
}

/**
 * Forgets a person.
 *
 * @param string[] $args  An e-mail address or a number.
 * @param array    $assoc `yes`.
 */
function forget( array $args, array $assoc = array() ): void {
	$given   = trim( (string) ( $args[0] ?? '' ) );
	$is_mail = false !== strpos( $given, '@' );
	$person  = $is_mail ? Privacy\person( $given ) : Privacy\person_of_number( $given );
	if ( Privacy\is_nobody( $person ) ) {
		\WP_CLI::error( $is_mail ? 'person: no account and no order has this e-mail address' : 'person: neither an e-mail address nor a whole number' );
	}
	\WP_CLI::confirm( sprintf( 'Forget this person (numbers: %s; orders: %d)?', implode( ', ', array_map( __NAMESPACE__ . '\masked', array_column( $person['phones'], 'phone' ) ) ), count( $person['orders'] ) ), $assoc );
	$messages = $is_mail ? forget_by_mail( $given ) : Privacy\forget_number( $person );
	if ( array() !== $messages ) {
		\WP_CLI::error( 'person: ' . implode( ' ', $messages ) );
	}
	\WP_CLI::success( 'forgotten here; the daemon is asked to erase the person with the next delivery' );
}

/**
 * The same as Tools > Erase Personal Data, all pages of it.
 *
 * @param string $email Of the person.
 * @return string[] What could not be done.
 */
function forget_by_mail( string $email ): array {
	$messages = array();
	$page     = 0;
	do {
		$outcome  = Privacy\erase( $email, ++$page );
		$messages = array_merge( $messages, $outcome['messages'] );
	} while ( ! $outcome['done'] );
	return $messages;
}

/**
 * The end of a number.
 *
 * @param string $number Whole.
 */
function masked( string $number ): string {
	return '' === $number ? '' : '…' . substr( Privacy\digits( $number ), -SHOWN_DIGITS );
}
