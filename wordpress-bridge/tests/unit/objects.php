<?php
/**
 * WooCommerce's objects as far as the tests need them: each getter answers from an array.
 *
 * @package Bazgasht
 */

/** Answers `get_x()`, `is_x()` and the like from what it was made with. */
abstract class Answers {
	/** @var array<string, mixed> */
	protected $fields;

	public function __construct( array $fields = array() ) {
		$this->fields = $fields;
	}

	public function __call( string $name, array $arguments ) {
		$key = (string) preg_replace( '/^(get|is)_/', '', $name );
		if ( ! array_key_exists( $key, $this->fields ) ) {
			throw new LogicException( static::class . " was asked for $name()" );
		}
		return $this->fields[ $key ];
	}
}

/** An account's person, by id or by what is known. */
class WC_Customer extends Answers {
	public function __construct( $fields = array() ) {
		parent::__construct( is_array( $fields ) ? $fields : array( 'billing_phone' => 5 === $fields ? '09120000055' : '', 'shipping_phone' => '', 'first_name' => '', 'last_name' => '', 'billing_first_name' => 'سارا', 'billing_last_name' => '', 'billing_country' => 'IR' ) );
	}
}
/** A coupon that is found by its code, and keeps what it is told. */
class WC_Coupon extends Answers {
	public function __construct( $code = '' ) {
		parent::__construct(
			array_merge(
				array(
					'id'             => 0,
					'code'           => is_string( $code ) ? $code : '',
					'virtual'        => false,
					'date_expires'   => null,
					'individual_use' => false,
					'usage_limit'    => 0,
					'usage_count'    => 0,
					'discount_type'  => 'percent',
					'amount'         => '0',
					'meta'           => array(),
				),
				is_array( $code ) ? $code : ( World::now()->coupons[ $code ] ?? World::now()->coupons[ (string) array_search( $code, array_column( World::now()->coupons, 'id', 'code' ), true ) ] ?? array() )
			)
		);
	}
	public function __call( string $name, array $arguments ) {
		if ( 0 === strpos( $name, 'set_' ) ) {
			$is_moment = 'set_date_expires' === $name && is_int( $arguments[0] );

			$this->fields[ substr( $name, 4 ) ] = $is_moment ? new DateTime( '@' . $arguments[0] ) : $arguments[0];
			return null;
		}
		return parent::__call( $name, $arguments );
	}
	public function get_meta( $key ) {
		return $this->fields['meta'][ $key ] ?? '';
	}
	public function update_meta_data( $key, $value ) {
		$this->fields['meta'][ $key ] = $value;
	}
	public function delete( $for_good ) {
		World::now()->deleted[] = $this->fields['id'];
		unset( World::now()->coupons[ $this->fields['code'] ] );
	}
	public function save_meta_data() {
		World::now()->coupons[ $this->fields['code'] ]['meta'] = $this->fields['meta'];
	}
	public function save() {
		$this->fields['id'] = 100 + count( World::now()->coupons );

		World::now()->coupons[ $this->fields['code'] ] = $this->fields;
		return $this->fields['id'];
	}
}
class WC_Order_Refund extends Answers {}

class WC_Order extends Answers {
	/** @var string[] */
	public $notes = array();
	public function __construct( array $fields = array() ) {
		parent::__construct( $fields + array( 'payment_method' => 'cod', 'changes' => array() ) );
	}
	public function get_meta_data() {
		$all = array();
		foreach ( $this->fields['meta'] ?? array() as $key => $value ) {
			$all[] = new class( $key, $value ) {
				private $data;
				public function __construct( $key, $value ) {
					$this->data = array( 'key' => $key, 'value' => $value );
				}
				public function get_data() {
					return $this->data;
				}
			};
		}
		return $all;
	}
	public function add_order_note( $note ) {
		$this->notes[] = $note;
	}
	public function get_meta( $key ) {
		return $this->fields['meta'][ $key ] ?? '';
	}
	public function update_meta_data( $key, $value ) {
		$this->fields['meta'][ $key ] = $value;
	}
	public function delete_meta_data( $key ) {
		unset( $this->fields['meta'][ $key ] );
	}
	public function save_meta_data() {}
}

class WC_Order_Item_Product extends Answers {
	public function get_meta( $key ) {
		return $this->fields['meta'][ $key ] ?? '';
	}
}

class WC_Product extends Answers {
	public function is_type( $type ) {
		return 'variation' === $type && $this instanceof WC_Product_Variation;
	}
	public function __construct( array $fields = array() ) {
		parent::__construct(
			$fields + array(
				'id'                  => 0,
				'name'                => 'چای',
				'permalink'           => 'https://shop.example/product/' . ( $fields['id'] ?? 0 ) . '/',
				'parent_id'           => 0,
				'status'              => 'publish',
				'price'               => '1000',
				'regular_price'       => '1000',
				'purchasable'         => true,
				'in_stock'            => true,
				'managing_stock'      => false,
				'stock_quantity'      => null,
				'stock_status'        => 'instock',
				'backorders_allowed'  => false,
				'sold_individually'   => false,
				'stock_managed_by_id' => $fields['id'] ?? 0,
				'cross_sell_ids'      => array(),
				'upsell_ids'          => array(),
			)
		);
	}
}

class WC_Product_Variation extends WC_Product {
	public function get_variation_attributes() {
		return $this->fields['variation_attributes'];
	}
}

/** One of WooCommerce's mails. */
class WC_Email extends Answers {
	/** @var string */
	public $id = '';
	public function __construct( string $id, bool $enabled, string $automated = 'no' ) {
		parent::__construct( array( 'title' => 'A mail', 'enabled' => $enabled ) );
		$this->id        = $id;
		$this->automated = $automated;
	}
	/** @var string */
	private $automated;
	public function get_option( $key ) {
		return $this->automated;
	}
	public function update_option( $key, $value ) {
		if ( 'enabled' === $key ) {
			$this->fields['enabled'] = 'yes' === $value;
		} else {
			$this->automated = $value;
		}
	}
}

/** Finds every coupon good, unless the world has something against it. */
class WC_Discounts {
	public function __construct( $cart ) {}
	public function is_coupon_valid( $coupon ) {
		return World::now()->against ?? true;
	}
}

/** A session in memory. */
final class Session {
	public $key;
	public $has = true;
	private $data = array();

	public function __construct( string $key ) {
		$this->key = $key;
	}
	public function has_session() {
		return $this->has;
	}
	public function get_customer_id() {
		return $this->key;
	}
	public function get( $name, $default = null ) {
		return $this->data[ $name ] ?? $default;
	}
	public function set( $name, $value ) {
		$this->data[ $name ] = $value;
	}
	public function set_customer_session_cookie( $on ) {
		$this->has = $on;
	}
}

/** A cart that takes what it is given. */
final class Cart_Double {
	public $lines   = array();
	public $coupons = array();
	public $refuses = array();

	public function get_cart() {
		return $this->lines;
	}
	public function is_empty() {
		return array() === $this->lines;
	}
	public function get_applied_coupons() {
		return $this->coupons;
	}
	public function apply_coupon( $code ) {
		$this->coupons[] = $code;
	}
	public function remove_coupon( $code ) {
		$this->coupons = array_values( array_diff( $this->coupons, array( $code ) ) );
	}
	public function set_applied_coupons( $codes ) {
		$this->coupons = $codes;
	}
	public function set_quantity( $key, $quantity, $refresh = true ) {
		$this->lines[ $key ]['quantity'] = $quantity;
	}
	public function remove_cart_item( $key ) {
		unset( $this->lines[ $key ] );
	}
	public function calculate_totals() {}
	public function has_discount( $code ) {
		return in_array( $code, $this->coupons, true );
	}
	public function get_cart_contents_total() {
		return array_sum( array_column( $this->lines, 'line_subtotal' ) );
	}
	public function get_cart_contents_tax() {
		return 0;
	}
	public function add_to_cart( $product_id, $quantity, $variation_id = 0, $attributes = array() ) {
		if ( in_array( $product_id, $this->refuses, true ) ) {
			return false;
		}
		$id      = $variation_id > 0 ? $variation_id : $product_id;
		$product = World::now()->products[ $id ];
		if ( ! isset( $this->lines[ $id ] ) ) {
			$this->lines[ $id ] = array(
				'product_id'        => $product_id,
				'variation_id'      => $variation_id,
				'quantity'          => 0,
				'variation'         => $attributes,
				'data'              => $product,
				'line_subtotal'     => 0,
				'line_subtotal_tax' => 0,
			);
		}
		$this->lines[ $id ]['quantity']     += $quantity;
		$this->lines[ $id ]['line_subtotal'] = $this->lines[ $id ]['quantity'] * (float) $product->get_price();
		return (string) $id;
	}
}

/** A database of one table, which logs what fails as WordPress does. */
final class Database {
	public $prefix     = 'wp_';
	public $logged     = array();
	public $suppressed = false;
	public $posts      = 'wp_posts';
	public $titles     = array();
	public $usermeta   = 'wp_usermeta';
	public $postmeta   = 'wp_postmeta';
	public $options    = 'wp_options';
	public $commentmeta = 'wp_commentmeta';
	/** @var string[] Tables that there are. */
	public $tables = array();
	/** @var string[] */
	public $queries = array();
	/** @var array<int, array> */
	public $written = array();
	private $rows      = null;

	public function suppress_errors( $on ) {
		$before           = $this->suppressed;
		$this->suppressed = $on;
		return $before;
	}
	public function hide_errors() {
		return true;
	}
	public function show_errors() {}
	public function get_charset_collate() {
		return '';
	}
	/** A row of a request that ends only now: its id was given before others'. */
	public function show_late( int $id, string $line ) {
		array_unshift( $this->rows, (object) array( 'id' => $id, 'line' => $line ) );
	}
	public function insert( $table, $row ) {
		if ( null === $this->rows ) {
			if ( ! $this->suppressed ) {
				$this->logged[] = $row['line'];
			}
			return false;
		}
		$this->rows[] = (object) ( $row + array( 'id' => 10 + count( $this->rows ) ) );
		return 1;
	}
	public function prepare( $query, ...$values ) {
		return vsprintf( $query, $values );
	}
	public function query( $query ) {
		$this->queries[] = $query;
		if ( 0 === strpos( $query, 'CREATE' ) ) {
			$this->rows = $this->rows ?? array();
		}
		if ( 1 === preg_match( '/^DELETE .* id IN \( ([\d, ]+) \)/', $query, $match ) ) {
			$this->rows = array_values( array_filter( $this->rows, static function ( $row ) use ( $match ) {
				return ! in_array( (string) $row->id, explode( ', ', $match[1] ), true );
			} ) );
		}
		return 1;
	}
	/** @var array<string, array<int, string>> Numbers by table and id. */
	public $phones = array();
	/** @var array<string, int> Ids by what a query asks for. */
	public $ids_by = array();
	public function get_results( $query = '' ) {
		if ( 1 === preg_match( '/ AS phone FROM (\S+)/', $query, $match ) ) {
			$found = array();
			foreach ( $this->phones[ $match[1] ] ?? array() as $id => $phone ) {
				$found[] = (object) array( 'id' => (string) $id, 'phone' => $phone );
			}
			return $found;
		}
		$after = 1 === preg_match( '/ id > (\d+)/', $query, $match ) ? (int) $match[1] : 0;
		return array_values( array_filter( (array) $this->rows, static function ( $row ) use ( $after ) {
			return $row->id > $after;
		} ) );
	}
	public function update( $table, $row, $where ) {
		$this->written[] = array( $table, $row, $where );
		foreach ( (array) $this->rows as $found ) {
			if ( isset( $where['id'] ) && $found->id === $where['id'] ) {
				foreach ( $row as $key => $value ) {
					$found->$key = $value;
				}
			}
		}
		return 1;
	}
	public function delete( $table, $where ) {
		$this->rows = array_values( array_filter( $this->rows, static function ( $row ) use ( $where ) {
			return $row->id !== $where['id'];
		} ) );
		return 1;
	}
	public function esc_like( $text ) {
		return $text;
	}
	public function get_row() {
		return (object) array( 'events' => count( $this->rows ), 'bytes' => array_sum( array_map( 'strlen', array_column( $this->rows, 'line' ) ) ) );
	}
	public function get_col( $query ) {
		$this->queries[] = $query;
		foreach ( $this->ids_by as $part => $id ) {
			if ( false !== strpos( $query, $part ) ) {
				return array( (string) $id );
			}
		}
		return false === strpos( $query, '_bazgasht_own AND' ) ? array( '7', '9' ) : array();
	}
	public function get_var( $query ) {
		if ( 1 === preg_match( '/^SHOW TABLES LIKE (\S+)/', $query, $match ) ) {
			return in_array( $match[1], $this->tables, true ) ? $match[1] : null;
		}
		if ( false !== strpos( $query, 'post_title' ) ) {
			return 1 === preg_match( '/post_title = (\S+)/', $query, $match ) && in_array( $match[1], $this->titles, true ) ? '9' : null;
		}
		return $this->rows[0]->line ?? null;
	}
}

/** A call of the REST API. */
final class WP_REST_Request {
	/** @var array<string, string> */
	public $headers = array();
	/** @var string */
	public $body = '';
	/** @var string */
	public $method = 'POST';
	/** @var array<string, mixed> */
	public $params = array();
	public function get_param( $name ) {
		return $this->params[ $name ] ?? null;
	}
	public function get_header( $name ) {
		return $this->headers[ $name ] ?? null;
	}
	public function get_body() {
		return $this->body;
	}
	public function get_method() {
		return $this->method;
	}
}
final class WP_REST_Response {
	public $data;
	public $status;
	public function __construct( $data, $status, $headers ) {
		$this->data   = $data;
		$this->status = $status;
	}
}
