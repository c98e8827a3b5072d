<?php
/**
 * The index names functions that exist, and the plugin loads what it has.
 *
 * @package Bazgasht
 */

final class HooksTest extends BridgeTestCase {
	public function callbacks(): iterable {
		foreach ( glob( __DIR__ . '/../../src/*.php' ) as $path ) {
			preg_match_all( '/__NAMESPACE__ \. \'(\\\\[A-Za-z_\\\\]+)\'/', file_get_contents( $path ), $found );
			preg_match( '/^namespace ([^;]+);/m', file_get_contents( $path ), $namespace );
			foreach ( array_unique( $found[1] ) as $name ) {
				yield basename( $path ) . ' ' . $name => array( $namespace[1] . str_replace( '\\\\', '\\', $name ) );
			}
		}
	}

	/** @dataProvider callbacks */
	public function test_every_callback_exists( string $name ): void {
		$this->assertTrue( function_exists( $name ), $name );
	}

	public function test_opting_out_is_listened_to_before_links_and_on_every_screen(): void {
		Bazgasht\Bridge\init_hooks();
		$by_name = array();
		foreach ( $this->world->hooks as list( $name, $callback ) ) {
			$by_name[ $name ][] = str_replace( 'Bazgasht\Bridge\\', '', $callback );
		}
		$this->assertSame( array( 'Stop_Page\action_request', 'Ask_Page\action_request', 'Restore\action_request' ), $by_name['parse_request'] );
		foreach ( array(
			'add_meta_boxes'            => 'Stop_Admin\action_meta_boxes',
			'show_user_profile'         => 'Stop_Admin\action_profile',
			'edit_user_profile'         => 'Stop_Admin\action_profile',
			'admin_post_bazgasht_stop'  => 'Stop_Admin\action_told',
			'admin_post_bazgasht_home'  => 'Home_Notice\action_answered',
			'admin_notices'             => 'Home_Notice\action_admin_notice',
			'woocommerce_add_to_cart'   => 'Cart\action_touched',
		) as $name => $callback ) {
			$this->assertContains( $callback, $by_name[ $name ] );
		}
	}

	public function test_a_copy_of_the_shop_listens_to_nothing_that_happens_in_it(): void {
		Bazgasht\Bridge\Settings\is_connected();
		$this->world->home = 'https://staging.shop.example';
		Bazgasht\Bridge\init_hooks();
		$names = array_column( $this->world->hooks, 0 );
		$this->assertNotContains( 'woocommerce_new_order', $names );
		$this->assertNotContains( 'shutdown', $names );
		$this->assertContains( 'admin_notices', $names );
	}

	public function test_the_plugin_loads_every_file(): void {
		$loader = file_get_contents( __DIR__ . '/../../bazgasht-bridge.php' ) . file_get_contents( __DIR__ . '/../../src/hooks.php' );
		foreach ( glob( __DIR__ . '/../../src/*.php' ) as $path ) {
			$this->assertStringContainsString( '/' . basename( $path ) . "'", $loader );
		}
	}
}
