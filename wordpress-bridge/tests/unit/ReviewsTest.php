<?php
/**
 * A review is told with its writer, unless they were erased.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\Reviews;

final class ReviewsTest extends BridgeTestCase {
	public function test_the_number_of_an_order_whose_person_was_erased_is_not_told(): void {
		$order   = new WC_Order( array( 'id' => 7, 'customer_id' => 0, 'billing_email' => 'sara@example.test', 'billing_phone' => '09120000007', 'shipping_phone' => '', 'billing_first_name' => 'سارا', 'billing_last_name' => '', 'billing_country' => 'IR', 'items' => array() ) );
		$comment = new WP_Comment();

		$comment->comment_ID           = 3;
		$comment->comment_post_ID      = 12;
		$comment->comment_author_email = 'sara@example.test';
		$this->world->orders[7]        = $order;
		Reviews\tell( $comment );
		$this->assertSame( '09120000007', $this->recorded()[0]['data']['contact']['phone'] );
		$order->update_meta_data( Orders\META_ERASED, '1' );
		Reviews\tell( $comment );
		$this->assertArrayNotHasKey( 'contact', $this->recorded()[0]['data'] );
	}
}
