<?php
/**
 * The way back from a restored basket.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Restore;
use Bazgasht\Bridge\Undo;

final class UndoTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		foreach ( array( 12, 13, 14 ) as $id ) {
			$this->world->products[ $id ] = new WC_Product( array( 'id' => $id, 'name' => 'چای ' . $id ) );
		}
		foreach ( array( 'off5' => '5', 'off10' => '10' ) as $code => $amount ) {
			$this->world->coupons[ $code ] = array( 'id' => 5, 'code' => $code, 'amount' => $amount, 'individual_use' => true, 'meta' => array( Coupons\META => '1' ) );
		}
		$_SERVER['REQUEST_METHOD'] = 'GET';
	}

	private function follow( array $quantities, string $coupon = '' ): void {
		$items = array();
		foreach ( $quantities as $id => $quantity ) {
			$items[] = array( 'product_id' => (string) $id, 'quantity' => $quantity );
		}
		Restore\arrive( array( 'kind' => 'cart', 'coupon' => $coupon, 'restore' => array( 'items' => $items ) ), null );
	}

	private function quantities(): array {
		return array_map( 'intval', array_column( $this->world->wc->cart->lines, 'quantity', 'product_id' ) );
	}

	private function undo( int $later = 0 ): void {
		$this->world->notices = array();
		Undo\take_back( $this->world->wc->session->get( Undo\SESSION )['token'] ?? 'none', time() + $later );
	}

	public function test_gives_back_the_basket_as_it_was(): void {
		$this->world->wc->cart->add_to_cart( 12, 1 );
		$this->world->wc->cart->add_to_cart( 13, 4 );
		$this->follow( array( 12 => 3, 13 => 1, 14 => 2 ), 'off5' );
		$this->assertSame( array( 12 => 3, 13 => 4, 14 => 2 ), $this->quantities() );
		$this->assertStringContainsString( Undo\QUERY_VAR . '=' . $this->world->wc->session->get( Undo\SESSION )['token'], implode( $this->world->notices ) );
		$this->undo();
		$this->assertSame( array( 12 => 1, 13 => 4 ), $this->quantities() );
		$this->assertSame( array(), $this->world->wc->cart->coupons );
		$this->undo();
		$this->assertSame( array( 'There is nothing to undo any more.' ), $this->world->notices );
	}

	public function test_leaves_alone_what_the_visitor_has_changed_since(): void {
		$this->follow( array( 12 => 3, 14 => 2 ) );
		$this->world->wc->cart->add_to_cart( 13, 1 );
		$this->world->wc->cart->remove_cart_item( '14' );
		$this->undo();
		$this->assertSame( array( 13 => 1 ), $this->quantities() );
	}

	public function test_a_coupon_that_had_to_go_comes_back(): void {
		$this->world->wc->cart->add_to_cart( 12, 1 );
		$this->world->wc->cart->coupons = array( 'off5' );
		$before                         = Undo\look();
		$this->world->wc->cart->add_to_cart( 13, 1 );
		$this->world->wc->cart->coupons = array( 'off10' );
		Undo\offer( $before, true, time() );
		$this->undo();
		$this->assertSame( array( 'off5' ), $this->world->wc->cart->coupons );
	}

	public function test_says_whether_all_came_back_and_nothing_when_nothing_did(): void {
		$this->follow( array( 12 => 1 ) );
		$this->assertStringContainsString( 'as you left it', $this->world->notices[0] );
		$this->world->notices = array();
		$this->follow( array( 12 => 1 ) );
		$this->assertSame( array(), $this->world->notices );
		$this->follow( array( 13 => 1, 99 => 1 ) );
		$this->assertStringContainsString( 'What is still to be had', $this->world->notices[1] );
	}

	public function test_needs_the_token_of_this_session_and_not_for_ever(): void {
		$this->follow( array( 12 => 3 ) );
		Undo\take_back( 'guessed', time() );
		$this->undo( Undo\LASTS_S + 1 );
		$this->assertSame( array( 12 => 3 ), $this->quantities() );
	}

	public function test_a_quantity_that_the_visitor_has_changed_since_stays(): void {
		$this->world->wc->cart->add_to_cart( 12, 1 );
		$this->follow( array( 12 => 2, 14 => 2 ) );
		$this->world->wc->cart->add_to_cart( 12, 3 );
		$this->undo();
		$this->assertSame( array( 12 => 5 ), $this->quantities() );
	}
}
