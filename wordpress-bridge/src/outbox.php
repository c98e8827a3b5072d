<?php
/**
 * The outbox: every event waits here until the daemon has it, in order.
 *
 * Files are the rule, since an append costs a shopper's request next to nothing. Where the folder cannot be written
 * a table takes over, until it is empty again: only then is the order of the two stores the order of happening.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Outbox;

defined( 'ABSPATH' ) || exit;

const OPTION = 'bazgasht_outbox';

// What waits may take this much room; then carts that have been overtaken go first, and orders never.
const MAX_BYTES = 50 * 1024 * 1024;
const STALE_S   = 14 * DAY_IN_SECONDS;

// A little longer than a delivery in the background may take.
const REWRITE_WAIT_S = 25;

// For so long after the table was found empty, requests that had begun before may still write to it.
const TABLE_LATE_S = 15 * MINUTE_IN_SECONDS;

/**
 * Keeps events until they are delivered.
 *
 * @param array<int, array> $events As from Events\envelope().
 * @return bool Whether they are kept.
 */
function append( array $events ): bool {
	$lines = array();
	foreach ( $events as $event ) {
		$line = encode( $event );
		if ( null !== $line ) {
			$lines[] = $line;
		}
	}
	if ( array() === $lines ) {
		return true;
	}
	if ( ! uses_table() ) {
		$folder = folder();
		if ( null !== $folder && Files\append( $folder, $lines ) ) {
			return true;
		}
		save_place( array( 'table' => true ) );
	}
	return Table\append( $lines );
}

/**
 * An event as one line of JSON. Angle brackets are escaped, so that no line can open a PHP tag.
 *
 * @param array $event As from Events\envelope().
 */
function encode( array $event ): ?string {
	$line = wp_json_encode( $event, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_HEX_TAG | JSON_INVALID_UTF8_SUBSTITUTE );
	return is_string( $line ) ? $line : null;
}

/**
 * The oldest events, for one batch. Only under the delivery lock.
 *
 * @param int $max_events How many at most.
 * @param int $max_bytes  How long their lines together at most; one line comes in any case.
 * @return array<int, array{line: string, next: array}> `next` is for advance().
 */
function peek( int $max_events, int $max_bytes ): array {
	$folder  = folder();
	$entries = null === $folder ? array() : Files\peek( $folder, $max_events, $max_bytes );
	if ( array() !== $entries || ! table_may_hold() ) {
		return $entries;
	}
	$entries = Table\peek( $max_events, $max_bytes );
	if ( array() === $entries && uses_table() && null !== $folder && Files\is_writable( $folder ) ) {
		save_place(
			array(
				'table'      => false,
				'table_left' => time(),
			)
		);
	}
	return $entries;
}

/**
 * Forgets everything before a place.
 *
 * @param array $next From peek().
 * @return bool Whether that could be noted; otherwise the same comes again.
 */
function advance( array $next ): bool {
	return 'table' === $next['store'] ? Table\advance( $next ) : Files\advance( (string) folder(), $next );
}

/**
 * Puts an event aside which the daemon will never take, and forgets it.
 *
 * @param array  $entry  From peek().
 * @param string $reason The daemon's.
 * @return bool As advance().
 */
function set_aside( array $entry, string $reason ): bool {
	return 'table' === $entry['next']['store'] ? Table\set_aside( $entry, $reason ) : Files\set_aside( (string) folder(), $entry, $reason );
}

/**
 * Makes room when the daemon has been away for long. Only under the delivery lock.
 *
 * @param int $now Unix seconds.
 */
function thin( int $now ): void {
	$folder = folder();
	if ( null !== $folder ) {
		Files\thin( $folder, MAX_BYTES, $now - STALE_S );
	}
	if ( table_may_hold() ) {
		Table\thin( MAX_BYTES, $now - STALE_S );
	}
}

/**
 * Every event that is kept here: those that wait, in order, then those that were put aside.
 *
 * @return iterable<array> As from Events\envelope().
 */
function events(): iterable {
	$folder = folder();
	if ( null !== $folder ) {
		yield from Files\events( $folder );
	}
	if ( table_was_used() ) {
		yield from Table\events();
	}
}

/**
 * Changes what is kept here, or takes it out. Waits for a delivery that is under way.
 *
 * @param callable $change Gets an event, gives it back or gives null.
 * @return bool Whether all of it was gone through and written down.
 */
function rewrite( callable $change ): bool {
	$unlock = lock_delivery();
	$until  = time() + REWRITE_WAIT_S;
	while ( null === $unlock && time() < $until ) {
		usleep( 200000 );
		$unlock = lock_delivery();
	}
	if ( null === $unlock ) {
		return false;
	}
	try {
		$folder = folder();
		$done   = null === $folder || Files\rewrite( $folder, $change );
		return ( ! table_was_used() || Table\rewrite( $change ) ) && $done;
	} finally {
		$unlock();
	}
}

/**
 * What waits.
 *
 * @return array{events: int, bytes: int, oldest: int|null, store: string} `oldest` in Unix seconds.
 */
function waiting(): array {
	$folder  = folder();
	$waiting = null === $folder ? array(
		'events' => 0,
		'bytes'  => 0,
		'oldest' => null,
	) : Files\waiting( $folder );
	if ( table_may_hold() ) {
		$table              = Table\waiting();
		$waiting['events'] += $table['events'];
		$waiting['bytes']  += $table['bytes'];
		$waiting['oldest']  = $waiting['oldest'] ?? $table['oldest'];
	}
	return $waiting + array( 'store' => uses_table() ? 'table' : 'files' );
}

/**
 * Takes the one right to deliver.
 *
 * @return callable|null Gives it back; null while another process has it.
 */
function lock_delivery(): ?callable {
	$folder = folder();
	$lock   = null === $folder ? null : Files\lock( $folder, 'delivery', false );
	if ( null !== $lock ) {
		return static function () use ( $lock ): void {
			Files\unlock( $lock );
		};
	}
	return null === $folder || ! Files\is_writable( $folder ) ? Table\lock_delivery() : null;
}

/**
 * Whether the table takes the events at present.
 */
function uses_table(): bool {
	return ! empty( place()['table'] );
}

/**
 * Whether there may be events in the table.
 */
function table_may_hold(): bool {
	return uses_table() || (int) ( place()['table_left'] ?? 0 ) > time() - TABLE_LATE_S;
}

/**
 * Whether the table was ever needed: what was put aside stays in it.
 */
function table_was_used(): bool {
	return isset( place()['table'] );
}

/**
 * Where the outbox is.
 *
 * @return array{folder?: string, table?: bool, table_left?: int} `table_left` in Unix seconds.
 */
function place(): array {
	$place = get_option( OPTION, array() );
	return is_array( $place ) ? $place : array();
}

/**
 * Changes where the outbox is.
 *
 * @param array $changes Some of the keys of place().
 */
function save_place( array $changes ): void {
	update_option( OPTION, array_merge( place(), $changes ), true );
}

/**
 * The outbox's folder among the uploads; its name cannot be guessed, and nothing in it can be read over HTTP.
 *
 * @return string|null Null when it cannot be made.
 */
function folder(): ?string {
	static $folders = array();
	$name           = place()['folder'] ?? '';
	if ( '' === $name ) {
		// From the site's secret keys, not from chance: two first requests at once must find the same folder. It is saved
		// because those keys may be changed one day.
		$name = 'bazgasht-' . substr( hash_hmac( 'sha256', 'bazgasht outbox', wp_salt() ), 0, 32 );
		save_place( array( 'folder' => $name ) );
	}
	// By the whole path: in a network each site has uploads of its own.
	$path = wp_get_upload_dir()['basedir'] . '/' . $name;
	if ( ! isset( $folders[ $path ] ) ) {
		$folders[ $path ] = Files\prepare( $path );
	}
	return $folders[ $path ] ? $path : null;
}
