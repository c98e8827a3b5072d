<?php
/**
 * The daemon fetches what waits: only the daemon, and each call once.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Home;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Pull;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Signer;

final class PullTest extends BridgeTestCase {
	private static function call( string $id, array $more = array() ): WP_REST_Request {
		$time             = (int) ( $more['time'] ?? time() );
		$request          = new WP_REST_Request();
		$request->body    = $more['body'] ?? '{}';
		$request->headers = array(
			'webhook-id'        => $id,
			'webhook-timestamp' => (string) $time,
			'webhook-signature' => $more['signature'] ?? Signer\sign( Signer\key( self::SECRET ), $id, $time, $request->body ),
		);
		return $request;
	}

	private static function status( WP_REST_Request $request ): string {
		$answer = Pull\may( $request );
		return true === $answer ? 'yes' : $answer->get_error_code();
	}

	public function test_a_signed_call_passes_once(): void {
		$call = self::call( 'msg_1' );
		$this->assertSame( 'yes', self::status( $call ) );
		$this->assertSame( 'bazgasht_repeated', self::status( $call ) );
		$this->assertSame( 'yes', self::status( self::call( 'msg_2' ) ) );
	}

	public function strangers(): iterable {
		yield 'no signature' => array( array( 'signature' => '' ) );
		yield 'another one' => array( array( 'signature' => 'v1,AAAA' ) );
		yield 'too old' => array( array( 'time' => 1700000000 ) );
		yield 'no body' => array( array( 'body' => '' ) );
		yield 'a long one' => array( array( 'body' => str_repeat( ' ', 2000 ) ) );
	}

	/** @dataProvider strangers */
	public function test_nobody_else_passes( array $more ): void {
		$this->assertSame( 'bazgasht_signature', self::status( self::call( 'msg_1', $more ) ) );
		$this->assertSame( array(), $this->world->transients, 'strangers fill nothing' );
	}

	public function test_without_a_secret_nobody_passes(): void {
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$this->assertSame( 'bazgasht_signature', self::status( self::call( 'msg_1' ) ) );
	}

	public function test_a_get_that_was_signed_elsewhere_does_not_pass(): void {
		$time                = time();
		$call                = self::call( 'msg_1' );
		$call->headers['webhook-signature'] = Signer\sign( Signer\key( self::SECRET ), 'msg_1', $time, 'GET /v1/status' );
		$this->assertSame( 'bazgasht_signature', self::status( $call ) );
	}

	public function test_a_copy_of_the_shop_gives_nothing(): void {
		Home\strayed();
		$this->world->home = 'https://staging.shop.example';
		$this->assertSame( 'bazgasht_copy', self::status( self::call( 'msg_1' ) ) );
	}

	public function test_delivers_though_it_was_to_leave_the_daemon_alone_and_says_what_is_left(): void {
		Deliver\save_state( array( 'next_try' => time() + 300, 'failures' => 4 ) );
		foreach ( range( 1, 3 ) as $n ) {
			Outbox\append( array( array( 'id' => 'e' . $n, 'type' => 'page.viewed', 'time' => '2027-01-15T08:00:00.000Z', 'data' => array( 'n' => $n ) ) ) );
		}
		$this->world->daemon = static function () {
			return self::answer( 503 );
		};
		$left = Pull\deliver()->data;
		$this->assertSame( array( 3, 0 ), array( $left['waiting'], $left['delivered'] ) );
		$this->assertMatchesRegularExpression( '/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/', $left['oldest'] );
		$this->world->daemon = static function () {
			return self::answer( 200, array( 'accepted' => 3 ) );
		};
		$unlock = Outbox\lock_delivery();
		$this->assertSame( 0, Pull\deliver()->data['delivered'], 'another process is at it' );
		$unlock();
		$this->assertSame( array( 'waiting' => 0, 'oldest' => null, 'delivered' => 3 ), Pull\deliver()->data );
		$this->assertSame( 0, Deliver\state()['failures'] );
	}
}
