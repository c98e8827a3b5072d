<?php
/**
 * The index: every action and filter that the bridge listens to, and who does.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge;

defined( 'ABSPATH' ) || exit;

/**
 * Hooks everything.
 */
function init_hooks(): void {
	add_action( 'init', __NAMESPACE__ . '\load_translations', 1 );

	Capture\init_hooks();
	Dialog\init_hooks();

	// The ways back. Links end on a page of the shop even before a secret is set.
	add_action( 'parse_request', __NAMESPACE__ . '\Stop_Page\action_request', 1 );
	add_action( 'parse_request', __NAMESPACE__ . '\Ask_Page\action_request', 1 );
	add_action( 'parse_request', __NAMESPACE__ . '\Restore\action_request', 1 );
	// Just before WordPress guesses what address was meant.
	add_action( 'template_redirect', __NAMESPACE__ . '\Slugs\action_not_found', 9, 0 );
	add_action( 'template_redirect', __NAMESPACE__ . '\Undo\action_request', 5, 0 );
	add_action( 'woocommerce_add_to_cart', __NAMESPACE__ . '\Restore\action_basket_filled', 30, 0 );
	add_action( 'woocommerce_after_cart_item_quantity_update', __NAMESPACE__ . '\Restore\action_basket_filled', 30, 0 );

	// Coupons that the bridge has made; they stay what they are when the secret goes.
	add_action( 'template_redirect', __NAMESPACE__ . '\Coupon_Guard\action_page', 6, 0 );
	add_action( 'woocommerce_after_checkout_validation', __NAMESPACE__ . '\Coupon_Guard\action_classic', 10, 2 );
	add_action( 'woocommerce_store_api_checkout_update_order_from_request', __NAMESPACE__ . '\Coupon_Guard\action_block', 10, 2 );
	add_filter( 'woocommerce_coupon_get_usage_limit', __NAMESPACE__ . '\Coupon_Guard\filter_usage_limit', 10, 2 );
	add_action( 'woocommerce_checkout_order_processed', __NAMESPACE__ . '\Coupon_Once\action_placed' );
	add_action( 'woocommerce_store_api_checkout_update_order_from_request', __NAMESPACE__ . '\Coupon_Once\action_block', 11, 2 );
	add_action( 'woocommerce_store_api_checkout_order_processed', __NAMESPACE__ . '\Coupon_Once\action_placed' );
	add_action( 'woocommerce_before_pay_action', __NAMESPACE__ . '\Coupon_Once\action_paying' );
	add_filter( 'woocommerce_coupon_code', __NAMESPACE__ . '\Typed_Coupons\filter_code', 1 );
	add_action( Coupon_Tidy\ACTION, __NAMESPACE__ . '\Coupon_Tidy\action_daily', 10, 0 );

	// Delivery.
	add_action( 'rest_api_init', __NAMESPACE__ . '\Pull\action_routes', 10, 0 );
	add_action( 'action_scheduler_init', __NAMESPACE__ . '\action_scheduler_ready' );
	add_action( Deliver\ACTION, __NAMESPACE__ . '\Deliver\action_scheduled', 10, 0 );
	add_action( Snapshot\ACTION, __NAMESPACE__ . '\Snapshot\action_page', 10, 2 );

	if ( is_admin() ) {
		init_admin_hooks();
	}
	if ( is_admin() || wp_doing_cron() || ( defined( 'WP_CLI' ) && \WP_CLI ) ) {
		init_care_hooks();
	}
	if ( defined( 'WP_CLI' ) && \WP_CLI ) {
		require_once __DIR__ . '/cli.php';
		Cli\init();
	}
	if ( Settings\is_connected() ) {
		init_shop_hooks();
	}
}

/**
 * What wp-admin alone needs.
 */
function init_admin_hooks(): void {
	require_once __DIR__ . '/fields.php';
	require_once __DIR__ . '/settings-page.php';
	require_once __DIR__ . '/settings-capture.php';
	require_once __DIR__ . '/ways.php';
	require_once __DIR__ . '/ways-page.php';
	require_once __DIR__ . '/wizard.php';
	require_once __DIR__ . '/wizard-view.php';
	require_once __DIR__ . '/doubles.php';
	require_once __DIR__ . '/words.php';
	require_once __DIR__ . '/look.php';
	require_once __DIR__ . '/person.php';
	require_once __DIR__ . '/person-view.php';
	require_once __DIR__ . '/walk-page.php';
	require_once __DIR__ . '/walk-view.php';
	require_once __DIR__ . '/walk-words.php';
	add_action( 'admin_post_' . Doubles\ACTION, __NAMESPACE__ . '\Doubles\action_keep' );
	add_action( 'admin_menu', __NAMESPACE__ . '\Settings_Page\action_menu', 70 );
	add_action( 'admin_init', __NAMESPACE__ . '\Settings_Page\action_register' );
	add_action( 'admin_enqueue_scripts', __NAMESPACE__ . '\Settings_Page\action_enqueue' );
	add_filter( 'option_page_capability_' . Settings_Page\PAGE, __NAMESPACE__ . '\Settings_Page\filter_capability' );
	add_action( 'admin_post_' . Settings_Page\ACTION_AGAIN, __NAMESPACE__ . '\Settings_Page\action_send_again' );
	add_action( 'wp_ajax_' . Ways_Page\ACTION, __NAMESPACE__ . '\Ways_Page\action_ajax' );
	add_action( 'admin_post_' . Wizard\ACTION, __NAMESPACE__ . '\Wizard\action_step' );
	add_action( 'admin_notices', __NAMESPACE__ . '\Wizard\action_admin_notice' );
	add_action( 'wp_ajax_' . Walk_Page\ACTION, __NAMESPACE__ . '\Walk_Page\action_ajax' );
	add_action( 'admin_notices', __NAMESPACE__ . '\Status\action_admin_notice' );

	require_once __DIR__ . '/home-notice.php';
	add_action( 'admin_notices', __NAMESPACE__ . '\Home_Notice\action_admin_notice' );
	add_action( 'admin_post_' . Home_Notice\ACTION, __NAMESPACE__ . '\Home_Notice\action_answered' );

	require_once __DIR__ . '/stop-admin.php';
	add_action( 'add_meta_boxes', __NAMESPACE__ . '\Stop_Admin\action_meta_boxes', 10, 0 );
	add_action( 'show_user_profile', __NAMESPACE__ . '\Stop_Admin\action_profile', 20 );
	add_action( 'edit_user_profile', __NAMESPACE__ . '\Stop_Admin\action_profile', 20 );
	add_action( 'admin_post_' . Stop_Admin\ACTION, __NAMESPACE__ . '\Stop_Admin\action_told' );

	add_action( 'add_meta_boxes', __NAMESPACE__ . '\Person\action_meta_boxes', 10, 0 );
	add_action( 'show_user_profile', __NAMESPACE__ . '\Person\action_profile', 21 );
	add_action( 'edit_user_profile', __NAMESPACE__ . '\Person\action_profile', 21 );
	add_action( 'wp_ajax_' . Person\ACTION, __NAMESPACE__ . '\Person\action_ajax' );
}

/**
 * What WordPress asks its plugins for: health, privacy, sites that go. It also asks by WP-Cron and on the command line.
 */
function init_care_hooks(): void {
	require_once __DIR__ . '/privacy.php';
	require_once __DIR__ . '/holders.php';
	add_filter( 'wp_privacy_personal_data_exporters', __NAMESPACE__ . '\Privacy\filter_exporters' );
	add_filter( 'wp_privacy_personal_data_erasers', __NAMESPACE__ . '\Privacy\filter_erasers', PHP_INT_MAX );

	require_once __DIR__ . '/privacy-text.php';
	add_action( 'admin_init', __NAMESPACE__ . '\Privacy_Text\action_suggest' );

	require_once __DIR__ . '/health.php';
	require_once __DIR__ . '/health-info.php';
	add_filter( 'site_status_tests', __NAMESPACE__ . '\Health\filter_tests' );
	add_action( 'wp_ajax_' . Health\ACTION_LINKS, __NAMESPACE__ . '\Health\action_ajax_links' );
	add_filter( 'debug_information', __NAMESPACE__ . '\Health_Info\filter_information' );

	add_filter( 'wpmu_drop_tables', __NAMESPACE__ . '\Network\filter_tables_of_site' );
}

/**
 * What happens in the shop. Hooks only take notes; reading and writing is done once, at the end of the request.
 */
function init_shop_hooks(): void {
	// The cart.
	foreach (
		array(
			'woocommerce_add_to_cart',
			'woocommerce_after_cart_item_quantity_update',
			'woocommerce_cart_item_set_quantity',
			'woocommerce_cart_item_removed',
			'woocommerce_cart_item_restored',
			'woocommerce_cart_emptied',
			'woocommerce_applied_coupon',
			'woocommerce_removed_coupon',
			'woocommerce_ordered_again',
		) as $hook
	) {
		add_action( $hook, __NAMESPACE__ . '\Cart\action_touched', 100, 0 );
	}
	add_action( 'woocommerce_cart_loaded_from_session', __NAMESPACE__ . '\Cart\action_loaded', 100, 0 );
	add_action( 'woocommerce_guest_session_to_user_id', __NAMESPACE__ . '\Cart\action_guest_became_user' );
	add_action( 'wp_logout', __NAMESPACE__ . '\Cart\action_logged_out', 1, 0 );

	// The checkout.
	add_action( 'woocommerce_before_checkout_form', __NAMESPACE__ . '\Cart\action_checkout_shown', 10, 0 );
	add_action( 'woocommerce_blocks_checkout_enqueue_data', __NAMESPACE__ . '\Cart\action_checkout_shown', 10, 0 );
	add_action( 'woocommerce_checkout_update_order_review', __NAMESPACE__ . '\Checkout\action_classic_form_refreshed' );
	foreach ( array( 'billing_phone', 'shipping_phone' ) as $field ) {
		// Before anybody who may look at the number: it is the same one.
		add_filter( 'woocommerce_process_checkout_field_' . $field, __NAMESPACE__ . '\Checkout\filter_classic_phone', 1 );
	}
	// Whatever else checkout plugins call a number's field.
	add_filter( 'woocommerce_process_checkout_tel_field', __NAMESPACE__ . '\Checkout\filter_classic_phone', 1 );
	foreach ( array( 'billing_phone', 'shipping_phone' ) as $field ) {
		add_filter( 'woocommerce_process_myaccount_field_' . $field, __NAMESPACE__ . '\Checkout\filter_classic_phone', 1 );
	}
	add_action( 'woocommerce_store_api_cart_update_customer_from_request', __NAMESPACE__ . '\Checkout\action_block_customer_updated' );

	// What is out of stock and wanted.
	add_filter( 'woocommerce_get_stock_html', __NAMESPACE__ . '\Wanted\filter_stock_html', 20, 2 );
	add_action( 'woocommerce_after_variations_form', __NAMESPACE__ . '\Wanted\action_after_variations', 10, 0 );

	// Consent.
	add_action( 'woocommerce_after_checkout_billing_form', __NAMESPACE__ . '\Consent_Checkout\action_classic_box', 20, 0 );
	add_action( 'woocommerce_review_order_before_submit', __NAMESPACE__ . '\Consent_Checkout\action_classic_fallback', 20, 0 );
	add_action( 'woocommerce_checkout_create_order', __NAMESPACE__ . '\Consent_Checkout\action_classic_creating' );
	add_action( 'woocommerce_checkout_order_processed', __NAMESPACE__ . '\Consent_Checkout\action_classic_placed', 5 );
	add_action( 'init', __NAMESPACE__ . '\Consent_Checkout\action_register_block_field', 20 );
	add_filter( 'woocommerce_get_default_value_for_' . Consent_Checkout\BLOCK, __NAMESPACE__ . '\Consent_Checkout\filter_block_default', 10, 3 );
	add_filter( 'render_block_woocommerce/checkout', __NAMESPACE__ . '\Consent_Checkout\filter_block_fallback' );
	add_action( 'woocommerce_store_api_checkout_update_order_from_request', __NAMESPACE__ . '\Consent_Checkout\action_block_form', 10, 2 );
	add_action( 'woocommerce_store_api_checkout_order_processed', __NAMESPACE__ . '\Consent_Checkout\action_block_placed', 5 );

	// The account's forms.
	add_action( 'woocommerce_register_form', __NAMESPACE__ . '\Account\action_register_form', 10, 0 );
	add_filter( 'woocommerce_process_registration_errors', __NAMESPACE__ . '\Account\check' );
	add_action( 'woocommerce_created_customer', __NAMESPACE__ . '\Account\action_created', 5 );
	add_action( 'woocommerce_edit_account_form', __NAMESPACE__ . '\Account\action_edit_form', 10, 0 );
	add_action( 'woocommerce_save_account_details_errors', __NAMESPACE__ . '\Account\check' );
	add_action( 'woocommerce_save_account_details', __NAMESPACE__ . '\Account\action_saved' );

	// Orders.
	add_action( 'woocommerce_before_order_object_save', __NAMESPACE__ . '\Orders\action_saving' );
	add_action( 'woocommerce_checkout_create_order', __NAMESPACE__ . '\Orders\action_classic_creating' );
	add_action( 'woocommerce_checkout_order_processed', __NAMESPACE__ . '\Orders\action_classic_placed' );
	add_action( 'woocommerce_store_api_checkout_order_processed', __NAMESPACE__ . '\Orders\action_block_placed' );
	add_action( 'woocommerce_new_order', __NAMESPACE__ . '\Orders\action_new', 10, 2 );
	add_action( 'woocommerce_update_order', __NAMESPACE__ . '\Orders\action_updated', 10, 2 );
	add_action( 'woocommerce_order_status_changed', __NAMESPACE__ . '\Orders\action_status_changed' );
	add_action( 'woocommerce_trash_order', __NAMESPACE__ . '\Orders\action_status_changed' );
	add_action( 'woocommerce_before_delete_order', __NAMESPACE__ . '\Orders\action_deleting' );
	add_action( 'woocommerce_untrash_order', __NAMESPACE__ . '\Orders\action_status_changed' );
	add_action( 'woocommerce_order_refunded', __NAMESPACE__ . '\Orders\action_refunded', 10, 2 );

	// Parcels: WooCommerce's own ways of saving come by the hooks above.
	add_action( 'added_post_meta', __NAMESPACE__ . '\Shipping\action_post_meta', 10, 3 );
	add_action( 'updated_post_meta', __NAMESPACE__ . '\Shipping\action_post_meta', 10, 3 );

	// Reviews.
	add_action( 'comment_post', __NAMESPACE__ . '\Reviews\action_written' );
	add_action( 'woocommerce_rest_insert_product_review', __NAMESPACE__ . '\Reviews\action_rest' );
	add_action( 'transition_comment_status', __NAMESPACE__ . '\Reviews\action_moderated', 10, 3 );

	// People.
	add_action( 'user_register', __NAMESPACE__ . '\People\action_changed' );
	add_action( 'woocommerce_created_customer', __NAMESPACE__ . '\People\action_changed' );
	add_action( 'woocommerce_new_customer', __NAMESPACE__ . '\People\action_changed' );
	add_action( 'woocommerce_update_customer', __NAMESPACE__ . '\People\action_changed' );
	add_action( 'woocommerce_customer_save_address', __NAMESPACE__ . '\People\action_changed' );
	add_action( 'profile_update', __NAMESPACE__ . '\People\action_changed' );
	add_action( 'wp_login', __NAMESPACE__ . '\People\action_logged_in', 10, 2 );

	// Products.
	add_action( 'woocommerce_new_product', __NAMESPACE__ . '\Catalogue\action_product' );
	add_action( 'woocommerce_update_product', __NAMESPACE__ . '\Catalogue\action_product' );
	add_action( 'woocommerce_new_product_variation', __NAMESPACE__ . '\Catalogue\action_variation' );
	add_action( 'woocommerce_update_product_variation', __NAMESPACE__ . '\Catalogue\action_variation' );
	add_action( 'woocommerce_product_set_stock', __NAMESPACE__ . '\Catalogue\action_stock' );
	add_action( 'woocommerce_variation_set_stock', __NAMESPACE__ . '\Catalogue\action_stock' );
	add_action( 'woocommerce_product_set_stock_status', __NAMESPACE__ . '\Catalogue\action_stock_status', 10, 3 );
	add_action( 'woocommerce_variation_set_stock_status', __NAMESPACE__ . '\Catalogue\action_stock_status', 10, 3 );

	// Coupons; both kinds of posts.
	add_filter( 'woocommerce_get_shop_coupon_data', __NAMESPACE__ . '\Typed_Coupons\filter_look', 10, 2 );
	add_action( 'woocommerce_new_coupon', __NAMESPACE__ . '\Catalogue\action_coupon' );
	add_action( 'woocommerce_update_coupon', __NAMESPACE__ . '\Catalogue\action_coupon' );
	add_action( 'woocommerce_increase_coupon_usage_count', __NAMESPACE__ . '\Catalogue\action_coupon' );
	add_action( 'woocommerce_decrease_coupon_usage_count', __NAMESPACE__ . '\Catalogue\action_coupon' );
	add_action( 'transition_post_status', __NAMESPACE__ . '\Catalogue\action_post_status', 10, 3 );
	add_action( 'before_delete_post', __NAMESPACE__ . '\Catalogue\action_deleting_post', 10, 2 );

	// The shop.
	foreach ( Catalogue\SHOP_OPTIONS as $option ) {
		add_action( 'update_option_' . $option, __NAMESPACE__ . '\Catalogue\action_shop', 10, 0 );
	}

	// Events of the owner's own.
	add_action( Custom\ACTION, __NAMESPACE__ . '\Custom\action_told', 10, 3 );

	// The manager's own walk through the shop.
	add_action( 'wp_loaded', __NAMESPACE__ . '\Walk\action_arrived', 20, 0 );
	add_action( 'bazgasht_recorded', __NAMESPACE__ . '\Walk\action_recorded' );

	// The end of the request: before the session is saved (20), and after everybody else.
	add_action( 'shutdown', __NAMESPACE__ . '\Record\action_shutdown', 15 );
	add_action( 'shutdown', __NAMESPACE__ . '\Deliver\action_request_over', PHP_INT_MAX );
}

/**
 * Action Scheduler can be asked. Looking costs queries, so shoppers' requests do not.
 */
function action_scheduler_ready(): void {
	if ( is_admin() || wp_doing_cron() || ( defined( 'WP_CLI' ) && \WP_CLI ) ) {
		Deliver\schedule();
		Snapshot\begin_if_new();
	}
}

/**
 * Says where the translations are; before 6.8, WordPress does not read that from the plugin's header.
 */
function load_translations(): void {
	load_plugin_textdomain( 'bazgasht-bridge', false, dirname( plugin_basename( PLUGIN_FILE ) ) . '/languages' ); // phpcs:ignore PluginCheck.CodeAnalysis.DiscouragedFunctions -- See above.
}
