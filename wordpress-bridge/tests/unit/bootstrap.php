<?php
/**
 * Loads the bridge without WordPress: what it calls is stood in for by stand-ins.php, as little as the tests need.
 *
 * @package Bazgasht
 */

error_reporting( E_ALL );
date_default_timezone_set( 'UTC' );

define( 'ABSPATH', __DIR__ . '/' );
define( 'MINUTE_IN_SECONDS', 60 );
define( 'HOUR_IN_SECONDS', 3600 );
define( 'DAY_IN_SECONDS', 86400 );

require __DIR__ . '/stand-ins.php';
require __DIR__ . '/stand-ins-admin.php';
require __DIR__ . '/objects.php';
require __DIR__ . '/wp-cli.php';
require __DIR__ . '/route-exception.php';

foreach ( array( 'settings', 'home', 'cart', 'checkout', 'number', 'phone', 'orders', 'reviews', 'catalogue', 'people', 'events', 'record', 'outbox', 'outbox-files', 'outbox-table', 'signer', 'daemon', 'deliver', 'snapshot', 'coupons', 'own-coupons', 'coupon-guard', 'coupon-once', 'typed-coupons', 'coupon-tidy', 'restore', 'undo', 'slugs', 'room', 'pull', 'stop-page', 'ask-page', 'stop-admin', 'home-notice', 'status', 'phone-fields', 'visitors', 'watched', 'wanted', 'consent', 'consent-checkout', 'shipping', 'jalali', 'account', 'custom', 'settings-capture', 'capture', 'dialog', 'privacy', 'holders', 'privacy-text', 'health', 'health-info', 'doubles', 'network', 'cli', 'walk', 'fields', 'settings-page', 'ways', 'ways-page', 'wizard', 'wizard-view', 'words', 'look', 'person', 'person-view', 'walk-page', 'walk-view', 'walk-words', 'hooks' ) as $file ) {
	require __DIR__ . '/../../src/' . $file . '.php';
}
define( 'Bazgasht\Bridge\VERSION', '0.0.0' );
require __DIR__ . '/BridgeTestCase.php';
