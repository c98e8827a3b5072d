<?php
/**
 * A network's sites share nothing; deleting the plugin removes data only where that was asked for.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Network;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\People;
use Bazgasht\Bridge\Settings;

final class NetworkTest extends BridgeTestCase {
	/** @var Database */
	private $database;

	protected function setUp(): void {
		parent::setUp();
		$this->database         = new Database();
		$this->database->tables = array( 'wp_actionscheduler_actions', 'wp_3_actionscheduler_actions' );
		$GLOBALS['wpdb']        = $this->database;
		$this->world->is_network = true;
	}

	/** Loads uninstall.php as WordPress does. Once: its functions stay. */
	private function uninstall(): void {
		if ( ! defined( 'WP_UNINSTALL_PLUGIN' ) ) {
			define( 'WP_UNINSTALL_PLUGIN', 'x' );
			$network                 = $this->world->is_network;
			$settings                = $this->world->options;
			$this->world->is_network = false;
			$this->world->options    = array();
			require __DIR__ . '/../../uninstall.php';
			$this->world->is_network = $network;
			$this->world->options    = $settings;
		}
		bazgasht_bridge_uninstall_site();
	}

	public function test_deactivated_in_the_network_no_site_keeps_an_action(): void {
		Network\deactivated( true );
		$this->assertSame( array( array( 1, 'unscheduled' ), array( 3, 'unscheduled' ) ), $this->world->sites, 'the second has no shop' );
		$this->assertSame( 1, $this->world->blog );
		$this->world->sites = array();
		Network\deactivated( false );
		$this->assertSame( array( array( 1, 'unscheduled' ) ), $this->world->sites );
	}

	public function test_each_site_notes_for_itself_that_an_account_was_told(): void {
		$this->assertSame( '_bazgasht_told', People\meta_told() );
		$this->world->blog = 3;
		$this->assertSame( '_bazgasht_told_3', People\meta_told() );
		$this->world->is_network = false;
		$this->assertSame( '_bazgasht_told', People\meta_told() );
	}

	public function test_a_site_that_is_deleted_takes_its_table_along(): void {
		$this->assertSame( array( 'wp_posts', 'wp_bazgasht_outbox' ), Network\filter_tables_of_site( array( 'wp_posts' ) ) );
	}

	public function test_deleted_without_the_tick_everything_stays(): void {
		Outbox\append( array( array( 'id' => 'e1', 'data' => array( 'n' => 1 ) ) ) );
		$before = $this->world->options;
		$this->uninstall();
		$this->assertSame( $before, $this->world->options );
		$this->assertSame( array( 1 ), $this->waiting( 'n' ) );
		$this->assertSame( array(), $this->database->queries );
	}

	public function test_deleted_with_the_tick_nothing_stays(): void {
		$this->world->is_network = false;
		Outbox\append( array( array( 'id' => 'e1', 'data' => array( 'n' => 1 ) ) ) );
		foreach ( array( 'delivery', 'coupons', 'snapshot', 'home', 'doubles' ) as $option ) {
			$this->world->options[ 'bazgasht_' . $option ] = 'x';
		}
		$this->world->options['another'] = 'stays';

		$this->world->options[ Settings\OPTION ]['remove_data'] = true;
		$this->uninstall();
		$this->assertSame( array( 'another' => 'stays' ), $this->world->options );
		$this->assertSame( array(), array_diff( (array) scandir( $this->world->uploads ), array( '.', '..' ) ) );
		$queries = implode( "\n", $this->database->queries );
		foreach ( array( 'DROP TABLE IF EXISTS wp_bazgasht_outbox', 'wp_postmeta', 'wp_commentmeta', "wp_usermeta WHERE meta_key = _bazgasht_told", 'heard', 'stops', 'silence', '_bazgasht_erased' ) as $part ) {
			$this->assertStringContainsString( $part, $queries );
		}
	}

	public function test_every_option_and_note_of_the_plugin_is_known_to_uninstall(): void {
		$uninstall = file_get_contents( __DIR__ . '/../../uninstall.php' );
		foreach ( glob( __DIR__ . '/../../src/*.php' ) as $path ) {
			preg_match_all( "/^const (?:OPTION|META\\w*)\\s+= '(?:bazgasht_)?(\\w+)';/m", file_get_contents( $path ), $found );
			foreach ( $found[1] as $name ) {
				$this->assertStringContainsString( "'" . $name . "'", $uninstall, basename( $path ) );
			}
		}
	}
}
