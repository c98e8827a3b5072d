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

	public function test_the_plugin_loads_every_file(): void {
		$loader = file_get_contents( __DIR__ . '/../../bazgasht-bridge.php' ) . file_get_contents( __DIR__ . '/../../src/hooks.php' );
		foreach ( glob( __DIR__ . '/../../src/*.php' ) as $path ) {
			$this->assertStringContainsString( '/' . basename( $path ) . "'", $loader );
		}
	}
}
