<?php
/**
 * What is known of a walk at this moment: what was noted of its session, what waits in the outbox, what the daemon has
 * heard and plans.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Walk_View;

use Bazgasht\Bridge\Look;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Person_View;
use Bazgasht\Bridge\Privacy;
use Bazgasht\Bridge\Walk;
use Bazgasht\Bridge\Walk_Words;
use Bazgasht\Bridge\Words;

defined( 'ABSPATH' ) || exit;

// The page asks every two seconds.
const TIMEOUT_S = 1.5;

// Where an event is.
const WAITS = 'waits';
const GONE  = 'gone';
const HEARD = 'heard';

/**
 * The walk as the page's script takes it.
 *
 * @param string   $token From its link.
 * @param array    $about From Walk\about().
 * @param int|null $base  The place in the daemon's log that the walk began at; null while it is not known.
 * @return array{arrived: bool, has_number: bool, away: string, base: int|null, events: array[], texts: array[], ways: array[]}
 */
function now( string $token, array $about, ?int $base ): array {
	$known = ask( $about, $base );
	$away  = is_wp_error( $known ) ? $known->get_error_message() : '';
	$heard = is_wp_error( $known ) ? array() : $known['events'];
	foreach ( $heard as $event ) {
		if ( strtotime( $event['time'] ) < $about['from'] ) {
			$base = max( (int) $base, $event['seq'] );
		}
	}
	if ( null === $base && array() === $heard && ! is_wp_error( $known ) && $known['seq'] > 0 ) {
		$base = $known['seq'];
	}
	$texts = since( is_wp_error( $known ) ? array() : $known['messages'], $about['from'] );
	return array(
		'arrived'    => $about['arrived'],
		'has_number' => '' !== $about['phone'],
		'away'       => $away,
		'base'       => $base,
		'events'     => array_map( __NAMESPACE__ . '\shown', joined( Walk\steps( $token ), waiting( $about ), $heard, $about['from'] ) ),
		'texts'      => array_map( __NAMESPACE__ . '\text', array_reverse( $texts ) ),
		'ways'       => is_wp_error( $known ) ? array() : array_map( __NAMESPACE__ . '\way', others( $known['enrolments'], $texts ) ),
	);
}

/**
 * Asks the daemon, as soon as there is something to ask it by.
 *
 * @param array    $about From Walk\about().
 * @param int|null $base  As for now().
 * @return array|\WP_Error From Look\ask().
 */
function ask( array $about, ?int $base ) {
	$contact = '' === $about['phone'] ? array() : array(
		'phone'   => $about['phone'],
		'country' => $about['country'],
	);
	$keys    = $about['keys'];
	if ( array() === $contact && array() === $keys ) {
		return Look\read( array() );
	}
	return Look\ask( $contact, array() === $keys ? '' : (string) end( $keys ), $base, Look\MOST, TIMEOUT_S );
}

/**
 * The events of the walk that wait in the outbox. Only the newest part of it is looked at: after days without the
 * daemon all of it would be much to read every two seconds.
 *
 * @param array $about From Walk\about().
 * @return array<int, array> As from Walk\step().
 */
function waiting( array $about ): array {
	$folder = Outbox\folder();
	$sealed = null === $folder ? array() : Outbox\Files\sealed( $folder );
	$lines  = null === $folder ? array() : array_merge(
		array() === $sealed ? array() : Outbox\Files\remaining( $folder, (int) end( $sealed ) ),
		Outbox\Files\lines( $folder . '/current.php' )
	);
	$events = iterator_to_array( Outbox\Files\decoded( $lines ), false );
	if ( Outbox\table_may_hold() ) {
		foreach ( Outbox\Table\events() as $event ) {
			$events[] = $event;
		}
	}
	$steps = array();
	foreach ( $events as $event ) {
		if ( strtotime( (string) ( $event['time'] ?? '' ) ) >= $about['from'] && is_theirs( (array) ( $event['data'] ?? array() ), $about ) ) {
			$steps[] = Walk\step( $event );
		}
	}
	return $steps;
}

/**
 * Whether an event is of the walk.
 *
 * @param array $data  Of an event.
 * @param array $about From Walk\about().
 */
function is_theirs( array $data, array $about ): bool {
	$phone = Privacy\digits( (string) ( $data['contact']['phone'] ?? '' ) );
	return ( '' !== $phone && Privacy\digits( $about['phone'] ) === $phone ) || in_array( (string) ( $data['cart_key'] ?? '' ), $about['keys'], true );
}

/**
 * All that is known, each event once, in the order of happening.
 *
 * @param array[] $noted   From Walk\steps().
 * @param array[] $waiting From waiting().
 * @param array[] $heard   From Look\event().
 * @param int     $from    When the walk began, in Unix seconds.
 * @return array<int, array> As from Walk\step(), with `where`.
 */
function joined( array $noted, array $waiting, array $heard, int $from ): array {
	$events = array();
	foreach ( $noted as $step ) {
		$events[ $step['id'] ] = $step + array( 'where' => GONE );
	}
	foreach ( $waiting as $step ) {
		$events[ $step['id'] ] = array( 'where' => WAITS ) + $step;
	}
	foreach ( $heard as $event ) {
		if ( strtotime( $event['time'] ) >= $from ) {
			$events[ $event['id'] ] = array( 'where' => HEARD ) + ( $events[ $event['id'] ] ?? $event ) + array( 'data' => array() );
		}
	}
	// What happened within the same moment stays in the order in which it was taken down.
	$places = array_flip( array_keys( $events ) );
	usort(
		$events,
		static function ( array $one, array $other ) use ( $places ): int {
			return array( instant( $one['time'] ), $places[ $one['id'] ] ) <=> array( instant( $other['time'] ), $places[ $other['id'] ] );
		}
	);
	return array_slice( $events, -Walk\MOST_STEPS );
}

/**
 * A moment to the fraction of a second.
 *
 * @param string $rfc3339 As in the contract.
 */
function instant( string $rfc3339 ): float {
	$moment = date_create( $rfc3339 );
	return false === $moment ? 0.0 : (float) $moment->format( 'U.u' );
}

/**
 * An event in plain words.
 *
 * @param array $step From joined().
 */
function shown( array $step ): array {
	$words = array(
		WAITS => __( 'waits in the shop', 'bazgasht-bridge' ),
		GONE  => __( 'handed over', 'bazgasht-bridge' ),
		HEARD => __( 'Bazgasht knows it', 'bazgasht-bridge' ),
	);
	return array(
		'id'     => $step['id'],
		'when'   => clock( $step['time'] ),
		'what'   => Words\event( $step['type'] ),
		'detail' => Walk_Words\detail( $step['type'], $step['data'] ),
		'where'  => $step['where'],
		'word'   => $words[ $step['where'] ],
	);
}

/**
 * The texts that are due after a moment, or were sent after it.
 *
 * @param array[] $messages From Look\message().
 * @param int     $from     Unix seconds.
 */
function since( array $messages, int $from ): array {
	return array_values(
		array_filter(
			$messages,
			static function ( array $message ) use ( $from ): bool {
				return strtotime( '' === $message['sent_at'] ? $message['due_at'] : $message['sent_at'] ) >= $from;
			}
		)
	);
}

/**
 * The campaigns of which no text is shown.
 *
 * @param array[] $ways  From Look\enrolment().
 * @param array[] $texts From Look\message().
 * @return array[]
 */
function others( array $ways, array $texts ): array {
	$shown = array_column( $texts, 'campaign' );
	return array_values(
		array_filter(
			$ways,
			static function ( array $way ) use ( $shown ): bool {
				return ! in_array( $way['campaign'], $shown, true );
			}
		)
	);
}

/**
 * A text in plain words.
 *
 * @param array $message From Look\message().
 */
function text( array $message ): array {
	return array(
		'id'       => $message['id'],
		'when'     => Person_View\moment( '' === $message['sent_at'] ? $message['due_at'] : $message['sent_at'] ),
		'campaign' => '' === $message['campaign_name'] ? $message['campaign'] : $message['campaign_name'],
		'text'     => $message['text'],
		'tone'     => Person_View\tone( $message['state'] ),
		'word'     => Words\state( $message['state'] ),
		'why'      => why( $message ),
	);
}

/**
 * Why a text stands as it does.
 *
 * @param array $message From Look\message().
 */
function why( array $message ): string {
	if ( Person_View\is_only_likely( $message ) ) {
		return __( 'if its conditions hold then', 'bazgasht-bridge' );
	}
	return '' === $message['reason'] || $message['reason'] === $message['state'] ? '' : Words\reason( $message['reason'] );
}

/**
 * A campaign in plain words.
 *
 * @param array $way From Look\enrolment().
 */
function way( array $way ): array {
	return array(
		'campaign' => '' === $way['campaign_name'] ? $way['campaign'] : $way['campaign_name'],
		'word'     => Words\way( $way['state'] ),
		'why'      => '' === $way['reason'] ? '' : Words\reason( $way['reason'] ),
		/* translators: %s: a date and time */
		'next'     => '' === $way['next_at'] ? '' : sprintf( __( 'next look at %s', 'bazgasht-bridge' ), Person_View\moment( $way['next_at'] ) ),
	);
}

/**
 * The time of day, with seconds, in the shop's zone.
 *
 * @param string $rfc3339 As in the contract.
 */
function clock( string $rfc3339 ): string {
	$seconds = strtotime( $rfc3339 );
	return false === $seconds ? '' : (string) wp_date( 'H:i:s', $seconds );
}
