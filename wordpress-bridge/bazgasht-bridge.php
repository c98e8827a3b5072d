<?php
/**
 * Plugin Name:          Bazgasht Bridge
 * Description:          Tells the Bazgasht daemon what happens in the shop, and puts buyers who follow its short links back where they left.
 * Version:              0.1.0
 * Requires at least:    6.5
 * Requires PHP:         7.4
 * Requires Plugins:     woocommerce
 * WC requires at least: 8.5
 * WC tested up to:      10.0
 * License:              GPL-2.0-or-later
 * License URI:          https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:          bazgasht-bridge
 * Domain Path:          /languages
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge;

defined( 'ABSPATH' ) || exit;

const VERSION     = '0.1.0';
const PLUGIN_FILE = __FILE__;

// The files in the order an event meets them; hooks.php comes last and names everything that is listened to.
require __DIR__ . '/src/settings.php';
require __DIR__ . '/src/home.php';
require __DIR__ . '/src/cart.php';
require __DIR__ . '/src/checkout.php';
require __DIR__ . '/src/number.php';
require __DIR__ . '/src/phone-fields.php';
require __DIR__ . '/src/visitors.php';
require __DIR__ . '/src/phone.php';
require __DIR__ . '/src/capture.php';
require __DIR__ . '/src/dialog.php';
require __DIR__ . '/src/watched.php';
require __DIR__ . '/src/wanted.php';
require __DIR__ . '/src/consent.php';
require __DIR__ . '/src/consent-checkout.php';
require __DIR__ . '/src/orders.php';
require __DIR__ . '/src/shipping.php';
require __DIR__ . '/src/reviews.php';
require __DIR__ . '/src/catalogue.php';
require __DIR__ . '/src/people.php';
require __DIR__ . '/src/jalali.php';
require __DIR__ . '/src/account.php';
require __DIR__ . '/src/custom.php';
require __DIR__ . '/src/events.php';
require __DIR__ . '/src/record.php';
require __DIR__ . '/src/outbox.php';
require __DIR__ . '/src/outbox-files.php';
require __DIR__ . '/src/outbox-table.php';
require __DIR__ . '/src/signer.php';
require __DIR__ . '/src/daemon.php';
require __DIR__ . '/src/deliver.php';
require __DIR__ . '/src/pull.php';
require __DIR__ . '/src/snapshot.php';
require __DIR__ . '/src/coupons.php';
require __DIR__ . '/src/own-coupons.php';
require __DIR__ . '/src/typed-coupons.php';
require __DIR__ . '/src/coupon-tidy.php';
require __DIR__ . '/src/coupon-guard.php';
require __DIR__ . '/src/coupon-once.php';
require __DIR__ . '/src/slugs.php';
require __DIR__ . '/src/restore.php';
require __DIR__ . '/src/undo.php';
require __DIR__ . '/src/room.php';
require __DIR__ . '/src/stop-page.php';
require __DIR__ . '/src/ask-page.php';
require __DIR__ . '/src/status.php';
require __DIR__ . '/src/walk.php';
require __DIR__ . '/src/network.php';
require __DIR__ . '/src/hooks.php';

register_activation_hook( __FILE__, __NAMESPACE__ . '\Network\activated' );
register_deactivation_hook( __FILE__, __NAMESPACE__ . '\Network\deactivated' );

add_action( 'before_woocommerce_init', __NAMESPACE__ . '\declare_compatibility' );
add_action( 'plugins_loaded', __NAMESPACE__ . '\start' );

/**
 * Says that the bridge works with order tables and with the cart and checkout blocks.
 *
 * WooCommerce looks at this in wp-admin and on the command line only, but reads the headers of every installed
 * plugin to take it in, so shoppers' requests are spared it.
 */
function declare_compatibility(): void {
	if ( ! is_admin() && ! ( defined( 'WP_CLI' ) && \WP_CLI ) ) {
		return;
	}
	foreach ( array( 'custom_order_tables', 'cart_checkout_blocks' ) as $feature ) {
		\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( $feature, PLUGIN_FILE, true );
	}
}

/**
 * Hooks everything, once it is known that this WooCommerce is there and new enough.
 */
function start(): void {
	if ( ! defined( 'WC_VERSION' ) || version_compare( WC_VERSION, '8.5', '<' ) ) {
		add_action( 'admin_notices', __NAMESPACE__ . '\notice_woocommerce_needed' );
		return;
	}
	init_hooks();
}

/**
 * Tells the manager why the bridge stands still.
 */
function notice_woocommerce_needed(): void {
	if ( current_user_can( 'activate_plugins' ) ) {
		printf(
			'<div class="notice notice-warning"><p>%s</p></div>',
			esc_html__( 'Bazgasht Bridge needs WooCommerce 8.5 or newer, and does nothing until it is active.', 'bazgasht-bridge' )
		);
	}
}
