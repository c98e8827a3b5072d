<?php
/**
 * Long looks and milestones: who is told of, and who is not.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Restore;
use Bazgasht\Bridge\Watched;

final class WatchedTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->world->products[12]      = new WC_Product( array( 'id' => 12 ) );
		$this->world->products[51]      = new WC_Product_Variation( array( 'id' => 51, 'parent_id' => 12 ) );
		$_SERVER['REQUEST_METHOD']      = 'POST';
		$_SERVER['HTTP_SEC_FETCH_SITE'] = 'same-origin';
		$this->set( array( 'watch_pages' => "/size-guide/\nhttps://shop.example/academy/*\r\n/درباره" ) );
	}

	protected function tearDown(): void {
		parent::tearDown();
		unset( $_SERVER['HTTP_SEC_FETCH_SITE'], $_SERVER['REQUEST_URI'] );
		$_POST = array();
	}

	private function set( array $settings ): void {
		$this->world->options['bazgasht_settings'] = $settings + $this->world->options['bazgasht_settings'];
	}

	/** @return array|int The event's data, or the status when there is none. */
	private function look( array $fields ) {
		$_POST = $fields;
		try {
			Watched\receive();
		} catch ( Sent $sent ) {
			$told = $this->recorded();
			return array() === $told ? $sent->status : $told[0]['data'];
		}
		return 0;
	}

	const LOOK = array( 'product' => '12', 'variation' => '51', 'seconds' => '30' );

	public function test_a_long_look_is_told_with_the_basket_it_belongs_to(): void {
		$this->assertSame( array( 'product_id' => 12, 'variation_id' => 51, 'seconds' => 30, 'cart_key' => 't_guest' ), $this->look( self::LOOK ) );
	}

	public function test_nobody_gets_a_session_for_looking(): void {
		$this->world->wc->session->has = false;
		$this->assertSame( 200, $this->look( self::LOOK ) );
		$this->assertFalse( $this->world->wc->session->has );
	}

	public function test_somebody_with_an_account_needs_no_basket(): void {
		$this->world->wc->session->has = false;
		$this->world->mails            = array( 'sara@shop.example' => 5 );
		$this->world->user             = 5;
		$this->assertSame( '09120000055', $this->look( self::LOOK )['contact']['phone'] );
	}

	public function test_the_link_that_brought_somebody_goes_with_it(): void {
		Restore\remember( '3JcKdsX' );
		$this->assertSame( '3JcKdsX', $this->look( self::LOOK )['link'] );
	}

	public function test_a_short_look_a_strange_product_and_a_strange_variation_are_none(): void {
		$this->assertSame( 200, $this->look( array( 'seconds' => '29' ) + self::LOOK ) );
		$this->assertSame( 200, $this->look( array( 'product' => '99' ) + self::LOOK ) );
		$this->assertSame( 200, $this->look( array( 'product' => '51' ) + self::LOOK ), 'a variation is no product' );
		$this->assertArrayNotHasKey( 'variation_id', $this->look( array( 'variation' => '12' ) + self::LOOK ) );
		$this->assertSame( 3600, $this->look( array( 'seconds' => '999999' ) + self::LOOK )['seconds'] );
	}

	public function test_robots_and_other_sites_tell_nothing(): void {
		foreach ( array( '', 'Mozilla/5.0 (compatible; Googlebot/2.1)', 'facebookexternalhit/1.1', 'AhrefsBot/7' ) as $agent ) {
			$_SERVER['HTTP_USER_AGENT'] = $agent;
			$this->assertSame( 200, $this->look( self::LOOK ), $agent );
		}
		$_SERVER['HTTP_USER_AGENT']     = 'Mozilla/5.0';
		$_SERVER['HTTP_SEC_FETCH_SITE'] = 'cross-site';
		$this->assertSame( 403, $this->look( self::LOOK ) );
		$_SERVER['REQUEST_METHOD'] = 'GET';
		$this->assertSame( 405, $this->look( self::LOOK ) );
	}

	public function test_there_is_a_limit_for_each_visitor(): void {
		for ( $i = 0; $i < Watched\MOST_LOOKS; $i++ ) {
			$this->assertIsArray( $this->look( self::LOOK ) );
		}
		$this->assertSame( 200, $this->look( self::LOOK ) );
	}

	public function test_only_chosen_pages_are_milestones_in_whatever_form_they_are_written(): void {
		foreach ( array( '/size-guide', '/academy', '/academy/tea', '/درباره' ) as $path ) {
			$this->assertSame( array( 'page' => $path, 'cart_key' => 't_guest' ), $this->look( array( 'page' => $path ) ), $path );
		}
		foreach ( array( '/', '/academy-2', '/size-guide/more', '/cart' ) as $path ) {
			$this->assertSame( 200, $this->look( array( 'page' => $path ) ), $path );
		}
	}

	public function test_a_page_says_the_same_to_everybody_and_only_where_something_is_watched(): void {
		$_SERVER['REQUEST_URI'] = '/%D8%AF%D8%B1%D8%A8%D8%A7%D8%B1%D9%87/?utm=x';
		$this->assertSame( '/درباره', Watched\for_page()['page'] );
		$_SERVER['REQUEST_URI'] = '/shop/';
		$this->assertNull( Watched\for_page() );
		$this->world->page = 12;
		$this->assertSame( array( 'url' => '/?wc-ajax=bazgasht_seen', 'product' => 12, 'page' => '' ), Watched\for_page() );
		$this->set( array( 'watch_products' => false ) );
		$this->assertNull( Watched\for_page() );
		$this->assertSame( 200, $this->look( self::LOOK ) );
	}
}
