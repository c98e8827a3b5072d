<?php
/**
 * The first run, and the settings that it shares with the settings page.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Fields;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Settings_Page;
use Bazgasht\Bridge\Wizard;
use Bazgasht\Bridge\Wizard_View;

final class WizardTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$GLOBALS['wp_settings_sections'] = array();
		$GLOBALS['wp_settings_fields']   = array();
		Fields\action_declare();
		$this->world->daemon = static function () {
			return self::answer( 200, array( 'version' => '0.1.0', 'ready' => true ) );
		};
	}

	protected function tearDown(): void {
		parent::tearDown();
		$_POST = array();
		unset( $_GET['step'], $_GET['view'] );
	}

	private function shown( callable $show ): string {
		ob_start();
		$show();
		return (string) ob_get_clean();
	}

	public function test_every_setting_has_a_field_and_every_field_a_setting(): void {
		$declared = array();
		foreach ( array( Fields\DAEMON, Fields\NUMBER, Fields\CONSENT, Fields\WATCHED, Fields\WAYS, Fields\END ) as $section ) {
			$declared = array_merge( $declared, array_keys( Fields\keys( $section ) ) );
		}
		sort( $declared );
		$known = array_keys( Settings\defaults() );
		sort( $known );
		$this->assertSame( $known, $declared );
	}

	public function test_the_secret_is_never_printed(): void {
		foreach ( array_keys( Wizard\steps() ) as $step ) {
			if ( Wizard\DOUBLES !== $step ) {
				$this->assertStringNotContainsString( substr( self::SECRET, 6, 10 ), $this->shown( static function () use ( $step ): void {
					Wizard_View\show( $step );
				} ) );
			}
		}
	}

	public function test_a_step_saves_its_own_fields_only(): void {
		$this->world->options[ Settings\OPTION ] += array( 'dialog_consent_text' => 'yes please', 'make_coupons' => true, 'capture_checkout' => true, 'dialog_enabled' => true );
		$this->assertSame( Wizard\url( Wizard\CONSENT ) . '&settings-updated=true', Wizard\take( Wizard\NUMBER, Wizard\NEXT, array( 'dialog_enabled' => '1', 'dialog_text' => 'hello', 'remove_data' => '1' ) ) );
		$saved = Settings\sanitize( $this->world->options[ Settings\OPTION ] );
		$this->assertSame( array( false, true, 'hello', 'yes please', true, false, self::SECRET ), array( $saved['capture_checkout'], $saved['dialog_enabled'], $saved['dialog_text'], $saved['dialog_consent_text'], $saved['make_coupons'], $saved['remove_data'], $saved['secret'] ) );
	}

	public function test_goes_on_only_once_the_daemon_answers_but_can_be_skipped(): void {
		$this->world->daemon = static function () {
			return self::answer( 401 );
		};
		$this->assertStringContainsString( 'step=connect', Wizard\take( Wizard\CONNECT, Wizard\NEXT, array() ) );
		$this->assertSame( array( 'error connection' ), $this->world->notices );
		$this->assertStringContainsString( 'step=number', Wizard\take( Wizard\CONNECT, Wizard\SKIP, array() ) );
	}

	public function test_it_is_taken_up_where_it_was_left_and_ends(): void {
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$this->assertTrue( Wizard\is_open() );
		$this->assertSame( Wizard\CONNECT, Wizard\step() );
		Wizard\take( Wizard\CONNECT, Wizard\SKIP, array() );
		$this->assertSame( Wizard\NUMBER, Wizard\step() );
		$this->assertSame( Settings_Page\SETUP, Settings_Page\view() );
		$_GET['step'] = 'test';
		$this->assertSame( Wizard\TEST, Wizard\step() );
		$_GET['step'] = 'nonsense';
		$this->assertSame( Wizard\NUMBER, Wizard\step() );
		$this->assertStringContainsString( 'step=done', Wizard\take( Wizard\TEST, Wizard\NEXT, array() ) );
		$this->assertFalse( Wizard\is_open() );
		$this->assertSame( Settings_Page\CONNECTION, Settings_Page\view() );
	}

	public function test_it_can_be_left_for_good_and_a_shop_that_is_connected_is_not_bothered(): void {
		$this->assertFalse( Wizard\is_open() );
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$this->world->may = array( 'manage_woocommerce' );
		$this->assertStringContainsString( 'Set Bazgasht up', $this->shown( 'Bazgasht\Bridge\Wizard\action_admin_notice' ) );
		$this->world->options['screen'] = 'edit-post';
		$this->assertSame( '', $this->shown( 'Bazgasht\Bridge\Wizard\action_admin_notice' ) );
		$this->world->options['screen'] = 'plugins';
		$this->world->may               = array();
		$this->assertSame( '', $this->shown( 'Bazgasht\Bridge\Wizard\action_admin_notice' ) );
		$this->world->may = array( 'manage_woocommerce' );
		$this->assertSame( Settings_Page\url( Settings_Page\CONNECTION ), Wizard\take( Wizard\CONNECT, Wizard\LEAVE, array() ) );
		$this->assertSame( '', $this->shown( 'Bazgasht\Bridge\Wizard\action_admin_notice' ) );
	}

	public function test_only_managers_of_the_shop_take_steps(): void {
		foreach ( array( array( array(), array( 'manage_woocommerce' ), 403 ), array( array( 'nonce of bazgasht_setup' ), array(), 403 ), array( array( 'nonce of bazgasht_setup' ), array( 'manage_woocommerce' ), 302 ) ) as list( $nonces, $may, $status ) ) {
			$this->world->nonces = $nonces;
			$this->world->may    = $may;
			$_POST               = array( 'step' => 'number', 'go' => 'skip' );
			try {
				Wizard\action_step();
			} catch ( Sent $sent ) {
				$this->assertSame( $status, $sent->status );
			}
		}
		$this->assertSame( Wizard\CONSENT, Wizard\state()['step'] );
	}
}
