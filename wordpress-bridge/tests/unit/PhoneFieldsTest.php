<?php
/**
 * The buyer's number in other plugins' fields.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Checkout;
use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\People;
use Bazgasht\Bridge\Phone_Fields;

final class PhoneFieldsTest extends BridgeTestCase {
	public function forms(): iterable {
		yield 'WooCommerce\'s own'             => array( array( 'billing_phone' => '09120000001', 'billing_mobile' => '09120000002' ), '09120000001' );
		yield 'a landline there'               => array( array( 'billing_phone' => '02120000000', 'billing_mobile' => '۰۹۱۲۰۰۰۰۰۰۲' ), '۰۹۱۲۰۰۰۰۰۰۲' );
		yield 'a plain name'                   => array( array( 'phone_number' => '09120000003' ), '09120000003' );
		yield 'a Persian name'                 => array( array( 'شماره_موبایل' => '09120000004' ), '09120000004' );
		yield 'the parcel\'s comes last'       => array( array( 'shipping_phone' => '09120000005', 'mobile' => '09120000006' ), '09120000006' );
		yield 'the parcel\'s if there is none' => array( array( 'shipping_phone' => '09120000005' ), '09120000005' );
		yield 'a national code is none'        => array( array( 'billing_melli_code' => '09120000007', 'phone_code' => '09120000007', 'order_comments' => '09120000007' ), '' );
		yield 'half a number is none'          => array( array( 'billing_phone' => '0912', 'mobile' => array( '09120000008' ) ), '' );
	}

	/** @dataProvider forms */
	public function test_it_is_found_by_name( array $form, string $number ): void {
		$this->assertSame( $number, Phone_Fields\among( $form ) );
		Checkout\action_classic_form_refreshed( http_build_query( $form ) );
		$told = $this->recorded();
		$this->assertSame( $number, $told[0]['data']['contact']['phone'] ?? '' );
	}

	public function test_an_order_is_told_with_the_mobile_number_that_a_field_editor_has_kept(): void {
		$order = new WC_Order( array( 'id' => 7, 'status' => 'processing', 'order_number' => '7', 'total' => '9', 'currency' => 'IRT', 'items' => array(), 'customer_id' => 0, 'coupon_codes' => array(), 'date_created' => null, 'date_paid' => null, 'date_completed' => null, 'billing_phone' => '021 2000 0000', 'shipping_phone' => '', 'billing_first_name' => '', 'billing_last_name' => '', 'billing_country' => 'IR', 'meta' => array( '_billing_mobile' => '09120000009' ) ) );
		$this->assertSame( '09120000009', Orders\data( $order )['contact']['phone'] );
		$order->delete_meta_data( '_billing_mobile' );
		$this->assertSame( '021 2000 0000', Orders\data( $order )['contact']['phone'], 'a landline is better than nothing' );
	}

	public function test_an_account_made_with_its_number_only_is_told(): void {
		$this->world->mails     = array( 'x@shop.example' => 6 );
		$this->world->user_meta = array( '6 digits_phone' => '+989120000010' );
		People\tell( 6 );
		$this->assertSame( '+989120000010', $this->recorded()[0]['data']['contact']['phone'] );
	}
}
