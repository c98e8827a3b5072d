<?php
/**
 * The manager's walk through her own shop.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Walk;
use Bazgasht\Bridge\Walk_Page;
use Bazgasht\Bridge\Walk_View;

final class WalkTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->world->user          = 3;
		$this->world->hooks         = array( array( 'bazgasht_recorded', 'Bazgasht\Bridge\Walk\action_recorded' ) );
		$this->world->wc->countries = new class() {
			public function get_base_country() {
				return 'IR';
			}
		};
		$this->world->daemon = static function () {
			return new WP_Error( 'http', 'refused' );
		};
	}

	private function begun( string $phone = '' ): string {
		$begun = Walk_Page\answer( 'begin', '', $phone, null );
		$this->world->wc->session->set( Walk\SESSION, $begun['token'] );
		Walk\learn( $begun['token'], '', 't_guest' );
		return $begun['token'];
	}

	private function look( string $token, ?int $base = null ): array {
		return Walk_Page\answer( 'look', $token, '', $base );
	}

	public function test_a_session_without_the_mark_is_not_noted_and_costs_no_look_into_the_database(): void {
		$this->begun();
		$this->world->wc->session->set( Walk\SESSION, null );
		$before = $this->world->transients;
		Record\event( 'cart.updated', array( 'cart_key' => 't_guest', 'items' => array() ) );
		$this->assertSame( $before, $this->world->transients );
	}

	public function test_shows_each_step_in_order_while_the_daemon_is_away(): void {
		$token = $this->begun();
		Record\event( 'cart.updated', array( 'cart_key' => 't_guest', 'items' => array( array( 'name' => 'چای', 'quantity' => 2 ) ), 'total' => '98000', 'currency' => 'IRT' ) );
		Record\event( 'product.updated', array( 'product_id' => 12 ) );
		Record\event( 'contact.captured', array( 'cart_key' => 't_guest', 'contact' => array( 'phone' => '09120000055' ), 'consent' => array( 'marketing' => false ) ) );
		Record\write();
		$now = $this->look( $token );
		$this->assertSame( array( 'The basket changed', 'A mobile number was typed' ), array_column( $now['events'], 'what' ) );
		$this->assertSame( array( 'waits', 'waits' ), array_column( $now['events'], 'where' ) );
		$this->assertSame( 'چای × ۲ · 98000', str_replace( array( "\u{2068}", "\u{2069}" ), '', $now['events'][0]['detail'] ) );
		$this->assertStringContainsString( '…55', $now['events'][1]['detail'] );
		$this->assertStringContainsString( 'has not agreed', $now['events'][1]['detail'] );
		$this->assertStringNotContainsString( '9120000', json_encode( Walk\steps( $token ) ) );
		$this->assertStringNotContainsString( '9120000', json_encode( $now ), 'no more of a number than its end' );
		$this->assertTrue( $now['arrived'] && $now['has_number'] );
		$this->assertNotSame( '', $now['away'] );
	}

	public function test_tells_what_the_daemon_has_heard_and_plans(): void {
		$token = $this->begun( '09120000055' );
		$this->assertStringContainsString( '"phone":"09120000055"', $this->asked( $token ) );
		$old   = array( 'seq' => 4, 'id' => 'old', 'type' => 'order.created', 'time' => '2020-01-01T00:00:00Z' );
		$new   = array( 'seq' => 9, 'id' => 'new', 'type' => 'cart.updated', 'time' => gmdate( 'Y-m-d\TH:i:s\Z', time() + 1 ) );
		$later = gmdate( 'Y-m-d\TH:i:s\Z', time() + 3600 );
		$this->world->daemon = static function () use ( $old, $new, $later ) {
			return self::answer( 200, array(
				'known'      => true,
				'seq'        => 9,
				'events'     => array( $old, $new ),
				'messages'   => array(
					array( 'id' => 'm', 'campaign' => 'c', 'campaign_name' => 'Basket', 'state' => 'scheduled', 'due_at' => $later, 'reason' => 'not_due_yet', 'planned' => true ),
					array( 'id' => 'l', 'campaign' => 'c', 'state' => 'delivered', 'due_at' => '2020-01-01T00:00:00Z', 'sent_at' => '2020-01-01T00:00:00Z' ),
				),
				'enrolments' => array( array( 'campaign' => 'c', 'campaign_name' => 'Basket', 'state' => 'waiting', 'next_at' => $later ), array( 'campaign' => 'd', 'state' => 'waiting', 'next_at' => $later ) ),
			) );
		};
		$now = $this->look( $token );
		$this->assertSame( array( 'new' ), array_column( $now['events'], 'id' ), 'what was before the walk is not of it' );
		$this->assertSame( 'heard', $now['events'][0]['where'] );
		$this->assertSame( 4, $now['base'], 'and is not asked for again' );
		$this->assertSame( array( 'm' ), array_column( $now['texts'], 'id' ) );
		$this->assertSame( array( 'waits for its moment' ), array_column( $now['ways'], 'word' ), 'the other one shows its text' );
		$this->assertSame( '', $now['away'] );
	}

	private function asked( string $token ): string {
		$this->look( $token );
		return (string) end( $this->world->requests )['body'];
	}

	public function test_what_was_noted_is_heard_once(): void {
		$token = $this->begun();
		Record\event( 'checkout.started', array( 'cart_key' => 't_guest' ) );
		$id                  = Walk\steps( $token )[0]['id'];
		$this->world->daemon = static function () use ( $id ) {
			return self::answer( 200, array( 'known' => false, 'seq' => 1, 'events' => array( array( 'seq' => 1, 'id' => $id, 'type' => 'checkout.started', 'time' => gmdate( 'Y-m-d\TH:i:s\Z', time() + 1 ) ) ) ) );
		};
		$now = $this->look( $token );
		$this->assertSame( array( 'heard' ), array_column( $now['events'], 'where' ) );
	}

	public function test_others_events_are_none_of_it(): void {
		$token = $this->begun( '0912 000 0055' );
		$this->world->wc->session->set( Walk\SESSION, null );
		Record\event( 'cart.updated', array( 'cart_key' => 't_other', 'contact' => array( 'phone' => '09120000066' ) ) );
		Record\event( 'cart.updated', array( 'cart_key' => 't_other', 'contact' => array( 'phone' => '+98 912 000 0055' ) ) );
		Record\write();
		$this->assertCount( 1, $this->look( $token )['events'] );
	}

	public function test_a_walk_is_its_managers_and_ends_without_a_trace(): void {
		$token = $this->begun();
		Record\event( 'checkout.started', array( 'cart_key' => 't_guest' ) );
		$this->world->user = 4;
		$this->assertSame( array( 'over' => true ), $this->look( $token ) );
		$this->assertSame( array( 'over' => true ), Walk_Page\answer( 'end', $token, '', null ) );
		$this->world->user = 3;
		$this->assertArrayHasKey( 'events', $this->look( $token ), 'nobody else can end it' );
		$this->assertSame( array( 'over' => true ), Walk_Page\answer( 'end', $token, '', null ) );
		$this->assertSame( array(), $this->world->transients );
		Record\event( 'checkout.started', array( 'cart_key' => 't_guest' ) );
		$this->assertSame( array(), $this->world->transients, 'the mark alone begins nothing' );
		$this->assertNull( $this->world->wc->session->get( Walk\SESSION ) );
	}

	public function test_wants_a_whole_number_or_none(): void {
		$this->assertArrayHasKey( 'wrong', Walk_Page\answer( 'begin', '', '0912', null ) );
		$this->assertArrayHasKey( 'link', Walk_Page\answer( 'begin', '', '۰۹۱۲۰۰۰۰۰۵۵', null ) );
	}

	public function test_only_managers_of_the_shop_may_look(): void {
		foreach ( array( array( array(), array( 'manage_woocommerce' ) ), array( array( 'nonce of bazgasht_walk' ), array( 'edit_shop_orders' ) ) ) as list( $nonces, $may ) ) {
			$this->world->nonces = $nonces;
			$this->world->may    = $may;
			try {
				Walk_Page\action_ajax();
				$this->fail();
			} catch ( Sent $sent ) {
				$this->assertSame( 403, $sent->status );
			}
		}
	}
}
