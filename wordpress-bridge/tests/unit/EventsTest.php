<?php
/**
 * What goes out, field by field.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Events;

final class EventsTest extends BridgeTestCase {
	private static function buyer( array $fields = array() ): array {
		return $fields + array(
			'billing_phone'      => '0912 000 1234',
			'billing_first_name' => 'سارا',
			'billing_last_name'  => '',
			'billing_country'    => 'IR',
		);
	}

	public function test_an_envelope_has_a_version_7_id_and_a_time_with_zone(): void {
		$event = Events\envelope( 'page.viewed', array(), 1800000000.1239, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" );
		$this->assertSame( '2027-01-15T08:00:00.123Z', $event['time'] );
		$this->assertSame( '01a3185c-507b-7fff-bfff-ffffffffffff', $event['id'] );
		$this->assertMatchesRegularExpression( '/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/', Events\uuid7( 1, str_repeat( "\0", 10 ) ) );
		$this->assertLessThan( 0, strcmp( Events\uuid7( 1000, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff" ), Events\uuid7( 1001, str_repeat( "\0", 10 ) ) ) );
	}

	public function test_money_is_a_decimal_string_without_noise(): void {
		$this->assertSame( '250000', Events\money( '250000.0000', 0 ) );
		$this->assertSame( '19.90', Events\money( 19.9, 2 ) );
		$this->assertSame( '0.30', Events\money( 0.1 + 0.2, 2 ) );
		$this->assertSame( '1234567.00', Events\money( '1234567', 2 ) );
	}

	public function test_a_cart_has_its_lines_with_unit_prices_before_coupons(): void {
		$tea  = new WC_Product( array( 'id' => 12, 'name' => 'چای &amp; نبات' ) );
		$cosy = new WC_Product_Variation( array( 'id' => 51 ) );
		$cart = new Cart_Double();

		$cart->coupons = array( 'ten' );
		$cart->lines   = array(
			array( 'product_id' => 12, 'variation_id' => 0, 'quantity' => 3, 'variation' => array(), 'data' => $tea, 'line_subtotal' => 300000, 'line_subtotal_tax' => 27000 ),
			array( 'product_id' => 50, 'variation_id' => 51, 'quantity' => 1, 'variation' => array( 'attribute_colour' => 'Green' ), 'data' => $cosy, 'line_subtotal' => 240000, 'line_subtotal_tax' => 0 ),
		);
		$data          = Events\cart( 't_1', $cart, array( 'currency' => 'IRT', 'decimals' => 0 ), array() );
		$this->assertSame(
			array(
				array( 'product_id' => 12, 'name' => 'چای & نبات', 'quantity' => 3, 'unit_price' => '109000' ),
				array( 'product_id' => 50, 'variation_id' => 51, 'name' => 'چای', 'quantity' => 1, 'unit_price' => '240000', 'attributes' => array( 'attribute_colour' => 'Green' ) ),
			),
			$data['items']
		);
		$this->assertSame( array( 'ten' ), $data['coupons'] );
		$this->assertArrayNotHasKey( 'contact', $data );
	}

	public function test_an_order_is_whole_and_names_what_an_open_variation_was_bought_as(): void {
		$product = new WC_Product_Variation( array( 'id' => 51, 'variation_attributes' => array( 'attribute_colour' => 'Green', 'attribute_%d8%a7%d9%86%d8%af%d8%a7%d8%b2%d9%87' => '' ) ) );
		$line    = new WC_Order_Item_Product( array( 'product' => $product, 'product_id' => 50, 'variation_id' => 51, 'quantity' => 2, 'subtotal' => '480000', 'subtotal_tax' => '0', 'name' => 'روپوش', 'meta' => array( 'اندازه' => 'بزرگ' ) ) );
		$order   = new WC_Order(
			self::buyer(
				array(
					'id'             => 7,
					'order_number'   => '1007',
					'status'         => 'processing',
					'total'          => '525000',
					'currency'       => 'IRT',
					'items'          => array( $line ),
					'customer_id'    => 0,
					'coupon_codes'   => array(),
					'date_created'   => new DateTime( '2027-01-15 11:30:00+03:30' ),
					'date_paid'      => null,
					'date_completed' => null,
					'needs_payment'  => false,
				)
			)
		);
		$data    = Events\order( $order, 't_1', 'fa_IR', 0 );
		$this->assertSame( array( 'attribute_colour' => 'Green', 'attribute_%d8%a7%d9%86%d8%af%d8%a7%d8%b2%d9%87' => 'بزرگ' ), $data['items'][0]['attributes'] );
		$this->assertSame( '240000', $data['items'][0]['unit_price'] );
		$this->assertSame( '2027-01-15T08:00:00Z', $data['created_at'] );
		$this->assertSame( array( 'phone' => '0912 000 1234', 'first_name' => 'سارا', 'locale' => 'fa_IR', 'country' => 'IR' ), $data['contact'] );
		$this->assertSame( array( 'order_id', 'number', 'status', 'total', 'currency', 'items', 'cart_key', 'contact', 'coupons', 'payment_method', 'created_at' ), array_keys( $data ) );
	}

	public function test_an_order_line_whose_product_is_gone_keeps_its_name(): void {
		$item = Events\item( null, 12, 0, 1, 1000, array(), 0, 'چای' );
		$this->assertSame( array( 'product_id' => 12, 'name' => 'چای', 'quantity' => 1, 'unit_price' => '1000' ), $item );
	}

	public function test_a_draft_product_is_not_published(): void {
		$data = Events\product( new WC_Product( array( 'id' => 5, 'status' => 'draft', 'managing_stock' => true, 'stock_quantity' => 0, 'stock_status' => 'outofstock' ) ), array( 'currency' => 'IRT', 'decimals' => 0 ), array( 'چای &amp; دمنوش' ), '' );
		$this->assertFalse( $data['published'] );
		$this->assertSame( 0, $data['stock_quantity'] );
		$this->assertSame( array( 'چای & دمنوش' ), $data['categories'] );
		$this->assertArrayNotHasKey( 'image', $data );
	}

	public function test_a_percentage_keeps_its_digits_and_a_fixed_coupon_is_money(): void {
		$coupon = array( 'code' => 'bahar', 'date_expires' => null, 'usage_limit' => 0, 'usage_count' => 3, 'minimum_amount' => '' );
		$this->assertSame( '7.5', Events\coupon( new WC_Coupon( $coupon + array( 'discount_type' => 'percent', 'amount' => '7.50' ) ), 0 )['amount'] );
		$this->assertSame( '50000', Events\coupon( new WC_Coupon( $coupon + array( 'discount_type' => 'fixed_cart', 'amount' => '50000.0' ) ), 0 )['amount'] );
	}

	public function test_a_refund_is_positive(): void {
		$refund = new WC_Order_Refund( array( 'id' => 9, 'amount' => '-50000', 'currency' => 'IRT' ) );
		$this->assertSame( array( 'order_id' => 7, 'refund_id' => 9, 'amount' => '50000', 'currency' => 'IRT' ), Events\refund( $refund, 7, 0 ) );
	}

	public function test_a_products_price_is_the_shops_and_not_the_present_buyers(): void {
		$shop    = array( 'currency' => 'IRT', 'decimals' => 0 );
		$product = new class( array( 'id' => 5 ) ) extends WC_Product {
			public $stored = '1000';
			public function get_price( $context = 'view' ) {
				return 'edit' === $context ? $this->stored : '700';
			}
		};
		$this->assertSame( '1000', Events\product( $product, $shop, array(), '' )['price'] );
		$product->stored = '';
		$this->assertArrayNotHasKey( 'price', Events\product( $product, $shop, array(), '' ), 'an emptied price is none, and no fall to nothing' );
		$product->stored = '0';
		$this->assertSame( '0', Events\product( $product, $shop, array(), '' )['price'] );
	}
}
