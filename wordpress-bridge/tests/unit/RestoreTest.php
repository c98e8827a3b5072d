<?php
/**
 * Where a link leads, and what it puts into the basket.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Restore;
use Bazgasht\Bridge\Slugs;

final class RestoreTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		foreach ( array( 12 => array(), 13 => array( 'managing_stock' => true, 'stock_quantity' => 3 ), 14 => array( 'in_stock' => false ), 15 => array( 'sold_individually' => true ), 16 => array( 'status' => 'draft' ), 17 => array( 'managing_stock' => true, 'stock_quantity' => 1, 'backorders_allowed' => true ) ) as $id => $fields ) {
			$this->world->products[ $id ] = new WC_Product( $fields + array( 'id' => $id, 'name' => 'چای ' . $id ) );
		}
		$_SERVER['REQUEST_METHOD'] = 'GET';
	}

	private function quantities(): array {
		return array_map( 'intval', array_column( $this->world->wc->cart->lines, 'quantity', 'product_id' ) );
	}

	private static function item( int $id, int $quantity, array $more = array() ): array {
		return $more + array( 'product_id' => (string) $id, 'variation_id' => '0', 'quantity' => $quantity, 'name' => 'چای', 'attributes' => array() );
	}

	public function paths(): iterable {
		yield array( 's/3JcKdsX', '3JcKdsX' );
		yield array( 's/3JcKdsX/more', '' );
		yield array( 'x/3JcKdsX', '' );
		yield array( 's/ab', '' );
		yield array( 's/../../etc', '' );
		yield array( "s/3JcKdsX\n", '' );
		yield array( '', '' );
	}

	/** @dataProvider paths */
	public function test_finds_the_slug_in_the_path( string $path, string $slug ): void {
		$this->assertSame( $slug, Slugs\asked( $path ) );
	}

	public function test_finds_the_slug_in_the_query(): void {
		$_GET['bazgasht'] = '3JcKdsX';
		$this->assertSame( '3JcKdsX', Slugs\asked( 'shop' ) );
		$_GET['bazgasht'] = array( '3JcKdsX' );
		$this->assertSame( '', Slugs\asked( 'shop' ) );
	}

	public function test_puts_back_what_is_missing_and_takes_nothing_away(): void {
		$this->world->wc->cart->add_to_cart( 12, 5 );
		$this->world->wc->cart->add_to_cart( 17, 1 );
		Restore\restore_items( array( self::item( 12, 2 ), self::item( 13, 2 ), self::item( 17, 4 ) ) );
		$this->assertSame( array( 12 => 5, 17 => 4, 13 => 2 ), $this->quantities() );
		$this->assertSame( array(), $this->world->notices );
		Restore\restore_items( array( self::item( 12, 2 ), self::item( 13, 2 ), self::item( 17, 4 ) ) );
		$this->assertSame( array( 12 => 5, 17 => 4, 13 => 2 ), $this->quantities(), 'following the link again changes nothing' );
	}

	public function test_promise_8_keeps_to_the_stock_and_says_what_is_not_there(): void {
		Restore\restore_items( array( self::item( 13, 9 ), self::item( 14, 1 ), self::item( 15, 2 ), self::item( 16, 1 ), self::item( 99, 1, array( 'name' => '<script>چای</script>' ) ), array( 'rubbish' ) ) );
		$this->assertSame( array( 13 => 3, 15 => 1 ), $this->quantities() );
		$this->assertCount( 6, $this->world->notices );
		$this->assertStringNotContainsString( '<', implode( $this->world->notices ) );
	}

	public function test_says_in_one_sentence_which_prices_have_changed(): void {
		Restore\restore_items(
			array(
				self::item( 12, 1, array( 'unit_price' => '900' ) ),
				self::item( 13, 9, array( 'unit_price' => '1100.00' ) ),
				self::item( 14, 1, array( 'unit_price' => '900' ) ),
				self::item( 15, 1, array( 'unit_price' => '1001' ) ),
				self::item( 17, 1, array( 'unit_price' => array( '900' ) ) ),
			)
		);
		$this->assertSame(
			array(
				'There is less of چای 13 in stock than you had in your basket.',
				'چای 14 is not available at the moment, so it could not be put back into your basket.',
				'Prices have changed since: چای 12: 1000 (was 900), چای 13: 1000 (was 1100)',
			),
			$this->world->notices
		);
	}

	public function test_a_price_that_is_the_same_or_not_known_is_not_spoken_of(): void {
		Restore\restore_items( array( self::item( 12, 1, array( 'unit_price' => '1000' ) ), self::item( 13, 1 ) ) );
		$this->assertSame( array(), $this->world->notices );
	}

	public function test_survives_an_answer_that_means_harm(): void {
		$this->go( array( 'kind' => 'cart', 'coupon' => array( 'x' ), 'restore' => array( 'items' => array( self::item( 12, 1, array( 'quantity' => INF ) ), self::item( 13, -5 ), array( 'product_id' => array( 1 ), 'attributes' => 'x' ) ) ) ) );
		$this->assertSame( array( 12 => 100000 ), $this->quantities() );
		$this->assertSame( 'https://shop.example/cart/', $this->go( array( 'kind' => 'cart', 'restore' => 'everything' ) ) );
		$this->assertSame( 'https://shop.example/', $this->go( array( 'kind' => 'url', 'url' => array( 'https://evil.example' ) ) ) );
	}

	public function test_promise_11_a_daemon_that_hangs_keeps_one_visitor_waiting_and_not_the_next(): void {
		$this->world->daemon = static function () {
			return self::answer( 404 );
		};
		Restore\note_silence( new WP_Error( 'http_request_failed', 'refused' ), 0.001 );
		Restore\note_silence( self::answer( 503 ), 0.9 );
		Restore\ask( '3JcKdsX', true );
		$this->assertCount( 1, $this->world->requests );
		Restore\note_silence( new WP_Error( 'http_request_failed', 'timed out' ), 1.0 );
		$this->assertTrue( is_wp_error( Restore\ask( '3JcKdsX', true ) ) );
		$this->assertCount( 1, $this->world->requests );
	}

	public function test_a_link_is_forgotten_after_a_while(): void {
		$this->go( array( 'kind' => 'shop' ) );
		$this->assertSame( '3JcKdsX', Cart\told()['link'] );
		Cart\note_told( array( 'link_at' => time() - Cart\LINK_LASTS_S - 1 ) );
		$this->assertSame( '', Cart\told()['link'] );
	}

	private function go( ?array $link, int $status = 200 ): string {
		return Restore\destination( '3JcKdsX', array( 'status' => $status, 'json' => $link, 'date' => null, 'retry_after' => null ), true );
	}

	public function test_leads_to_pages_of_this_shop_only(): void {
		$this->assertSame( 'https://shop.example/cart/', $this->go( array( 'kind' => 'cart', 'restore' => array( 'items' => array() ) ) ) );
		$this->assertSame( 'https://shop.example/product/12/#reviews', $this->go( array( 'kind' => 'review', 'product_id' => '12' ) ) );
		$this->assertSame( 'https://shop.example/product/12/', $this->go( array( 'kind' => 'product', 'product_id' => '12' ) ) );
		$this->assertSame( 'https://shop.example/', $this->go( array( 'kind' => 'product', 'product_id' => '16' ) ), 'a product that is not on sale' );
		$this->assertSame( 'https://shop.example/', $this->go( array( 'kind' => 'url', 'url' => 'https://evil.example/' ) ) );
		$this->assertSame( 'https://shop.example/', $this->go( array( 'kind' => 'url' ) ) );
		$this->assertSame( 'https://shop.example/', $this->go( array( 'kind' => 'tomorrow' ) ) );
		$this->assertSame( 'https://shop.example/', $this->go( null, 404 ) );
		$this->assertSame( 'https://shop.example/', $this->go( null, 410 ) );
		$this->assertSame( array(), $this->recorded() );
	}

	public function test_a_visitor_with_an_empty_basket_keeps_the_link_until_the_review_is_written(): void {
		$this->world->wc->session->has = false;
		$this->go( array( 'kind' => 'review', 'product_id' => '12' ) );
		$this->assertTrue( $this->world->wc->session->has );
		$this->assertSame( '3JcKdsX', Bazgasht\Bridge\Cart\told()['link'] );
	}

	public function test_the_pay_page_opens_only_to_whom_the_order_belongs(): void {
		$this->world->orders[7] = new WC_Order( array( 'customer_id' => 3, 'needs_payment' => true, 'checkout_payment_url' => 'https://shop.example/pay/?key=k' ) );
		$link                   = array( 'kind' => 'pay', 'order_id' => '7' );
		$this->assertSame( 'https://shop.example/my-account/', $this->go( $link ) );
		$this->world->user = 4;
		$this->assertSame( 'https://shop.example/my-account/', $this->go( $link ) );
		$this->world->user = 3;
		$this->assertSame( 'https://shop.example/pay/?key=k', $this->go( $link ) );
	}

	public function test_promise_11_a_silent_daemon_leads_to_the_cart_and_hears_of_it_later(): void {
		foreach ( array( new WP_Error( 'http_request_failed', 'timed out' ), array( 'status' => 503, 'json' => null ), array( 'status' => 200, 'json' => null ) ) as $answer ) {
			$this->assertSame( 'https://shop.example/cart/', Restore\destination( '3JcKdsX', $answer, true ) );
			$this->assertSame( array( 'link.followed' ), $this->recorded_types() );
		}
		Restore\destination( '3JcKdsX', new WP_Error(), false );
		$this->assertSame( array(), $this->recorded(), 'the daemon has counted that one itself' );
	}

	public function test_a_head_request_restores_nothing(): void {
		$_SERVER['REQUEST_METHOD'] = 'HEAD';
		$this->go( array( 'kind' => 'cart', 'restore' => array( 'items' => array( self::item( 12, 1 ) ) ), 'coupon' => 'off5' ) );
		Restore\destination( '3JcKdsX', new WP_Error(), true );
		$this->assertSame( array(), $this->quantities() );
		$this->assertSame( array(), $this->recorded() );
		$this->assertSame( '', $this->world->wc->session->get( Restore\SESSION_COUPON, '' ) );
	}

	public function test_a_robot_sees_where_a_link_leads_and_touches_nothing(): void {
		$this->world->wc->session->has = false;
		$cart                          = array( 'kind' => 'cart', 'restore' => array( 'items' => array( self::item( 12, 1 ) ) ), 'coupon' => 'off5' );
		$this->assertSame( 'https://shop.example/cart/', $this->go( $cart + array( 'human' => false ) ) );
		$this->assertSame( 'https://shop.example/product/12/', $this->go( array( 'kind' => 'product', 'product_id' => '12', 'coupon' => 'off5', 'human' => false ) ) );
		$this->assertSame( array(), $this->quantities() );
		$this->assertFalse( $this->world->wc->session->has, 'no cookie, no session' );
		$this->assertNull( $this->world->wc->session->get( Restore\SESSION_COUPON ) );
		$this->assertSame( '', Cart\told()['link'] );
		$this->assertSame( array(), $this->recorded() );
		foreach ( array( array( 'human' => true ), array() ) as $said ) {
			$this->world->wc->cart = new Cart_Double();
			$this->go( $cart + $said );
			$this->assertSame( array( 12 => 1 ), $this->quantities() );
			$this->assertSame( '3JcKdsX', Cart\told()['link'] );
		}
	}

	public function test_a_coupon_waits_for_a_basket(): void {
		$this->go( array( 'kind' => 'product', 'product_id' => '12', 'coupon' => 'OFF5' ) );
		$this->assertSame( 'off5', $this->world->wc->session->get( Restore\SESSION_COUPON ) );
		$this->assertTrue( $this->world->wc->session->has, 'or it would be forgotten' );
	}

	public function test_what_may_not_be_added_in_the_shop_is_not_put_back_by_a_link(): void {
		$this->world->products[12] = new WC_Product( array( 'id' => 12 ) );
		$this->world->filter       = static function ( $value ) {
			return true === $value ? false : $value;
		};
		$this->assertStringContainsString( 'could not be put back', Restore\restore_item( array( 'product_id' => '12', 'quantity' => 1 ), $this->world->products[12] ) );
		$this->assertTrue( $this->world->wc->cart->is_empty() );
		$this->world->filter = null;
		$this->assertSame( '', Restore\restore_item( array( 'product_id' => '12', 'quantity' => 1 ), $this->world->products[12] ) );
	}

	public function test_another_plugins_fault_about_a_waiting_coupon_is_none_of_add_to_cart(): void {
		$this->world->products[12] = new WC_Product( array( 'id' => 12 ) );
		$this->world->wc->cart->add_to_cart( 12, 1 );
		$this->world->wc->session = new class() {
			public function get() {
				throw new LogicException( 'a coupon filter' );
			}
		};
		Restore\action_basket_filled();
		$this->assertCount( 1, $this->world->log );
	}
}
