<?php
/**
 * Whose coupon it is at the checkout, and how dead ones go.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Coupon_Guard;
use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Own_Coupons;
use Bazgasht\Bridge\Restore;

final class CouponGuardTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->in_iran();
		$this->world->coupons['b7k2mqx'] = array( 'id' => 5, 'code' => 'b7k2mqx', 'usage_limit' => 1, 'meta' => array( Coupons\META => '1', Own_Coupons\META => Own_Coupons\owner_of( '+989120000001' ) ) );
		$this->world->coupons['shared']  = array( 'id' => 6, 'code' => 'shared', 'meta' => array( Coupons\META => '1' ) );
		$this->world->coupons['shops']   = array( 'id' => 7, 'code' => 'shops', 'date_expires' => new DateTime( '2020-01-01' ) );
		$this->world->wc->cart->coupons  = array( 'b7k2mqx', 'shared', 'shops' );
		$_SERVER['REQUEST_METHOD']       = 'GET';
	}

	private function classic( array $form ): string {
		$errors = new WP_Error();
		Coupon_Guard\action_classic( $form, $errors );
		return $errors->get_error_message();
	}

	public function test_classic_the_owner_passes_and_a_stranger_is_told_why_not(): void {
		$this->assertSame( '', $this->classic( array( 'billing_phone' => '۰۹۱۲۰۰۰۰۰۰۱', 'billing_country' => 'IR' ) ) );
		$this->assertSame( '', $this->classic( array( 'billing_email' => 'x' ) ), 'this shop asks for no number' );
		$this->assertCount( 3, $this->world->wc->cart->coupons );
		$this->assertStringContainsString( 'b7k2mqx', $this->classic( array( 'billing_phone' => '09120000002' ) ) );
		$this->assertSame( array( 'shared', 'shops' ), $this->world->wc->cart->coupons );
	}

	public function test_a_code_for_friends_is_good_for_everybody_but_its_owner(): void {
		$this->world->coupons['b7k2mqx']['meta'][ Own_Coupons\META_FRIENDS ] = '1';
		$this->assertSame( '', $this->classic( array( 'billing_phone' => '09120000002', 'billing_country' => 'IR' ) ) );
		$this->assertStringContainsString( 'for your friends', $this->classic( array( 'billing_phone' => '+98 912 000 0001', 'billing_country' => 'IR' ) ) );
		$this->assertSame( array( 'shared', 'shops' ), $this->world->wc->cart->coupons );
		$this->world->wc->cart->coupons = array( 'b7k2mqx' );
		$this->world->options[ Bazgasht\Bridge\Settings\OPTION ]['secret'] = '';
		$this->assertSame( '', $this->classic( array( 'billing_phone' => '09120000001' ) ), 'nobody can tell' );
	}

	public function test_classic_the_number_may_stand_in_any_field(): void {
		$this->assertSame( '', $this->classic( array( 'billing_phone' => '02100000000', 'billing_mobile' => '۰۹۱۲۰۰۰۰۰۰۱' ) ), 'a landline beside it' );
		$this->assertStringContainsString( 'b7k2mqx', $this->classic( array( 'billing_mobile' => '09120000002' ) ) );
	}

	private function block( string $phone, string $method = 'POST', array $meta = array() ): string {
		$request         = new WP_REST_Request();
		$request->method = $method;
		try {
			Coupon_Guard\action_block( new WC_Order( array( 'billing_phone' => $phone, 'billing_country' => 'IR', 'meta' => $meta ) ), $request );
		} catch ( Automattic\WooCommerce\StoreApi\Exceptions\RouteException $refused ) {
			return $refused->getMessage();
		}
		return '';
	}

	public function test_block_the_same_when_the_order_is_placed(): void {
		$this->assertSame( '', $this->block( '09120000001' ) );
		$this->assertSame( '', $this->block( '', 'PUT' ), 'the form is still being filled in' );
		$this->world->options['woocommerce_checkout_phone_field'] = 'hidden';
		$this->assertSame( '', $this->block( '' ) );
		$this->assertSame( '', $this->block( '', 'POST', array( '_wc_other/shop/mobile' => '09120000001' ) ), 'the shop asks in a field of its own' );
		unset( $this->world->options['woocommerce_checkout_phone_field'] );
		$this->assertStringContainsString( 'b7k2mqx', $this->block( '' ) );
		$this->assertNotContains( 'b7k2mqx', $this->world->wc->cart->coupons );
	}

	public function test_without_a_secret_nobody_is_turned_away(): void {
		$this->world->options[ Bazgasht\Bridge\Settings\OPTION ]['secret'] = '';
		$this->assertSame( '', $this->classic( array( 'billing_phone' => '09120000002' ) ) );
	}

	public function test_dead_ones_of_ours_go_with_a_calm_word(): void {
		$this->world->coupons['b7k2mqx']['usage_count']  = 1;
		$this->world->coupons['shared']['date_expires'] = new DateTime( '2020-01-01' );
		Coupon_Guard\action_page();
		$this->assertSame( array( 'shops' ), $this->world->wc->cart->coupons, 'the shop\'s own are WooCommerce\'s business' );
		$this->assertCount( 2, $this->world->notices );
		$this->assertStringContainsString( 'used already', $this->world->notices[0] );
		$this->assertStringContainsString( 'is over', $this->world->notices[1] );
	}

	public function test_one_that_the_basket_does_not_fit_waits(): void {
		$this->world->wc->cart->coupons = array( 'b7k2mqx' );
		$this->world->against           = new WP_Error( 'x', 'The minimum spend for this coupon is <b>5</b>.' );
		Coupon_Guard\action_page();
		$this->assertSame( array(), $this->world->wc->cart->coupons );
		$this->assertSame( 'b7k2mqx', $this->world->wc->session->get( Restore\SESSION_COUPON ) );
		$this->assertStringContainsString( 'is 5.', $this->world->notices[0] );
	}

	public function test_a_page_that_is_fetched_in_advance_changes_nothing(): void {
		$this->world->coupons['b7k2mqx']['usage_count'] = 1;
		$_SERVER['HTTP_SEC_PURPOSE']                    = 'prefetch';
		Coupon_Guard\action_page();
		$this->assertCount( 3, $this->world->wc->cart->coupons );
	}

	public function test_ones_own_unpaid_order_bars_nobody_from_the_code(): void {
		$coupon = new WC_Coupon( 'b7k2mqx' );
		$this->assertSame( 1, Coupon_Guard\filter_usage_limit( 1, $coupon ) );
		$this->world->orders[9] = new WC_Order_Waiting();
		$this->world->wc->session->set( 'order_awaiting_payment', 9 );
		$this->assertSame( 2, Coupon_Guard\filter_usage_limit( 1, $coupon ) );
		$this->assertSame( 1, Coupon_Guard\filter_usage_limit( 1, new WC_Coupon( 'shared' ) ), 'only what belongs to one person' );
		$this->world->orders[10]         = new WC_Order_Waiting();
		$this->world->orders[10]->status = 'processing';
		$this->world->wc->session->set( 'order_awaiting_payment', 10 );
		$this->assertSame( 1, Coupon_Guard\filter_usage_limit( 1, $coupon ) );
	}
}

/** An order with the code. */
final class WC_Order_Waiting extends WC_Order {
	/** @var string */
	public $status = 'failed';
	public function has_status( $statuses ) {
		return in_array( $this->status, $statuses, true );
	}
	public function get_coupon_codes() {
		return array( 'b7k2mqx' );
	}
}
