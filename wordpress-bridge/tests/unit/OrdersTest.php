<?php
/**
 * Orders that go: into the bin by whatever screen, and for good.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Catalogue;
use Bazgasht\Bridge\Orders;

final class OrdersTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->world->orders[7] = new WC_Order( array( 'id' => 7, 'type' => 'shop_order', 'order_number' => '7', 'status' => 'pending', 'total' => '9', 'currency' => 'IRT', 'items' => array(), 'customer_id' => 0, 'coupon_codes' => array(), 'date_created' => null, 'date_paid' => null, 'date_completed' => null, 'billing_phone' => '09120000007', 'shipping_phone' => '', 'billing_first_name' => '', 'billing_last_name' => '', 'billing_country' => 'IR', 'meta' => array() ) );
	}

	private static function post(): WP_Post {
		$post            = new WP_Post();
		$post->ID        = 7;
		$post->post_type = 'shop_order';
		return $post;
	}

	public function test_the_list_of_orders_bins_posts_by_itself(): void {
		foreach ( array( array( 'trash', 'wc-pending' ), array( 'wc-pending', 'trash' ), array( 'wc-completed', 'wc-pending' ) ) as $n => list( $now, $before ) ) {
			Catalogue\action_post_status( $now, $before, self::post() );
			$this->assertCount( $n < 2 ? 1 : 0, Orders\seen()->touched, 'of other changes WooCommerce says so' );
			Orders\seen()->touched = array();
		}
	}

	public function test_what_is_deleted_for_good_is_told_before_it_is_gone_once(): void {
		Orders\note( 7, false );
		Orders\action_deleting( 7 );
		Catalogue\action_deleting_post( 7, self::post() );
		unset( $this->world->orders[7] );
		Orders\collect();
		$told = $this->recorded();
		$this->assertCount( 1, $told );
		$this->assertSame( array( 'order.updated', 7, 'trash' ), array( $told[0]['type'], $told[0]['data']['order_id'], $told[0]['data']['status'] ) );
	}
}
