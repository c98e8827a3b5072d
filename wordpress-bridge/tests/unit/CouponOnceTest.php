<?php
/**
 * That a code of one's own is on one order that can be paid, and no more.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Coupon_Once;
use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Own_Coupons;
use Automattic\WooCommerce\StoreApi\Exceptions\RouteException;

final class CouponOnceTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->world->coupons['b7k2mqx'] = array( 'id' => 5, 'code' => 'b7k2mqx', 'usage_limit' => 1, 'meta' => array( Coupons\META => '1', Own_Coupons\META => 'owner' ) );
		$this->world->coupons['shared']  = array( 'id' => 6, 'code' => 'shared', 'meta' => array( Coupons\META => '1' ) );
	}

	private function place( int $id, array $codes, string $status = 'pending' ): Placed_Order {
		$order                    = $this->world->orders[ $id ] ?? new Placed_Order( array( 'id' => $id, 'order_number' => (string) $id ) );
		$order->codes             = $codes;
		$order->status            = $status;
		$this->world->orders[ $id ] = $order;
		Coupon_Once\action_placed( 0 === $id % 2 ? $order : $id );
		return $order;
	}

	public function test_the_last_order_that_was_placed_keeps_the_code(): void {
		foreach ( array( 'pending', 'failed' ) as $n => $status ) {
			$first         = $this->place( 10 * $n + 1, array( 'b7k2mqx', 'shared' ) );
			$first->status = $status;
			$last          = $this->place( 10 * $n + 2, array( 'b7k2mqx' ) );
			$this->assertSame( 'cancelled', $first->status );
			$this->assertStringContainsString( 'b7k2mqx', $first->notes[0] );
			$this->assertSame( 'pending', $last->status );
		}
		$this->assertSame( array(), $this->world->log );
	}

	public function test_the_same_order_tried_again_and_orders_without_the_code_stay(): void {
		$first = $this->place( 1, array( 'b7k2mqx' ) );
		$this->place( 1, array( 'b7k2mqx' ), 'failed' );
		$this->assertSame( 'failed', $first->status );
		$first->codes = array();
		$this->place( 2, array( 'b7k2mqx' ) );
		$this->assertSame( 'failed', $first->status, 'the code is off it' );
		$shared = $this->place( 3, array( 'shared' ) );
		$this->place( 4, array( 'shared' ) );
		$this->assertSame( 'pending', $shared->status, 'a code for all' );
		$this->world->coupons['b7k2mqx']['meta'][ Own_Coupons\META_FRIENDS ] = '1';
		$friend = $this->place( 5, array( 'b7k2mqx' ) );
		$this->place( 6, array( 'b7k2mqx' ) );
		$this->assertSame( 'pending', $friend->status, 'a code for friends is for each of them' );
	}

	private function pay( WC_Order $order ): array {
		$request = new WP_REST_Request();
		$this->world->notices = array();
		Coupon_Once\action_paying( $order );
		try {
			Coupon_Once\action_block( $order, $request );
			$refused = array();
		} catch ( RouteException $refusal ) {
			$refused = array( $refusal->getMessage() );
		}
		$this->assertCount( count( $this->world->notices ), $refused, 'both ways alike' );
		return $refused;
	}

	public function test_an_order_whose_code_another_one_has_used_cannot_be_paid(): void {
		$paid  = $this->place( 1, array( 'b7k2mqx' ) );
		$other = $this->place( 2, array( 'b7k2mqx' ) );
		$this->assertSame( array(), $this->pay( $other ) );
		foreach ( array( 'processing', 'completed', 'on-hold' ) as $status ) {
			// The bank's page of the first was still open.
			$paid->status = $status;
			$this->assertStringContainsString( 'b7k2mqx', $this->pay( $other )[0] );
		}
		$other->codes = array();
		$this->assertSame( array(), $this->pay( $other ) );
	}

	public function test_a_form_that_is_still_being_filled_in_is_left_alone(): void {
		$this->place( 1, array( 'b7k2mqx' ) );
		$other                         = $this->place( 2, array( 'b7k2mqx' ) );
		$this->world->orders[1]->status = 'processing';
		$request                       = new WP_REST_Request();
		$request->method               = 'PUT';
		Coupon_Once\action_block( $other, $request );
		$this->assertSame( array(), $this->world->notices );
	}
}

/** An order with codes and a status. */
final class Placed_Order extends WC_Order {
	/** @var string[] */
	public $codes = array();
	/** @var string */
	public $status = 'pending';
	public function get_coupon_codes() {
		return $this->codes;
	}
	public function has_status( $statuses ) {
		return in_array( $this->status, (array) $statuses, true );
	}
	public function update_status( $status, $note = '' ) {
		$this->status = $status;
		$this->notes[] = $note;
	}
}
