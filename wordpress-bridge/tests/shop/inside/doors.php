<?php
/**
 * Prints as JSON what of the bridge answers requests: every hook by which one can come in, and who listens there.
 *
 * @package Bazgasht
 */

// All that is loaded somewhere is loaded here.
define( 'WP_ADMIN', true );
define( 'DOING_CRON', true );
require dirname( $argv[1] ) . '/wp-load.php';
do_action( 'rest_api_init', rest_get_server() );

/**
 * Where a callback's code stands, below the plugin; an empty string for other people's.
 *
 * @param callable $callback Anything that WordPress can call.
 */
function bazgasht_place( $callback ) {
	if ( is_array( $callback ) ) {
		$code = new ReflectionMethod( $callback[0], $callback[1] );
	} elseif ( is_string( $callback ) && false !== strpos( $callback, '::' ) ) {
		$code = new ReflectionMethod( $callback );
	} elseif ( is_object( $callback ) && ! $callback instanceof Closure ) {
		$code = new ReflectionMethod( $callback, '__invoke' );
	} elseif ( is_string( $callback ) && ! function_exists( $callback ) ) {
		return '';
	} else {
		$code = new ReflectionFunction( $callback );
	}
	$file   = (string) $code->getFileName();
	$plugin = dirname( \Bazgasht\Bridge\PLUGIN_FILE );
	return in_array( $plugin, array( dirname( $file ), dirname( $file, 2 ) ), true ) ? basename( $file ) . ' ' . $code->getShortName() : '';
}

// By name of an action, and those that see every request.
$many = '/^(wp_ajax_|admin_post_|admin_action_|wc_ajax_|woocommerce_api_|heartbeat_|load-|rest_pre_|rest_request_)/';
$each = array( 'init', 'wp_loaded', 'admin_init', 'setup_theme', 'plugins_loaded', 'parse_request', 'do_parse_request', 'request', 'query_vars', 'wp', 'template_redirect', 'template_include', 'rest_api_init', 'xmlrpc_methods', 'authenticate', 'determine_current_user', 'login_init', 'do_feed', 'pre_get_posts' );

$doors = array();
foreach ( $GLOBALS['wp_filter'] as $hook => $filter ) {
	if ( ! in_array( $hook, $each, true ) && ! preg_match( $many, $hook ) ) {
		continue;
	}
	foreach ( $filter->callbacks as $callbacks ) {
		foreach ( $callbacks as $callback ) {
			$place = bazgasht_place( $callback['function'] );
			if ( '' !== $place ) {
				$doors[] = $hook . ': ' . $place;
			}
		}
	}
}
foreach ( rest_get_server()->get_routes() as $route => $handlers ) {
	foreach ( $handlers as $handler ) {
		if ( isset( $handler['callback'] ) && '' !== bazgasht_place( $handler['callback'] ) ) {
			$doors[] = 'REST ' . implode( ',', array_keys( $handler['methods'] ) ) . ' ' . $route;
		}
	}
}
foreach ( $GLOBALS['shortcode_tags'] as $name => $callback ) {
	if ( '' !== bazgasht_place( $callback ) ) {
		$doors[] = 'shortcode ' . $name;
	}
}
sort( $doors );
echo wp_json_encode( array_values( array_unique( $doors ) ) );
