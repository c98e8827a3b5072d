<?php
/**
 * The outbox in a table, for shops whose uploads folder cannot be written.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Outbox\Table;

use Bazgasht\Bridge\Outbox\Files;

defined( 'ABSPATH' ) || exit;

// phpcs:disable WordPress.DB.DirectDatabaseQuery -- A table of our own, which no cache may stand before.
// phpcs:disable WordPress.DB.PreparedSQL.InterpolatedNotPrepared -- Only the table's name is interpolated.

/**
 * The table's name.
 */
function name(): string {
	return $GLOBALS['wpdb']->prefix . 'bazgasht_outbox';
}

/**
 * Makes the table.
 */
function create(): void {
	global $wpdb;
	$table   = name();
	$collate = $wpdb->get_charset_collate();
	$wpdb->query( "CREATE TABLE IF NOT EXISTS {$table} (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, line LONGTEXT NOT NULL, aside VARCHAR(190) NOT NULL DEFAULT '') {$collate}" );
}

/**
 * Adds lines.
 *
 * @param string[] $lines JSON.
 * @return bool Whether all could be.
 */
function append( array $lines ): bool {
	global $wpdb;
	// Hiding is not enough: the error log would quote the whole query, with the number in it.
	$suppressed = $wpdb->suppress_errors( true );
	$is_kept    = true;
	foreach ( $lines as $line ) {
		if ( false === $wpdb->insert( name(), array( 'line' => $line ) ) ) {
			create();
			$is_kept = false !== $wpdb->insert( name(), array( 'line' => $line ) ) && $is_kept;
		}
	}
	$wpdb->suppress_errors( $suppressed );
	return $is_kept;
}

/**
 * The oldest lines.
 *
 * @param int $max_events How many at most.
 * @param int $max_bytes  How long together at most; one comes in any case.
 * @return array<int, array{line: string, next: array{store: string, id: int, ids: int[]}}> `ids`: this line's and
 *         those of the lines before it.
 */
function peek( int $max_events, int $max_bytes ): array {
	global $wpdb;
	$table   = name();
	$entries = array();
	$bytes   = 0;
	$ids     = array();
	foreach ( (array) $wpdb->get_results( $wpdb->prepare( "SELECT id, line FROM {$table} WHERE aside = '' ORDER BY id LIMIT %d", $max_events ) ) as $row ) {
		$bytes += strlen( $row->line ) + 1;
		if ( $bytes > $max_bytes && array() !== $entries ) {
			break;
		}
		$ids[]     = (int) $row->id;
		$entries[] = array(
			'line' => $row->line,
			'next' => array(
				'store' => 'table',
				'id'    => (int) $row->id,
				'ids'   => $ids,
			),
		);
	}
	return $entries;
}

/**
 * Forgets the lines that peek() gave, up to one of them. No others: a row with a lower id may have shown only since,
 * when the request that wrote it came to its end.
 *
 * @param array $next From peek().
 */
function advance( array $next ): bool {
	global $wpdb;
	$table = name();
	$holes = implode( ', ', array_fill( 0, count( $next['ids'] ), '%d' ) );
	return false !== $wpdb->query( $wpdb->prepare( "DELETE FROM {$table} WHERE id IN ( {$holes} ) AND aside = ''", ...$next['ids'] ) ); // phpcs:ignore WordPress.DB.PreparedSQL.NotPrepared, WordPress.DB.PreparedSQLPlaceholders -- As many holes as ids.
}

/**
 * Keeps a line that will never be taken.
 *
 * @param array  $entry  From peek().
 * @param string $reason Why.
 */
function set_aside( array $entry, string $reason ): bool {
	global $wpdb;
	return false !== $wpdb->update( name(), array( 'aside' => substr( $reason, 0, 190 ) ), array( 'id' => $entry['next']['id'] ) );
}

/**
 * Makes room, by the same rule as in files.
 *
 * @param int $max_bytes How much may wait.
 * @param int $stale     What is expendable and older than this (Unix seconds) goes in any case.
 */
function thin( int $max_bytes, int $stale ): void {
	global $wpdb;
	$table = name();
	$full  = waiting()['bytes'] > $max_bytes;
	foreach ( (array) $wpdb->get_results( "SELECT id, line FROM {$table} WHERE aside = '' ORDER BY id LIMIT 5000" ) as $row ) {
		if ( array() === Files\survivors( array( $row->line ), $full ? PHP_INT_MAX : $stale, $full ) ) {
			$wpdb->delete( $table, array( 'id' => (int) $row->id ) );
		}
	}
}

/**
 * What waits.
 *
 * @return array{events: int, bytes: int, oldest: int|null}
 */
function waiting(): array {
	global $wpdb;
	$table = name();
	$sums  = $wpdb->get_row( "SELECT COUNT(*) AS events, COALESCE( SUM( LENGTH( line ) ), 0 ) AS bytes FROM {$table} WHERE aside = ''" );
	$first = json_decode( (string) $wpdb->get_var( "SELECT line FROM {$table} WHERE aside = '' ORDER BY id LIMIT 1" ), true );
	$time  = strtotime( (string) ( $first['time'] ?? '' ) );
	return array(
		'events' => (int) ( $sums->events ?? 0 ),
		'bytes'  => (int) ( $sums->bytes ?? 0 ),
		'oldest' => false === $time ? null : $time,
	);
}

/**
 * Every event that is kept.
 *
 * @return iterable<array>
 */
function events(): iterable {
	foreach ( rows() as $row ) {
		yield (array) json_decode( $row->line, true );
	}
}

/**
 * Changes events, or takes them out.
 *
 * @param callable $change Gets an event, gives it back or gives null.
 * @return bool Whether all is written.
 */
function rewrite( callable $change ): bool {
	global $wpdb;
	$done = true;
	foreach ( rows() as $row ) {
		$line = Files\changed( $row->line, (array) json_decode( $row->line, true ), $change );
		if ( null === $line ) {
			$done = false !== $wpdb->delete( name(), array( 'id' => (int) $row->id ) ) && $done;
		} elseif ( $line !== $row->line ) {
			$done = false !== $wpdb->update( name(), array( 'line' => $line ), array( 'id' => (int) $row->id ) ) && $done;
		}
	}
	return $done;
}

/**
 * All rows, a part at a time: together they may be more than PHP may hold.
 *
 * @return iterable<object>
 */
function rows(): iterable {
	global $wpdb;
	$table = name();
	$after = 0;
	do {
		$before = $after;
		$rows   = (array) $wpdb->get_results( $wpdb->prepare( "SELECT id, line FROM {$table} WHERE id > %d ORDER BY id LIMIT 500", $after ) );
		foreach ( $rows as $row ) {
			$after = (int) $row->id;
			yield $row;
		}
	} while ( $after > $before );
}

/**
 * Takes the one right to deliver, from the database.
 *
 * @return callable|null Gives it back; null while another process has it.
 */
function lock_delivery(): ?callable {
	global $wpdb;
	$lock = substr( DB_NAME . '.' . name(), 0, 64 );
	if ( '1' !== (string) $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK( %s, 0 )', $lock ) ) ) {
		return null;
	}
	return static function () use ( $wpdb, $lock ): void {
		$wpdb->query( $wpdb->prepare( 'SELECT RELEASE_LOCK( %s )', $lock ) );
	};
}
