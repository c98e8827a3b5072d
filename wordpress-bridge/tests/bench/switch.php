<?php
/**
 * For measuring only, as a must-use plugin of a shop for trying: a request may ask to be served without the bridge.
 *
 * @package Bazgasht
 */

add_filter(
	'option_active_plugins',
	static function ( $active ) {
		return isset( $_SERVER['HTTP_X_WITHOUT_BRIDGE'] ) ? array_values( array_diff( (array) $active, array( 'bazgasht-bridge/bazgasht-bridge.php' ) ) ) : $active;
	}
);
