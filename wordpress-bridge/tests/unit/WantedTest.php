<?php
/**
 * "Tell me when it is back": where it is offered, and whose wish counts.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Wanted;

final class WantedTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$gone                           = array( 'in_stock' => false );
		$this->world->products[12]      = new WC_Product( array( 'id' => 12 ) + $gone );
		$this->world->products[14]      = new WC_Product( array( 'id' => 14 ) );
		$this->world->products[50]      = new WC_Product( array( 'id' => 50 ) );
		$this->world->products[51]      = new WC_Product_Variation( array( 'id' => 51, 'parent_id' => 50 ) + $gone );
		$_SERVER['REQUEST_METHOD']      = 'POST';
		$_SERVER['HTTP_SEC_FETCH_SITE'] = 'same-origin';
		$_SERVER['REMOTE_ADDR']         = '192.0.2.7';

		$this->world->options['bazgasht_settings']['wanted_enabled'] = true;
		$this->world->wc->session->has                               = false;
	}

	protected function tearDown(): void {
		parent::tearDown();
		unset( $_SERVER['HTTP_SEC_FETCH_SITE'], $_SERVER['REMOTE_ADDR'] );
		$_POST = array();
	}

	private function want( int $product, int $variation = 0, string $phone = '۰۹۱۲۰۰۰۱۲۳۴' ): int {
		$_POST = array( 'phone' => $phone, 'product' => (string) $product, 'variation' => (string) $variation );
		try {
			Wanted\receive();
		} catch ( Sent $sent ) {
			return $sent->status;
		}
		return 0;
	}

	public function test_it_is_offered_beside_what_is_out_of_stock_and_nowhere_else(): void {
		$this->assertStringContainsString( 'data-product="12" data-variation="0"', Wanted\filter_stock_html( '<p>Out of stock</p>', $this->world->products[12] ) );
		$this->assertStringContainsString( 'data-product="50" data-variation="51"', Wanted\filter_stock_html( '', $this->world->products[51] ) );
		$this->assertSame( '', Wanted\filter_stock_html( '', $this->world->products[14] ) );
		$this->world->options['bazgasht_settings']['wanted_enabled'] = false;
		$this->assertSame( '', Wanted\filter_stock_html( '', $this->world->products[12] ) );
		$this->assertSame( 403, $this->want( 12 ) );
	}

	public function test_it_may_stand_in_a_form_and_carries_nothing_of_one_visitor(): void {
		$this->world->user = 5;
		$html              = Wanted\box( 12, 0 );
		$this->assertStringNotContainsString( '<form', $html );
		$this->assertStringNotContainsString( 'nonce', $html );
		$this->assertStringNotContainsString( 'value=', $html );
		$this->assertDoesNotMatchRegularExpression( '/ name=/', $html, 'nothing that the basket\'s form would send' );
	}

	public function test_a_wish_is_told_without_a_basket_and_makes_no_session(): void {
		$this->assertSame( 200, $this->want( 50, 51 ) );
		$event = $this->recorded()[0];
		$this->assertSame( 'product.wanted', $event['type'] );
		$this->assertSame( array( 'product_id' => 50, 'variation_id' => 51, 'contact' => array( 'phone' => '۰۹۱۲۰۰۰۱۲۳۴', 'locale' => 'fa_IR' ), 'source' => 'product-page' ), $event['data'] );
		$this->assertFalse( $this->world->wc->session->has );
	}

	public function test_a_wish_for_a_friend_leaves_the_account_where_it_is(): void {
		$this->world->user = 5;
		$this->want( 12 );
		$this->world->user_meta['5 billing_phone'] = '09120009999';
		$this->want( 12, 0, '09120001111' );
		$this->want( 12, 0, '09120009999' );
		$accounts = array_map(
			static function ( array $event ) {
				return $event['data']['contact']['user_id'] ?? null;
			},
			$this->recorded()
		);
		$this->assertSame( array( null, null, 5 ), $accounts );
	}

	public function test_the_same_wish_in_any_digits_is_told_once_and_answered_alike(): void {
		foreach ( array( '۰۹۱۲۰۰۰۱۲۳۴', '+98 912 000 1234', '09120001234' ) as $phone ) {
			$this->assertSame( 200, $this->want( 12, 0, $phone ) );
		}
		$this->assertCount( 1, $this->recorded() );
	}

	public function test_what_is_there_cannot_be_wanted_nor_a_variation_of_something_else(): void {
		foreach ( array( array( 14, 0 ), array( 12, 51 ), array( 51, 0 ), array( 99, 0 ) ) as list( $product, $variation ) ) {
			$this->assertSame( 409, $this->want( $product, $variation ) );
		}
		$this->assertSame( 422, $this->want( 12, 0, '0912' ) );
		$this->assertSame( array(), $this->recorded() );
	}

	public function test_robots_and_other_sites_want_nothing(): void {
		$_SERVER['HTTP_USER_AGENT'] = 'bingbot/2.0';
		$this->assertSame( 403, $this->want( 12 ) );
		$_SERVER['HTTP_USER_AGENT']     = 'Mozilla/5.0';
		$_SERVER['HTTP_SEC_FETCH_SITE'] = 'cross-site';
		$this->assertSame( 403, $this->want( 12 ) );
	}

	public function test_there_is_a_limit_for_an_address_and_for_a_number(): void {
		$answers = array();
		for ( $i = 0; $i < Wanted\MOST_OF_ADDRESS + 2; $i++ ) {
			$answers[] = $this->want( 12, 0, '091200010' . ( 10 + $i ) );
		}
		$this->assertSame( array( 200 => Wanted\MOST_OF_ADDRESS, 429 => 2 ), array_count_values( $answers ) );
		$_SERVER['REMOTE_ADDR'] = '192.0.2.8';
		$this->assertSame( 200, $this->want( 12, 0, '09120002000' ), 'another address has its own room' );
		$answers = array();
		for ( $i = 0; $i < Wanted\MOST_OF_NUMBER + 1; $i++ ) {
			$_SERVER['REMOTE_ADDR'] = '198.51.100.' . $i;
			$answers[]              = $this->want( 12, 0, '09120003000' );
		}
		$this->assertSame( 429, end( $answers ) );
	}
}
