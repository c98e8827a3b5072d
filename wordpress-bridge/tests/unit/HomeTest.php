<?php
/**
 * A copy of the shop does not speak in its name.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Home_Notice;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Status;

final class HomeTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->world->may    = array( 'manage_woocommerce' );
		$this->world->daemon = static function () {
			return self::answer( 200, array( 'accepted' => 1, 'duplicate' => 0, 'rejected' => array(), 'version' => '0.1.0' ) );
		};
		$this->world->wc->countries = new class() {
			public function get_base_country() {
				return 'IR';
			}
		};
		$this->assertSame( '', Home\strayed(), 'where the secret is first seen is home' );
	}

	private function notice(): string {
		ob_start();
		Home_Notice\action_admin_notice();
		return (string) ob_get_clean();
	}

	public function places(): iterable {
		yield 'the same' => array( 'https://shop.example', '' );
		yield 'without TLS' => array( 'http://shop.example/', '' );
		yield 'with www' => array( 'https://WWW.shop.example', '' );
		yield 'unknown, on a command line' => array( 'http://', '' );
		yield 'another host' => array( 'https://staging.shop.example', 'address' );
		yield 'a folder' => array( 'https://shop.example/staging', 'address' );
		yield 'another port' => array( 'https://shop.example:8443', 'address' );
	}

	/** @dataProvider places */
	public function test_knows_whether_it_is_at_home( string $home, string $strayed ): void {
		$this->world->home = $home;
		$this->assertSame( $strayed, Home\strayed() );
		$this->assertSame( '' === $strayed, Settings\is_connected() );
	}

	public function test_a_site_that_is_marked_as_staging_later_is_a_copy(): void {
		foreach ( array( 'staging', 'development', 'local' ) as $environment ) {
			$this->world->environment = $environment;
			$this->assertSame( Home\ENVIRONMENT, Home\strayed() );
		}
		Home\remember();
		$this->assertSame( '', Home\strayed() );
		$this->world->environment = 'production';
		$this->assertSame( '', Home\strayed(), 'one that was connected as staging goes on' );
	}

	public function test_a_copy_gathers_nothing_and_sends_nothing(): void {
		Outbox\append( array( array( 'id' => 'e1', 'type' => 'page.viewed', 'data' => array( 'n' => 1 ) ) ) );
		$this->world->home = 'https://staging.shop.example';
		Record\event( 'page.viewed', array( 'n' => 2 ) );
		$this->assertSame( array(), $this->recorded() );
		$this->assertSame( 'failed', Deliver\run( 5 ) );
		$this->assertFalse( Status\test()['ok'] );
		$this->assertSame( array(), $this->world->requests );
		$this->assertSame( array( 1 ), $this->waiting( 'n' ) );
		$this->assertStringContainsString( 'copy', Status\summary()[0] );
	}

	public function test_a_copy_with_other_site_keys_is_still_a_copy(): void {
		// wp_salt() of the tests is the uploads' path.
		$this->world->home    = 'https://staging.shop.example';
		$uploads              = $this->world->uploads;
		$this->world->uploads = '/other-keys';
		$this->assertSame( Home\ADDRESS, Home\strayed() );
		$this->world->uploads = $uploads;
	}

	public function test_a_secret_of_its_own_connects_the_copy(): void {
		$this->world->home = 'https://staging.shop.example';
		$this->assertFalse( Settings\is_connected() );
		$this->world->options[ Settings\OPTION ]['secret'] = 'whsec_' . base64_encode( str_repeat( 'x', 24 ) );
		$this->assertTrue( Settings\is_connected() );
		$this->world->home = 'https://shop.example';
		$this->assertFalse( Settings\is_connected(), 'and is known by it' );
	}

	public function test_the_secret_itself_is_not_kept_twice(): void {
		$this->assertStringNotContainsString( self::SECRET, json_encode( Home\remembered() ) );
	}

	public function test_the_notice_is_for_the_manager_and_says_why(): void {
		$this->assertSame( '', $this->notice() );
		$this->world->home = 'https://staging.shop.example/<b>';
		$html              = $this->notice();
		foreach ( array( 'shop.example', 'staging.shop.example', 'value="copy"', 'value="moved"', 'nonce of bazgasht_home', 'admin-post.php' ) as $part ) {
			$this->assertStringContainsString( $part, $html );
		}
		$this->assertStringNotContainsString( '<b>', $html );
		$this->assertLessThan( strpos( $html, 'value="moved"' ), strpos( $html, 'button-primary' ), 'to keep silent is the first answer' );
		$this->world->may = array();
		$this->assertSame( '', $this->notice() );
		$this->world->may         = array( 'manage_woocommerce' );
		$this->world->home        = 'https://shop.example';
		$this->world->environment = 'staging';
		$this->assertStringContainsString( 'WP_ENVIRONMENT_TYPE', $this->notice() );
	}

	public function test_a_copy_that_stays_one_loses_the_secret_and_nothing_else(): void {
		Outbox\append( array( array( 'id' => 'e1', 'data' => array( 'n' => 1 ) ) ) );
		$this->world->options[ Settings\OPTION ]['link_prefix'] = 'go';
		$this->world->home                                      = 'https://staging.shop.example';
		Deliver\run( 5 );
		Home_Notice\obey( 'copy' );
		$this->assertFalse( Settings\has_secret() );
		$this->assertSame( 'go', Settings\get( 'link_prefix' ) );
		$this->assertSame( '', $this->notice() );
		$this->assertSame( 0, Deliver\state()['failures'] );
		$this->assertSame( array( 1 ), $this->waiting( 'n' ) );
	}

	public function test_a_shop_that_has_moved_goes_on_and_says_where_it_is(): void {
		$this->world->home = 'https://new.example';
		Home_Notice\obey( 'moved' );
		$this->assertTrue( Settings\is_connected() );
		$this->assertSame( '', $this->notice() );
		$this->assertSame( array( 'https://new.example/' ), $this->waiting( 'url' ) );
		$this->assertSame( 'sent', Deliver\run( 5 ) );
	}

	public function test_the_answer_needs_a_nonce_and_the_right(): void {
		$this->world->home = 'https://new.example';
		$_POST             = array( 'answer' => 'moved' );
		foreach ( array( array( array(), array( 'manage_woocommerce' ) ), array( array( 'nonce of bazgasht_home' ), array() ) ) as list( $nonces, $may ) ) {
			$this->world->nonces = $nonces;
			$this->world->may    = $may;
			try {
				Home_Notice\action_answered();
			} catch ( Sent $sent ) {
				$this->assertSame( 403, $sent->status );
			}
			$this->assertSame( Home\ADDRESS, Home\strayed() );
		}
		$this->world->nonces = array( 'nonce of bazgasht_home' );
		$this->world->may    = array( 'manage_woocommerce' );
		try {
			Home_Notice\action_answered();
		} catch ( Sent $sent ) {
			$this->assertSame( 302, $sent->status );
		}
		$_POST = array();
		$this->assertSame( '', Home\strayed() );
	}

	public function test_a_made_up_answer_changes_nothing(): void {
		$this->world->home = 'https://new.example';
		$before            = $this->world->options;
		Home_Notice\obey( 'perhaps' );
		$this->assertSame( $before, $this->world->options );
	}

	public function test_another_shops_daemon_gets_nothing_and_costs_nothing(): void {
		foreach ( array( 1, 2, 3 ) as $n ) {
			Outbox\append( array( array( 'id' => 'e' . $n, 'type' => 'page.viewed', 'data' => array( 'n' => $n ) ) ) );
		}
		$this->world->daemon = static function () {
			return self::answer( 409, array( 'error' => 'another_shop' ) );
		};
		for ( $n = 0; $n < 5; $n++ ) {
			$this->assertSame( 'failed', Deliver\run( 5 ) );
		}
		$this->assertCount( 5, $this->world->requests, 'no halving: it is not the batch that is wrong' );
		$this->assertSame( array( 1, 2, 3 ), $this->waiting( 'n' ) );
		$this->assertSame( 0, Deliver\state()['refused'] );
		$this->assertGreaterThan( time(), Deliver\state()['next_try'] );
		$this->assertStringContainsString( 'belongs to another shop', $this->notice() );
		$this->assertStringContainsString( 'belongs to another shop', Status\test()['said'][0] );

		Home_Notice\obey( 'moved' );
		$this->assertSame( 0, Deliver\state()['next_try'] );
		$taken               = array();
		$this->world->daemon = static function ( string $url, array $args ) use ( &$taken ) {
			$taken = array_merge( $taken, array_column( json_decode( $args['body'], true )['events'], 'type' ) );
			return self::answer( 200, array( 'accepted' => 4, 'duplicate' => 0, 'rejected' => array() ) );
		};
		$this->assertSame( 'sent', Deliver\run( 5 ) );
		$this->assertSame( array( 'page.viewed', 'page.viewed', 'page.viewed', 'shop.updated' ), $taken );
		$this->assertSame( '', $this->notice() );
	}

	public function test_every_call_says_which_shop_it_is(): void {
		Outbox\append( array( array( 'id' => 'e1', 'data' => array() ) ) );
		Deliver\run( 5 );
		Status\test();
		Bazgasht\Bridge\Restore\ask( '3JcKdsX', true );
		Bazgasht\Bridge\Coupons\pull( true );
		$this->assertCount( 4, $this->world->requests );
		foreach ( $this->world->requests as $request ) {
			$this->assertSame( 'https://shop.example', $request['headers']['Bazgasht-Shop'] );
		}
	}

	public function test_the_header_can_carry_any_address(): void {
		$this->world->home = 'https://فروشگاه.example/چای';
		$this->assertSame( 'https://%D9%81%D8%B1%D9%88%D8%B4%DA%AF%D8%A7%D9%87.example/%DA%86%D8%A7%DB%8C', Home\header_value() );
		$this->world->home = "https://shop.example/a\r\nX: y";
		$this->assertSame( 'https://shop.example/a%0D%0AX:%20y', Home\header_value() );
	}
}
