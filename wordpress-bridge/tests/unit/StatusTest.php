<?php
/**
 * The test of the connection says what is wrong.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Status;

final class StatusTest extends BridgeTestCase {
	const NOW = 1800000000;

	private static function heard( int $status, ?array $json, int $ahead = 0 ): array {
		return array( 'status' => $status, 'json' => $json, 'date' => self::NOW + $ahead, 'retry_after' => null );
	}

	public function findings(): iterable {
		yield 'nobody' => array( new WP_Error( 'http_request_failed', 'Connection refused' ), false, 'Nothing answers at http://127.0.0.1:8733: Connection refused' );
		yield 'secret' => array( self::heard( 401, array() ), false, 'with another secret' );
		yield 'clock' => array( self::heard( 401, array(), 3600 ), false, 'differ by ۳,۶۰۰ seconds' );
		yield 'another shop\'s' => array( self::heard( 409, array( 'error' => 'another_shop' ) ), false, 'belongs to another shop' );
		yield 'starting' => array( self::heard( 503, array() ), false, 'not ready' );
		yield 'not ready' => array( self::heard( 200, array( 'version' => '0.1.0', 'ready' => false ) ), false, 'not ready' );
		yield 'a stranger' => array( self::heard( 200, null ), false, 'is not the Bazgasht daemon' );
		yield 'a stranger who knows no such page' => array( self::heard( 404, null ), false, 'HTTP ۴۰۴' );
		yield 'well' => array( self::heard( 200, array( 'version' => '0.1.0', 'ready' => true, 'gateway' => 'console', 'shop_url' => 'https://shop.example' ) ), true, 'Connected to Bazgasht 0.1.0' );
		yield 'well, but late' => array( self::heard( 200, array( 'version' => '0.1.0', 'ready' => true ), -100 ), true, 'differ by ۱۰۰ seconds. From ۳۰۰ on' );
		yield 'well, but another shop' => array( self::heard( 200, array( 'version' => '0.1.0', 'ready' => true, 'shop_url' => 'https://other.example' ) ), true, 'https://other.example' );
		$by = static function ( string $shut ): array {
			return self::heard( 200, array( 'version' => '0.1.0', 'ready' => true, 'detour' => $shut ) );
		};
		yield 'well, but no credit at the first gateway' => array( $by( 'credit is used up (kavenegar/credit); texts go by smsir meanwhile' ), true, 'no credit left at "kavenegar". Please top it up. Texts go out through "smsir" meanwhile' );
		yield 'well, but two gateways are shut' => array( $by( 'so (twilio/line); so (http/account); texts go by smsir meanwhile' ), true, 'at "twilio" is closed. Please ask the provider. "http" refuses everything' );
		yield 'well, by a detour in words that are new' => array( $by( 'the moon is full' ), true, 'not the usual way: the moon is full' );
		yield 'well, but paused' => array( self::heard( 200, array( 'version' => '0.1.0', 'ready' => true, 'paused' => 'credit' ) ), true, 'paused' );
	}

	/** @dataProvider findings */
	public function test_says_what_was_found( $answer, bool $ok, string $sentence ): void {
		$finding = Status\findings( $answer, 'http://127.0.0.1:8733', 'https://shop.example/', self::NOW );
		$this->assertSame( $ok, $finding['ok'] );
		$this->assertStringContainsString( $sentence, implode( ' ', $finding['said'] ) );
	}

	public function test_sums_up_what_waits(): void {
		$this->assertSame( array( 'No event is waiting: the daemon knows everything.' ), Status\summary() );
		Outbox\append( array_fill( 0, 12, array( 'id' => 'x' ) ) );
		$this->assertStringContainsString( '۱۲ events', Status\summary()[0] );
	}

	public function test_without_a_secret_the_daemon_knows_nothing_and_that_is_said(): void {
		$this->world->options['bazgasht_settings']['secret'] = '';
		$this->assertSame( array( 'Nothing is gathered until a secret is saved.' ), Status\summary() );
		Outbox\append( array( array( 'id' => 'x' ) ) );
		$said = Status\summary();
		$this->assertSame( 'Nothing is gathered until a secret is saved.', $said[0] );
		$this->assertStringContainsString( '۱ event ', $said[1], 'from when there was one' );
	}

	public function test_asks_nobody_without_a_secret(): void {
		$this->world->options = array();
		$this->assertFalse( Status\test()['ok'] );
		$this->assertSame( array(), $this->world->requests );
	}
}
