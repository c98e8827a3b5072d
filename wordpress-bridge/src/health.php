<?php
/**
 * Tools > Site Health: whether what happens in the shop gets to the daemon, and what to do when it does not.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Health;

use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Slugs;
use Bazgasht\Bridge\Status;
use Bazgasht\Bridge\Stop_Page;

defined( 'ABSPATH' ) || exit;

// The name of the test that runs on its own, since it asks the shop for a page; and the action that WordPress makes of it.
const LINKS        = 'bazgasht_links';
const ACTION_LINKS = 'health-check-bazgasht-links';

// A slug that no text has: the page behind it changes nothing and counts nothing.
const NO_SLUG        = 'SHeaLth';
const LINK_TIMEOUT_S = 5;

// From when on something has waited for too long.
const LATE_S      = HOUR_IN_SECONDS;
const VERY_LATE_S = DAY_IN_SECONDS;
const OVERDUE_S   = 10 * MINUTE_IN_SECONDS;

// What WordPress calls the states of a test.
const GOOD        = 'good';
const RECOMMENDED = 'recommended';
const CRITICAL    = 'critical';

/**
 * Adds the tests that make sense here: without a secret, or in a copy of the shop, there is only that to be said.
 *
 * @param array $tests As WordPress has them.
 */
function filter_tests( $tests ): array {
	$tests = (array) $tests;

	$tests['direct']['bazgasht_home'] = array(
		'label' => __( 'Bazgasht is connected to this shop', 'bazgasht-bridge' ),
		'test'  => __NAMESPACE__ . '\home',
	);
	if ( ! Settings\is_connected() ) {
		return $tests;
	}
	$tests['direct']['bazgasht_delivery']   = array(
		'label' => __( 'Bazgasht hears of what happens', 'bazgasht-bridge' ),
		'test'  => __NAMESPACE__ . '\delivery',
	);
	$tests['direct']['bazgasht_outbox']     = array(
		'label' => __( 'What waits for Bazgasht', 'bazgasht-bridge' ),
		'test'  => __NAMESPACE__ . '\outbox',
	);
	$tests['direct']['bazgasht_background'] = array(
		'label' => __( 'Bazgasht is told in the background', 'bazgasht-bridge' ),
		'test'  => __NAMESPACE__ . '\background',
	);
	$tests['async'][ LINKS ]                = array(
		'label'             => __( 'The links in texts work', 'bazgasht-bridge' ),
		'test'              => LINKS,
		'async_direct_test' => __NAMESPACE__ . '\links',
	);
	return $tests;
}

/**
 * Whether there is a secret, and this is the shop that it is for.
 */
function home(): array {
	if ( ! Settings\has_secret() ) {
		return result( 'home', RECOMMENDED, __( 'Bazgasht is not connected yet', 'bazgasht-bridge' ), array( __( 'Nothing is gathered until a secret is saved.', 'bazgasht-bridge' ), __( 'Copy it from bazgasht.toml into the settings, or delete the plugin if it is not used.', 'bazgasht-bridge' ) ) );
	}
	if ( '' !== Home\strayed() ) {
		return result( 'home', RECOMMENDED, __( 'Bazgasht keeps still, because this looks like a copy of the shop', 'bazgasht-bridge' ), array( __( 'It may be a copy, so nothing is gathered and nothing is sent from here.', 'bazgasht-bridge' ), __( 'The notice on the settings page asks whether this is a copy or the shop has moved.', 'bazgasht-bridge' ) ) );
	}
	if ( Deliver\is_held() ) {
		return result( 'home', CRITICAL, __( 'The Bazgasht service belongs to another shop', 'bazgasht-bridge' ), array( __( 'The daemon belongs to another shop and takes nothing from this one; what happens here waits.', 'bazgasht-bridge' ), __( 'If this shop has moved, its new address must also stand in bazgasht.toml.', 'bazgasht-bridge' ) ) );
	}
	return result( 'home', GOOD, __( 'Bazgasht is connected to this shop', 'bazgasht-bridge' ), array( __( 'A secret is saved, and this is the address it was saved at.', 'bazgasht-bridge' ) ) );
}

/**
 * Whether the last deliveries succeeded.
 */
function delivery(): array {
	$state = Deliver\state();
	$now   = time();
	if ( $state['failures'] > 0 && ! Deliver\is_held() ) {
		/* translators: 1: a span of time, 2: the error */
		$what  = sprintf( __( 'Bazgasht has taken nothing for %1$s (%2$s).', 'bazgasht-bridge' ), human_time_diff( $state['since'], $now ), apart( $state['error'] ) );
		$grave = '401' === $state['code'] || $now - $state['since'] >= Status\PATIENCE_S;
		return result(
			'delivery',
			$grave ? CRITICAL : RECOMMENDED,
			__( 'Bazgasht does not hear of what happens', 'bazgasht-bridge' ),
			array( $what, __( 'Nothing is lost, events wait here; but no text goes out meanwhile.', 'bazgasht-bridge' ), __( 'On its server, "systemctl status bazgasht" says whether it runs, and "bazgasht doctor" what it lacks. The test on the settings page says what is in the way.', 'bazgasht-bridge' ) )
		);
	}
	if ( 0 === $state['last_ok'] ) {
		return result( 'delivery', RECOMMENDED, __( 'Bazgasht has heard nothing yet', 'bazgasht-bridge' ), array( __( 'Nothing has been delivered since the secret was saved. If that was more than a few minutes ago, test the connection.', 'bazgasht-bridge' ) ) );
	}
	/* translators: %s: a span of time */
	$said = array( sprintf( __( 'The last delivery that was written down succeeded %s ago.', 'bazgasht-bridge' ), human_time_diff( $state['last_ok'], $now ) ) );
	if ( $state['refused'] > 0 ) {
		/* translators: %s: number of events */
		$said[] = sprintf( _n( 'The daemon has refused %s event; "bazgasht doctor" says why.', 'The daemon has refused %s events; "bazgasht doctor" says why.', $state['refused'], 'bazgasht-bridge' ), number_format_i18n( $state['refused'] ) );
	}
	return result( 'delivery', $state['refused'] > 0 ? RECOMMENDED : GOOD, $state['refused'] > 0 ? __( 'Bazgasht has refused some of what it was told', 'bazgasht-bridge' ) : __( 'Bazgasht hears of what happens', 'bazgasht-bridge' ), $said );
}

/**
 * How much waits, since when, and where.
 */
function outbox(): array {
	$waiting = Outbox\waiting();
	$age     = null === $waiting['oldest'] ? 0 : time() - $waiting['oldest'];
	$said    = array_slice( Status\summary(), 0, 1 );
	if ( $waiting['bytes'] >= Outbox\MAX_BYTES ) {
		/* translators: %s: a size such as "50 MB" */
		$said[] = sprintf( __( 'Beyond %s, baskets are dropped; orders never.', 'bazgasht-bridge' ), size_format( Outbox\MAX_BYTES ) );
	}
	if ( $age >= LATE_S ) {
		$said[] = __( 'Is the service running? If it is, "wp bazgasht deliver" on the shop\'s server hands over all that waits and says what is in the way.', 'bazgasht-bridge' );
	}
	if ( 'table' === $waiting['store'] ) {
		$said[] = __( 'They wait in the database, which is slower, because the uploads folder cannot be written.', 'bazgasht-bridge' );
		$said[] = __( 'Let the web server write to wp-content/uploads, and see whether the disk is full.', 'bazgasht-bridge' );
	}
	if ( $age >= VERY_LATE_S || $waiting['bytes'] >= Outbox\MAX_BYTES ) {
		return result( 'outbox', CRITICAL, __( 'Much waits for Bazgasht, or for long', 'bazgasht-bridge' ), $said );
	}
	if ( $age >= LATE_S || 2 * $waiting['bytes'] >= Outbox\MAX_BYTES ) {
		return result( 'outbox', RECOMMENDED, __( 'Much waits for Bazgasht, or for long', 'bazgasht-bridge' ), $said );
	}
	if ( 'table' === $waiting['store'] ) {
		return result( 'outbox', RECOMMENDED, __( 'What waits for Bazgasht does so in the database', 'bazgasht-bridge' ), $said );
	}
	return result( 'outbox', GOOD, __( 'Nothing waits for Bazgasht for long', 'bazgasht-bridge' ), $said );
}

/**
 * Whether anything delivers while nobody waits for a page.
 */
function background(): array {
	$next     = function_exists( 'as_next_scheduled_action' ) ? as_next_scheduled_action( Deliver\ACTION, array(), Deliver\GROUP ) : false;
	$releases = Deliver\can_release_visitor();
	$after    = $releases
		? __( 'PHP can go on after a page has been sent, so events are handed over at once.', 'bazgasht-bridge' )
		: __( 'PHP cannot go on here after a page has been sent (that takes PHP-FPM or LiteSpeed), so events are handed over each minute by Action Scheduler.', 'bazgasht-bridge' );
	$is_late  = is_int( $next ) && $next < time() - OVERDUE_S;
	if ( false !== $next && ! $is_late ) {
		return result( 'background', GOOD, __( 'Bazgasht is told in the background', 'bazgasht-bridge' ), array( $after ) );
	}
	$what = $is_late
		/* translators: %s: a span of time */
		? sprintf( __( 'The delivery that is due each minute has been overdue for %s.', 'bazgasht-bridge' ), human_time_diff( (int) $next ) )
		: __( 'The delivery that is due each minute is not scheduled. Opening any page of wp-admin schedules it; if it is still missing then, WooCommerce\'s Action Scheduler does not work.', 'bazgasht-bridge' );
	$todo = defined( 'DISABLE_WP_CRON' ) && DISABLE_WP_CRON
		? __( 'WP-Cron is switched off here (DISABLE_WP_CRON), so a cron job of the server must call wp-cron.php each minute.', 'bazgasht-bridge' )
		: __( 'Action Scheduler is run by WP-Cron, which needs visitors: let a cron job of the server call wp-cron.php each minute.', 'bazgasht-bridge' );
	return result( 'background', $releases ? RECOMMENDED : CRITICAL, __( 'Nothing delivers to Bazgasht in the background', 'bazgasht-bridge' ), array( $what, $after, $todo ) );
}

/**
 * Answers Site Health, which asks for this test on its own.
 */
function action_ajax_links(): void {
	check_ajax_referer( 'health-check-site-status' );
	if ( ! current_user_can( 'view_site_health_checks' ) ) {
		wp_send_json_error( null, 403 );
	}
	wp_send_json_success( links() );
}

/**
 * Whether links get from the web server to the bridge, past caches.
 */
function links(): array {
	$prefix = (string) Settings\get( 'link_prefix' );
	if ( '' === (string) get_option( 'permalink_structure' ) ) {
		return result( 'links', CRITICAL, __( 'The links in texts do not work', 'bazgasht-bridge' ), array( __( 'Permalinks are set to "Plain", so the web server does not know the short links. Choose any other kind under Settings > Permalinks.', 'bazgasht-bridge' ) ) );
	}
	if ( ! Slugs\is_at_root() && Settings\is_taken( $prefix ) ) {
		/* translators: %s: the beginning of an address, such as "product" */
		return result( 'links', RECOMMENDED, __( 'The links in texts stand in the way of pages', 'bazgasht-bridge' ), array( sprintf( __( 'The shop has pages of its own below /%s/. Rename them, or choose another link prefix in both places, here and in bazgasht.toml.', 'bazgasht-bridge' ), $prefix ) ) );
	}
	return links_heard( fetch_link(), fetch_link() );
}

/**
 * Asks for a link's page as a visitor would.
 *
 * @return array|\WP_Error From wp_remote_get().
 */
function fetch_link() {
	$url = Slugs\url( NO_SLUG ) . '/' . Stop_Page\PATH_END;
	return wp_remote_get(
		$url,
		array(
			'timeout'     => LINK_TIMEOUT_S,
			'redirection' => 0,
			'sslverify'   => apply_filters( 'https_local_ssl_verify', false ), // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals -- WordPress's own.
		)
	);
}

/**
 * What two answers to the same link mean.
 *
 * @param array|\WP_Error $first  From fetch_link().
 * @param array|\WP_Error $second The same again: a cache answers the second time.
 */
function links_heard( $first, $second ): array {
	if ( is_wp_error( $first ) ) {
		/* translators: %s: the error in English */
		return result( 'links', RECOMMENDED, __( 'The links in texts could not be tried', 'bazgasht-bridge' ), array( sprintf( __( 'The shop could not reach itself: %s. Open a link on your phone to see whether it works.', 'bazgasht-bridge' ), apart( $first->get_error_message() ) ) ) );
	}
	$status = (int) wp_remote_retrieve_response_code( $first );
	if ( 200 !== $status || false === strpos( wp_remote_retrieve_body( $first ), Stop_Page\FIELD_PROOF ) ) {
		/* translators: 1: the beginning of an address, such as "/s/", 2: HTTP status */
		return result( 'links', CRITICAL, __( 'The links in texts do not work', 'bazgasht-bridge' ), array( sprintf( __( 'Addresses below %1$s do not reach WordPress (HTTP %2$s). The web server or a cache before it must hand them on, as it does with the pages of the shop.', 'bazgasht-bridge' ), Slugs\place(), number_format_i18n( $status ) ) ) );
	}
	if ( ! is_wp_error( $second ) && is_from_cache( $second ) ) {
		/* translators: %s: the beginning of an address */
		return result( 'links', CRITICAL, __( 'A page cache answers the links in texts', 'bazgasht-bridge' ), array( sprintf( __( 'What is behind a link differs from visitor to visitor. Leave addresses below %s out of the page cache.', 'bazgasht-bridge' ), Slugs\place() ) ) );
	}
	return result( 'links', GOOD, __( 'The links in texts work', 'bazgasht-bridge' ), array( __( 'They reach the plugin, and no page cache stands before it.', 'bazgasht-bridge' ) ) );
}

/**
 * Whether an answer says that a cache has given it.
 *
 * @param array $answer From wp_remote_get().
 */
function is_from_cache( $answer ): bool {
	if ( (int) wp_remote_retrieve_header( $answer, 'age' ) > 0 ) {
		return true;
	}
	foreach ( array( 'x-cache', 'x-cache-status', 'x-litespeed-cache', 'cf-cache-status', 'x-proxy-cache', 'x-fastcgi-cache' ) as $header ) {
		if ( 1 === preg_match( '/\bhit\b/i', (string) wp_remote_retrieve_header( $answer, $header ) ) ) {
			return true;
		}
	}
	return false;
}

/**
 * An error in English, kept together in a sentence of any language.
 *
 * @param string $text Plain.
 */
function apart( string $text ): string {
	return "\u{2068}" . $text . "\u{2069}";
}

/**
 * What a test found, in WordPress's form.
 *
 * @param string   $test   Its name.
 * @param string   $status GOOD, RECOMMENDED or CRITICAL.
 * @param string   $label  In a few words.
 * @param string[] $said   Sentences: what was found, and what to do.
 */
function result( string $test, string $status, string $label, array $said ): array {
	return array(
		'test'        => 'bazgasht_' . $test,
		'status'      => $status,
		'label'       => $label,
		'badge'       => array(
			'label' => __( 'Bazgasht', 'bazgasht-bridge' ),
			'color' => 'blue',
		),
		// The test of the connection shows the same.
		'said'        => $said,
		'description' => '<p>' . implode( '</p><p>', array_map( 'esc_html', $said ) ) . '</p>',
		'actions'     => sprintf( '<p><a href="%s">%s</a></p>', esc_url( admin_url( 'admin.php?page=bazgasht' ) ), esc_html__( 'To the settings of Bazgasht', 'bazgasht-bridge' ) ),
	);
}
