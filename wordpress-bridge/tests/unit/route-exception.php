<?php
/**
 * What the Store API throws.
 *
 * @package Bazgasht
 */

namespace Automattic\WooCommerce\StoreApi\Exceptions;

class RouteException extends \Exception {
	public function __construct( $code, $message, $status ) {
		parent::__construct( $message, $status );
	}
}
