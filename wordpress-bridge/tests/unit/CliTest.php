<?php
/**
 * `wp bazgasht`: what it prints, and how it ends.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Cli;
use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Settings;

final class CliTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$GLOBALS['wpdb']     = new Database();
		$this->world->daemon = static function () {
			return self::answer( 200, array( 'accepted' => 1, 'duplicate' => 0, 'rejected' => array(), 'version' => '0.1.0' ) );
		};
	}

	/** Runs a command; gives how it ended: 0, or 1. */
	private function ran( callable $command, ...$arguments ): int {
		$this->world->cli = array();
		try {
			$command( ...$arguments );
		} catch ( Sent $sent ) {
			return $sent->status;
		}
		return 0;
	}

	public function test_names_its_commands(): void {
		Cli\init();
		$named = array();
		foreach ( $this->world->cli as list( $what, $command ) ) {
			$this->assertSame( 'command', $what );
			$this->assertTrue( function_exists( $command[1] ), $command[1] );
			$named[] = $command[0];
		}
		$this->assertSame( array( 'bazgasht status', 'bazgasht test', 'bazgasht deliver', 'bazgasht outbox', 'bazgasht catalogue', 'bazgasht forget', 'bazgasht snapshot' ), $named );
	}

	public function test_status_says_how_it_stands_without_the_secret(): void {
		$this->assertSame( 0, $this->ran( 'Bazgasht\Bridge\Cli\status', array(), array( 'format' => 'json' ) ) );
		list( , list( $format, $rows ) ) = $this->world->cli[0];
		$this->assertSame( 'json', $format );
		$this->assertContains( array( 'name' => 'waiting', 'value' => 0 ), $rows );
		$this->assertStringNotContainsString( self::SECRET, json_encode( $rows ) );
		Deliver\save_state( array( 'failures' => 1 ) );
		$this->assertSame( 1, $this->ran( 'Bazgasht\Bridge\Cli\status' ) );
		Deliver\forget_failures();
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$this->assertSame( 1, $this->ran( 'Bazgasht\Bridge\Cli\status' ) );
	}

	public function test_test_ends_with_what_was_found(): void {
		$this->assertSame( 0, $this->ran( 'Bazgasht\Bridge\Cli\test' ) );
		$this->world->daemon = static function () {
			return new WP_Error( 'x', 'Connection refused' );
		};
		$this->assertSame( 1, $this->ran( 'Bazgasht\Bridge\Cli\test' ) );
		$this->assertStringContainsString( 'Connection refused', $this->world->cli[0][1] );
	}

	public function test_outbox_shows_the_end_of_a_number_only(): void {
		foreach ( array( 1, 2, 3 ) as $n ) {
			Outbox\append( array( array( 'id' => "e$n", 'type' => 'order.created', 'time' => 't', 'data' => array( 'order_id' => $n, 'contact' => array( 'phone' => '۰۹۱۲۰۰۰۰۰۴۷', 'first_name' => 'سارا' ) ) ) ) );
		}
		$this->ran( 'Bazgasht\Bridge\Cli\outbox', array(), array( 'limit' => '2' ) );
		$this->assertSame( array( 'time' => 't', 'type' => 'order.created', 'about' => '1', 'number' => '…47', 'id' => 'e1' ), $this->world->cli[0][1][1][0] );
		$this->assertCount( 2, $this->world->cli[0][1][1] );
		$this->ran( 'Bazgasht\Bridge\Cli\outbox', array(), array( 'limit' => '0' ) );
		$this->assertCount( 3, $this->world->cli[0][1][1] );
	}

	public function test_forgets_by_number_after_asking(): void {
		$this->world->orders[7] = new WC_Order( array( 'id' => 7, 'customer_id' => 0, 'billing_email' => '', 'billing_phone' => '09120000047', 'meta' => array( '_bazgasht_link' => 'abcd' ) ) );
		Outbox\append( array( array( 'id' => 'e1', 'type' => 'contact.captured', 'data' => array( 'contact' => array( 'phone' => '09120000047' ) ) ) ) );
		$this->assertSame( 0, $this->ran( 'Bazgasht\Bridge\Cli\forget', array( '+989120000047' ) ) );
		$this->assertSame( array( 'confirm', 'success' ), array_column( $this->world->cli, 0 ) );
		$this->assertStringNotContainsString( '0000047', json_encode( $this->world->cli ) );
		$this->assertSame( array( array( 'phone' => '+989120000047' ) ), $this->waiting( 'contact' ) );
		$this->assertSame( '', $this->world->orders[7]->get_meta( '_bazgasht_link' ) );
		$this->assertSame( '1', $this->world->orders[7]->get_meta( '_bazgasht_erased' ) );
	}

	public function test_forgets_nobody_by_mistake(): void {
		foreach ( array( '12', 'nobody@example.test', '' ) as $given ) {
			$this->assertSame( 1, $this->ran( 'Bazgasht\Bridge\Cli\forget', array( $given ), array( 'yes' => true ) ) );
		}
		$this->assertSame( array(), iterator_to_array( Outbox\events(), false ) );
	}

	public function test_ends_with_1_when_the_daemon_cannot_be_asked(): void {
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$this->assertSame( 1, $this->ran( 'Bazgasht\Bridge\Cli\forget', array( '09120000047' ), array( 'yes' => true ) ) );
		$this->assertSame( 1, $this->ran( 'Bazgasht\Bridge\Cli\catalogue' ) );
	}

	public function test_deliver_ends_with_1_when_nothing_gets_through(): void {
		Outbox\append( array( array( 'id' => 'e1', 'data' => array() ) ) );
		$this->world->daemon = static function () {
			return new WP_Error( 'x', 'Connection refused' );
		};
		$this->assertSame( 1, $this->ran( 'Bazgasht\Bridge\Cli\deliver' ) );
	}
}
