<?php
/**
 * What is told of a cart, and what is not.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Checkout;
use Bazgasht\Bridge\Orders;

final class CartTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->world->products[12] = new WC_Product( array( 'id' => 12 ) );
		$this->world->wc->countries = new class() {
			public function get_base_country() {
				return 'IR';
			}
		};
	}

	private function add( int $quantity = 1 ): void {
		$this->world->wc->cart->add_to_cart( 12, $quantity );
		Cart\action_touched();
	}

	private function end_request(): array {
		Cart\collect();
		$this->next_request();
		return $this->recorded();
	}

	public function test_a_change_is_told_once(): void {
		$this->add();
		$this->assertSame( array( 'cart.updated' ), array_column( $this->end_request(), 'type' ) );
		Cart\action_touched();
		$this->assertSame( array(), $this->end_request(), 'the same again is no change' );
		$this->add();
		$this->assertSame( 2, $this->end_request()[0]['data']['items'][0]['quantity'] );
	}

	public function test_looking_tells_nothing(): void {
		$this->world->wc->cart->add_to_cart( 12, 1 );
		$this->assertSame( array(), $this->end_request() );
	}

	public function test_a_change_without_a_hook_shows_at_the_next_load(): void {
		$this->add();
		$this->end_request();
		$this->world->wc->cart->add_to_cart( 12, 1 );
		Cart\action_loaded();
		$this->assertSame( array( 'cart.updated' ), array_column( $this->end_request(), 'type' ) );
	}

	public function test_without_a_session_there_is_no_cart_to_speak_of(): void {
		$this->world->wc->session->has = false;
		$this->add();
		$this->assertSame( array(), $this->end_request() );
	}

	public function test_no_secret_no_events(): void {
		$this->world->options = array();
		$this->add();
		$this->assertSame( array(), $this->end_request() );
	}

	public function test_emptying_is_told_but_not_when_it_was_never_full(): void {
		Cart\action_touched();
		$this->assertSame( array(), $this->end_request() );
		$this->add();
		$this->end_request();
		$this->world->wc->cart->lines = array();
		Cart\action_touched();
		$events = $this->end_request();
		$this->assertSame( array( 'cart.cleared' ), array_column( $events, 'type' ) );
		$this->assertSame( 't_guest', $events[0]['data']['cart_key'] );
	}

	public function test_promise_2_an_order_empties_the_cart_without_a_word_of_abandonment(): void {
		$this->add();
		$this->end_request();
		$this->assertSame( 't_guest', Cart\ordered() );
		$this->world->wc->cart->lines = array();
		Cart\action_touched();
		$this->assertSame( array(), $this->end_request() );
	}

	public function test_an_order_paid_elsewhere_empties_the_cart_later_as_silently(): void {
		$this->add();
		$this->end_request();
		Cart\ordered();
		$this->end_request();
		$this->world->wc->cart->lines = array();
		Cart\action_touched();
		$this->assertSame( array(), $this->end_request() );
	}

	public function test_the_thank_you_page_and_logging_out_are_silent(): void {
		foreach ( array( 'thank you', 'log-out' ) as $way ) {
			$this->add();
			$this->end_request();
			'log-out' === $way ? Cart\action_logged_out() : $this->world->is_thank_you = true;
			$this->world->wc->cart->lines = array();
			Cart\action_touched();
			$this->assertSame( array(), $this->end_request(), $way );
			$this->world->is_thank_you = false;
			$this->world->wc->session  = new Session( 't_guest' );
		}
	}

	public function test_a_guest_who_logs_in_does_not_leave_a_second_cart_behind(): void {
		$this->add();
		$this->end_request();
		$this->world->wc->session->key = '7';
		Cart\action_guest_became_user( 't_guest' );
		$events = $this->end_request();
		$this->assertSame( array( array( 'cart.updated', '7' ), array( 'cart.cleared', 't_guest' ) ), array_map( static function ( array $event ) {
			return array( $event['type'], $event['data']['cart_key'] );
		}, $events ) );
	}

	public function test_nor_where_woocommerce_says_nothing_of_the_log_in(): void {
		$this->add();
		$this->end_request();
		$this->world->wc->session->key = '7';
		Cart\action_loaded();
		$this->assertSame( array( 'cart.updated', 'cart.cleared' ), array_column( $this->end_request(), 'type' ) );
	}

	public function test_an_account_made_at_the_checkout_leaves_the_order_with_the_cart_it_came_from(): void {
		$this->add();
		$this->end_request();
		$this->world->wc->session->key = '7';
		Cart\action_guest_became_user( 't_guest' );
		$this->assertSame( 't_guest', Cart\ordered() );
	}

	public function test_a_browser_that_only_prefetches_has_not_opened_the_checkout(): void {
		$this->add();
		$this->end_request();
		$_SERVER['HTTP_SEC_PURPOSE'] = 'prefetch;prerender';
		Cart\action_checkout_shown();
		$this->assertSame( array(), $this->end_request() );
		unset( $_SERVER['HTTP_SEC_PURPOSE'] );
		Cart\action_checkout_shown();
		$this->assertSame( array( 'checkout.started' ), array_column( $this->end_request(), 'type' ) );
		Cart\action_checkout_shown();
		$this->assertSame( array(), $this->end_request(), 'once for the same basket' );
	}

	public function test_a_number_is_told_when_it_is_whole_and_once(): void {
		$form = static function ( string $phone ): string {
			return 'billing_first_name=' . rawurlencode( 'سارا' ) . '&billing_country=IR&account_password=secret&billing_phone=' . rawurlencode( $phone );
		};
		foreach ( array( '', '0912', '0912000123', '۰۹۱۲۰۰۰۱۲۳' ) as $partial ) {
			Checkout\action_classic_form_refreshed( $form( $partial ) );
		}
		$this->assertSame( array(), $this->recorded() );
		Checkout\action_classic_form_refreshed( $form( '۰۹۱۲ ۰۰۰ ۱۲۳۴' ) );
		Checkout\action_classic_form_refreshed( $form( '09120001234' ) );
		$events = $this->recorded();
		$this->assertCount( 1, $events );
		$this->assertSame( '۰۹۱۲ ۰۰۰ ۱۲۳۴', $events[0]['data']['contact']['phone'], 'as typed' );
		$this->assertSame( 't_guest', $events[0]['data']['cart_key'] );
		$this->assertStringNotContainsString( 'secret', json_encode( $events ) );
		Checkout\action_classic_form_refreshed( array( 'not' => 'a string' ) );
		Checkout\action_classic_form_refreshed( 'billing_phone[]=09120001234' );
		$this->assertSame( array(), $this->recorded() );
	}

	public function test_a_checkout_draft_is_no_order(): void {
		Orders\action_new( 5, new WC_Order( array( 'status' => 'checkout-draft' ) ) );
		Orders\action_updated( 5, new WC_Order( array( 'status' => 'checkout-draft' ) ) );
		$this->assertSame( array(), Orders\seen()->touched );
		Orders\action_new( 6, new WC_Order( array( 'status' => 'pending' ) ) );
		Orders\action_updated( 6, new WC_Order( array( 'status' => 'processing' ) ) );
		$this->assertSame( array( 6 => true ), Orders\seen()->touched, 'one event for an order, and it is the first' );
	}

	/** A visitor who fetches one address, as robots follow "?add-to-cart=" links. */
	private function follows_a_link( string $agent = 'Mozilla/5.0' ): void {
		$_SERVER['REQUEST_METHOD']  = 'GET';
		$_SERVER['HTTP_USER_AGENT'] = $agent;
		$this->world->wc->cart->add_to_cart( 12, 1 );
		Cart\action_touched();
		Cart\collect();
	}

	public function test_a_basket_filled_by_one_look_at_an_address_waits_for_its_visitor_to_come_back(): void {
		$this->follows_a_link();
		$this->assertSame( array(), $this->recorded_types() );
		$this->next_request();
		$_COOKIE['wp_woocommerce_session_x'] = '1';
		Cart\action_loaded();
		Cart\collect();
		unset( $_COOKIE['wp_woocommerce_session_x'] );
		$this->assertSame( array( 'cart.updated' ), $this->recorded_types() );
	}

	public function test_a_robot_that_keeps_cookies_has_no_basket_either_nor_one_that_it_gives_up(): void {
		$_COOKIE['wp_woocommerce_session_x'] = '1';
		$this->follows_a_link( 'Googlebot/2.1' );
		$this->next_request();
		Cart\action_loaded();
		Cart\collect();
		$this->world->wc->cart->lines = array();
		Cart\action_touched();
		Cart\collect();
		unset( $_COOKIE['wp_woocommerce_session_x'] );
		$this->assertSame( array(), $this->recorded_types() );
	}
}
