<?php
/**
 * For measuring only, as a must-use plugin of a shop for trying: each request says which plugins it wants to be served
 * with, and what it cost up to the moment at which the answer is out is taken down.
 *
 * @package Bazgasht
 */

if ( ! isset( $_SERVER['HTTP_X_ARM'] ) ) {
	return;
}

/**
 * The processor's time of this process so far, in microseconds.
 */
function bazgasht_bench_cpu() {
	$used = getrusage();
	return $used['ru_utime.tv_sec'] * 1000000 + $used['ru_utime.tv_usec'] + $used['ru_stime.tv_sec'] * 1000000 + $used['ru_stime.tv_usec'];
}

$GLOBALS['bazgasht_bench_begin'] = bazgasht_bench_cpu();
$GLOBALS['bazgasht_bench_calls'] = 0;

add_filter(
	'option_active_plugins',
	static function ( $active ) {
		$wanted = explode( ',', 'woocommerce,' . $_SERVER['HTTP_X_PLUGINS'] ); // phpcs:ignore -- Only compared.
		return array_values(
			array_filter(
				(array) $active,
				static function ( $file ) use ( $wanted ) {
					return in_array( dirname( $file ), $wanted, true );
				}
			)
		);
	}
);

// What the suite writes down of each event is no cost of the bridge's.
add_action(
	'plugins_loaded',
	static function () {
		remove_all_filters( 'bazgasht_event' );
	}
);

add_filter(
	'pre_http_request',
	static function ( $answer ) {
		++$GLOBALS['bazgasht_bench_calls'];
		return $answer;
	},
	PHP_INT_MIN
);

// Before the bridge lets the shopper go, which it does last of all.
add_action(
	'shutdown',
	static function () {
		global $wpdb;
		$row = array(
			'arm'     => $_SERVER['HTTP_X_ARM'], // phpcs:ignore -- Only written down.
			'ms'      => ( microtime( true ) - $_SERVER['REQUEST_TIME_FLOAT'] ) * 1000, // phpcs:ignore -- A number.
			'cpu'     => ( bazgasht_bench_cpu() - $GLOBALS['bazgasht_bench_begin'] ) / 1000,
			'queries' => $wpdb->num_queries,
			'calls'   => $GLOBALS['bazgasht_bench_calls'],
		);
		file_put_contents( ABSPATH . 'bench.jsonl', wp_json_encode( $row ) . "\n", FILE_APPEND | LOCK_EX ); // phpcs:ignore -- Where the bench looks.
	},
	PHP_INT_MAX - 1
);
