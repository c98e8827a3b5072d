<?php
/**
 * Codes are money: which the bridge makes, which it leaves alone, and when one goes onto a basket.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Coupons;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Restore;

final class CouponsTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$GLOBALS['wpdb'] = new Database();
	}

	protected function tearDown(): void {
		unset( $GLOBALS['wpdb'] );
		parent::tearDown();
	}

	private function pull( array ...$coupons ): array {
		$this->world->daemon = static function () use ( $coupons ) {
			return self::answer( 200, array( 'coupons' => $coupons ) );
		};
		Coupons\pull( true );
		return array_keys( $this->world->coupons );
	}

	private static function percent( string $code, $amount = '5' ): array {
		return array( 'code' => $code, 'discount_type' => 'percent', 'amount' => $amount, 'expires_at' => null, 'description' => 'Bazgasht: x' );
	}

	public function test_makes_what_is_missing_once(): void {
		$this->assertSame( array( 'off5' ), $this->pull( self::percent( 'OFF5' ) ) );
		$this->assertTrue( $this->world->coupons['off5']['individual_use'], 'the codes of one ladder do not add up' );
		$this->world->coupons = array();
		$this->assertSame( array(), $this->pull( self::percent( 'off5' ) ), 'the manager has deleted it' );
	}

	public function test_leaves_alone_what_the_shop_has_in_whatever_state(): void {
		$this->world->coupons['off5'] = array( 'id' => 7, 'amount' => '1' );
		$GLOBALS['wpdb']->titles      = array( 'off10' );
		$this->pull( self::percent( 'off5', '50' ), self::percent( 'off10', '50' ) );
		$this->assertSame( array( 'off5' => array( 'id' => 7, 'amount' => '1' ) ), $this->world->coupons );
	}

	public function greedy(): iterable {
		yield array( self::percent( 'a', '51' ) );
		yield array( self::percent( 'a', '-5' ) );
		yield array( self::percent( 'a', '1e1' ) );
		yield array( self::percent( 'a', array( '5' ) ) );
		yield array( array( 'discount_type' => 'fixed_product' ) + self::percent( 'a' ) );
		yield array( array( 'discount_type' => 'store_credit' ) + self::percent( 'a' ) );
	}

	/** @dataProvider greedy */
	public function test_makes_no_code_that_gives_the_shop_away_and_says_so( array $wanted ): void {
		$this->assertSame( array(), $this->pull( $wanted ) );
		$this->assertSame( array( 'a' ), Coupons\memory()['refused'] );
	}

	public function test_a_sum_takes_no_more_than_half_of_a_basket(): void {
		$this->pull( array( 'discount_type' => 'fixed_cart' ) + self::percent( 'a', '50000' ) );
		$this->assertSame( '100000', $this->world->coupons['a']['minimum_amount'] );
	}

	public function test_survives_rubbish_and_makes_no_thousand(): void {
		$many = array_map( static function ( int $n ) {
			return self::percent( 'c' . $n );
		}, range( 1, 300 ) );
		$this->assertCount( Coupons\MOST_CODES - 2, $this->pull( array(), array( 'code' => array( 'x' ) ), ...$many ) );
	}

	public function test_two_do_not_make_at_once(): void {
		$unlock = Outbox\lock_delivery();
		$this->assertSame( array(), $this->pull( self::percent( 'off5' ) ) );
		$unlock();
		$this->assertSame( array( 'off5' ), $this->pull( self::percent( 'off5' ) ) );
	}

	private function ours( string $code, string $amount ): void {
		$this->world->coupons[ $code ] = array( 'id' => 5, 'amount' => $amount, 'individual_use' => true, 'meta' => array( Coupons\META => '1' ) );
	}

	private function follow( string $code, string ...$on ): array {
		$this->world->products[12]      = new WC_Product( array( 'id' => 12 ) );
		$this->world->wc->cart->coupons = $on;
		$this->world->wc->cart->add_to_cart( 12, 1 );
		Restore\keep_coupon( $code );
		return $this->world->wc->cart->coupons;
	}

	public function test_a_link_takes_no_coupon_off_the_shoppers_basket(): void {
		$this->ours( 'off5', '5' );
		$this->ours( 'off10', '10' );
		$this->world->coupons['own']   = array( 'id' => 6 );
		$this->world->coupons['alone'] = array( 'id' => 6, 'individual_use' => true );
		$this->assertSame( array( 'off5' ), $this->follow( 'off5' ) );
		$this->assertSame( array( 'own' ), $this->follow( 'off5', 'own' ) );
		$this->assertSame( array( 'alone' ), $this->follow( 'off5', 'alone' ) );
		$this->assertSame( array( 'off10' ), $this->follow( 'off5', 'off10' ), 'not the smaller for the larger' );
		$this->assertSame( array( 'off5', 'off10' ), $this->follow( 'off10', 'off5' ), 'WooCommerce itself takes the smaller one off' );
		$this->world->coupons['plain'] = array( 'id' => 6 );
		$this->assertSame( array( 'own', 'plain' ), $this->follow( 'plain', 'own' ) );
	}

	public function test_nobody_waits_for_a_dead_coupon(): void {
		$this->follow( 'never' );
		$this->assertNull( $this->world->wc->session->get( Restore\SESSION_COUPON ) );
		$this->world->coupons['late'] = array( 'id' => 6, 'date_expires' => new DateTime( '2020-01-01' ) );
		$this->assertSame( array(), $this->follow( 'late' ) );
		$this->assertNull( $this->world->wc->session->get( Restore\SESSION_COUPON ) );
	}
}
