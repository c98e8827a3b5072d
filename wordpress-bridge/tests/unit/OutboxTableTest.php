<?php
/**
 * The table that takes over where the folder cannot be written.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Outbox;

final class OutboxTableTest extends BridgeTestCase {
	/** @var Database */
	private $database;

	protected function setUp(): void {
		parent::setUp();
		$this->database  = new Database();
		$GLOBALS['wpdb'] = $this->database;
	}

	protected function tearDown(): void {
		unset( $GLOBALS['wpdb'] );
		parent::tearDown();
	}

	private static function event( int $n ): array {
		return array( 'id' => 'e' . $n, 'type' => 'order.created', 'time' => '2027-01-15T08:00:00.000Z', 'data' => array( 'n' => $n, 'phone' => '09120001234' ) );
	}

	public function test_promise_12_a_missing_table_puts_no_number_into_the_error_log(): void {
		$this->world->options[ Outbox\OPTION ] = array( 'table' => true );
		Outbox\append( array( self::event( 1 ) ) );
		$this->assertSame( array(), $this->database->logged );
		$this->assertSame( array( 1 ), $this->waiting( 'n' ) );
		$this->assertFalse( $this->database->suppressed, 'as it was before' );
	}

	public function test_a_row_that_shows_late_with_a_lower_id_is_not_lost(): void {
		$this->world->options[ Outbox\OPTION ] = array( 'table' => true );
		Outbox\append( array( self::event( 2 ), self::event( 3 ) ) );
		$sent = Outbox\peek( 9, PHP_INT_MAX );
		$this->database->show_late( 9, Outbox\encode( self::event( 1 ) ) );
		Outbox\advance( end( $sent )['next'] );
		$this->assertSame( array( 1 ), $this->waiting( 'n' ) );
	}

	public function test_of_what_was_read_only_what_was_sent_is_forgotten(): void {
		$this->world->options[ Outbox\OPTION ] = array( 'table' => true );
		Outbox\append( array( self::event( 1 ), self::event( 2 ), self::event( 3 ) ) );
		Outbox\advance( Outbox\peek( 9, PHP_INT_MAX )[1]['next'] );
		$this->assertSame( array( 3 ), $this->waiting( 'n' ) );
	}

	public function test_a_request_that_still_believes_in_the_table_loses_nothing(): void {
		$this->world->options[ Outbox\OPTION ] = array( 'table' => true );
		Outbox\append( array( self::event( 1 ) ) );
		Outbox\advance( Outbox\peek( 9, PHP_INT_MAX )[0]['next'] );
		$this->assertSame( array(), Outbox\peek( 9, PHP_INT_MAX ) );
		$this->assertFalse( Outbox\uses_table(), 'files are the rule again' );
		Outbox\Table\append( array( Outbox\encode( self::event( 2 ) ) ) );
		$this->assertSame( array( 2 ), $this->waiting( 'n' ) );
		$this->assertSame( 1, Outbox\waiting()['events'] );
	}
}
