<?php
/**
 * What the shop's own script may say of a shopper, and what is made of it.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Checkout;
use Bazgasht\Bridge\Deliver;
use Bazgasht\Bridge\Dialog;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Restore;

final class CaptureTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->world->products[12]  = new WC_Product( array( 'id' => 12 ) );
		$this->world->wc->countries = new class() {
			public function get_base_country() {
				return 'IR';
			}
		};
		$this->world->wc->cart->add_to_cart( 12, 1 );
		$_SERVER['REQUEST_METHOD']      = 'POST';
		$_SERVER['HTTP_SEC_FETCH_SITE'] = 'same-origin';
	}

	protected function tearDown(): void {
		parent::tearDown();
		unset( $_SERVER['HTTP_SEC_FETCH_SITE'] );
		$_POST = array();
	}

	/** The status that the script is answered with. */
	private function post( array $fields ): int {
		$_POST = $fields;
		try {
			Capture\receive();
		} catch ( Sent $sent ) {
			return $sent->status;
		}
		return 0;
	}

	public function test_the_names_beside_the_number_are_taken_clean_and_short(): void {
		$long = str_repeat( 'ن', 90 );
		$this->assertSame( 200, $this->post( array( 'phone' => '09120001234', 'source' => 'checkout', 'first_name' => ' <b>سارا</b> ', 'last_name' => $long ) ) );
		$contact = $this->recorded()[0]['data']['contact'];
		$this->assertSame( 'سارا', $contact['first_name'] );
		$this->assertSame( str_repeat( 'ن', 60 ), $contact['last_name'] );
		Checkout\action_classic_form_refreshed( 'billing_phone=09120001234&billing_last_name=' . rawurlencode( $long ) );
		$this->assertSame( str_repeat( 'ن', 60 ), $this->recorded()[0]['data']['contact']['last_name'], 'by the other way as well' );
	}

	public function test_no_name_or_rubbish_is_no_field(): void {
		$this->assertSame( 200, $this->post( array( 'phone' => '09120001234', 'first_name' => '', 'last_name' => array( 'x' ) ) ) );
		$contact = $this->recorded()[0]['data']['contact'];
		$this->assertArrayNotHasKey( 'first_name', $contact );
		$this->assertArrayNotHasKey( 'last_name', $contact );
	}

	public function test_the_same_is_told_once_and_a_name_that_came_later_again(): void {
		foreach ( array( '', '', 'سارا', 'سارا' ) as $name ) {
			$this->assertSame( 200, $this->post( array( 'phone' => '09120001234', 'first_name' => $name ) ) );
		}
		$this->assertCount( 2, $this->recorded() );
	}

	public function test_the_classic_checkout_gets_digits_that_it_understands_and_nothing_else_changes(): void {
		foreach ( array(
			'۰۹۱۲۰۰۰۱۲۳۴'        => '09120001234',
			'٠٩١٢٠٠٠١٢٣٤'        => '09120001234',
			'+۹۸ (۹۱۲) ۰۰۰-1234' => '+98 (912) 000-1234',
			'نمی‌گویم'           => 'نمی‌گویم',
			''                   => '',
		) as $typed => $understood ) {
			$this->assertSame( $understood, Checkout\filter_classic_phone( (string) $typed ) );
		}
		foreach ( array( null, array( '۰' ), 7 ) as $other ) {
			$this->assertSame( $other, Checkout\filter_classic_phone( $other ) );
		}
	}

	/** Whether the dialog opens. */
	private function asks(): bool {
		try {
			Dialog\answer_whether();
		} catch ( Sent $sent ) {
			return $sent->body['ask'];
		}
		throw new LogicException( 'no answer' );
	}

	public function test_who_came_by_a_link_is_not_asked_for_the_number_it_was_sent_to(): void {
		$this->world->options['bazgasht_settings']['dialog_enabled'] = true;
		$this->assertTrue( $this->asks() );
		Restore\remember( '3JcKdsX' );
		$this->assertFalse( $this->asks() );
		Cart\note_told( array( 'link_at' => time() - Cart\LINK_LASTS_S - 10 ) );
		$this->assertTrue( $this->asks(), 'but a month later they are' );
	}

	public function test_who_gave_a_number_is_not_asked_again(): void {
		$this->world->options['bazgasht_settings']['dialog_enabled'] = true;
		$this->post( array( 'phone' => '09120001234' ) );
		$this->assertFalse( $this->asks() );
	}

	/** A visitor with a session of their own. */
	private function visitor( string $key ): void {
		$this->world->wc->session = new Session( $key );
	}

	public function test_one_address_brings_only_so_many_numbers_and_each_number_only_so_many_sessions(): void {
		$_SERVER['REMOTE_ADDR'] = '203.0.113.7';
		$answers                = array();
		for ( $n = 10; $n < 13 + Capture\MOST_OF_ADDRESS; $n++ ) {
			$this->visitor( "t_$n" );
			$answers[] = $this->post( array( 'phone' => '091200010' . $n ) );
		}
		$this->assertSame( array( 200 => Capture\MOST_OF_ADDRESS, 429 => 3 ), array_count_values( $answers ) );
		$this->recorded();
		Checkout\action_classic_form_refreshed( 'billing_phone=09120002000' );
		$this->assertSame( array(), $this->recorded(), 'by the other door neither' );

		$answers = array();
		for ( $n = 0; $n < 2 + Capture\MOST_OF_NUMBER; $n++ ) {
			$_SERVER['REMOTE_ADDR'] = "198.51.100.$n";
			$this->visitor( "u_$n" );
			$answers[] = $this->post( array( 'phone' => 0 === $n % 2 ? '09120003000' : '+98 912 000 3000' ) );
		}
		$this->assertSame( array( 200 => Capture\MOST_OF_NUMBER, 429 => 2 ), array_count_values( $answers ) );
		unset( $_SERVER['REMOTE_ADDR'] );
	}

	public function test_a_person_who_changes_their_mind_in_one_session_uses_up_no_room(): void {
		for ( $n = 0; $n < 2 + Capture\MOST_OF_NUMBER; $n++ ) {
			$this->assertSame( 200, $this->post( array( 'phone' => '09120001234', 'consent' => (string) ( $n % 2 ), 'text' => 'Offers?' ) ) );
			Checkout\action_classic_form_refreshed( "billing_phone=09120001234&billing_first_name=$n" );
		}
		$this->assertCount( 2 * ( 2 + Capture\MOST_OF_NUMBER ), $this->recorded() );
	}

	public function test_robots_type_no_numbers(): void {
		$_SERVER['HTTP_USER_AGENT'] = 'python-scraper/1';
		$this->assertSame( 429, $this->post( array( 'phone' => '09120001234' ) ) );
		Checkout\action_classic_form_refreshed( 'billing_phone=09120001234' );
		$this->assertSame( array(), $this->recorded() );
	}

	public function test_a_friends_number_does_not_move_the_account(): void {
		$this->world->user = 5;
		$this->post( array( 'phone' => '09120001234' ) );
		$this->assertSame( 5, $this->recorded()[0]['data']['contact']['user_id'], 'the account has none yet' );
		$this->world->user_meta['5 billing_phone'] = '+98 912 000 1234';
		$this->post( array( 'phone' => '۰۹۱۲۰۰۰۱۲۳۴', 'first_name' => 'سارا' ) );
		$this->assertSame( 5, $this->recorded()[0]['data']['contact']['user_id'], 'its own' );
		$this->post( array( 'phone' => '09120009999' ) );
		$this->assertArrayNotHasKey( 'user_id', $this->recorded()[0]['data']['contact'] );
		$this->world->wc->customer = new WC_Customer( array( 'billing_phone' => '09120009999', 'shipping_phone' => '', 'billing_first_name' => '', 'billing_last_name' => '', 'billing_country' => 'IR' ) );
		$this->assertArrayNotHasKey( 'user_id', Cart\contact() );
	}

	public function test_where_numbers_differ_in_length_half_of_one_waits_until_it_comes_again(): void {
		$this->world->wc->countries = new class() {
			public function get_base_country() {
				return 'DE';
			}
		};
		$type = static function ( string $phone, string $name = '' ): void {
			Checkout\typed( $phone, $name, '', 'DE' );
		};
		$type( '+4917612345' );
		$type( '+4917612345678' );
		Record\catch_up();
		$this->assertSame( array(), $this->waiting( 'contact' ) );
		$type( '+4917612345678', 'Sara' );
		Record\catch_up();
		$this->assertSame( array( '+4917612345678' ), array_column( $this->waiting( 'contact' ), 'phone' ) );
	}

	public function test_promise_11_the_limits_of_a_typed_number_are_asked_when_the_buyer_has_their_answer(): void {
		$before = $this->world->transients;
		Checkout\typed( '09120001234', '', '', 'IR' );
		Record\action_shutdown();
		$this->assertSame( $before, $this->world->transients );
		$this->assertSame( array(), $this->waiting( 'contact' ) );
		Deliver\action_request_over();
		$this->assertNotSame( $before, $this->world->transients );
		$this->assertSame( array( '09120001234' ), array_column( $this->waiting( 'contact' ), 'phone' ) );
	}

	public function test_the_dialog_has_no_name_to_give(): void {
		$this->world->options['bazgasht_settings']['dialog_enabled'] = true;
		$this->assertSame( 200, $this->post( array( 'phone' => '09120001234', 'source' => 'dialog', 'first_name' => 'سارا', 'consent' => '0', 'text' => 'Offers too' ) ) );
		$data = $this->recorded()[0]['data'];
		$this->assertArrayNotHasKey( 'first_name', $data['contact'] );
		$this->assertFalse( $data['consent']['marketing'], 'an empty box is a no' );
	}
}
