<?php
/**
 * The Jalali calendar, by its cycle of 33 years with 8 leap years: exact from 1178 to 1633 (1799 to 2254).
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Jalali;

const FIRST_YEAR = 1178;
const LAST_YEAR  = 1633;

// 1 Farvardin 1400 was 21 March 2021.
const KNOWN_YEAR = 1400;
const KNOWN_DATE = '2021-03-21';

const MONTHS = array( 'فروردین', 'اردیبهشت', 'خرداد', 'تیر', 'مرداد', 'شهریور', 'مهر', 'آبان', 'آذر', 'دی', 'بهمن', 'اسفند' );

/**
 * The day's number, counted from a day long ago.
 *
 * @param int $year  Jalali.
 * @param int $month 1 to 12.
 * @param int $day   From 1 on.
 */
function number( int $year, int $month, int $day ): int {
	return 365 * $year + intdiv( 8 * $year + 21, 33 ) + 31 * min( $month - 1, 6 ) + 30 * max( $month - 7, 0 ) + $day;
}

/**
 * Whether there is such a day.
 *
 * @param int $year  Jalali.
 * @param int $month 1 to 12.
 * @param int $day   From 1 on.
 */
function is_day( int $year, int $month, int $day ): bool {
	if ( $year < FIRST_YEAR || $year > LAST_YEAR || $month < 1 || $month > 12 || $day < 1 || $day > 31 ) {
		return false;
	}
	$next = 12 === $month ? number( $year + 1, 1, 1 ) : number( $year, $month + 1, 1 );
	return number( $year, $month, $day ) < $next;
}

/**
 * The Gregorian date of a Jalali day, as YYYY-MM-DD; empty when there is no such day.
 *
 * @param int $year  Jalali.
 * @param int $month 1 to 12.
 * @param int $day   From 1 on.
 */
function to_gregorian( int $year, int $month, int $day ): string {
	if ( ! is_day( $year, $month, $day ) ) {
		return '';
	}
	$days = number( $year, $month, $day ) - number( KNOWN_YEAR, 1, 1 );
	return gmdate( 'Y-m-d', (int) strtotime( KNOWN_DATE . ' UTC' ) + $days * 86400 );
}

/**
 * The Jalali day of a Gregorian date.
 *
 * @param string $date YYYY-MM-DD.
 * @return int[] Year, month, day; empty when it is no date or out of range.
 */
function from_gregorian( string $date ): array {
	$time = 1 === preg_match( '/^\d{4}-\d\d-\d\d$/D', $date ) ? strtotime( $date . ' UTC' ) : false;
	if ( false === $time ) {
		return array();
	}
	$number = number( KNOWN_YEAR, 1, 1 ) + (int) round( ( $time - (int) strtotime( KNOWN_DATE . ' UTC' ) ) / 86400 );
	$year   = (int) substr( $date, 0, 4 ) - 621;
	if ( $number < number( $year, 1, 1 ) ) {
		--$year;
	}
	$past  = $number - number( $year, 1, 1 );
	$month = $past < 186 ? intdiv( $past, 31 ) + 1 : intdiv( $past - 186, 30 ) + 7;
	$day   = $number - number( $year, $month, 1 ) + 1;
	return is_day( $year, $month, $day ) ? array( $year, $month, $day ) : array();
}
