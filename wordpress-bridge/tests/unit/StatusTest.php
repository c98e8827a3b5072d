<?php
/**
 * The test of the connection says what is wrong.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Status;

final class StatusTest extends BridgeTestCase {
	const NOW = 1800000000;

	private static function heard( int $status, ?array $json, int $ahead = 0 ): array {
		return array( 'status' => $status, 'json' => $json, 'date' => self::NOW + $ahead, 'retry_after' => null );
	}

	public function findings(): iterable {
		yield 'nobody' => array( new WP_Error( 'http_request_failed', 'Connection refused' ), false, 'Nothing answers at http://127.0.0.1:8733: Connection refused' );
		yield 'secret' => array( self::heard( 401, array() ), false, 'with another secret' );
		yield 'clock' => array( self::heard( 401, array(), 3600 ), false, 'differ by 3600 seconds' );
		yield 'starting' => array( self::heard( 503, array() ), false, 'not ready' );
		yield 'not ready' => array( self::heard( 200, array( 'version' => '0.1.0', 'ready' => false ) ), false, 'not ready' );
		yield 'a stranger' => array( self::heard( 200, null ), false, 'is not the Bazgasht daemon' );
		yield 'a stranger who knows no such page' => array( self::heard( 404, null ), false, 'HTTP 404' );
		yield 'well' => array( self::heard( 200, array( 'version' => '0.1.0', 'ready' => true, 'gateway' => 'console', 'shop_url' => 'https://shop.example' ) ), true, 'Connected to Bazgasht 0.1.0' );
		yield 'well, but late' => array( self::heard( 200, array( 'version' => '0.1.0', 'ready' => true ), -100 ), true, 'differ by 100 seconds' );
		yield 'well, but another shop' => array( self::heard( 200, array( 'version' => '0.1.0', 'ready' => true, 'shop_url' => 'https://other.example' ) ), true, 'https://other.example' );
		yield 'well, but paused' => array( self::heard( 200, array( 'version' => '0.1.0', 'ready' => true, 'paused' => 'credit' ) ), true, 'paused' );
	}

	/** @dataProvider findings */
	public function test_says_what_was_found( $answer, bool $ok, string $sentence ): void {
		$finding = Status\findings( $answer, 'http://127.0.0.1:8733', 'https://shop.example/', self::NOW );
		$this->assertSame( $ok, $finding['ok'] );
		$this->assertStringContainsString( $sentence, implode( ' ', $finding['said'] ) );
	}

	public function test_asks_nobody_without_a_secret(): void {
		$this->world->options = array();
		$this->assertFalse( Status\test()['ok'] );
		$this->assertSame( array(), $this->world->requests );
	}
}
