<?php
/**
 * The vectors that both sides of the contract share.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Signer;
use PHPUnit\Framework\TestCase;

final class SignerTest extends TestCase {
	private static function vectors(): array {
		return json_decode( file_get_contents( __DIR__ . '/../../../tests/data/signatures/vectors.json' ), true );
	}

	public function signatures(): iterable {
		foreach ( self::vectors()['signatures'] as $vector ) {
			yield $vector['name'] => array( $vector );
		}
	}

	/** @dataProvider signatures */
	public function test_verifies_as_the_vectors_say( array $vector ): void {
		$key = Signer\key( $vector['secret'] );
		$this->assertSame( $vector['valid'], Signer\verify( $key, $vector['id'], $vector['timestamp'], $vector['payload'], $vector['signature'], $vector['now'] ) );
	}

	/** @dataProvider signatures */
	public function test_signs_as_the_vectors_say( array $vector ): void {
		$is_single = false === strpos( $vector['signature'], ' ' );
		$made      = Signer\sign( Signer\key( $vector['secret'] ), $vector['id'], $vector['timestamp'], $vector['payload'] );
		$in_time   = abs( $vector['now'] - $vector['timestamp'] ) <= Signer\TOLERANCE_S;
		if ( $is_single && $in_time ) {
			$this->assertSame( $vector['valid'], $made === $vector['signature'] );
		} else {
			$this->assertSame( $vector['valid'] || ! $in_time, in_array( $made, explode( ' ', $vector['signature'] ), true ) );
		}
	}

	public function secrets(): iterable {
		foreach ( self::vectors()['refused_secrets'] as $vector ) {
			yield $vector['name'] => array( $vector['secret'] );
		}
	}

	/** @dataProvider secrets */
	public function test_refuses_what_is_no_secret( string $secret ): void {
		$this->assertNull( Signer\key( $secret ) );
	}

	public function test_signs_the_request_line_of_a_get(): void {
		$this->assertSame( 'GET /v1/links/3JcKdsX?hit=1', Signer\request_line( 'GET', '/v1/links/3JcKdsX?hit=1' ) );
	}
}
