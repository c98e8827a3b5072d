<?php
/**
 * Coupons of one's own: what is made at the click, whose it is, and what is asked for.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Coupon_Tidy;
use Bazgasht\Bridge\Own_Coupons;
use Bazgasht\Bridge\Restore;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Typed_Coupons;

final class OwnCouponsTest extends BridgeTestCase {
	const NOW = 1800000000;

	protected function setUp(): void {
		parent::setUp();
		$this->world->is_ajax = true;
		$this->in_iran();
		$GLOBALS['wpdb']           = new Database();
		$_SERVER['REQUEST_METHOD'] = 'POST';
	}

	protected function tearDown(): void {
		unset( $GLOBALS['wpdb'], $_SERVER['REMOTE_ADDR'] );
		$_POST = array();
		parent::tearDown();
	}

	private static function offer( array $more = array() ): array {
		return $more + array(
			'code'          => 'b7k2mqx',
			'discount_type' => 'percent',
			'amount'        => '10',
			'lives_seconds' => 3600,
			'owner'         => Own_Coupons\owner_of( '+989120000001' ),
		);
	}

	private function taken( array $more = array() ): array {
		$this->world->coupons = array();
		$code                 = Own_Coupons\take_up( self::offer( $more ), self::NOW );
		return '' === $code ? array() : $this->world->coupons[ $code ];
	}

	public function test_the_owner_is_a_keyed_hash_of_the_number(): void {
		$this->assertSame( hash_hmac( 'sha256', 'coupon-owner:+989120000001', implode( array_map( 'chr', range( 0, 31 ) ) ) ), Own_Coupons\owner_of( '+989120000001' ) );
	}

	public function test_makes_what_was_offered_for_one_use(): void {
		$coupon = $this->taken( array( 'minimum_amount' => '500000', 'product_ids' => array( '12', 14, array( 1 ) ), 'exclude_sale_items' => true, 'free_shipping' => true ) );
		$this->assertSame( array( 'percent', '10', 1, '500000', array( 12, 14 ), true, true, true ), array( $coupon['discount_type'], $coupon['amount'], $coupon['usage_limit'], $coupon['minimum_amount'], $coupon['product_ids'], $coupon['exclude_sale_items'], $coupon['free_shipping'], $coupon['individual_use'] ) );
		$this->assertSame( self::NOW + 3600, $coupon['date_expires']->getTimestamp() );
	}

	public function test_makes_a_code_for_friends_for_several_and_once_each(): void {
		$coupon = $this->taken( array( 'for_friends' => true, 'usage_limit' => 20 ) );
		$this->assertSame( array( 20, 1, '1' ), array( $coupon['usage_limit'], $coupon['usage_limit_per_user'], $coupon['meta'][ Own_Coupons\META_FRIENDS ] ) );
		$this->assertSame( 100, $this->taken( array( 'for_friends' => true, 'usage_limit' => 5000 ) )['usage_limit'] );
		$this->assertSame( 1, $this->taken( array( 'usage_limit' => 20 ) )['usage_limit'], 'one\'s own works once' );
	}

	public function ends(): iterable {
		yield array( array( 'expires_at' => '2027-01-15T08:00:10Z' ), 10 );
		yield array( array( 'expires_at' => '2027-01-20T08:00:00Z' ), 3600 );
		yield array( array( 'expires_at' => null, 'lives_seconds' => null ), null );
	}

	/** @dataProvider ends */
	public function test_ends_after_the_click_or_at_a_moment_whichever_comes_first( array $offer, ?int $after ): void {
		$end = $this->taken( $offer )['date_expires'];
		$this->assertSame( $after, null === $end ? null : $end->getTimestamp() - self::NOW );
	}

	public function greedy(): iterable {
		yield 'more than half' => array( array( 'amount' => '51' ) );
		yield 'nothing' => array( array( 'amount' => '0' ) );
		yield 'another kind' => array( array( 'discount_type' => 'fixed_product' ) );
		yield 'over already' => array( array( 'expires_at' => '2020-01-01T00:00:00Z' ) );
		yield 'an end that nobody can read' => array( array( 'expires_at' => 'soon' ) );
		yield 'nobody it belongs to' => array( array( 'owner' => '' ) );
		yield 'a code that is no code' => array( array( 'code' => 'b7k2 mqx' ) );
		yield 'a code of another form' => array( array( 'code' => 'nowruz' ) );
		yield 'a minimum that is no sum' => array( array( 'minimum_amount' => '-1' ) );
		yield 'rubbish' => array( array( 'code' => array(), 'owner' => array(), 'product_ids' => 'x' ) );
	}

	/** @dataProvider greedy */
	public function test_makes_no_code_that_gives_the_shop_away( array $offer ): void {
		$this->assertSame( array(), $this->taken( $offer ) );
	}

	public function test_a_sum_takes_no_more_than_half_and_shipping_alone_is_an_offer_too(): void {
		$this->assertSame( '100000', $this->taken( array( 'discount_type' => 'fixed_cart', 'amount' => '50000', 'minimum_amount' => '60000' ) )['minimum_amount'] );
		$this->assertSame( '900000', $this->taken( array( 'discount_type' => 'fixed_cart', 'amount' => '50000', 'minimum_amount' => '900000' ) )['minimum_amount'] );
		$this->assertTrue( $this->taken( array( 'amount' => '0', 'free_shipping' => true ) )['free_shipping'] );
	}

	public function test_a_second_click_makes_nothing_and_lengthens_nothing(): void {
		$this->taken();
		$this->assertSame( 'b7k2mqx', Own_Coupons\take_up( self::offer(), self::NOW + 60 ) );
		$this->assertSame( self::NOW + 3600, $this->world->coupons['b7k2mqx']['date_expires']->getTimestamp() );
		$this->world->coupons['b7k2mqx']['meta'] = array();
		$this->assertSame( '', Own_Coupons\take_up( self::offer(), self::NOW ), 'the manager has a code of that name' );
	}

	public function test_after_a_new_secret_the_owner_is_named_anew(): void {
		$this->taken( array( 'owner' => str_repeat( '0', 64 ) ) );
		Own_Coupons\take_up( self::offer(), self::NOW );
		$this->assertSame( self::offer()['owner'], $this->world->coupons['b7k2mqx']['meta'][ Own_Coupons\META ] );
	}

	public function test_the_manager_can_have_no_coupons_made(): void {
		$this->world->options[ Settings\OPTION ]['make_coupons'] = false;
		$this->assertSame( array(), $this->taken() );
	}

	public function test_belongs_to_whoever_has_the_number_however_it_is_typed(): void {
		$this->taken();
		$coupon = new WC_Coupon( 'b7k2mqx' );
		foreach ( array( '09120000001', '۰۹۱۲ ۰۰۰ ۰۰۰۱', '+98 912 000 0001', '9120000001' ) as $typed ) {
			$this->assertTrue( Own_Coupons\belongs_to( $coupon, $typed, 'IR' ), $typed );
		}
		$this->assertTrue( Own_Coupons\belongs_to( $coupon, '09120000001', 'GB' ), 'a country left at a wrong default' );
		foreach ( array( '09120000002', '', '02120000001' ) as $typed ) {
			$this->assertFalse( Own_Coupons\belongs_to( $coupon, $typed, 'IR' ), $typed );
		}
		$this->taken( array( 'owner' => Own_Coupons\owner_of( '+447400123456' ) ) );
		$this->assertTrue( Own_Coupons\belongs_to( new WC_Coupon( 'b7k2mqx' ), '07400 123456', 'GB' ) );
	}

	private function type( string $code ): array {
		$_POST                = array( 'coupon_code' => strtoupper( $code ) );
		$this->world->requests = array();
		$this->assertFalse( Typed_Coupons\filter_look( false, $code ) );
		return array_column( $this->world->requests, 'url' );
	}

	public function test_a_code_typed_by_hand_is_asked_for_once_and_made(): void {
		$this->world->daemon = static function () {
			return self::answer( 200, self::offer() + array( 'expires_at' => null ) );
		};
		$this->assertSame( array( 'http://127.0.0.1:8733/v1/coupons/b7k2mqx' ), $this->type( 'b7k2mqx' ) );
		$this->assertSame( array( 'b7k2mqx' ), array_keys( $this->world->coupons ) );
		$this->assertSame( array(), $this->type( 'b7k2mqx' ), 'the shop has it' );
	}

	public function test_only_what_is_typed_and_of_the_daemons_form_is_asked_for(): void {
		$this->world->daemon = static function () {
			return self::answer( 404 );
		};
		$this->assertSame( array(), $this->type( 'sale10' ) );
		$_POST = array();
		Typed_Coupons\filter_look( false, 'c7k2mqx' );
		$_SERVER['REQUEST_METHOD'] = 'GET';
		$this->assertSame( array(), $this->type( 'c7k2mqx' ) );
		$this->assertSame( array( 'made' ), Typed_Coupons\filter_look( array( 'made' ), 'c7k2mqx' ) );
		$this->assertFalse( Typed_Coupons\filter_look( false, 7 ) );
	}

	public function test_an_answer_about_another_code_makes_nothing(): void {
		$this->world->daemon = static function () {
			return self::answer( 200, self::offer() );
		};
		$this->type( 'd7k2mqx' );
		$this->assertSame( array(), $this->world->coupons );
	}

	public function test_promise_11_guessing_codes_is_slow_and_a_daemon_that_hangs_is_left_alone(): void {
		$_SERVER['REMOTE_ADDR'] = '203.0.113.7';
		$this->world->daemon    = static function () {
			return self::answer( 404 );
		};
		$asked = 0;
		foreach ( range( 20, 40 ) as $n ) {
			$asked += count( $this->type( 'guess' . str_replace( array( '0', '1' ), array( 'x', 'y' ), (string) $n ) ) );
		}
		$this->assertSame( Typed_Coupons\MOST_LOOKS, $asked );
		$_SERVER['REMOTE_ADDR'] = '203.0.113.8';
		set_transient( Restore\SILENCE, 1 );
		$this->assertSame( array(), $this->type( 'e7k2mqx' ) );
	}

	public function test_digits_of_a_persian_keyboard_are_folded_in_our_codes_only(): void {
		$this->assertSame( 'b7k2mqx', Typed_Coupons\filter_code( 'b۷k۲mqx' ) );
		$this->assertSame( 'تخفیف۱۰', Typed_Coupons\filter_code( 'تخفیف۱۰' ) );
		$this->assertNull( Typed_Coupons\filter_code( null ) );
	}

	public function test_a_link_brings_its_coupon_onto_the_basket(): void {
		$this->world->products[12] = new WC_Product( array( 'id' => 12, 'name' => 'چای' ) );
		$link                      = array( 'kind' => 'cart', 'coupon' => 'b7k2mqx', 'coupon_offer' => self::offer(), 'restore' => array( 'items' => array( array( 'product_id' => '12', 'quantity' => 1 ) ) ) );
		$_SERVER['REQUEST_METHOD'] = 'GET';
		Restore\destination( '3JcKdsX', array( 'status' => 200, 'json' => array( 'human' => false ) + $link ), true );
		$this->assertSame( array(), $this->world->coupons, 'none for robots' );
		Restore\destination( '3JcKdsX', array( 'status' => 200, 'json' => $link ), true );
		$this->assertSame( array( 'b7k2mqx' ), $this->world->wc->cart->coupons );
	}

	public function test_dead_ones_are_deleted(): void {
		$this->world->coupons = array( 7 => array( 'id' => 7 ), 9 => array( 'id' => 9 ) );
		Coupon_Tidy\action_daily();
		$this->assertSame( array( 7, 9 ), $this->world->deleted );
	}

	public function test_no_answer_makes_a_code_that_goes_together_with_others(): void {
		$this->assertTrue( Own_Coupons\make( 'b7k2mqz', 'owner', array( 'discount_type' => 'percent', 'amount' => '50', 'individual_use' => false ), array(), 1800000000 ) );
		$this->assertTrue( $this->world->coupons['b7k2mqz']['individual_use'] );
	}
}
