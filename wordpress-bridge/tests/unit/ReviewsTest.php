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

	public function test_a_guest_who_signs_with_somebodys_address_is_nobody_until_it_is_approved(): void {
		$this->world->orders[7] = new WC_Order( array( 'id' => 7, 'customer_id' => 0, 'billing_email' => 'sara@example.test', 'billing_phone' => '09120000007', 'shipping_phone' => '', 'billing_first_name' => '', 'billing_last_name' => '', 'billing_country' => 'IR', 'items' => array() ) );
		$comment                = new WP_Comment();

		$comment->comment_post_ID      = 12;
		$comment->comment_author_email = 'sara@example.test';
		$comment->comment_approved     = '0';
		$this->assertFalse( Reviews\is_known( $comment ) );
		Bazgasht\Bridge\Restore\remember( '3JcKdsX' );
		$this->assertTrue( Reviews\is_known( $comment ), 'a link of ours says who it is' );
		Reviews\tell( $comment );
		$data = $this->recorded()[0]['data'];
		$this->assertSame( '3JcKdsX', $data['link'] );
		$this->assertArrayNotHasKey( 'contact', $data );
		$comment->comment_approved = '1';
		Reviews\tell( $comment );
		$this->assertSame( '09120000007', $this->recorded()[0]['data']['contact']['phone'] );
	}
}
