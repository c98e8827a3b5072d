<?php
/**
 * The Jalali calendar, against days that are known.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Jalali;

final class JalaliTest extends BridgeTestCase {
	/** Norooz and leap days of the official calendar. */
	const KNOWN = array(
		'1300-01-01' => '1921-03-21',
		'1357-11-22' => '1979-02-11',
		'1367-01-01' => '1988-03-21',
		'1375-12-30' => '1997-03-20',
		'1379-12-30' => '2001-03-20',
		'1399-12-30' => '2021-03-20',
		'1400-01-01' => '2021-03-21',
		'1403-12-30' => '2025-03-20',
		'1404-01-01' => '2025-03-21',
		'1405-09-01' => '2026-11-22',
	);

	public function test_known_days_both_ways(): void {
		foreach ( self::KNOWN as $jalali => $gregorian ) {
			$parts = array_map( 'intval', explode( '-', $jalali ) );
			$this->assertSame( $gregorian, Jalali\to_gregorian( ...$parts ), $jalali );
			$this->assertSame( $parts, Jalali\from_gregorian( $gregorian ), $gregorian );
		}
	}

	public function test_every_day_of_two_centuries_comes_back(): void {
		for ( $time = (int) strtotime( '1880-01-01 UTC' ); $time < strtotime( '2080-01-01 UTC' ); $time += 86400 ) {
			$date = gmdate( 'Y-m-d', $time );
			if ( Jalali\to_gregorian( ...Jalali\from_gregorian( $date ) ) !== $date ) {
				$this->fail( $date );
			}
		}
		$this->addToAssertionCount( 1 );
	}

	public function test_days_that_are_not_are_none(): void {
		foreach ( array( array( 1404, 12, 30 ), array( 1404, 7, 31 ), array( 1404, 1, 32 ), array( 1404, 13, 1 ), array( 1404, 0, 1 ), array( 1404, 1, 0 ), array( 2025, 1, 1 ), array( 700, 1, 1 ) ) as $day ) {
			$this->assertSame( '', Jalali\to_gregorian( ...$day ) );
		}
		$this->assertSame( array(), Jalali\from_gregorian( '2025-13-01' ) );
		$this->assertSame( array(), Jalali\from_gregorian( 'soon' ) );
	}
}
