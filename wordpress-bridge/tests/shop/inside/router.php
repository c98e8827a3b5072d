<?php
/**
 * What a web server's rewrite rules do, for PHP's own server: files as they are, everything else to WordPress.
 *
 * @package Bazgasht
 */

$asked = (string) parse_url( $_SERVER['REQUEST_URI'], PHP_URL_PATH );
if ( '/' !== $asked && file_exists( $_SERVER['DOCUMENT_ROOT'] . rawurldecode( $asked ) ) ) {
	return false;
}
$_SERVER['SCRIPT_NAME'] = '/index.php';
$_SERVER['PHP_SELF']    = '/index.php';
require $_SERVER['DOCUMENT_ROOT'] . '/index.php';
