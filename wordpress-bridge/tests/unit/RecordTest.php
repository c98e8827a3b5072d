<?php
/**
 * Whatever goes wrong in the bridge or beside it stays out of the shopper's page.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Catalogue;
use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\Record;

final class RecordTest extends BridgeTestCase {
	public function test_promise_11_a_broken_order_or_cart_breaks_no_page_and_no_other_event(): void {
		$this->world->orders[1] = new WC_Order( array( 'type' => 'shop_order', 'status' => 'pending' ) );
		$this->world->orders[2] = new WC_Order(
			array(
				'type'           => 'shop_order',
				'status'         => 'pending',
				'id'             => 2,
				'order_number'   => '2',
				'total'          => '1000',
				'currency'       => 'IRT',
				'items'          => array(),
				'coupon_codes'   => array(),
				'customer_id'    => 0,
				'date_created'   => null,
				'date_paid'      => null,
				'date_completed' => null,
			) + array_fill_keys( array( 'billing_phone', 'shipping_phone', 'billing_first_name', 'billing_last_name', 'billing_country' ), '' )
		);
		Orders\note( 1, true );
		Orders\note( 2, true );
		Cart\action_touched();
		$this->world->wc->cart = new stdClass();
		Record\action_shutdown();
		$this->assertSame( array( 2 ), $this->waiting( 'order_id' ) );
	}

	public function test_what_happens_in_another_site_of_the_network_is_not_told_of_this_one(): void {
		$this->world->is_switched = true;
		Catalogue\gone( 'product.deleted', array( 'product_id' => 12 ) );
		Orders\note( 2, true );
		Record\event( 'order.created', array( 'order_id' => 2 ) );
		$this->world->is_switched = false;
		Record\action_shutdown();
		$this->assertSame( array(), $this->waiting( 'product_id' ) );
	}

	public function test_a_filter_that_throws_costs_its_own_change_only(): void {
		$this->world->filter = static function () {
			throw new TypeError( '+989120001234 is nobody' );
		};
		Record\event( 'order.created', array( 'order_id' => 7 ) );
		$this->assertSame( array( 'order.created' ), $this->recorded_types() );
	}

	public function test_promise_12_the_log_says_where_but_not_whom(): void {
		Record\safely( static function () {
			throw new RuntimeException( '+989120001234 is nobody' );
		} );
		$this->assertCount( 1, $this->world->log );
		$this->assertStringContainsString( 'RecordTest.php', $this->world->log[0] );
		$this->assertStringNotContainsString( '1234', $this->world->log[0] );
	}
}
