<?php
/**
 * Site Health: each thing that can go wrong is said, with what to do, and nothing that is secret.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Health;
use Bazgasht\Bridge\Health_Info;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Settings;

final class HealthTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$GLOBALS['wpdb'] = new Database();
		Settings\is_connected();
		$this->world->options['permalink_structure'] = '/%postname%/';
		$GLOBALS['wp_rewrite'] = new class() {
			public function wp_rewrite_rules() {
				return array( 'product/(.+)' => 'x' );
			}
		};
		$this->world->due = time() + 30;
	}

	private static function page( int $status = 200, string $body = '<input name="bazgasht_proof">', array $headers = array() ): array {
		return array( 'status' => $status, 'body' => $body, 'headers' => $headers );
	}

	public function test_only_what_makes_sense_is_tested(): void {
		$names = static function (): array {
			$tests = Health\filter_tests( array( 'direct' => array( 'core' => array() ), 'async' => array() ) );
			return array_merge( array_keys( $tests['direct'] ), array_keys( $tests['async'] ) );
		};
		$this->assertSame( array( 'core', 'bazgasht_home', 'bazgasht_delivery', 'bazgasht_outbox', 'bazgasht_background', 'bazgasht_links' ), $names() );
		$this->world->home = 'https://staging.shop.example';
		$this->assertSame( array( 'core', 'bazgasht_home' ), $names() );
	}

	public function test_says_whether_this_is_the_shop(): void {
		$this->assertSame( 'good', Health\home()['status'] );
		Deliver\save_state( array( 'code' => '409', 'failures' => 1 ) );
		$this->assertSame( 'critical', Health\home()['status'] );
		$this->assertSame( 'recommended', Health\delivery()['status'], 'said once is enough' );
		$this->world->home = 'https://staging.shop.example';
		$this->assertStringContainsString( 'copy', Health\home()['label'] );
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$this->assertStringContainsString( 'not connected yet', Health\home()['label'] );
	}

	public function states(): iterable {
		$now = time();
		yield 'never' => array( array(), 'recommended', 'heard nothing yet' );
		yield 'well' => array( array( 'last_ok' => $now - 60 ), 'good', 'hears of what happens' );
		yield 'just failed' => array( array( 'last_ok' => $now - 60, 'failures' => 1, 'since' => $now - 60, 'error' => 'Refused <b>' ), 'recommended', 'does not hear' );
		yield 'failing for long' => array( array( 'failures' => 9, 'since' => $now - 1801, 'error' => 'x' ), 'critical', 'does not hear' );
		yield 'another secret' => array( array( 'failures' => 1, 'since' => $now, 'code' => '401', 'error' => 'x' ), 'critical', 'does not hear' );
		yield 'refused' => array( array( 'last_ok' => $now, 'refused' => 2 ), 'recommended', 'refused some' );
	}

	/** @dataProvider states */
	public function test_says_whether_deliveries_succeed( array $state, string $status, string $label ): void {
		Deliver\save_state( $state );
		$found = Health\delivery();
		$this->assertSame( $status, $found['status'] );
		$this->assertStringContainsString( $label, $found['label'] );
		$this->assertStringNotContainsString( '<b>', $found['description'] );
	}

	public function ages(): iterable {
		yield 'nothing' => array( null, 'good' );
		yield 'minutes' => array( 600, 'good' );
		yield 'an hour' => array( 3700, 'recommended' );
		yield 'a day' => array( 90000, 'critical' );
	}

	/** @dataProvider ages */
	public function test_says_how_long_things_wait( ?int $age, string $status ): void {
		if ( null !== $age ) {
			Outbox\append( array( array( 'id' => 'e1', 'time' => gmdate( 'c', time() - $age ), 'data' => array() ) ) );
		}
		$found = Health\outbox();
		$this->assertSame( $status, $found['status'] );
		$this->assertSame( 'good' !== $status, false !== strpos( $found['description'], 'wp bazgasht deliver' ) );
	}

	public function test_says_that_the_folder_cannot_be_written(): void {
		Outbox\save_place( array( 'table' => true ) );
		Outbox\append( array( array( 'id' => 'e1', 'time' => gmdate( 'c' ), 'data' => array() ) ) );
		$this->assertSame( 'recommended', Health\outbox()['status'] );
		$this->assertStringContainsString( 'wp-content/uploads', Health\outbox()['description'] );
	}

	public function test_says_whether_anything_delivers_in_the_background(): void {
		$this->assertSame( 'good', Health\background()['status'] );
		$this->world->due = true;
		$this->assertSame( 'good', Health\background()['status'], 'running just now' );
		foreach ( array( time() - 700, false ) as $due ) {
			$this->world->due = $due;
			// The tests' PHP cannot go on after a page.
			$this->assertSame( 'critical', Health\background()['status'] );
			$this->assertStringContainsString( 'wp-cron.php', Health\background()['description'] );
		}
	}

	public function answers(): iterable {
		yield 'well' => array( self::page(), self::page(), 'good', 'work' );
		yield 'unreachable' => array( new WP_Error( 'x', 'timed out' ), new WP_Error( 'x', '' ), 'recommended', 'could not be tried' );
		yield 'the web server knows no such page' => array( self::page( 404, 'nginx' ), self::page( 404 ), 'critical', 'do not work' );
		yield 'somebody else answers' => array( self::page( 200, 'Welcome' ), self::page(), 'critical', 'do not work' );
		yield 'a cache' => array( self::page(), self::page( 200, 'x', array( 'x-cache' => 'HIT' ) ), 'critical', 'cache' );
		yield 'a cache with an age' => array( self::page(), self::page( 200, 'x', array( 'age' => '3' ) ), 'critical', 'cache' );
		yield 'a cache that steps aside' => array( self::page(), self::page( 200, 'x', array( 'x-cache' => 'BYPASS', 'age' => '0' ) ), 'good', 'work' );
	}

	/** @dataProvider answers */
	public function test_says_whether_links_get_through( $first, $second, string $status, string $label ): void {
		$found = Health\links_heard( $first, $second );
		$this->assertSame( $status, $found['status'] );
		$this->assertStringContainsString( $label, $found['label'] );
	}

	public function test_asks_for_a_page_that_counts_nothing(): void {
		$this->world->web = static function (): array {
			return self::page();
		};
		$this->assertSame( 'good', Health\links()['status'] );
		$this->assertSame( 'https://shop.example/s/SHeaLth/stop', $this->world->requests[0]['url'] );
		$this->assertSame( 1, preg_match( '/^' . Bazgasht\Bridge\Slugs\EXACT . '$/', Health\NO_SLUG ) );
	}

	public function test_says_that_plain_permalinks_and_pages_stand_in_the_way(): void {
		$this->world->options[ Settings\OPTION ]['link_prefix'] = 'product';
		$this->assertStringContainsString( '/product/', Health\links()['description'] );
		$this->world->options['permalink_structure'] = '';
		$this->assertSame( 'critical', Health\links()['status'] );
		$this->assertSame( array(), $this->world->requests );
	}

	public function test_the_answer_to_site_health_needs_a_nonce_and_the_right(): void {
		$this->world->web = static function (): array {
			return self::page();
		};
		foreach ( array( array( array(), array( 'view_site_health_checks' ), 403 ), array( array( 'nonce of health-check-site-status' ), array(), 403 ), array( array( 'nonce of health-check-site-status' ), array( 'view_site_health_checks' ), 200 ) ) as list( $nonces, $may, $status ) ) {
			$this->world->nonces = $nonces;
			$this->world->may    = $may;
			try {
				Health\action_ajax_links();
			} catch ( Sent $sent ) {
				$this->assertSame( $status, $sent->status );
			}
		}
		// As WordPress's script makes the action's name of the test's.
		$this->assertSame( Health\ACTION_LINKS, 'health-check-' . preg_replace( '/_/', '-', Health\LINKS, 1 ) );
	}

	public function test_the_information_holds_no_secret(): void {
		Outbox\append( array( array( 'id' => 'e1', 'data' => array( 'contact' => array( 'phone' => '09120000001' ) ) ) ) );
		$info = Health_Info\filter_information( array() )['bazgasht']['fields'];
		$json = json_encode( $info );
		$this->assertSame( array_keys( Health_Info\labels() ), array_keys( $info ) );
		$this->assertStringNotContainsString( self::SECRET, $json );
		$this->assertStringNotContainsString( '09120000001', $json );
		$this->assertStringNotContainsString( (string) Outbox\place()['folder'], $json );
		$this->assertTrue( $info['address']['private'] );
		$this->assertSame( '1', $info['waiting']['debug'] );
		foreach ( $info as $field ) {
			$this->assertNotSame( '', $field['debug'], 'WordPress prints "undefined" then' );
		}
	}
}
