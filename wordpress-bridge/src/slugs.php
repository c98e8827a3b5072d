<?php
/**
 * Where the short links are: below a prefix, or right behind the shop's address.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Slugs;

use Bazgasht\Bridge\Ask_Page;
use Bazgasht\Bridge\Restore;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Stop_Page;

defined( 'ABSPATH' ) || exit;

const QUERY_VAR = 'bazgasht';

// Below a prefix nothing else lives.
const PATTERN = '[A-Za-z0-9]{4,32}';

// At the root everything does: only what the daemon makes itself is looked at, seven signs without look-alikes.
const EXACT = '[2-9A-HJ-NP-Za-hjkmnp-y]{7}';

// Phones take the full stop, the bracket or the Persian comma behind an address along, as it is or percent-encoded.
const TAIL = '(?:[.,;:!?)\]}\'"*_-]|%[0-9A-Fa-f]{2}|[\x{60c}\x{61b}\x{61f}\x{bb}\x{2026}])*';

/**
 * Whether links stand right behind the shop's address.
 */
function is_at_root(): bool {
	return Settings\ROOT === Settings\get( 'link_prefix' );
}

/**
 * The address of a link.
 *
 * @param string $slug The link.
 */
function url( string $slug ): string {
	return home_url( place() . $slug );
}

/**
 * What stands between the shop's address and a slug: `/s/`, or `/`.
 */
function place(): string {
	return is_at_root() ? '/' : '/' . Settings\get( 'link_prefix' ) . '/';
}

/**
 * The slug in a request, or an empty string. Links at the root are not among them: see action_not_found().
 *
 * @param string $path Of the request, without slashes at its ends; empty with plain permalinks.
 */
function asked( string $path ): string {
	$by_path = in_path( $path );
	if ( '' !== $by_path ) {
		return $by_path;
	}
	$query = isset( $_GET[ QUERY_VAR ] ) && is_string( $_GET[ QUERY_VAR ] ) ? sanitize_text_field( wp_unslash( $_GET[ QUERY_VAR ] ) ) : ''; // phpcs:ignore WordPress.Security.NonceVerification.Recommended -- A link from a text message carries no nonce.
	return 1 === preg_match( '~^' . PATTERN . '$~D', $query ) ? $query : '';
}

/**
 * The slug in a path below the prefix, or an empty string.
 *
 * @param string $path As for asked().
 */
function in_path( string $path ): string {
	if ( is_at_root() ) {
		return '';
	}
	$prefix = preg_quote( (string) Settings\get( 'link_prefix' ), '~' );
	return 1 === preg_match( '~^' . $prefix . '/(' . PATTERN . ')' . TAIL . '$~Du', $path, $match ) ? $match[1] : '';
}

/**
 * WordPress has found nothing at an address, nor has any plugin up to here: then it may be a link at the root.
 *
 * All that most addresses cost is one look at their shape.
 */
function action_not_found(): void {
	if ( ! is_404() || ! is_at_root() ) {
		return;
	}
	$path = isset( $GLOBALS['wp']->request ) ? (string) $GLOBALS['wp']->request : '';
	if ( 1 !== preg_match( '~^(' . EXACT . ')(?:/(' . Stop_Page\PATH_END . '|' . Ask_Page\PATH_END . ')|' . TAIL . ')$~Du', $path, $match ) ) {
		return;
	}
	switch ( $match[2] ?? '' ) {
		case Stop_Page\PATH_END:
			Stop_Page\show( $match[1] );
			break;
		case Ask_Page\PATH_END:
			Ask_Page\show( $match[1], false );
			break;
		default:
			Restore\follow( $match[1], false );
	}
}

/**
 * Whether an address at the root is a link, by what the daemon says of it.
 *
 * @param string               $slug   Matches EXACT.
 * @param array|\WP_Error|null $answer From Restore\ask(); null without a connection.
 */
function is_link( string $slug, $answer ): bool {
	if ( null === $answer && ! Settings\has_secret() ) {
		return false;
	}
	$status = is_array( $answer ) ? $answer['status'] : 0;
	if ( in_array( $status, array( 200, 404, 410 ), true ) ) {
		return 404 !== $status;
	}
	// Nobody can say. A word in small letters is somebody's mistyped page rather than a link: one slug in 500 looks so.
	return 1 === preg_match( '/[2-9A-Z]/', $slug );
}
