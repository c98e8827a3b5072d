<?php
/**
 * What may stand in the settings.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Settings;

final class SettingsTest extends BridgeTestCase {
	public function test_an_empty_secret_keeps_the_saved_one(): void {
		$this->assertSame( self::SECRET, Settings\sanitize( array( 'secret' => '' ) )['secret'] );
		$this->assertSame( self::SECRET, Settings\sanitize( array( 'secret' => 'whsec_short' ) )['secret'] );
		$other = 'whsec_' . base64_encode( str_repeat( 'x', 24 ) );
		$this->assertSame( $other, Settings\sanitize( array( 'secret' => " $other\n" ) )['secret'] );
	}

	public function test_an_address_is_kept_without_its_slash_and_only_when_it_is_one(): void {
		$this->assertSame( 'https://sms.example:8733/x', Settings\sanitize( array( 'address' => ' https://sms.example:8733/x/ ' ) )['address'] );
		$this->assertSame( 'http://127.0.0.1:8733', Settings\sanitize( array( 'address' => 'javascript:alert(1)' ) )['address'] );
		$this->assertSame( 'http://127.0.0.1:8733', Settings\sanitize( array( 'address' => '' ) )['address'] );
	}

	public function test_an_address_that_would_swallow_paths_or_send_numbers_in_the_clear_is_spoken_of(): void {
		foreach ( array( 'http://127.0.0.1:8733/?x=', 'http://127.0.0.1:8733/#x', 'http://a:b@127.0.0.1' ) as $address ) {
			$this->assertSame( 'http://127.0.0.1:8733', Settings\sanitize( array( 'address' => $address ) )['address'], $address );
		}
		$this->world->notices = array();
		foreach ( array( 'http://10.0.0.7:8733', 'http://[::1]:8733', 'http://bazgasht:8733', 'http://sms.internal', 'https://sms.example' ) as $address ) {
			$this->assertSame( $address, Settings\sanitize( array( 'address' => $address ) )['address'] );
			$this->assertSame( array(), $this->world->notices, $address );
		}
		Settings\sanitize( array( 'address' => 'http://sms.example' ) );
		$this->assertSame( array( 'warning address' ), $this->world->notices );
	}

	public function test_no_prefix_hides_pages_of_the_shop(): void {
		$GLOBALS['wp_rewrite'] = new class() {
			public function wp_rewrite_rules() {
				return array( 'product/([^/]+)/?$' => '', '^shop-api/v1' => '', '(.?.+?)/?$' => '' );
			}
		};
		foreach ( array( 'product', 'shop-api', 'about', 'wp-admin', 'wp-json', 'a/b', 'خرید' ) as $prefix ) {
			$this->assertSame( 's', Settings\sanitize( array( 'link_prefix' => $prefix ) )['link_prefix'], $prefix );
		}
		$this->assertSame( 'go', Settings\sanitize( array( 'link_prefix' => 'go' ) )['link_prefix'] );
		unset( $GLOBALS['wp_rewrite'] );
	}

	public function test_boxes_that_are_not_ticked_are_off_and_numbers_have_bounds(): void {
		$clean = Settings\sanitize( array( 'make_coupons' => '1', 'dialog_snooze_days' => '9999', 'link_prefix' => '/S/', 'dialog_text' => array( 'x' ) ) );
		$this->assertTrue( $clean['make_coupons'] );
		$this->assertFalse( $clean['capture_checkout'] );
		$this->assertSame( 365, $clean['dialog_snooze_days'] );
		$this->assertSame( 's', $clean['link_prefix'] );
		$this->assertSame( array_keys( Settings\defaults() ), array_keys( $clean ) );
	}

	public function test_rubbish_changes_nothing_but_the_boxes(): void {
		$this->assertSame( self::SECRET, Settings\sanitize( 'rubbish' )['secret'] );
		$this->assertNull( Settings\get( 'no such key' ) );
	}
}
