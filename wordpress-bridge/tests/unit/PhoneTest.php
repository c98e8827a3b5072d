<?php
/**
 * Numbers are read as the daemon reads them: by the same vectors.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Phone;
use PHPUnit\Framework\TestCase;

final class PhoneTest extends TestCase {
	const CODES = array( 'IR' => '+98', 'GB' => '+44', 'US' => '+1', 'DE' => '+49', 'FR' => '+33', 'AU' => '+61', 'RU' => '+7', 'HU' => '+36', 'DO' => '+1809', 'CI' => '+225' );

	/** Numbers that nobody has, and landlines abroad: that takes tables of each country, which the daemon has. */
	const ONLY_THE_DAEMON_KNOWS = array( '9120000001', '+999120000001', '+44 20 7946 0123', '020 7946 0123', '030 23125123', '+1 800 555 0123', '+44 7400', '+1 912 000 0001' );

	private static function readings( string $raw, ?string $country, string $shop ): array {
		$shop    = explode( ':', strtoupper( $shop ) )[0];
		$country = strtoupper( (string) $country );
		$code    = self::CODES[ '' === $country ? $shop : $country ] ?? null;
		return Phone\readings( $raw, $country, $shop, array_filter( array( $code ) ) );
	}

	public function test_reads_the_vectors_that_the_daemon_reads(): void {
		$vectors = json_decode( (string) file_get_contents( __DIR__ . '/../../../tests/data/phones.json' ), true );
		$this->assertGreaterThan( 60, count( $vectors ) );
		foreach ( $vectors as $vector ) {
			$found = self::readings( $vector['raw'], $vector['country'], $vector['shop'] );
			if ( isset( $vector['e164'] ) ) {
				$this->assertSame( $vector['e164'], $found[0] ?? '', json_encode( $vector ) );
			} elseif ( ! in_array( $vector['raw'], self::ONLY_THE_DAEMON_KNOWS, true ) ) {
				$this->assertSame( array(), $found, json_encode( $vector ) );
			}
		}
	}

	public function abroad(): iterable {
		yield 'Russia dials 8' => array( '8 912 345 67 89', 'RU', '+79123456789' );
		yield 'Hungary dials 06' => array( '06 20 123 4567', 'HU', '+36201234567' );
		yield 'an area code of its own' => array( '809-555-0123', 'DO', '+18095550123' );
		yield 'a zero that belongs to the number' => array( '07 07 12 34 56', 'CI', '+2250707123456' );
		yield 'the same with its code' => array( '+225 07 07 12 34 56', 'IR', '+2250707123456' );
	}

	/** @dataProvider abroad */
	public function test_numbers_of_other_countries_are_among_the_readings( string $raw, string $country, string $e164 ): void {
		$this->assertContains( $e164, self::readings( $raw, $country, 'IR' ) );
	}

	public function test_any_text_is_read(): void {
		foreach ( array( "\xff\xfe0912", str_repeat( '0912 ', 5000 ), '+', '++', "0\n0" ) as $raw ) {
			$this->assertSame( array(), self::readings( $raw, null, 'IR' ) );
		}
	}
}
