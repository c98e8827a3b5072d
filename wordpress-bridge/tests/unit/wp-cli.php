<?php
/**
 * WP-CLI, as far as the tests need it.
 *
 * @package Bazgasht
 */

namespace {
	class WP_CLI {
		public static function add_command( $name, $callback, $arguments ) {
			World::now()->cli[] = array( 'command', array( $name, $callback ) );
		}
		public static function log( $text ) {
			World::now()->cli[] = array( 'log', $text );
		}
		public static function success( $text ) {
			World::now()->cli[] = array( 'success', $text );
		}
		public static function confirm( $text, $arguments ) {
			World::now()->cli[] = array( 'confirm', $text );
		}
		public static function error( $text ) {
			World::now()->cli[] = array( 'error', $text );
			throw new Sent( $text, 1 );
		}
		public static function halt( $code ) {
			throw new Sent( 'halt', $code );
		}
	}
}

namespace WP_CLI\Utils {
	function format_items( $format, $rows, $columns ) {
		\World::now()->cli[] = array( 'items', array( $format, $rows ) );
	}
}
