<?php
/**
 * What the daemon knows of a person, asked for and shown.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Look;
use Bazgasht\Bridge\Person;
use Bazgasht\Bridge\Person_View;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Words;

final class LookTest extends BridgeTestCase {
	private const KNOWN = array(
		'known'      => true,
		'opted_out'  => array( 'scope' => 'marketing', 'source' => 'link', 'at' => '2026-11-01T10:00:00Z', 'until' => '2026-12-01T10:00:00Z' ),
		'consent'    => array( 'marketing' => false, 'source' => 'dialog', 'at' => '2026-10-01T10:00:00Z', 'text' => '<i>wording</i>' ),
		'messages'   => array(
			array( 'id' => '3', 'campaign' => 'late', 'campaign_name' => null, 'step' => 'third', 'state' => 'scheduled', 'due_at' => '2026-11-25T10:00:00Z', 'sent_at' => null, 'text' => null, 'reason' => 'outside_hours', 'planned' => true ),
			array( 'id' => '2', 'campaign' => 'a', 'campaign_name' => 'Basket', 'step' => 'second', 'state' => 'scheduled', 'due_at' => '2026-11-24T10:00:00Z', 'sent_at' => null, 'text' => null, 'reason' => 'a_word_of_tomorrow', 'planned' => true ),
			array( 'id' => '1', 'campaign' => 'a', 'campaign_name' => 'Basket', 'step' => 'first', 'state' => 'delivered', 'due_at' => '2026-11-20T10:00:00Z', 'sent_at' => '2026-11-20T10:00:07Z', 'text' => "<script>\nline", 'parts' => 2, 'cost' => array( 'amount' => '560', 'currency' => 'IRT' ), 'reason' => 'delivered', 'visits' => 3, 'planned' => false ),
			array( 'id' => '0', 'campaign' => 'a', 'step' => 'first', 'state' => 'expired', 'due_at' => '2026-11-19T10:00:00Z', 'reason' => 'expired' ),
		),
		'enrolments' => array( array( 'campaign' => 'a', 'campaign_name' => 'Basket', 'subject' => array( 'kind' => 'cart', 'id' => 'x' ), 'state' => 'ended', 'reason' => 'ordered', 'next_at' => null, 'since' => '2026-11-20T10:00:00Z' ) ),
		'events'     => array(),
		'seq'        => 12,
	);

	private function daemon( $answer ): void {
		$this->world->daemon = static function () use ( $answer ) {
			return $answer;
		};
	}

	public function test_the_number_stands_in_a_signed_body_and_never_in_the_address(): void {
		$this->daemon( self::answer( 200, array( 'known' => false ) ) );
		Look\ask( array( 'phone' => '۰۹۱۲۰۰۰۰۰۰۷', 'country' => 'IR', 'first_name' => 'سارا' ), 't_1', 5, 900 );
		$request = $this->world->requests[0];
		$this->assertSame( 'http://127.0.0.1:8733/v1/contacts/look', $request['url'] );
		$this->assertSame( '{"contact":{"phone":"۰۹۱۲۰۰۰۰۰۰۷","country":"IR"},"cart_key":"t_1","since":5,"limit":200}', $request['body'] );
		$this->assertStringStartsWith( 'v1,', $request['headers']['webhook-signature'] );
	}

	public function test_nobody_to_ask_by_is_an_empty_object(): void {
		$this->daemon( self::answer( 200, array() ) );
		Look\ask( array(), 't_1' );
		$this->assertSame( '{"contact":{},"cart_key":"t_1","limit":50}', $this->world->requests[0]['body'] );
	}

	public function test_says_why_there_is_no_answer(): void {
		foreach ( array( array( new WP_Error( 'http', 'refused: 0912' ), Look\AWAY ), array( self::answer( 503 ), Look\AWAY ), array( self::answer( 404 ), Look\TOO_OLD ), array( self::answer( 405 ), Look\TOO_OLD ), array( self::answer( 401 ), Look\REFUSED ), array( self::answer( 200, null ), Look\REFUSED ) ) as list( $answer, $code ) ) {
			$this->daemon( $answer );
			$error = Look\ask( array( 'phone' => '09120000001' ) );
			$this->assertSame( $code, $error->get_error_code() );
			$this->assertStringNotContainsString( '0912', $error->get_error_message() );
		}
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$this->assertSame( Look\NOT_CONNECTED, Look\ask( array( 'phone' => '09120000001' ) )->get_error_code() );
	}

	public function test_takes_whatever_comes(): void {
		foreach ( array( array(), array( 'messages' => 7, 'events' => array( 1, 'x' ), 'opted_out' => 'yes', 'seq' => array() ), array( 'messages' => array( array( 'text' => array( 'x' ), 'visits' => array(), 'cost' => 'x', 'state' => null ) ), 'enrolments' => array( array( 'subject' => 'x' ) ), 'known' => true ) ) as $json ) {
			$this->assertNotSame( '', Person_View\page( Look\read( $json ) ) );
		}
	}

	public function test_shows_what_comes_what_was_and_why(): void {
		$html = Person_View\page( Look\read( self::KNOWN ) );
		$this->assertStringNotContainsString( '<script>', $html );
		$this->assertStringNotContainsString( '<i>', $html );
		$order = array_map(
			static function ( string $words ) use ( $html ): int {
				return (int) strpos( $html, $words );
			},
			array( 'Wants no offers', 'Has not agreed', 'Still to come', '2026-11-24', '2026-11-25', 'So far', '2026-11-20 10:00:07', '2026-11-19', 'Campaigns' )
		);
		$this->assertNotContains( 0, $order );
		$sorted = $order;
		sort( $sorted );
		$this->assertSame( $sorted, $order );
		foreach ( array( 'waits for the allowed hours', 'a_word_of_tomorrow', 'link followed ۳ times', '۲ parts (۵۶۰ ت)', 'by the link in a text', 'until', 'late › third', 'has ordered' ) as $words ) {
			$this->assertStringContainsString( $words, $html );
		}
		$this->assertSame( 2, substr_count( $html, 'Written when it goes out.' ) );
		$this->assertSame( 1, substr_count( $html, 'Never written.' ) );
		$this->assertSame( 0, substr_count( $html, '· delivered' ), 'the state is not said twice' );
	}

	public function test_says_why_there_is_nothing_to_read(): void {
		foreach ( array( array( array( 'state' => 'delivered', 'sent_at' => '2026-01-01T00:00:00Z' ), 'not kept any more' ), array( array( 'state' => 'scheduled', 'planned' => true, 'id' => null ), 'if its conditions hold then' ), array( array( 'state' => 'cancelled' ), 'Never written' ) ) as list( $message, $words ) ) {
			$this->assertStringContainsString( $words, Person_View\row( Look\message( $message ) ) );
		}
	}

	public function test_says_of_a_stranger_that_there_is_nothing_but_keeps_their_no(): void {
		$this->assertStringContainsString( 'plans nothing', Person_View\page( Look\read( array( 'known' => false ) ) ) );
		$this->assertStringContainsString( 'no texts at all', Person_View\page( Look\read( array( 'known' => false, 'opted_out' => array( 'scope' => 'all' ) ) ) ) );
	}

	public function test_every_word_of_the_daemon_is_known(): void {
		$model = @file_get_contents( __DIR__ . '/../../../src/state/model.rs' );
		if ( false === $model ) {
			$this->markTestSkipped( 'SKIPPED ALOUD: the daemon\'s words are not beside the plugin' );
		}
		$this->assertSame( 1, preg_match( '/^ {4}Reason \{(.*?)^ {4}\}/ms', $model, $block ) );
		preg_match_all( '/= "(\w+)"/', $block[1], $found );
		$this->assertGreaterThan( 50, count( $found[1] ) );
		$this->assertSame( array(), array_diff( $found[1], array_keys( Words\reasons() ) ) );
		$this->assertSame( 1, preg_match( '/^ {4}MessageState \{(.*?)^ {4}\}/ms', $model, $block ) );
		preg_match_all( '/= "(\w+)"/', $block[1], $found );
		foreach ( $found[1] as $word ) {
			$this->assertTrue( Words\state( $word ) !== $word || in_array( $word, array( 'sent', 'delivered', 'failed' ), true ), $word );
		}
	}

	private function ajax( string $kind, string $id ) {
		$_POST = array( 'kind' => $kind, 'id' => $id );
		try {
			Person\action_ajax();
		} catch ( Sent $sent ) {
			return 200 === $sent->status ? $sent->body['html'] : $sent->status;
		} finally {
			$_POST = array();
		}
	}

	public function test_the_box_is_empty_until_it_is_asked_for_and_only_those_who_may_ask(): void {
		$this->world->orders[7] = new WC_Order( array( 'id' => 7, 'billing_phone' => '۰۹۱۲ ۰۰۰ ۰۰۰۷', 'shipping_phone' => '', 'billing_first_name' => '', 'billing_last_name' => '', 'billing_country' => 'IR' ) );
		$this->daemon( self::answer( 200, self::KNOWN ) );
		ob_start();
		Person\show_on_order( $this->world->orders[7] );
		$html = (string) ob_get_clean();
		$this->assertStringContainsString( '۰۹۱۲ ۰۰۰ ۰۰۰۷', $html, 'as wp-admin shows it' );
		$this->assertStringContainsString( 'data-nonce="nonce of bazgasht_person_order_7"', $html );
		$this->assertSame( array(), $this->world->requests, 'the screen does not wait for the daemon' );

		$this->world->nonces = array( 'nonce of bazgasht_person_order_7', 'nonce of bazgasht_person_account_5' );
		$this->world->may    = array( 'edit_user 5' );
		$this->assertSame( 403, $this->ajax( 'order', '7' ) );
		$this->assertSame( 403, $this->ajax( 'account', '5' ) );
		$this->world->may = array( 'edit_shop_orders' );
		$this->assertSame( 403, $this->ajax( 'order', '8' ), 'the nonce is for another order' );
		$this->assertSame( 403, $this->ajax( 'account', '5' ), 'the account is not theirs to see' );
		$this->assertSame( array(), $this->world->requests );
		$this->assertStringContainsString( 'Still to come', $this->ajax( 'order', '7' ) );
		$this->world->may[] = 'edit_user 5';
		$this->assertStringContainsString( 'Still to come', $this->ajax( 'account', '5' ) );
	}

	public function test_an_account_without_a_number_is_asked_for_by_its_id(): void {
		$this->assertSame( array( 'user_id' => 6 ), Person\contact( 'account', 6 ) );
		$this->assertSame( array( 'phone' => '09120000055', 'country' => 'IR' ), Person\contact( 'account', 5 ) );
		$this->assertSame( array(), Person\contact( 'order', 99 ) );
	}
}
