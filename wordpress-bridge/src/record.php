<?php
/**
 * Takes down what happened during a request, in order, and hands it to the outbox once at its end.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Record;

use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

// A command-line import does not reach its end for hours; what it caused must not wait in memory for that.
const MANY = 200;

/**
 * Adds an event.
 *
 * @param string $type As in the contract.
 * @param array  $data As in the contract.
 */
function event( string $type, array $data ): void {
	if ( ! Settings\is_connected() || is_elsewhere() ) {
		return;
	}
	// A filter that throws costs its own change, not the event.
	safely(
		static function () use ( $type, &$data ): void {
			/**
			 * Filters the data of one event before it is kept, for example to add `tracking_url` to an order.
			 *
			 * @param array  $data As the contract has it for the type; null keeps the event back.
			 * @param string $type Event type.
			 */
			$data = apply_filters( 'bazgasht_event', $data, $type );
		}
	);
	if ( ! is_array( $data ) ) {
		return;
	}
	$pending   = &pending();
	$event     = Events\envelope( $type, $data, microtime( true ), random_bytes( 10 ) );
	$pending[] = $event;
	safely(
		static function () use ( $event ): void {
			/**
			 * One event has been taken down and waits to be kept.
			 *
			 * @param array $event `id`, `type`, `time`, `data`, as in the contract.
			 */
			do_action( 'bazgasht_recorded', $event );
		}
	);
	if ( count( $pending ) >= MANY ) {
		write();
	}
}

/**
 * Whether the code at work looks into another site of the network. What is gone there is not gone here.
 */
function is_elsewhere(): bool {
	return is_multisite() && ms_is_switched();
}

/**
 * The events of this request that are not in the outbox yet.
 *
 * @return array<int, array>
 */
function &pending(): array {
	static $pending = array();
	return $pending;
}

/**
 * Leaves something that may cost queries to the moment when the visitor has their answer.
 *
 * @param callable $work Takes nothing, gives nothing.
 */
function when_gone( callable $work ): void {
	$left   = &left();
	$left[] = $work;
}

/**
 * What was left to that moment.
 *
 * @return callable[]
 */
function &left(): array {
	static $left = array();
	return $left;
}

/**
 * That moment. Where PHP cannot let the visitor go first, it is the end of the request.
 */
function catch_up(): void {
	$left = &left();
	$now  = $left;
	$left = array();
	array_map( __NAMESPACE__ . '\safely', $now );
	safely( __NAMESPACE__ . '\write' );
}

/**
 * Whether this request has put anything into the outbox.
 *
 * @param bool|null $now Set to say so.
 */
function has_written( ?bool $now = null ): bool {
	static $written = false;
	$written        = $now ?? $written;
	return $written;
}

/**
 * Reads everything that the hooks have flagged. Before the session is saved (priority 20), since the cart notes
 * in it what was told; again at the very end, for what other plugins do in between.
 */
function action_shutdown(): void {
	if ( ! Settings\is_connected() ) {
		return;
	}
	foreach ( array( 'Cart\collect', 'Orders\collect', 'Reviews\collect', 'People\collect', 'Catalogue\collect', 'Record\write' ) as $step ) {
		safely( 'Bazgasht\Bridge\\' . $step );
	}
}

/**
 * Does something that the shop must not suffer from. What is thrown while a request ends would keep WooCommerce from
 * saving the session, and turn a redirect into an error page.
 *
 * @param callable $work Takes nothing, gives nothing.
 */
function safely( callable $work ): void {
	try {
		$work();
	} catch ( \Throwable $error ) {
		if ( function_exists( 'wc_get_logger' ) ) {
			wc_get_logger()->error( name_of( $error ), array( 'source' => 'bazgasht' ) );
		}
	}
}

/**
 * What was thrown, and where. Without its own words: they may quote a number or a name.
 *
 * @param \Throwable $error The error.
 */
function name_of( \Throwable $error ): string {
	return sprintf( '%s in %s, line %d', get_class( $error ), basename( $error->getFile() ), $error->getLine() );
}

/**
 * Moves what is pending into the outbox.
 *
 * @return bool Whether it is kept there.
 */
function write(): bool {
	$pending = &pending();
	if ( array() === $pending ) {
		return true;
	}
	$is_kept = Outbox\append( $pending );
	$pending = array();
	has_written( true );
	return $is_kept;
}
