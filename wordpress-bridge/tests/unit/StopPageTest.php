<?php
/**
 * The page on which a person says which texts they want.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Restore;
use Bazgasht\Bridge\Slugs;
use Bazgasht\Bridge\Room;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Stop_Page;

final class StopPageTest extends BridgeTestCase {
	const SLUG = '3JcKdsX';
	const NOW  = 1800000000;

	protected function setUp(): void {
		parent::setUp();
		$_SERVER['REMOTE_ADDR'] = '203.0.113.7';
	}

	protected function tearDown(): void {
		parent::tearDown();
		unset( $_SERVER['REMOTE_ADDR'], $_GET['stop'] );
	}

	private function choose( string $choice, int $now = self::NOW ): array {
		return Stop_Page\answer( self::SLUG, $choice, Stop_Page\proof( self::SLUG ), $now );
	}

	/** What waits in the outbox: type and data. */
	private function kept(): array {
		$kept = array();
		foreach ( Outbox\peek( 1000, PHP_INT_MAX ) as $entry ) {
			$event  = json_decode( $entry['line'], true );
			$kept[] = array( $event['type'], $event['data'] );
		}
		return $kept;
	}

	public function paths(): iterable {
		yield array( 's/3JcKdsX/stop', '3JcKdsX' );
		yield array( 's/3JcKdsX', '' );
		yield array( 's/stop', '' );
		yield array( 's/stop/stop', 'stop' );
		yield array( 's/3JcKdsX/stop/stop', '' );
		yield array( 'shop/3JcKdsX/stop', '' );
		yield array( "s/3JcKdsX/stop\n", '' );
		yield array( '', '' );
	}

	/** @dataProvider paths */
	public function test_finds_the_slug_in_the_path( string $path, string $slug ): void {
		$this->assertSame( $slug, Stop_Page\asked_slug( $path ) );
	}

	public function test_finds_the_slug_in_the_query(): void {
		$_GET['bazgasht'] = self::SLUG;
		$this->assertSame( '', Stop_Page\asked_slug( '' ) );
		$_GET['stop'] = '1';
		$this->assertSame( self::SLUG, Stop_Page\asked_slug( '' ) );
		$_GET['stop'] = array( '1' );
		$this->assertSame( '', Stop_Page\asked_slug( '' ) );
	}

	public function test_a_link_with_stop_behind_it_leads_nowhere_else(): void {
		$this->assertSame( '', Slugs\asked( 's/3JcKdsX/stop' ) );
	}

	public function choices(): iterable {
		yield array( 'all', 'contact.opted_out', array( 'link' => self::SLUG, 'source' => 'link', 'scope' => 'all' ) );
		yield array( 'orders', 'contact.opted_out', array( 'link' => self::SLUG, 'source' => 'link', 'scope' => 'marketing' ) );
		yield array( 'pause', 'contact.opted_out', array( 'link' => self::SLUG, 'source' => 'link', 'scope' => 'marketing', 'until' => '2027-02-14T08:00:00Z' ) );
		yield array( 'again', 'contact.opted_in', array( 'link' => self::SLUG, 'source' => 'link' ) );
	}

	/** @dataProvider choices */
	public function test_promise_3_a_choice_is_in_the_outbox_before_the_page_says_so( string $choice, string $type, array $data ): void {
		$answer = $this->choose( $choice );
		$this->assertSame( array( 'status' => 200, 'holds' => $choice ), $answer );
		$this->assertSame( array( array( $type, $data ) ), $this->kept() );
		$this->assertSame( array(), $this->world->requests, 'the daemon is not waited for' );
	}

	public function test_nobody_is_told_done_when_it_could_not_be_kept(): void {
		rmdir( $this->world->uploads );
		touch( $this->world->uploads );
		$GLOBALS['wpdb'] = new class() {
			public $prefix = 'wp_';
			public function __call( $name, $arguments ) {
				return false;
			}
		};
		$answer = $this->choose( 'all' );
		$this->assertSame( 503, $this->choose( 'all' )['status'], 'nor the second time' );
		unset( $GLOBALS['wpdb'] );
		unlink( $this->world->uploads );
		$this->assertSame( array( 'status' => 503, 'holds' => '' ), $answer );
		$this->assertStringNotContainsString( 'Done', Stop_Page\page( self::SLUG, $answer ) );
	}

	public function test_a_choice_must_come_from_the_page_of_that_very_link(): void {
		foreach ( array( '', 'x', Stop_Page\proof( 'other4' ), strtoupper( Stop_Page\proof( self::SLUG ) ) ) as $proof ) {
			$this->assertSame( 403, Stop_Page\answer( self::SLUG, 'all', $proof, self::NOW )['status'] );
		}
		$this->assertSame( 403, $this->choose( 'everything' )['status'] );
		$this->assertSame( 403, $this->choose( '' )['status'] );
		$this->assertSame( array(), $this->kept() );
	}

	public function test_the_proof_hangs_on_the_secret(): void {
		$before = Stop_Page\proof( self::SLUG );
		$this->world->options[ Settings\OPTION ]['secret'] = 'whsec_' . base64_encode( str_repeat( 'x', 24 ) );
		$this->assertNotSame( $before, Stop_Page\proof( self::SLUG ) );
	}

	public function test_the_page_carries_the_proof_that_the_form_needs(): void {
		$html = Stop_Page\page( self::SLUG, Stop_Page\view( 200 ) );
		$this->assertSame( 1, preg_match( '/name="bazgasht_proof" value="([0-9a-f]{64})"/', $html, $match ) );
		$this->assertSame( 200, Stop_Page\answer( self::SLUG, 'all', $match[1], self::NOW )['status'] );
	}

	public function test_promise_3_a_stop_is_never_one_too_many(): void {
		for ( $n = 0; $n < 200; $n++ ) {
			$slug = 'sLug' . $n;
			$this->assertSame( 200, Stop_Page\answer( $slug, 'all', Stop_Page\proof( $slug ), self::NOW )['status'], 'behind one proxy' );
		}
		$this->assertCount( 200, $this->kept() );
	}

	public function test_the_same_choice_again_is_done_already(): void {
		for ( $n = 0; $n < 5; $n++ ) {
			$this->assertSame( array( 'status' => 200, 'holds' => 'all' ), $this->choose( 'all', self::NOW + $n ) );
		}
		$this->assertSame( 1, Outbox\waiting()['events'] );
		foreach ( array( 'again', 'all', 'orders', 'all' ) as $choice ) {
			$this->choose( $choice );
		}
		$this->assertSame( 5, Outbox\waiting()['events'], 'another one is told, and what comes after it' );
		$this->choose( 'all', self::NOW + Stop_Page\SPAN_S );
		$this->assertSame( 6, Outbox\waiting()['events'], 'later it is told anew' );
	}

	public function test_the_way_back_has_a_limit_for_an_address(): void {
		for ( $n = 0; $n <= Stop_Page\MOST_AGAIN; $n++ ) {
			$slug   = 'sLug' . $n;
			$answer = Stop_Page\answer( $slug, 'again', Stop_Page\proof( $slug ), self::NOW );
		}
		$this->assertSame( 429, $answer['status'] );
		$this->assertSame( 200, $this->choose( 'all' )['status'], 'but not for saying no' );
		$this->assertSame( 200, $this->choose( 'again', self::NOW + Stop_Page\SPAN_S )['status'], 'for a while only' );
		$this->world->filter = static function ( $value ) {
			return '203.0.113.7' === $value ? '203.0.113.8' : $value;
		};
		$slug                = 'other4';
		$this->assertSame( 200, Stop_Page\answer( $slug, 'again', Stop_Page\proof( $slug ), self::NOW )['status'], 'others may, also behind a proxy' );
	}

	public function test_a_forged_form_does_not_use_up_anybodys_room(): void {
		for ( $n = 0; $n <= Stop_Page\MOST_AGAIN; $n++ ) {
			Stop_Page\answer( self::SLUG, 'again', 'x', self::NOW );
		}
		$this->assertSame( 200, $this->choose( 'again' )['status'] );
	}

	public function test_one_line_is_one_network(): void {
		$this->assertSame( Room\network( '2001:db8:1:2:aaaa::1' ), Room\network( '2001:db8:1:2::9' ) );
		$this->assertNotSame( Room\network( '2001:db8:1:2::9' ), Room\network( '2001:db8:1:3::9' ) );
		$this->assertNotSame( Room\network( '::ffff:203.0.113.7' ), Room\network( '::ffff:203.0.113.8' ) );
		$this->assertNotSame( Room\network( '203.0.113.7' ), Room\network( '203.0.113.8' ) );
		$this->assertStringNotContainsString( '203.0.113', implode( ' ', array_keys( $this->world->transients ) ) );
	}

	public function test_every_link_gets_the_same_page(): void {
		$plain = static function ( string $slug ): string {
			return str_replace( Stop_Page\proof( $slug ), '', Stop_Page\page( $slug, Stop_Page\view( 200 ) ) );
		};
		$this->assertSame( $plain( self::SLUG ), $plain( 'nobody4' ) );
		$this->choose( 'all' );
		$this->assertSame( $plain( self::SLUG ), $plain( 'nobody4' ), 'also once something was chosen' );
		$this->assertSame( array(), $this->world->requests );
	}

	public function test_the_page_is_escaped_and_stands_alone(): void {
		$this->world->options['blogname'] = 'چای &amp; قهوه &lt;script&gt;alert(1)&lt;/script&gt;';
		foreach ( array( '', 'all', 'orders', 'pause', 'again' ) as $holds ) {
			$html = Stop_Page\page( self::SLUG, Stop_Page\view( 200, $holds ) );
			$this->assertStringNotContainsString( '<script', $html );
			$this->assertStringContainsString( 'چای &amp; قهوه', $html );
			$this->assertStringContainsString( '<html lang="fa-IR" dir="rtl">', $html );
			$this->assertStringContainsString( 'noindex', $html );
			$this->assertSame( 0, preg_match( '/<(?:link|img|script|iframe)|src=|url\(|@import/', $html ), 'nothing from elsewhere' );
			$this->assertSame( 'https://shop.example/', preg_match( '/href="([^"]*)"/', $html, $match ) ? $match[1] : '' );
			$document = new DOMDocument();
			libxml_use_internal_errors( true );
			$document->loadHTML( '<?xml encoding="utf-8">' . $html );
			$this->assertSame( 1, $document->getElementsByTagName( 'form' )->length );
			libxml_clear_errors();
		}
	}

	private function offered( int $status, string $holds = '' ): array {
		preg_match_all( '/name="bazgasht_choice" value="([a-z]+)"/', Stop_Page\page( self::SLUG, Stop_Page\view( $status, $holds ) ), $found );
		return $found[1];
	}

	public function test_offers_the_way_back_and_what_is_stricter(): void {
		$this->assertSame( array( 'all', 'orders', 'pause', 'again' ), $this->offered( 200 ) );
		$this->assertSame( array( 'again' ), $this->offered( 200, 'all' ) );
		$this->assertSame( array( 'all', 'again' ), $this->offered( 200, 'orders' ) );
		$this->assertSame( array( 'all', 'orders', 'again' ), $this->offered( 200, 'pause' ) );
		$this->assertSame( array( 'all', 'orders', 'pause' ), $this->offered( 200, 'again' ) );
		$this->assertSame( array( 'all', 'orders', 'pause', 'again' ), $this->offered( 403 ) );
		$this->assertSame( array(), $this->offered( 503 ) );
	}

	public function test_without_a_daemon_to_tell_or_in_a_copy_nothing_is_promised(): void {
		$this->choose( 'all' );
		$this->world->home = 'https://staging.example';
		$this->assertSame( 503, $this->choose( 'all' )['status'] );
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$this->assertSame( 503, $this->choose( 'all' )['status'] );
		$this->assertSame( 503, Stop_Page\answer( self::SLUG, 'all', hash_hmac( 'sha256', 'bazgasht stop ' . self::SLUG, '' ), self::NOW )['status'] );
		$this->assertCount( 1, $this->kept() );
	}

	public function test_only_words_of_the_form_are_read(): void {
		$_POST['bazgasht_choice'] = array( 'all' );
		$this->assertSame( '', Stop_Page\field( Stop_Page\FIELD_CHOICE ) );
		$_POST['bazgasht_choice'] = 'all';
		$this->assertSame( 'all', Stop_Page\field( Stop_Page\FIELD_CHOICE ) );
		$_POST = array();
	}
}
