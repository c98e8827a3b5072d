<?php
/**
 * A fresh world for each test: no options, an outbox of its own, a shopper with a session.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;
use PHPUnit\Framework\TestCase;

abstract class BridgeTestCase extends TestCase {
	const SECRET = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

	/** @var World */
	protected $world;

	protected function setUp(): void {
		$this->world          = World::renew();
		$this->world->uploads = sys_get_temp_dir() . '/bazgasht-test-' . bin2hex( random_bytes( 6 ) );
		mkdir( $this->world->uploads );
		$this->world->options[ Settings\OPTION ] = array( 'secret' => self::SECRET );
		$this->world->wc                         = (object) array(
			'session'  => new Session( 't_guest' ),
			'cart'     => new Cart_Double(),
			'customer' => null,
			'countries' => new class() {
				public $base = 'IR';
				public function get_base_country() {
					return $this->base;
				}
				public function get_country_calling_code( $country ) {
					return '+98';
				}
			},
		);
		$_SERVER['HTTP_USER_AGENT']              = 'Mozilla/5.0 (a browser)';
		$this->next_request();
		$pending = &Record\pending();
		$pending = array();
		$left    = &Record\left();
		$left    = array();
	}

	protected function tearDown(): void {
		$this->remove( $this->world->uploads );
		unset( $_GET['bazgasht'], $_GET['hit'], $_SERVER['REQUEST_METHOD'], $_SERVER['HTTP_SEC_PURPOSE'], $_SERVER['HTTP_USER_AGENT'] );
	}

	/** An Iranian shop, which knows one foreign calling code. */
	protected function in_iran(): void {
		$this->world->wc->countries = new class() {
			public function get_base_country() {
				return 'IR';
			}
			public function get_country_calling_code( $country ) {
				return 'GB' === $country ? '+44' : '+98';
			}
		};
	}

	/** What a request remembers is forgotten with it. */
	protected function next_request(): void {
		foreach ( array( 'touched' => false, 'checkout' => false, 'logged_out' => false, 'ordered' => false, 'left' => array() ) as $key => $value ) {
			Cart\seen()->$key = $value;
		}
		Orders\seen()->touched = array();
		Orders\seen()->refunds = array();
		Orders\seen()->gone    = array();
	}

	/** The events that were recorded since, and forgets them. */
	protected function recorded(): array {
		$left = &Record\left();
		array_map( 'Bazgasht\Bridge\Record\safely', $left );
		$left     = array();
		$pending  = &Record\pending();
		$recorded = $pending;
		$pending  = array();
		return $recorded;
	}

	/** The same, as type and some of the data. */
	protected function recorded_types(): array {
		return array_column( $this->recorded(), 'type' );
	}

	/** What waits in the outbox, by a field of the data. */
	protected function waiting( string $field ): array {
		$values = array();
		foreach ( Outbox\peek( 1000, PHP_INT_MAX ) as $entry ) {
			$values[] = json_decode( $entry['line'], true )['data'][ $field ];
		}
		return $values;
	}

	/** An answer of the daemon. */
	protected static function answer( int $status, ?array $json = array(), array $headers = array() ): array {
		return array(
			'status'  => $status,
			'body'    => null === $json ? '<html>' : json_encode( $json ),
			'headers' => $headers,
		);
	}

	private function remove( string $path ): void {
		foreach ( array_diff( (array) @scandir( $path ), array( '.', '..', false ) ) as $name ) {
			is_dir( "$path/$name" ) ? $this->remove( "$path/$name" ) : unlink( "$path/$name" );
		}
		@rmdir( $path );
	}
}
