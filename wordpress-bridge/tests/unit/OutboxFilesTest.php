<?php
/**
 * Nothing is lost, nothing changes places, nothing can be read from outside.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Outbox\Files;

final class OutboxFilesTest extends BridgeTestCase {
	/** @var string */
	private $folder;

	protected function setUp(): void {
		parent::setUp();
		$this->folder = $this->world->uploads . '/box';
		$this->assertTrue( Files\prepare( $this->folder ) );
	}

	private static function line( int $n, string $type = 'order.created', array $data = array(), string $time = '2027-01-15T08:00:00.000Z' ): string {
		return (string) json_encode( array( 'id' => 'e' . $n, 'type' => $type, 'time' => $time, 'data' => $data + array( 'n' => $n ) ) );
	}

	private static function numbers( array $entries ): array {
		return array_map(
			static function ( array $entry ): int {
				return json_decode( $entry['line'], true )['data']['n'];
			},
			$entries
		);
	}

	public function test_gives_back_in_order_what_was_put_in_and_forgets_what_was_taken(): void {
		Files\append( $this->folder, array( self::line( 1 ), self::line( 2 ) ) );
		Files\append( $this->folder, array( self::line( 3 ) ) );
		$entries = Files\peek( $this->folder, 2, PHP_INT_MAX );
		$this->assertSame( array( 1, 2 ), self::numbers( $entries ) );
		$this->assertSame( array( 1, 2 ), self::numbers( Files\peek( $this->folder, 2, PHP_INT_MAX ) ), 'what is not taken comes again' );
		Files\advance( $this->folder, $entries[0]['next'] );
		Files\append( $this->folder, array( self::line( 4 ) ) );
		$this->assertSame( array( 2, 3 ), self::numbers( $entries = Files\peek( $this->folder, 9, PHP_INT_MAX ) ) );
		Files\advance( $this->folder, end( $entries )['next'] );
		$this->assertSame( array( 4 ), self::numbers( $entries = Files\peek( $this->folder, 9, PHP_INT_MAX ) ) );
		Files\advance( $this->folder, end( $entries )['next'] );
		$this->assertSame( array(), Files\peek( $this->folder, 9, PHP_INT_MAX ) );
		$this->assertSame( array(), Files\sealed( $this->folder ), 'delivered files are gone' );
	}

	public function test_keeps_to_the_size_of_a_batch_but_always_gives_one(): void {
		Files\append( $this->folder, array( self::line( 1 ), self::line( 2 ), self::line( 3 ) ) );
		$length = strlen( self::line( 1 ) ) + 1;
		$this->assertCount( 2, Files\peek( $this->folder, 9, 2 * $length ) );
		$this->assertCount( 1, Files\peek( $this->folder, 9, 10 ) );
	}

	public function test_a_torn_line_costs_only_itself(): void {
		Files\append( $this->folder, array( self::line( 1 ) ) );
		file_put_contents( $this->folder . '/current.php', '{"id":"half","da', FILE_APPEND );
		Files\append( $this->folder, array( self::line( 2 ) ) );
		file_put_contents( $this->folder . '/current.php', '{"id":"half', FILE_APPEND );
		$this->assertSame( array( 1, 2 ), self::numbers( Files\peek( $this->folder, 9, PHP_INT_MAX ) ) );
	}

	public function test_a_new_file_never_takes_the_number_of_a_delivered_one(): void {
		for ( $n = 1; $n <= 3; $n++ ) {
			Files\append( $this->folder, array( self::line( $n ), self::line( 10 + $n ) ) );
			$entries = Files\peek( $this->folder, 9, PHP_INT_MAX );
			$this->assertSame( array( $n, 10 + $n ), self::numbers( $entries ) );
			Files\advance( $this->folder, end( $entries )['next'] );
		}
	}

	public function test_dying_between_the_position_and_the_removal_repeats_nothing(): void {
		Files\append( $this->folder, array( self::line( 1 ) ) );
		$next = Files\peek( $this->folder, 9, PHP_INT_MAX )[0]['next'];
		Files\save_position( $this->folder, $next['segment'], $next['offset'] );
		Files\append( $this->folder, array( self::line( 2 ) ) );
		$this->assertSame( array( 2 ), self::numbers( Files\peek( $this->folder, 9, PHP_INT_MAX ) ) );
	}

	public function test_a_lost_position_repeats_and_loses_nothing(): void {
		Files\append( $this->folder, array( self::line( 1 ), self::line( 2 ) ) );
		Files\advance( $this->folder, Files\peek( $this->folder, 1, PHP_INT_MAX )[0]['next'] );
		file_put_contents( $this->folder . '/position.php', 'rubbish' );
		$this->assertSame( array( 1, 2 ), self::numbers( Files\peek( $this->folder, 9, PHP_INT_MAX ) ) );
	}

	public function test_a_full_disk_lets_a_whole_file_go_but_says_so_in_the_middle(): void {
		Files\append( $this->folder, array( self::line( 1 ), self::line( 2 ) ) );
		$entries = Files\peek( $this->folder, 9, PHP_INT_MAX );
		mkdir( $this->folder . '/position.php.new.php' );
		$this->assertFalse( Files\advance( $this->folder, $entries[0]['next'] ) );
		$this->assertTrue( Files\advance( $this->folder, $entries[1]['next'] ) );
		$this->assertSame( array(), Files\peek( $this->folder, 9, PHP_INT_MAX ) );
	}

	public function test_what_root_makes_belongs_to_whom_the_folder_belongs(): void {
		if ( ! function_exists( 'posix_geteuid' ) || 0 !== posix_geteuid() ) {
			$this->markTestSkipped( 'only root can give files away' );
		}
		chown( $this->world->uploads, 65534 );
		$folder = $this->world->uploads . '/given';
		Files\prepare( $folder );
		Files\append( $folder, array( self::line( 1 ), self::line( 2 ) ) );
		Files\advance( $folder, Files\peek( $folder, 1, PHP_INT_MAX )[0]['next'] );
		Files\append( $folder, array( self::line( 3 ) ) );
		clearstatcache();
		foreach ( array_diff( scandir( $folder ), array( '..' ) ) as $name ) {
			$this->assertSame( 65534, fileowner( $folder . '/' . $name ), $name );
		}
	}

	public function test_says_so_when_it_cannot_write(): void {
		$this->assertFalse( Files\append( $this->world->uploads . '/nowhere', array( self::line( 1 ) ) ) );
	}

	public function test_nothing_in_the_folder_speaks_when_it_is_run(): void {
		Files\append( $this->folder, array( self::line( 1, 'page.viewed', array( 'page' => '<?php echo 1; ?>' ) ) ) );
		$entries = Files\peek( $this->folder, 9, PHP_INT_MAX );
		Files\set_aside( $this->folder, $entries[0], 'HTTP 400' );
		Files\append( $this->folder, array( self::line( 2 ) ) );
		Files\peek( $this->folder, 9, PHP_INT_MAX );
		Files\append( $this->folder, array( self::line( 3 ) ) );
		$seen = array();
		foreach ( array_diff( scandir( $this->folder ), array( '.', '..', '.htaccess' ) ) as $name ) {
			$this->assertStringEndsWith( '.php', $name );
			$this->assertSame( '', shell_exec( PHP_BINARY . ' ' . escapeshellarg( $this->folder . '/' . $name ) ) ?? '', $name );
			$seen[] = preg_replace( '/\d/', '', $name );
		}
		foreach ( array( 'aside.php', 'current.php', 'index.php', 'position.php', 'sealed-.php' ) as $name ) {
			$this->assertContains( $name, $seen );
		}
	}

	public function test_many_writers_and_a_reader_lose_and_mix_up_nothing(): void {
		$writer  = tempnam( $this->world->uploads, 'w' );
		$program = '<?php namespace Bazgasht\Bridge; require ' . var_export( dirname( __DIR__, 2 ) . '/src/outbox-files.php', true ) . ';
			for ( $n = 0; $n < 150; $n++ ) { Outbox\Files\append( $argv[1], array( json_encode( array( "data" => array( "n" => (int) $argv[2] * 1000 + $n, "pad" => str_repeat( "x", 300 ) ) ) ) ) ); }';
		file_put_contents( $writer, $program );
		$running = array();
		for ( $w = 1; $w <= 4; $w++ ) {
			$running[] = proc_open( array( PHP_BINARY, $writer, $this->folder, (string) $w ), array(), $pipes );
		}
		$got = array();
		do {
			$alive   = array_filter( $running, static function ( $process ) {
				return proc_get_status( $process )['running'];
			} );
			$entries = Files\peek( $this->folder, 7, PHP_INT_MAX );
			if ( array() !== $entries ) {
				$got = array_merge( $got, self::numbers( $entries ) );
				Files\advance( $this->folder, end( $entries )['next'] );
			}
		} while ( array() !== $alive || array() !== $entries );
		$this->assertCount( 600, $got );
		foreach ( array( 1, 2, 3, 4 ) as $w ) {
			$mine = array_values( array_filter( $got, static function ( int $n ) use ( $w ) {
				return intdiv( $n, 1000 ) === $w;
			} ) );
			$this->assertSame( range( $w * 1000, $w * 1000 + 149 ), $mine );
		}
	}

	public function test_thinning_takes_overtaken_and_old_carts_and_never_orders_or_opt_outs(): void {
		$old = '2020-01-01T00:00:00.000Z';
		Files\append(
			$this->folder,
			array(
				self::line( 1, 'cart.updated', array( 'cart_key' => 'a' ), $old ),
				self::line( 2, 'order.created', array(), $old ),
				self::line( 3, 'cart.updated', array( 'cart_key' => 'b' ) ),
				self::line( 4, 'contact.opted_out', array(), $old ),
				self::line( 5, 'cart.cleared', array( 'cart_key' => 'a' ), $old ),
				self::line( 6, 'contact.captured', array(), $old ),
				self::line( 7, 'cart.updated', array( 'cart_key' => 'b' ) ),
				self::line( 8, 'product.updated', array( 'product_id' => 1 ), $old ),
				self::line( 9, 'product.updated', array( 'product_id' => 1 ), $old ),
			)
		);
		Files\peek( $this->folder, 1, PHP_INT_MAX );
		Files\thin( $this->folder, PHP_INT_MAX, (int) strtotime( '2026-01-01' ) );
		$this->assertSame( array( 2, 3, 4, 5, 6, 7, 8, 9 ), self::numbers( Files\peek( $this->folder, 99, PHP_INT_MAX ) ), 'with room, only what is stale goes' );
		Files\thin( $this->folder, 10, (int) strtotime( '2026-01-01' ) );
		$this->assertSame( array( 2, 4, 5, 6, 9 ), self::numbers( Files\peek( $this->folder, 99, PHP_INT_MAX ) ), 'without room, all carts go' );
	}

	public function test_thinning_a_file_that_is_half_delivered_brings_nothing_back(): void {
		Files\append( $this->folder, array( self::line( 1 ), self::line( 2, 'cart.updated', array( 'cart_key' => 'a' ) ), self::line( 3 ) ) );
		Files\advance( $this->folder, Files\peek( $this->folder, 1, PHP_INT_MAX )[0]['next'] );
		Files\thin( $this->folder, 10, 0 );
		$this->assertSame( array( 3 ), self::numbers( Files\peek( $this->folder, 99, PHP_INT_MAX ) ) );
	}

	public function test_counts_what_waits(): void {
		$this->assertSame( 0, Files\waiting( $this->folder )['events'] );
		Files\append( $this->folder, array( self::line( 1 ), self::line( 2 ) ) );
		Files\peek( $this->folder, 1, PHP_INT_MAX );
		Files\append( $this->folder, array( self::line( 3 ) ) );
		$waiting = Files\waiting( $this->folder );
		$this->assertSame( 3, $waiting['events'] );
		$this->assertSame( strtotime( '2027-01-15T08:00:00Z' ), $waiting['oldest'] );
	}
}
