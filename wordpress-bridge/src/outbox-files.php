<?php
/**
 * The outbox in files. Knows neither WordPress nor the shop, only a folder.
 *
 * Events are appended to `current.php`, a line each. For delivery that file is renamed to `sealed-N.php` and read
 * from the oldest N on; `position.php` says how far the daemon has taken it. Every file begins with a line that ends
 * PHP, so that fetching it over HTTP gives nothing even where the server ignores .htaccess.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Outbox\Files;

// phpcs:disable WordPress.WP.AlternativeFunctions, WordPress.PHP.NoSilencedErrors -- Locked appends need the plain file functions, and each result is looked at.

const GUARD         = "<?php exit; ?>\n";
const SEGMENT_BYTES = 1048576;
const ASIDE_BYTES   = 1048576;

/**
 * Types of which only the newest about the same thing matters, and the field that names the thing.
 */
const SUPERSEDED_BY = array(
	'cart.updated'     => 'cart_key',
	'checkout.started' => 'cart_key',
	'product.updated'  => 'product_id',
	'coupon.updated'   => 'code',
	'shop.updated'     => 'url',
);

/**
 * Types that may be given up for room. What closes a cart stays, or its owner would be written to for nothing.
 */
const EXPENDABLE = array( 'cart.updated', 'checkout.started', 'product.viewed', 'page.viewed', 'link.followed' );

/**
 * Makes the folder with what shuts it off.
 *
 * @param string $folder Path.
 */
function prepare( string $folder ): bool {
	if ( is_file( $folder . '/index.php' ) ) {
		return true;
	}
	// Of the folder's parents, which may be missing on a fresh site, others read pictures.
	wp_mkdir_p( dirname( $folder ) );
	if ( ! is_dir( $folder ) && ! @mkdir( $folder, 0700 ) && ! is_dir( $folder ) ) {
		return false;
	}
	give_away( $folder );
	$done = false !== @file_put_contents( $folder . '/.htaccess', "Require all denied\n" )
		&& false !== @file_put_contents( $folder . '/index.php', GUARD );
	give_away( $folder . '/.htaccess' );
	give_away( $folder . '/index.php' );
	return $done;
}

/**
 * Gives a file that root has made to whom its folder belongs: `wp --allow-root` must not shut the web server out.
 *
 * @param string $path Its path.
 */
function give_away( string $path ): void {
	if ( function_exists( 'posix_geteuid' ) && 0 === posix_geteuid() ) {
		// Not chown(), which would follow a symbolic link laid out for it.
		@lchown( $path, (int) fileowner( dirname( $path ) ) );
		@lchgrp( $path, (int) filegroup( dirname( $path ) ) );
	}
}

/**
 * Whether events can be appended.
 *
 * @param string $folder Path.
 */
function is_writable( string $folder ): bool {
	return \is_writable( $folder ) && ( ! is_file( $folder . '/current.php' ) || \is_writable( $folder . '/current.php' ) );
}

/**
 * Appends lines, all or none.
 *
 * @param string   $folder Path.
 * @param string[] $lines  Without line ends.
 * @return bool Whether they are in the file.
 */
function append( string $folder, array $lines ): bool {
	$lock = lock( $folder, 'append', true );
	if ( null === $lock ) {
		return false;
	}
	$done = append_locked( $folder, implode( "\n", $lines ) . "\n" );
	unlock( $lock );
	return $done;
}

/**
 * Appends text to the current file.
 *
 * @param string $folder Path.
 * @param string $text   Whole lines.
 */
function append_locked( string $folder, string $text ): bool {
	$path = $folder . '/current.php';
	if ( is_file( $path ) && filesize( $path ) > SEGMENT_BYTES ) {
		seal( $folder );
	}
	$file = @fopen( $path, 'c+b' );
	if ( false === $file ) {
		return false;
	}
	give_away( $path );
	fseek( $file, 0, SEEK_END );
	$size = (int) ftell( $file );
	if ( $size > 0 ) {
		// Somebody died in the middle of a line: close it, so that it does not swallow this one.
		fseek( $file, -1, SEEK_END );
		$text = ( "\n" === fgetc( $file ) ? '' : "\n" ) . $text;
		fseek( $file, 0, SEEK_END );
	} else {
		$text = GUARD . $text;
	}
	$done = @fwrite( $file, $text ) === strlen( $text ) && fflush( $file );
	if ( ! $done ) {
		ftruncate( $file, $size );
	}
	fclose( $file );
	return $done;
}

/**
 * Closes the current file; only under the append lock.
 *
 * @param string $folder Path.
 */
function seal( string $folder ): void {
	$sealed = sealed( $folder );
	// Never a number that position.php may still speak of.
	$last = max( array() === $sealed ? 0 : max( $sealed ), position( $folder )['segment'] );
	@rename( $folder . '/current.php', segment_path( $folder, $last + 1 ) );
	clearstatcache( true, $folder . '/current.php' );
}

/**
 * The numbers of the sealed files, oldest first.
 *
 * @param string $folder Path.
 * @return int[]
 */
function sealed( string $folder ): array {
	$numbers = array();
	foreach ( (array) @scandir( $folder ) as $name ) {
		if ( 1 === preg_match( '/^sealed-(\d+)\.php$/', (string) $name, $match ) ) {
			$numbers[] = (int) $match[1];
		}
	}
	sort( $numbers );
	return $numbers;
}

/**
 * Path of a sealed file.
 *
 * @param string $folder Path.
 * @param int    $number Its number.
 */
function segment_path( string $folder, int $number ): string {
	return sprintf( '%s/sealed-%010d.php', $folder, $number );
}

/**
 * How far delivery has come.
 *
 * @param string $folder Path.
 * @return array{segment: int, offset: int}
 */
function position( string $folder ): array {
	$text  = (string) @file_get_contents( $folder . '/position.php' );
	$saved = json_decode( substr( $text, strlen( GUARD ) ), true );
	return array(
		'segment' => (int) ( $saved['segment'] ?? 0 ),
		'offset'  => (int) ( $saved['offset'] ?? 0 ),
	);
}

/**
 * Saves how far delivery has come, in one step.
 *
 * @param string $folder  Path.
 * @param int    $segment Sealed file.
 * @param int    $offset  Bytes of it that are done.
 */
function save_position( string $folder, int $segment, int $offset ): bool {
	return write_whole(
		$folder . '/position.php',
		GUARD . json_encode(
			array(
				'segment' => $segment,
				'offset'  => $offset,
			)
		)
	);
}

/**
 * Replaces a file in one step.
 *
 * @param string $path Its path.
 * @param string $text Its content.
 */
function write_whole( string $path, string $text ): bool {
	$new  = $path . '.new.php';
	$done = strlen( $text ) === @file_put_contents( $new, $text );
	give_away( $new );
	return $done && @rename( $new, $path );
}

/**
 * The oldest lines. Only under the delivery lock.
 *
 * @param string $folder     Path.
 * @param int    $max_events How many at most.
 * @param int    $max_bytes  How long together at most; one comes in any case.
 * @return array<int, array{line: string, next: array{store: string, segment: int, offset: int}}>
 */
function peek( string $folder, int $max_events, int $max_bytes ): array {
	while ( array() !== sealed( $folder ) || seal_waiting( $folder ) ) {
		$number = sealed( $folder )[0] ?? null;
		if ( null === $number ) {
			// A folder that is read while others write in it may leave a file out.
			return array();
		}
		$entries = read_segment( $folder, $number, $max_events, $max_bytes );
		if ( array() !== $entries ) {
			return (array) $entries;
		}
		// All of it is delivered. Where it cannot be removed, better stand still than run in circles.
		if ( ! @unlink( segment_path( $folder, $number ) ) ) {
			return array();
		}
	}
	return array();
}

/**
 * Closes the current file for delivery, if there is one.
 *
 * @param string $folder Path.
 * @return bool Whether there is something sealed now.
 */
function seal_waiting( string $folder ): bool {
	clearstatcache( true, $folder . '/current.php' );
	$lock = is_file( $folder . '/current.php' ) ? lock( $folder, 'append', true ) : null;
	if ( null === $lock ) {
		return false;
	}
	seal( $folder );
	unlock( $lock );
	return array() !== sealed( $folder );
}

/**
 * The oldest lines of one sealed file.
 *
 * @param string $folder     Path.
 * @param int    $number     Its number.
 * @param int    $max_events How many at most.
 * @param int    $max_bytes  How long together at most.
 * @return array|null As peek(); null when the file cannot be read.
 */
function read_segment( string $folder, int $number, int $max_events, int $max_bytes ): ?array {
	$file = @fopen( segment_path( $folder, $number ), 'rb' );
	if ( false === $file ) {
		return null;
	}
	$position = position( $folder );
	$offset   = $position['segment'] === $number ? max( $position['offset'], strlen( GUARD ) ) : strlen( GUARD );
	fseek( $file, $offset );
	$entries = array();
	$bytes   = 0;
	$room    = $max_events;
	while ( $room > 0 ) {
		$line = fgets( $file );
		if ( false === $line ) {
			break;
		}
		$offset += strlen( $line );
		$line    = rtrim( $line, "\n" );
		// The torn line of somebody who died while writing: it was never an event.
		if ( ! is_array( json_decode( $line, true ) ) ) {
			continue;
		}
		$bytes += strlen( $line ) + 1;
		if ( $bytes > $max_bytes && array() !== $entries ) {
			break;
		}
		--$room;
		$entries[] = array(
			'line' => $line,
			'next' => array(
				'store'   => 'files',
				'segment' => $number,
				'offset'  => $offset,
			),
		);
	}
	fclose( $file );
	return $entries;
}

/**
 * Forgets everything before a place.
 *
 * @param string $folder Path.
 * @param array  $next   From peek().
 * @return bool Whether it is noted; a full disk prevents that, but not the removal of what is done.
 */
function advance( string $folder, array $next ): bool {
	$path  = segment_path( $folder, $next['segment'] );
	$saved = save_position( $folder, $next['segment'], $next['offset'] );
	clearstatcache( true, $path );
	$is_done = is_file( $path ) && filesize( $path ) <= $next['offset'];
	return ( $is_done && @unlink( $path ) ) || $saved;
}

/**
 * Keeps a line that will never be taken, and forgets it here.
 *
 * @param string $folder Path.
 * @param array  $entry  From peek().
 * @param string $reason Why.
 */
function set_aside( string $folder, array $entry, string $reason ): bool {
	$path = $folder . '/aside.php';
	$line = json_encode(
		array(
			'reason' => $reason,
			'event'  => json_decode( $entry['line'], true ),
		),
		JSON_UNESCAPED_UNICODE | JSON_HEX_TAG
	) . "\n";
	$size = is_file( $path ) ? filesize( $path ) : 0;
	if ( $size < ASIDE_BYTES ) {
		@file_put_contents( $path, ( 0 === $size ? GUARD : '' ) . $line, FILE_APPEND );
		give_away( $path );
	}
	return advance( $folder, $entry['next'] );
}

/**
 * Makes room in what is sealed. Only under the delivery lock.
 *
 * @param string $folder    Path.
 * @param int    $max_bytes How much may wait.
 * @param int    $stale     What is expendable and older than this (Unix seconds) goes in any case.
 */
function thin( string $folder, int $max_bytes, int $stale ): void {
	$total = 0;
	foreach ( sealed( $folder ) as $number ) {
		$total += (int) filesize( segment_path( $folder, $number ) );
	}
	foreach ( sealed( $folder ) as $number ) {
		$before = (int) filesize( segment_path( $folder, $number ) );
		$kept   = survivors( remaining( $folder, $number ), $total > $max_bytes ? PHP_INT_MAX : $stale, $total > $max_bytes );
		$text   = whole( $kept );
		if ( strlen( $text ) < $before ) {
			replace_remaining( $folder, $number, $text );
			$total -= $before - strlen( $text );
		}
	}
}

/**
 * Lines as a file of their own.
 *
 * @param string[] $lines Without line ends.
 */
function whole( array $lines ): string {
	return GUARD . ( array() === $lines ? '' : implode( "\n", $lines ) . "\n" );
}

/**
 * Puts other lines into the place of those of a sealed file that are still to be delivered.
 *
 * @param string $folder Path.
 * @param int    $number Its number.
 * @param string $text   From whole().
 * @return bool Whether it is written.
 */
function replace_remaining( string $folder, int $number, string $text ): bool {
	// Back to the start before the file gets shorter: dying in between repeats events, the other way round loses some.
	if ( position( $folder )['segment'] === $number && ! save_position( $folder, $number, strlen( GUARD ) ) ) {
		return false;
	}
	$done = write_whole( segment_path( $folder, $number ), $text );
	clearstatcache();
	return $done;
}

/**
 * Every event that is kept: those that wait, in order, then those that were put aside.
 *
 * @param string $folder Path.
 * @return iterable<array>
 */
function events( string $folder ): iterable {
	foreach ( sealed( $folder ) as $number ) {
		yield from decoded( remaining( $folder, $number ) );
	}
	yield from decoded( lines( $folder . '/current.php' ) );
	foreach ( decoded( lines( $folder . '/aside.php' ) ) as $entry ) {
		yield (array) ( $entry['event'] ?? array() );
	}
}

/**
 * Changes events, or takes them out. Only under the delivery lock.
 *
 * @param string   $folder Path.
 * @param callable $change Gets an event, gives it back or gives null.
 * @return bool Whether all is written.
 */
function rewrite( string $folder, callable $change ): bool {
	// What is appended meanwhile goes into a new file.
	seal_waiting( $folder );
	$done = true;
	foreach ( sealed( $folder ) as $number ) {
		$before = remaining( $folder, $number );
		$after  = array();
		foreach ( $before as $line ) {
			$after[] = changed( $line, (array) json_decode( $line, true ), $change );
		}
		$after = array_values( array_filter( $after, 'is_string' ) );
		if ( $after !== $before ) {
			$done = replace_remaining( $folder, $number, whole( $after ) ) && $done;
		}
	}
	$aside = lines( $folder . '/aside.php' );
	$kept  = array();
	foreach ( $aside as $line ) {
		$kept[] = changed(
			$line,
			(array) json_decode( $line, true ),
			static function ( array $entry ) use ( $change ): ?array {
				$event = $change( (array) ( $entry['event'] ?? array() ) );
				return null === $event ? null : array( 'event' => $event ) + $entry;
			}
		);
	}
	$kept = array_values( array_filter( $kept, 'is_string' ) );
	return ( $kept === $aside || write_whole( $folder . '/aside.php', whole( $kept ) ) ) && $done;
}

/**
 * A line after a change; null when it is to go. What was not changed stays as it was, byte for byte.
 *
 * @param string   $line   JSON.
 * @param array    $thing  The same, read.
 * @param callable $change Gets it, gives it back or gives null.
 */
function changed( string $line, array $thing, callable $change ): ?string {
	$after = $change( $thing );
	if ( null === $after || $after === $thing ) {
		return null === $after ? null : $line;
	}
	return (string) json_encode( $after, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_HEX_TAG | JSON_INVALID_UTF8_SUBSTITUTE );
}

/**
 * The lines of a whole file, without the one that guards it.
 *
 * @param string $path Its path.
 * @return string[]
 */
function lines( string $path ): array {
	return array_values( array_filter( explode( "\n", substr( (string) @file_get_contents( $path ), strlen( GUARD ) ) ), 'strlen' ) );
}

/**
 * Lines as what they say; torn ones are left out.
 *
 * @param string[] $lines JSON.
 * @return iterable<array>
 */
function decoded( array $lines ): iterable {
	foreach ( $lines as $line ) {
		$thing = json_decode( $line, true );
		if ( is_array( $thing ) ) {
			yield $thing;
		}
	}
}

/**
 * The lines of a sealed file that are still to be delivered.
 *
 * @param string $folder Path.
 * @param int    $number Its number.
 * @return string[]
 */
function remaining( string $folder, int $number ): array {
	return array_column( (array) read_segment( $folder, $number, PHP_INT_MAX, PHP_INT_MAX ), 'line' );
}

/**
 * What must be kept of a run of lines.
 *
 * @param string[] $lines     In order.
 * @param int      $stale     Expendable ones older than this go.
 * @param bool     $overtaken Whether those go as well that a later line has overtaken.
 * @return string[]
 */
function survivors( array $lines, int $stale, bool $overtaken ): array {
	$kept = array();
	$seen = array();
	foreach ( array_reverse( $lines ) as $line ) {
		$event = json_decode( $line, true );
		$type  = (string) ( $event['type'] ?? '' );
		if ( isset( SUPERSEDED_BY[ $type ] ) ) {
			$thing   = $type . ' ' . ( $event['data'][ SUPERSEDED_BY[ $type ] ] ?? '' );
			$is_last = ! isset( $seen[ $thing ] );

			$seen[ $thing ] = true;
			if ( $overtaken && ! $is_last ) {
				continue;
			}
		}
		if ( in_array( $type, EXPENDABLE, true ) && (int) strtotime( (string) ( $event['time'] ?? '' ) ) < $stale ) {
			continue;
		}
		$kept[] = $line;
	}
	return array_reverse( $kept );
}

/**
 * What waits.
 *
 * @param string $folder Path.
 * @return array{events: int, bytes: int, oldest: int|null}
 */
function waiting( string $folder ): array {
	$events = 0;
	$bytes  = 0;
	$first  = null;
	$note   = static function ( array $lines ) use ( &$events, &$bytes, &$first ): void {
		$events += count( $lines );
		$bytes  += array_sum( array_map( 'strlen', $lines ) );
		$first   = $first ?? $lines[0] ?? null;
	};
	// File by file: all of it may be more than PHP may hold.
	foreach ( sealed( $folder ) as $number ) {
		$note( remaining( $folder, $number ) );
	}
	$note( lines( $folder . '/current.php' ) );
	$event  = json_decode( (string) $first, true );
	$oldest = strtotime( (string) ( $event['time'] ?? '' ) );
	return array(
		'events' => $events,
		'bytes'  => $bytes,
		'oldest' => false === $oldest ? null : $oldest,
	);
}

/**
 * Takes a lock of this folder.
 *
 * @param string $folder Path.
 * @param string $name   Which one.
 * @param bool   $wait   Whether to wait for it.
 * @return resource|null Null when it is not to be had.
 */
function lock( string $folder, string $name, bool $wait ) {
	$file = @fopen( $folder . '/lock-' . $name . '.php', 'cb' );
	if ( false === $file ) {
		return null;
	}
	give_away( $folder . '/lock-' . $name . '.php' );
	if ( ! flock( $file, $wait ? LOCK_EX : LOCK_EX | LOCK_NB ) ) {
		fclose( $file );
		return null;
	}
	return $file;
}

/**
 * Gives a lock back.
 *
 * @param resource $lock From lock().
 */
function unlock( $lock ): void {
	flock( $lock, LOCK_UN );
	fclose( $lock );
}
