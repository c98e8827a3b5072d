<?php
/**
 * Makes a shop for trying out of an empty database, the same each time. Prints what was made as JSON.
 *
 * @package Bazgasht
 */

define( 'WP_INSTALLING', 'core' === $argv[1] );
define( 'WP_ADMIN', true );
require dirname( $_SERVER['argv'][2] ) . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/admin.php';

if ( 'core' === $argv[1] ) {
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	wp_install( 'گالری ماه', 'admin', 'admin@example.test', true, '', 'admin-pass' );
	exit;
}

wp_set_current_user( 1 );
$refused = activate_plugin( 'woocommerce/woocommerce.php' );
if ( is_wp_error( $refused ) ) {
	exit( $refused->get_error_message() ); // phpcs:ignore -- For the test's log.
}
if ( 'woocommerce' === $argv[1] ) {
	exit;
}

// The first visit to wp-admin, when WooCommerce turns its order tables on.
WC_Install::newly_installed();
$settings = array(
	'permalink_structure'                    => '/%postname%/',
	'timezone_string'                        => 'Asia/Tehran',
	'comment_moderation'                     => '0',
	'comment_previously_approved'            => '0',
	'woocommerce_default_country'            => 'IR:THR',
	'woocommerce_store_address'              => 'خیابان آزمایش',
	'woocommerce_store_city'                 => 'تهران',
	'woocommerce_store_postcode'             => '1234567890',
	'woocommerce_currency'                   => 'IRT',
	'woocommerce_price_num_decimals'         => '0',
	'woocommerce_checkout_phone_field'       => 'required',
	'woocommerce_coming_soon'                => 'no',
	'woocommerce_calc_taxes'                 => 'no',
	'woocommerce_enable_guest_checkout'      => 'yes',
	'woocommerce_enable_ajax_add_to_cart'    => 'yes',
	'woocommerce_enable_reviews'             => 'yes',
	'woocommerce_enable_coupons'             => 'yes',
	'woocommerce_enable_myaccount_registration' => 'yes',
	'woocommerce_registration_generate_username' => 'no',
	'woocommerce_registration_generate_password' => 'no',
	'woocommerce_allow_tracking'             => 'no',
	'woocommerce_show_marketplace_suggestions' => 'no',
	'woocommerce_task_list_hidden'           => 'yes',
	'woocommerce_custom_orders_table_enabled' => 'yes',
	'woocommerce_onboarding_profile'         => array( 'skipped' => true ),
	'woocommerce_cod_settings'               => array(
		'enabled'            => 'yes',
		'title'              => 'Cash on delivery',
		'description'        => '',
		'instructions'       => '',
		'enable_for_methods' => array(),
		'enable_for_virtual' => 'yes',
	),
);
foreach ( $settings as $key => $value ) {
	update_option( $key, $value );
}
delete_transient( '_wc_activation_redirect' );
WC_Install::create_pages();
flush_rewrite_rules( false );

$zone   = new WC_Shipping_Zone( 0 );
$method = $zone->add_shipping_method( 'flat_rate' );
update_option(
	"woocommerce_flat_rate_{$method}_settings",
	array(
		'title'      => 'Post',
		'tax_status' => 'none',
		'cost'       => '45000',
	)
);

/**
 * A product in stock.
 *
 * @param string $name  Its name.
 * @param string $price In the shop's currency.
 */
function simple_product( $name, $price ) {
	$product = new WC_Product_Simple();
	$product->set_name( $name );
	$product->set_regular_price( $price );
	$product->set_manage_stock( true );
	$product->set_stock_quantity( 100000 );
	$product->set_reviews_allowed( true );
	$product->set_description( $name );
	return $product->save();
}

/**
 * A page of the old kind.
 *
 * @param string $slug Its slug.
 * @param string $text Its text.
 */
function classic_page( $slug, $text ) {
	return wp_insert_post(
		array(
			'post_type'    => 'page',
			'post_status'  => 'publish',
			'post_name'    => $slug,
			'post_title'   => $slug,
			'post_content' => '<!-- wp:shortcode -->' . $text . '<!-- /wp:shortcode -->',
		)
	);
}

/**
 * A product of two sizes, of which the small one is out of stock.
 *
 * @param string $name  Its name.
 * @param string $price In the shop's currency.
 * @return int[] The product's id, and the small one's.
 */
function product_in_sizes( $name, $price ) {
	$size = new WC_Product_Attribute();
	$size->set_name( 'Size' );
	$size->set_options( array( 'Large', 'Small' ) );
	$size->set_visible( true );
	$size->set_variation( true );
	$product = new WC_Product_Variable();
	$product->set_name( $name );
	$product->set_attributes( array( $size ) );
	$id = $product->save();
	foreach ( array( 'Large', 'Small' ) as $option ) {
		$variation = new WC_Product_Variation();
		$variation->set_parent_id( $id );
		$variation->set_attributes( array( 'size' => $option ) );
		$variation->set_regular_price( $price );
		$variation->set_stock_status( 'Small' === $option ? 'outofstock' : 'instock' );
		$small = $variation->save();
	}
	WC_Product_Variable::sync( $id );
	return array( $id, $small );
}

wc_create_new_customer( 'buyer@example.test', 'buyer', 'buyer-pass' );
$made = array(
	'tea'     => simple_product( 'چای بهاره', '185000' ),
	'cup'     => simple_product( 'فنجان سفالی', '128000' ),
	'honey'   => simple_product( 'عسل آویشن', '390000' ),
	'shirt'   => product_in_sizes( 'پیراهن کتان', '620000' ),
	'pages'   => array(
		'block'   => array(
			'cart'     => wc_get_page_id( 'cart' ),
			'checkout' => wc_get_page_id( 'checkout' ),
		),
		'classic' => array(
			'cart'     => classic_page( 'classic-cart', '[woocommerce_cart]' ),
			'checkout' => classic_page( 'classic-checkout', '[woocommerce_checkout]' ),
		),
	),
	'version' => array(
		'wordpress'   => get_bloginfo( 'version' ),
		'woocommerce' => WC()->version,
		'hpos'        => \Automattic\WooCommerce\Utilities\OrderUtil::custom_orders_table_usage_is_enabled(),
	),
);
$bridge = activate_plugin( 'bazgasht-bridge/bazgasht-bridge.php' );
if ( is_wp_error( $bridge ) ) {
	exit( $bridge->get_error_message() ); // phpcs:ignore -- For the test's log.
}
echo wp_json_encode( $made );
