<?php
/**
 * WordPress's functions as far as the tests need them, on one object that each test starts anew.
 *
 * @package Bazgasht
 */

/** What the stand-ins remember. */
final class World {
	/** @var array<string, mixed> */
	public $options = array();
	/** @var array<int, array> Requests that were made: address and arguments. */
	public $requests = array();
	/** @var callable|null Answers them. */
	public $daemon = null;
	/** @var string Where uploads go. */
	public $uploads = '';
	/** @var array<int, array> */
	public $notices = array();
	/** @var array<int, WC_Product> */
	public $products = array();
	/** @var array<int, WC_Order> */
	public $orders = array();
	/** @var object|null WooCommerce. */
	public $wc = null;
	/** @var int */
	public $user = 0;
	/** @var bool */
	public $is_thank_you = false;
	/** @var callable|null Stands for every filter. */
	public $filter = null;
	/** @var bool Whether another site of the network is looked into. */
	public $is_switched = false;
	/** @var bool Whether there is a network at all. */
	public $is_network = false;
	/** @var int Which of its sites this is. */
	public $blog = 1;
	/** @var string[] WooCommerce's log. */
	public $log = array();
	/** @var string[] What developers were told. */
	public $wrong = array();
	/** @var array<string, array> Fields by code. */
	public $coupons = array();
	/** @var WP_Error|null What speaks against every coupon. */
	public $against = null;
	/** @var int[] Coupons that were deleted. */
	public $deleted = array();
	/** @var bool Whether WordPress has found nothing. */
	public $is_404 = false;
	/** @var array<string, mixed> */
	public $transients = array();
	/** @var string The shop's address. */
	public $home = 'https://shop.example';
	/** @var string */
	public $environment = 'production';
	/** @var array<int, array{0: string, 1: mixed}> Name and callback of everything that was hooked. */
	public $hooks = array();
	/** @var string[] What the person at the screen may do, with the thing it is done to. */
	public $may = array();
	/** @var string[] Nonces that the request brings. */
	public $nonces = array();
	/** @var string[] Screens that have got a box. */
	public $boxes = array();

	/** @var array<string, string> Meta of accounts, by id and key. */
	public $user_meta = array();
	/** @var int The product whose page is shown. */
	public $page = 0;
	/** @var bool */
	public $is_ajax = false;
	/** @var string Of the visitor. */
	public $locale = 'fa_IR';
	/** @var array<string, int> Accounts by e-mail address. */
	public $mails = array();
	/** @var WC_Email[] */
	public $emails = array();
	/** @var array<int, array{0: string, 1: mixed}> What WP-CLI was told to do and say. */
	public $cli = array();
	/** @var int|bool When the delivery is due. */
	public $due = 1;
	/** @var array{0: int, 1: string}[] The sites that work was done in, and what. */
	public $sites = array();
	/** @var callable|null Answers wp_remote_get(). */
	public $web = null;

	/** @var World|null */
	private static $now = null;

	public static function now(): World {
		self::$now = self::$now ?? new World();
		return self::$now;
	}

	public static function renew(): World {
		self::$now = new World();
		return self::$now;
	}
}

class WP_Error {
	/** @var string[] Codes. */
	public $added = array();
	private $code;
	private $message;
	public function __construct( $code = '', $message = '' ) {
		$this->code    = $code;
		$this->message = $message;
	}
	public function add( $code, $message ) {
		$this->added[] = $code;
		$this->code    = $code;
		$this->message = $message;
	}
	public function get_error_code() {
		return $this->code;
	}
	public function get_error_message() {
		return $this->message;
	}
}

/** What wp_send_json() was given. */
final class Sent extends Exception {
	/** @var array */
	public $body;
	/** @var int */
	public $status;
	public function __construct( $body, $status ) {
		parent::__construct( json_encode( $body ) );
		$this->body   = $body;
		$this->status = $status;
	}
}

class WP_Comment {
	/** @var int */
	public $comment_ID = 0;
	public $comment_post_ID = 0;
	public $user_id = 0;
	public $comment_author_email = '';
	/** @var string */
	public $comment_approved = '1';
}
class WP_User {
	/** @var int */
	public $ID = 0;
	/** @var string */
	public $user_registered = '';
}
class WP_Post {
	/** @var int */
	public $ID = 0;
	/** @var string */
	public $post_type = '';
	/** @var string */
	public $post_status = '';
	/** @var string */
	public $post_title = '';
}

function is_wp_error( $thing ) {
	return $thing instanceof WP_Error;
}
function get_option( $name, $default = false ) {
	return World::now()->options[ $name ] ?? $default;
}
function update_option( $name, $value, $autoload = null ) {
	World::now()->options[ $name ] = $value;
	return true;
}
function wp_salt() {
	return World::now()->uploads;
}
function wp_get_upload_dir() {
	return array( 'basedir' => World::now()->uploads );
}
function wp_json_encode( $value, $flags = 0 ) {
	return json_encode( $value, $flags );
}
function wp_parse_url( $url, $part = -1 ) {
	return parse_url( $url, $part );
}
function wp_remote_request( $url, $args ) {
	World::now()->requests[] = array( 'url' => $url ) + $args;
	return ( World::now()->daemon )( $url, $args );
}
function wp_remote_retrieve_body( $answer ) {
	return $answer['body'];
}
function wp_remote_retrieve_response_code( $answer ) {
	return $answer['status'];
}
function wp_remote_retrieve_header( $answer, $name ) {
	return $answer['headers'][ $name ] ?? '';
}
function apply_filters( $name, $value ) {
	return null === World::now()->filter ? $value : ( World::now()->filter )( $value );
}
function get_transient( $name ) {
	return World::now()->transients[ $name ] ?? false;
}
function set_transient( $name, $value, $seconds = 0 ) {
	World::now()->transients[ $name ] = $value;
	return true;
}
function wc_get_logger() {
	return new class() {
		public function error( $line ) {
			World::now()->log[] = $line;
		}
	};
}
function __( $text, $domain = '' ) {
	return $text;
}
function _n( $one, $many, $count, $domain = '' ) {
	return 1 === $count ? $one : $many;
}
function wp_sprintf( $pattern, $list ) {
	return implode( ', ', $list );
}
function get_page_by_path( $path ) {
	return 'about' === $path ? new WP_Post() : null;
}
function add_settings_error( $option, $code, $sentence, $kind = 'error' ) {
	World::now()->notices[] = "$kind $code";
}
function is_multisite() {
	return World::now()->is_switched || World::now()->is_network;
}
function ms_is_switched() {
	return World::now()->is_switched;
}
function esc_html( $text ) {
	return htmlspecialchars( $text );
}
function esc_url_raw( $url, $schemes = array() ) {
	return in_array( (string) parse_url( $url, PHP_URL_SCHEME ), $schemes, true ) ? $url : '';
}
function untrailingslashit( $text ) {
	return rtrim( $text, '/' );
}
function sanitize_text_field( $text ) {
	return trim( strip_tags( (string) $text ) );
}
function sanitize_textarea_field( $text ) {
	return trim( strip_tags( (string) $text ) );
}
function sanitize_title( $text ) {
	return trim( (string) preg_replace( '/[^a-z0-9_-]+/', '-', strtolower( $text ) ), '-' );
}
function wp_unslash( $value ) {
	return $value;
}
function wp_parse_str( $text, &$fields ) {
	parse_str( $text, $fields );
}
function get_current_user_id() {
	return World::now()->user;
}
function _doing_it_wrong( $function, $message, $version ) {
	World::now()->wrong[] = $message;
}
function determine_locale() {
	return World::now()->locale;
}
function get_locale() {
	return 'fa_IR';
}
function home_url( $path = '' ) {
	return 'https://shop.example' . $path;
}
function wp_validate_redirect( $url, $fallback ) {
	return in_array( parse_url( $url, PHP_URL_HOST ), array( 'shop.example', null ), true ) && '' !== $url ? $url : $fallback;
}
function get_post_status( $id ) {
	return isset( World::now()->products[ $id ] ) ? World::now()->products[ $id ]->get_status() : false;
}
function WC() {
	return World::now()->wc;
}
function wc_get_product( $id ) {
	return World::now()->products[ $id ] ?? false;
}
function wc_get_order( $id ) {
	return World::now()->orders[ $id ] ?? false;
}
function wc_add_notice( $text, $type ) {
	World::now()->notices[] = $text;
}
function wc_get_held_stock_quantity( $product ) {
	return 0;
}
function wc_get_cart_url() {
	return 'https://shop.example/cart/';
}
function wc_get_checkout_url() {
	return 'https://shop.example/checkout/';
}
function wc_get_page_permalink( $page ) {
	return 'https://shop.example/my-account/';
}
function wc_get_price_decimals() {
	return 0;
}
function wc_get_price_including_tax( $product ) {
	return (float) $product->get_price();
}
function wc_price( $amount ) {
	return '<b>' . $amount . '</b>';
}
function wp_strip_all_tags( $text ) {
	return strip_tags( $text );
}
function wc_coupons_enabled() {
	return true;
}
function wc_format_coupon_code( $code ) {
	return strtolower( $code );
}
function get_woocommerce_currency() {
	return 'IRT';
}
/** The block checkout's fields, since WooCommerce 8.9. */
function woocommerce_register_additional_checkout_field( $field ) {}
function is_order_received_page() {
	return World::now()->is_thank_you;
}
function is_404() {
	return World::now()->is_404;
}
function is_cart() {
	return true;
}
function is_checkout() {
	return false;
}
function status_header( $status ) {}
function nocache_headers() {}
function wp_doing_ajax() {
	return World::now()->is_ajax;
}
function did_action( $name ) {
	return in_array( $name, array( 'wp_loaded', 'action_scheduler_init' ), true ) ? 1 : 0;
}
function wc_get_coupon_id_by_code( $code ) {
	return (int) ( World::now()->coupons[ $code ]['id'] ?? 0 );
}
/** In the digits of a Persian shop, so that a number that goes its own way shows. */
function number_format_i18n( $number ) {
	return strtr( number_format( $number ), array( '۰', '۱', '۲', '۳', '۴', '۵', '۶', '۷', '۸', '۹' ) );
}
function size_format( $bytes ) {
	return number_format_i18n( $bytes ) . ' B';
}
function human_time_diff( $from, $to = 0 ) {
	return 'a while';
}
function wp_hash( $text ) {
	return md5( $text );
}
function add_filter( $name, $callback ) {
	World::now()->hooks[] = array( $name, $callback );
}
function add_action( $name, $callback ) {
	World::now()->hooks[] = array( $name, $callback );
}
function remove_filter( $name, $callback ) {}
function delete_option( $name ) {
	unset( World::now()->options[ $name ] );
}
function wp_load_alloptions() {
	return array( 'home' => World::now()->home );
}
function wp_get_environment_type() {
	return World::now()->environment;
}
function wp_timezone_string() {
	return 'Asia/Tehran';
}
function is_rtl() {
	return true;
}
function is_admin() {
	return true;
}
function esc_attr( $text ) {
	return htmlspecialchars( $text );
}
function esc_url( $url ) {
	return htmlspecialchars( $url );
}
function esc_html__( $text, $domain = '' ) {
	return htmlspecialchars( $text );
}
function absint( $value ) {
	return abs( (int) $value );
}
function sanitize_key( $key ) {
	return (string) preg_replace( '/[^a-z0-9_-]/', '', strtolower( $key ) );
}
function checked( $one, $other, $echo = true ) {
	return $one === $other ? 'checked' : '';
}
function admin_url( $path = '' ) {
	return 'https://shop.example/wp-admin/' . $path;
}
function add_query_arg( $key, $value, $url ) {
	return $url . ( false === strpos( $url, '?' ) ? '?' : '&' ) . $key . '=' . $value;
}
function current_user_can( $capability, ...$of ) {
	return in_array( implode( ' ', array_merge( array( $capability ), $of ) ), World::now()->may, true );
}
function wp_create_nonce( $action ) {
	return 'nonce of ' . $action;
}
function wp_nonce_field( $action, $name = '_wpnonce', $referer = true ) {
	echo '<input type="hidden" name="_wpnonce" value="' . htmlspecialchars( wp_create_nonce( $action ) ) . '">';
}
function check_admin_referer( $action, $field = '_wpnonce' ) {
	if ( ! in_array( wp_create_nonce( $action ), World::now()->nonces, true ) ) {
		throw new Sent( 'nonce', 403 );
	}
}
function check_ajax_referer( $action ) {
	check_admin_referer( $action );
}
function wp_send_json_success( $data ) {
	throw new Sent( $data, 200 );
}
function wp_send_json_error( $data, $status ) {
	throw new Sent( $data, $status );
}
function get_user_by( $field, $value ) {
	$id = World::now()->mails[ $value ] ?? 0;
	if ( 0 === $id ) {
		return false;
	}
	$user     = new WP_User();
	$user->ID = $id;
	return $user;
}
function get_user_meta( $id, $key, $single ) {
	return World::now()->user_meta[ "$id $key" ] ?? '';
}
function update_user_meta( $id, $key, $value ) {
	World::now()->user_meta[ "$id $key" ] = $value;
}
function delete_user_meta( $id, $key ) {
	unset( World::now()->user_meta[ "$id $key" ] );
}
function delete_transient( $name ) {
	unset( World::now()->transients[ $name ] );
}
function maybe_serialize( $value ) {
	return is_array( $value ) ? serialize( $value ) : $value;
}
function maybe_unserialize( $value ) {
	$read = is_string( $value ) ? @unserialize( $value ) : false;
	return false === $read ? $value : $read;
}
function wp_mkdir_p( $path ) {
	return is_dir( $path ) || @mkdir( $path, 0755, true );
}
function user_can( $id, $what ) {
	return in_array( "$id $what", World::now()->may, true );
}
function wp_delete_file( $path ) {
	unlink( $path );
}
function wp_cache_delete( $key, $group ) {}
define( 'WC_SESSION_CACHE_GROUP', 'wc_session_id' );
class WC_Cache_Helper {
	public static function get_cache_prefix( $group ) {
		return '';
	}
}
/** WooCommerce's sessions: rows of the table by key. */
class WC_Session_Handler {
	public function get_session( $key, $default = false ) {
		return unserialize( World::now()->options[ 'session ' . $key ] ?? serialize( $default ) );
	}
}
function wc_get_order_statuses() {
	return array( 'wc-processing' => 'Processing' );
}
/** By customer (addresses and accounts) or number, in pages. */
function wc_get_orders( $query ) {
	$found = array();
	foreach ( World::now()->orders as $order ) {
		$is_theirs = isset( $query['billing_email'] ) ? $order->get_billing_email() === $query['billing_email'] : ( isset( $query['customer'] )
			? in_array( $order->get_billing_email(), $query['customer'], true ) || ( $order->get_customer_id() > 0 && in_array( $order->get_customer_id(), $query['customer'], true ) )
			: $order->get_billing_phone() === $query['billing_phone'] );
		if ( $is_theirs ) {
			$found[] = 'ids' === ( $query['return'] ?? '' ) ? $order->get_id() : $order;
		}
	}
	return $query['limit'] < 0 ? $found : array_slice( $found, ( ( $query['page'] ?? 1 ) - 1 ) * $query['limit'], $query['limit'] );
}
function as_next_scheduled_action( $hook, $args, $group ) {
	return World::now()->due;
}
function as_unschedule_all_actions( $hook, $args, $group ) {
	World::now()->sites[] = array( get_current_blog_id(), 'unscheduled' );
}
function wp_remote_get( $url, $args ) {
	World::now()->requests[] = array( 'url' => $url ) + $args;
	return ( World::now()->web )( $url );
}
function wp_kses_post( $html ) {
	return $html;
}
function esc_textarea( $text ) {
	return htmlspecialchars( $text );
}
function get_sites( $query ) {
	return array( 1, 2, 3 );
}
function switch_to_blog( $id ) {
	World::now()->blog            = $id;
	$GLOBALS['wpdb']->prefix = 1 === $id ? 'wp_' : "wp_{$id}_";
}
function restore_current_blog() {
	switch_to_blog( 1 );
}
function get_comment_meta( $id, $key, $single ) {
	return '';
}
function get_current_blog_id() {
	return World::now()->blog;
}
function is_main_site() {
	return 1 === World::now()->blog;
}
function get_site_option( $name, $default = false ) {
	return World::now()->options[ 'network ' . $name ] ?? $default;
}
function wp_doing_cron() {
	return false;
}
function wp_die( $text = '', $title = '', $args = array() ) {
	throw new Sent( 'die', $args['response'] ?? 500 );
}
function wp_get_referer() {
	return 'https://shop.example/wp-admin/post.php?post=7';
}
function wp_safe_redirect( $url ) {
	throw new Sent( $url, 302 );
}
function add_meta_box( $id, $title, $callback, $screen ) {
	World::now()->boxes[] = $screen;
}
function wc_get_page_screen_id( $for ) {
	return 'woocommerce_page_wc-orders';
}
/** Ends the request, as far as a test can. */
function wp_send_json( $body, $status = 200 ) {
	throw new Sent( $body, $status );
}
/** The page that is shown: a product, or 0. */
function is_product() {
	return World::now()->page > 0;
}
function get_queried_object_id() {
	return World::now()->page;
}
class WC_AJAX {
	public static function get_endpoint( $name ) {
		return '/?wc-ajax=' . $name;
	}
}
function get_post_type( $id ) {
	$product = World::now()->products[ $id ] ?? null;
	return null === $product ? false : ( $product instanceof WC_Product_Variation ? 'product_variation' : 'product' );
}
function wp_get_post_parent_id( $id ) {
	return isset( World::now()->products[ $id ] ) ? World::now()->products[ $id ]->get_parent_id() : 0;
}
function map_deep( $value, $callback ) {
	return is_array( $value ) ? array_map( function ( $inner ) use ( $callback ) {
		return map_deep( $inner, $callback );
	}, $value ) : $callback( $value );
}
function esc_attr__( $text, $domain = '' ) {
	return htmlspecialchars( $text );
}
function get_userdata( $id ) {
	$user                  = new WP_User();
	$user->ID              = $id;
	$user->user_registered = '2026-11-01 10:00:00';
	return in_array( $id, World::now()->mails, true ) ? $user : false;
}
function get_user_locale( $id ) {
	return 'fa_IR';
}
