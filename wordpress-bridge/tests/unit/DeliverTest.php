<?php
/**
 * The way to the daemon, with every answer it may give.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Signer;

final class DeliverTest extends BridgeTestCase {
	/** @var string[] Batches as the daemon took them. */
	private $taken = array();

	private function put( int ...$numbers ): void {
		foreach ( $numbers as $n ) {
			Outbox\append( array( array( 'id' => 'e' . $n, 'type' => 'page.viewed', 'time' => '2027-01-15T08:00:00.000Z', 'data' => array( 'n' => $n ) ) ) );
		}
	}

	/** A daemon that takes what the rule lets through. */
	private function daemon( callable $rule ): void {
		$this->world->daemon = function ( string $url, array $args ) use ( $rule ) {
			if ( 'GET' === $args['method'] ) {
				return $rule( $url, array() );
			}
			$numbers = array_column( array_column( json_decode( $args['body'], true )['events'], 'data' ), 'n' );
			$answer  = $rule( $url, $numbers );
			if ( ! is_wp_error( $answer ) && 200 === $answer['status'] && '<html>' !== $answer['body'] ) {
				$this->taken[] = $numbers;
			}
			return $answer;
		};
	}

	private static function yes(): array {
		return self::answer( 200, array( 'accepted' => 1, 'duplicate' => 0, 'rejected' => array() ) );
	}

	public function test_delivers_in_order_signed_as_the_contract_says(): void {
		$this->put( 1, 2, 3 );
		$this->daemon( static function () {
			return self::yes();
		} );
		$this->assertSame( 'sent', Deliver\run( 5 ) );
		$this->assertSame( array( array( 1, 2, 3 ) ), $this->taken );
		$request = $this->world->requests[0];
		$headers = $request['headers'];
		$this->assertSame( 'http://127.0.0.1:8733/v1/events', $request['url'] );
		$this->assertTrue( Signer\verify( Signer\key( self::SECRET ), $headers['webhook-id'], (int) $headers['webhook-timestamp'], $request['body'], $headers['webhook-signature'], time() ) );
		$this->assertSame( 'empty', Deliver\run( 5 ) );
		$this->assertCount( 1, $this->world->requests, 'an empty outbox asks nobody' );
	}

	public function outages(): iterable {
		yield 'nobody there' => array( new WP_Error( 'http_request_failed', 'refused' ), 'http_request_failed' );
		yield 'cannot store' => array( self::answer( 503 ), '503' );
		yield 'wrong secret' => array( self::answer( 401 ), '401' );
		yield 'another program says yes' => array( self::answer( 200, null ), '200' );
		yield 'another program says no' => array( self::answer( 404, null ), '404' );
	}

	/** @dataProvider outages */
	public function test_promise_11_while_the_daemon_is_away_everything_waits( $answer, string $code ): void {
		$this->put( 1, 2 );
		$this->daemon( static function () use ( $answer ) {
			return $answer;
		} );
		$this->assertSame( 'failed', Deliver\run( 5 ) );
		$this->put( 3 );
		$this->assertSame( $code, Deliver\state()['code'] );
		$this->assertGreaterThan( time(), Deliver\state()['next_try'] );
		$this->daemon( static function () {
			return self::yes();
		} );
		Deliver\run( 5 );
		$this->assertSame( array( 1, 2, 3 ), array_merge( ...$this->taken ) );
		$this->assertSame( 0, Deliver\state()['failures'] );
	}

	public function test_the_same_batch_has_the_same_id_again(): void {
		$this->put( 1, 2 );
		$this->daemon( static function () {
			return new WP_Error( 'http_request_failed', 'timed out' );
		} );
		Deliver\run( 5 );
		$this->put( 3 );
		Deliver\run( 5 );
		$ids = array_column( array_column( $this->world->requests, 'headers' ), 'webhook-id' );
		$this->assertSame( $ids[0], $ids[1] );
	}

	public function test_leaves_the_daemon_alone_for_longer_and_longer(): void {
		$this->put( 1 );
		$this->daemon( static function () {
			return new WP_Error( 'http_request_failed', 'refused' );
		} );
		$waits = array();
		for ( $n = 0; $n < 7; $n++ ) {
			Deliver\run( 5 );
			$waits[] = Deliver\state()['next_try'] - time();
		}
		foreach ( array( 10, 30, 60, 120, 300, 300, 300 ) as $n => $expected ) {
			$this->assertEqualsWithDelta( $expected, $waits[ $n ], 1 );
		}
	}

	public function test_keeps_to_retry_after_within_reason(): void {
		$this->put( 1 );
		foreach ( array( '7' => 7, '999999' => 3600, gmdate( 'D, d M Y H:i:s', time() + 40 ) . ' GMT' => 40 ) as $header => $expected ) {
			$this->daemon( static function () use ( $header ) {
				return self::answer( 503, array(), array( 'retry-after' => (string) $header ) );
			} );
			Deliver\run( 5 );
			$this->assertEqualsWithDelta( $expected, Deliver\state()['next_try'] - time(), 2 );
		}
	}

	public function test_a_batch_that_is_too_large_goes_in_halves(): void {
		$this->put( ...range( 1, 7 ) );
		$this->daemon( static function ( $url, array $numbers ) {
			return count( $numbers ) > 2 ? self::answer( 413 ) : self::yes();
		} );
		$this->assertSame( 'sent', Deliver\run( 5 ) );
		$this->assertSame( range( 1, 7 ), array_merge( ...$this->taken ) );
	}

	public function test_one_event_that_cannot_be_read_is_put_aside_and_stops_nobody(): void {
		$this->put( 1, 2, 3, 4, 5 );
		$this->daemon( static function ( string $url, array $numbers ) {
			if ( array() === $numbers ) {
				return self::answer( 200, array( 'version' => '0.1.0' ) );
			}
			return in_array( 3, $numbers, true ) ? self::answer( 400 ) : self::yes();
		} );
		$this->assertSame( 'sent', Deliver\run( 5 ) );
		$this->assertSame( array( 1, 2, 4, 5 ), array_merge( ...$this->taken ) );
		$this->assertSame( 1, Deliver\state()['refused'] );
		$this->assertStringContainsString( '"n":3', file_get_contents( Outbox\folder() . '/aside.php' ) );
	}

	public function test_a_stranger_who_refuses_everything_makes_nothing_be_put_aside(): void {
		$this->put( 1, 2 );
		$this->daemon( static function () {
			return self::answer( 400, null );
		} );
		$this->assertSame( 'failed', Deliver\run( 5 ) );
		$this->assertSame( array( 1, 2 ), $this->waiting( 'n' ) );
	}

	public function test_no_batch_is_larger_than_the_contract_allows(): void {
		for ( $n = 0; $n < 30; $n++ ) {
			Outbox\append( array( array( 'id' => 'e' . $n, 'data' => array( 'n' => $n, 'pad' => str_repeat( 'x', 100000 ) ) ) ) );
		}
		$this->put( ...range( 30, 1100 ) );
		$this->daemon( static function () {
			return self::yes();
		} );
		$this->assertSame( 'sent', Deliver\run( 30 ) );
		foreach ( $this->world->requests as $request ) {
			$this->assertLessThanOrEqual( 1048576, strlen( $request['body'] ) );
			$this->assertLessThanOrEqual( 500, count( json_decode( $request['body'], true )['events'] ) );
		}
		$this->assertSame( range( 0, 1100 ), array_merge( ...$this->taken ) );
	}

	public function test_two_first_requests_find_the_same_outbox(): void {
		$this->put( 1 );
		unset( $this->world->options[ Outbox\OPTION ] );
		$this->put( 2 );
		$this->assertSame( array( 1, 2 ), $this->waiting( 'n' ) );
	}

	public function test_only_one_process_delivers(): void {
		$this->put( 1 );
		$unlock = Outbox\lock_delivery();
		$this->assertSame( 'busy', Deliver\run( 5 ) );
		$unlock();
		$this->daemon( static function () {
			return self::yes();
		} );
		$this->assertSame( 'sent', Deliver\run( 5 ) );
	}
}
