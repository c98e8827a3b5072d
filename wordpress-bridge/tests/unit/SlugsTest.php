<?php
/**
 * Links at the root: only what nobody else answers, and only what looks like a link.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Slugs;

final class SlugsTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->world->options[ Settings\OPTION ]['link_prefix'] = '/';
		$this->world->is_404                                    = true;
		$_SERVER['REQUEST_METHOD']                              = 'GET';
		$this->world->daemon                                    = static function () {
			return self::answer( 404 );
		};
	}

	protected function tearDown(): void {
		unset( $GLOBALS['wp'] );
		parent::tearDown();
	}

	private function ask( string $path ): int {
		$GLOBALS['wp']         = (object) array( 'request' => $path );
		$this->world->requests = array();
		Slugs\action_not_found();
		return count( $this->world->requests );
	}

	public function test_the_daemon_is_asked_for_what_looks_like_a_link_alone(): void {
		foreach ( array( '3JcKdsX', 'payment', '3JcKdsX.', '3JcKdsX%D8%8C' ) as $path ) {
			$this->assertSame( 1, $this->ask( $path ), $path );
		}
		foreach ( array( '', '3JcKds', '3JcKdsXX', 'contact', 'gallery', 'a/3JcKdsX', '3JcKdsX/2', '3JcKds0', "3JcKdsX\n", 'چای' ) as $path ) {
			$this->assertSame( 0, $this->ask( $path ), $path );
		}
	}

	public function test_whatever_wordpress_has_found_is_left_alone(): void {
		$this->world->is_404 = false;
		$this->assertSame( 0, $this->ask( '3JcKdsX' ) );
		$this->assertSame( '', Slugs\asked( '3JcKdsX' ), 'not before WordPress has looked' );
		$this->world->is_404                                    = true;
		$this->world->options[ Settings\OPTION ]['link_prefix'] = 's';
		$this->assertSame( 0, $this->ask( '3JcKdsX' ) );
	}

	public function test_what_the_daemon_knows_is_a_link_and_when_it_is_silent_what_no_word_looks_like(): void {
		$silent = new WP_Error( 'http_request_failed', 'timed out' );
		foreach ( array( array( 200, true ), array( 410, true ), array( 404, false ) ) as list( $status, $expected ) ) {
			$this->assertSame( $expected, Slugs\is_link( '3JcKdsX', array( 'status' => $status ) ) );
		}
		$this->assertTrue( Slugs\is_link( '3JcKdsX', $silent ) );
		$this->assertTrue( Slugs\is_link( '3JcKdsX', array( 'status' => 503 ) ) );
		$this->assertFalse( Slugs\is_link( 'payment', $silent ) );
		$this->assertTrue( Slugs\is_link( '3JcKdsX', null ), 'a copy of the shop' );
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$this->assertFalse( Slugs\is_link( '3JcKdsX', null ) );
	}

	public function test_addresses(): void {
		$this->assertSame( 'https://shop.example/3JcKdsX', Slugs\url( '3JcKdsX' ) );
		$this->world->options[ Settings\OPTION ]['link_prefix'] = 'go';
		$this->assertSame( 'https://shop.example/go/3JcKdsX', Slugs\url( '3JcKdsX' ) );
		$this->assertSame( '3JcKdsX', Slugs\asked( 'go/3JcKdsX!' ) );
	}

	public function test_a_single_slash_means_the_root_and_nothing_means_as_it_was(): void {
		$this->assertSame( '/', Settings\sanitize( array( 'link_prefix' => ' / ' ) )['link_prefix'] );
		$this->world->options[ Settings\OPTION ]['link_prefix'] = 's';
		$this->assertSame( 's', Settings\sanitize( array( 'link_prefix' => '' ) )['link_prefix'] );
	}
}
