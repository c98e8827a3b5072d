<?php
/**
 * What is known of a person, as HTML. Everything that the daemon says is escaped here.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Person_View;

use Bazgasht\Bridge\Words;

defined( 'ABSPATH' ) || exit;

// States of texts that are still to come, and of those that did not come to anything.
const TO_COME = array( 'scheduled', 'sending' );
const GONE_BY = array( 'failed', 'expired', 'cancelled' );

/**
 * All of it.
 *
 * @param array|\WP_Error $known From Look\ask().
 */
function page( $known ): string {
	if ( is_wp_error( $known ) ) {
		return paragraph( $known->get_error_message() );
	}
	if ( ! $known['known'] && array() === $known['messages'] ) {
		return no( $known['opted_out'] ) . paragraph( __( 'Bazgasht has written nothing to this number, and plans nothing.', 'bazgasht-bridge' ) );
	}
	$to_come = array();
	$past    = array();
	foreach ( $known['messages'] as $message ) {
		if ( $message['planned'] || in_array( $message['state'], TO_COME, true ) ) {
			$to_come[] = $message;
		} else {
			$past[] = $message;
		}
	}
	return no( $known['opted_out'] ) . consent( $known['consent'] )
		// Newest first is how they come; what is next is what counts here.
		. table( __( 'Still to come', 'bazgasht-bridge' ), array_reverse( $to_come ) )
		. table( __( 'So far', 'bazgasht-bridge' ), $past )
		. ( array() === $known['messages'] ? paragraph( __( 'No text so far, and none planned.', 'bazgasht-bridge' ) ) : '' )
		. ways( $known['enrolments'] );
}

/**
 * Whether the person wants texts.
 *
 * @param array|null $opted_out As in the contract.
 */
function no( ?array $opted_out ): string {
	if ( null === $opted_out ) {
		return '';
	}
	$what = 'marketing' === $opted_out['scope']
		? __( 'Wants no offers and reminders; news of orders goes on.', 'bazgasht-bridge' )
		: __( 'Wants no texts at all.', 'bazgasht-bridge' );
	$when = array_filter( array( moment( $opted_out['at'] ), Words\source( $opted_out['source'] ) ), 'strlen' );
	if ( '' !== $opted_out['until'] ) {
		/* translators: %s: a date */
		$when[] = sprintf( __( 'until %s', 'bazgasht-bridge' ), moment( $opted_out['until'] ) );
	}
	return '<div class="notice notice-warning inline"><p><strong>' . esc_html( $what ) . '</strong> ' . esc_html( implode( ' · ', $when ) ) . '</p></div>';
}

/**
 * What the person has agreed to.
 *
 * @param array|null $consent As in the contract.
 */
function consent( ?array $consent ): string {
	if ( null === $consent ) {
		return '';
	}
	$said = array_filter( array( $consent['marketing'] ? __( 'Has agreed to offers', 'bazgasht-bridge' ) : __( 'Has not agreed to offers', 'bazgasht-bridge' ), moment( $consent['at'] ), Words\source( $consent['source'] ) ), 'strlen' );
	$text = '' === $consent['text'] ? '' : '<br><bdi class="description">' . esc_html( $consent['text'] ) . '</bdi>';
	return '<p>' . esc_html( implode( ' · ', $said ) ) . $text . '</p>';
}

/**
 * Texts.
 *
 * @param string  $title    Above them.
 * @param array[] $messages From Look\message().
 */
function table( string $title, array $messages ): string {
	if ( array() === $messages ) {
		return '';
	}
	$rows = '';
	foreach ( $messages as $message ) {
		$rows .= row( $message );
	}
	return sprintf(
		'<h4>%1$s</h4><table class="widefat striped bazgasht-texts"><thead><tr><th>%2$s</th><th>%3$s</th><th>%4$s</th></tr></thead><tbody>%5$s</tbody></table>',
		esc_html( $title ),
		esc_html__( 'When', 'bazgasht-bridge' ),
		esc_html__( 'Text', 'bazgasht-bridge' ),
		esc_html__( 'How it went, and why', 'bazgasht-bridge' ),
		$rows
	);
}

/**
 * One text.
 *
 * @param array $message From Look\message().
 */
function row( array $message ): string {
	$campaign = implode( ' › ', array_filter( array( '' === $message['campaign_name'] ? $message['campaign'] : $message['campaign_name'], $message['step'] ), 'strlen' ) );
	$text     = '<div dir="auto" class="bazgasht-text">' . nl2br( esc_html( $message['text'] ), false ) . '</div>';
	if ( '' === $message['text'] ) {
		$text = '<div class="description">' . esc_html( without_text( $message ) ) . '</div>';
	}
	$notes = array();
	if ( '' !== $message['reason'] && ! in_array( $message['reason'], array( $message['state'], 'accepted', 'handed_over' ), true ) ) {
		$notes[] = Words\reason( $message['reason'] );
	}
	if ( is_only_likely( $message ) ) {
		$notes[] = __( 'if its conditions hold then', 'bazgasht-bridge' );
	}
	if ( $message['visits'] > 0 ) {
		/* translators: %s: a number */
		$notes[] = sprintf( _n( 'link followed %s time', 'link followed %s times', $message['visits'], 'bazgasht-bridge' ), number_format_i18n( $message['visits'] ) );
	}
	if ( $message['parts'] > 0 ) {
		/* translators: %s: a number; what an SMS is charged by */
		$notes[] = sprintf( _n( '%s part', '%s parts', $message['parts'], 'bazgasht-bridge' ), number_format_i18n( $message['parts'] ) ) . cost( $message['cost'] );
	}
	return sprintf(
		'<tr><td class="bazgasht-when">%1$s</td><td>%2$s<div class="description"><bdi>%3$s</bdi></div></td><td><span class="bazgasht-state bazgasht-state-%4$s">%5$s</span><div class="description">%6$s</div></td></tr>',
		esc_html( moment( '' === $message['sent_at'] ? $message['due_at'] : $message['sent_at'] ) ),
		$text,
		esc_html( $campaign ),
		esc_attr( tone( $message['state'] ) ),
		esc_html( Words\state( $message['state'] ) ),
		esc_html( implode( ' · ', $notes ) )
	);
}

/**
 * Why there is nothing to read.
 *
 * @param array $message From Look\message().
 */
function without_text( array $message ): string {
	if ( '' !== $message['sent_at'] ) {
		return __( 'The wording is not kept any more.', 'bazgasht-bridge' );
	}
	return in_array( $message['state'], TO_COME, true ) ? __( 'Written when it goes out.', 'bazgasht-bridge' ) : __( 'Never written.', 'bazgasht-bridge' );
}

/**
 * Whether it is no text yet, but the step that comes next.
 *
 * @param array $message From Look\message().
 */
function is_only_likely( array $message ): bool {
	return $message['planned'] && '' === $message['id'];
}

/**
 * What a text has cost.
 *
 * @param array|null $cost `amount`, `currency`.
 */
function cost( ?array $cost ): string {
	if ( null === $cost || ! is_numeric( $cost['amount'] ) ) {
		return '';
	}
	$decimals = false === strpos( $cost['amount'], '.' ) ? 0 : 2;
	$symbol   = html_entity_decode( get_woocommerce_currency_symbol( $cost['currency'] ), ENT_QUOTES, 'UTF-8' );
	return ' (' . number_format_i18n( (float) $cost['amount'], $decimals ) . ' ' . ( '' === $symbol ? $cost['currency'] : $symbol ) . ')';
}

/**
 * How a state looks: good, still open, or come to nothing.
 *
 * @param string $state As in the contract.
 */
function tone( string $state ): string {
	if ( in_array( $state, GONE_BY, true ) ) {
		return 'gone';
	}
	return in_array( $state, array( 'sent', 'delivered' ), true ) ? 'good' : 'open';
}

/**
 * The campaigns that the person is in, or was.
 *
 * @param array[] $enrolments From Look\enrolment().
 */
function ways( array $enrolments ): string {
	if ( array() === $enrolments ) {
		return '';
	}
	$items = '';
	foreach ( $enrolments as $way ) {
		$said = array( Words\way( $way['state'] ) );
		if ( '' !== $way['reason'] ) {
			$said[] = Words\reason( $way['reason'] );
		}
		if ( '' !== $way['next_at'] ) {
			/* translators: %s: a date and time */
			$said[] = sprintf( __( 'next look at %s', 'bazgasht-bridge' ), moment( $way['next_at'] ) );
		} elseif ( '' !== $way['since'] ) {
			/* translators: %s: a date and time */
			$said[] = sprintf( __( 'since %s', 'bazgasht-bridge' ), moment( $way['since'] ) );
		}
		$items .= '<li><strong dir="auto">' . esc_html( '' === $way['campaign_name'] ? $way['campaign'] : $way['campaign_name'] ) . '</strong> ' . esc_html( implode( ' · ', $said ) ) . '</li>';
	}
	return '<h4>' . esc_html__( 'Campaigns', 'bazgasht-bridge' ) . '</h4><ul class="bazgasht-ways">' . $items . '</ul>';
}

/**
 * A moment in the shop's zone and calendar, kept together in a sentence of any language.
 *
 * @param string $rfc3339 As in the contract; empty for none.
 */
function moment( string $rfc3339 ): string {
	$seconds = '' === $rfc3339 ? false : strtotime( $rfc3339 );
	return false === $seconds ? '' : "\u{2068}" . wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $seconds ) . "\u{2069}";
}

/**
 * A sentence.
 *
 * @param string $sentence Plain.
 */
function paragraph( string $sentence ): string {
	return '<p>' . esc_html( $sentence ) . '</p>';
}
