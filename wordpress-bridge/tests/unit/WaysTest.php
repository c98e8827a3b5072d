<?php
/**
 * The test of the connection, way by way.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Catalogue;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Ways;
use Bazgasht\Bridge\Ways_Page;

final class WaysTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$GLOBALS['wpdb'] = new Database();
		$this->world->wc->countries = new class() {
			public function get_base_country() {
				return 'IR';
			}
		};
		$this->world->options['permalink_structure'] = '/%postname%/';
	}

	protected function tearDown(): void {
		unset( $GLOBALS['wpdb'] );
		parent::tearDown();
	}

	private function daemon( array $answer ): void {
		$this->world->daemon = static function () use ( $answer ) {
			return $answer;
		};
	}

	public function test_an_event_goes_the_way_of_all_events(): void {
		$this->daemon( self::answer( 200, array( 'accepted' => 1, 'duplicate' => 0, 'rejected' => array() ) ) );
		$this->assertSame( Ways\GOOD, Ways\event()['state'] );
		$this->assertSame( 'shop.updated', json_decode( $this->world->requests[0]['body'], true )['events'][0]['type'] );

		$this->daemon( self::answer( 200, array( 'accepted' => 0, 'rejected' => array( array( 'id' => 'x', 'error' => 'y' ) ) ) ) );
		$this->assertSame( Ways\WARN, Ways\event()['state'] );

		$this->daemon( self::answer( 503 ) );
		$this->assertSame( Ways\BAD, Ways\event()['state'] );
		$this->assertSame( array( 'https://shop.example/' ), $this->waiting( 'url' ), 'and waits' );
	}

	public function test_a_link_that_never_was_is_answered_in_the_daemons_form(): void {
		$this->assertSame( Ways\GOOD, Ways\link_known( array( 'status' => 404, 'json' => array( 'error' => 'unknown' ) ) )['state'] );
		foreach ( array( array( 'status' => 404, 'json' => null ), array( 'status' => 200, 'json' => array() ), new WP_Error( 'x', 'refused' ) ) as $answer ) {
			$this->assertSame( Ways\BAD, Ways\link_known( $answer )['state'] );
		}
	}

	public function test_codes_are_said(): void {
		$this->assertSame( Ways\GOOD, Ways\codes( array( 'status' => 200, 'json' => array( 'coupons' => array() ) ) )['state'] );
		$this->assertStringContainsString( '۲', Ways\codes( array( 'status' => 200, 'json' => array( 'coupons' => array( 1, 2 ) ) ) )['said'][0] );
		$this->assertSame( Ways\BAD, Ways\codes( array( 'status' => 200, 'json' => array() ) )['state'] );
	}

	public function test_a_code_is_made_and_deleted_and_nobody_hears_of_it(): void {
		Catalogue\seen()->coupons = array( 4 => true );
		$this->assertSame( Ways\GOOD, Ways\make()['state'] );
		$this->assertSame( array(), $this->world->coupons );
		$this->assertSame( array( 4 => true ), Catalogue\seen()->coupons, 'what was noted before stays' );
		$this->assertSame( array(), Catalogue\seen()->gone );
		$this->assertSame( array(), $this->recorded() );
		Catalogue\seen()->coupons = array();

		$this->world->coupons[ Ways\TEST_CODE ] = array( 'id' => 77, 'code' => Ways\TEST_CODE, 'meta' => array() );
		$this->assertSame( Ways\WARN, Ways\make()['state'] );
		$this->assertArrayHasKey( Ways\TEST_CODE, $this->world->coupons, 'a manager\'s own of that name stays' );

		$this->world->options[ Settings\OPTION ]['make_coupons'] = false;
		$this->assertStringContainsString( 'by hand', Ways\make()['said'][0] );
	}

	public function test_calls_the_shop_as_the_daemon_does(): void {
		$this->world->web = static function () {
			return array( 'status' => 200, 'body' => '{"waiting":0,"oldest":null,"delivered":0}', 'headers' => array() );
		};
		$this->assertSame( Ways\GOOD, Ways\look( 'back' )['state'] );
		$request = $this->world->requests[0];
		$this->assertSame( 'https://shop.example/wp-json/bazgasht/v1/deliver', $request['url'] );
		$key = Bazgasht\Bridge\Signer\key( self::SECRET );
		$this->assertTrue( Bazgasht\Bridge\Signer\verify( $key, $request['headers']['webhook-id'], (int) $request['headers']['webhook-timestamp'], '{}', $request['headers']['webhook-signature'], time() ) );

		$this->world->options['permalink_structure'] = '';
		Ways\call_shop();
		$this->assertSame( 'https://shop.example/?rest_route=/bazgasht/v1/deliver', $this->world->requests[1]['url'] );
		foreach ( array( array( 'status' => 401, 'body' => '{"code":"x"}', 'headers' => array() ), array( 'status' => 404, 'body' => '<html>', 'headers' => array() ), array( 'status' => 200, 'body' => '<html>', 'headers' => array() ), new WP_Error( 'x', 'no way' ) ) as $answer ) {
			$this->assertSame( Ways\WARN, Ways\back( $answer )['state'] );
			$this->assertGreaterThan( 2, count( Ways\back( $answer )['said'] ), 'what, what to do, and what follows' );
		}
	}

	public function test_only_managers_of_the_shop_may_try_and_only_what_there_is(): void {
		$try = function ( string $which ) {
			$_POST = array( 'which' => $which );
			try {
				Ways_Page\action_ajax();
			} catch ( Sent $sent ) {
				return $sent->status;
			} finally {
				$_POST = array();
			}
		};
		$this->assertSame( 403, $try( 'coupon' ) );
		$this->world->nonces = array( 'nonce of bazgasht_ways' );
		$this->assertSame( 403, $try( 'coupon' ) );
		$this->world->may = array( 'manage_woocommerce' );
		$this->daemon( self::answer( 200, array( 'coupons' => array() ) ) );
		$this->assertSame( 400, $try( 'everything' ) );
		$this->assertSame( 200, $try( 'coupon' ) );
	}
}
