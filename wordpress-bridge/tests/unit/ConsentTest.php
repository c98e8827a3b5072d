<?php
/**
 * The law, the default and the wording of the question, and what becomes of the answer at the checkout.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Catalogue;
use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\Consent_Checkout;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Snapshot;

final class ConsentTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->set( array( 'consent_checkout' => true ) );
		$this->world->products[12] = new WC_Product( array( 'id' => 12 ) );
		$this->world->wc->cart->add_to_cart( 12, 1 );
	}

	protected function tearDown(): void {
		parent::tearDown();
		$_POST = array();
		unset( $_SERVER['HTTP_SEC_FETCH_SITE'] );
	}

	private function set( array $settings ): void {
		$this->world->options['bazgasht_settings'] = $settings + $this->world->options['bazgasht_settings'];
	}

	private function box(): string {
		ob_start();
		Consent_Checkout\box( Consent\state_at_checkout() );
		return ob_get_clean();
	}

	public function test_the_law_is_the_chosen_one_or_that_of_the_country_and_else_the_strict_one(): void {
		$this->assertSame( 'ir', Consent\law() );
		$this->world->wc->countries->base = 'DE';
		$this->assertSame( 'gdpr', Consent\law() );
		$this->world->wc->countries->base = 'TR';
		$this->assertSame( 'gdpr', Consent\law() );
		$this->set( array( 'consent_law' => 'ir' ) );
		$this->assertSame( 'ir', Consent\law() );
	}

	public function test_no_box_is_ticked_beforehand_where_the_gdpr_holds(): void {
		$this->set( array( 'consent_ticked' => true ) );
		$this->assertStringContainsString( 'checked', $this->box() );
		$this->set( array( 'consent_law' => 'gdpr' ) );
		$this->assertFalse( Consent\is_ticked() );
		$this->assertStringNotContainsString( 'checked>', $this->box() );
		$this->assertSame( '0', Consent_Checkout\filter_block_default( null ) );
	}

	public function test_who_has_answered_before_finds_their_own_answer(): void {
		$this->world->user = 5;
		$this->set( array( 'consent_ticked' => true ) );
		Consent\keep( 5, Consent\answer( false, 'account', 'x' ) );
		$this->assertFalse( Consent\state() );
		$this->set( array( 'consent_law' => 'gdpr', 'consent_ticked' => false ) );
		Consent\keep( 5, Consent\answer( true, 'account', 'x' ) );
		$this->assertTrue( Consent\state(), 'in the account' );
		$this->assertFalse( Consent\state_at_checkout(), 'but what is ticked there would be a new yes' );
	}

	public function test_a_box_left_as_it_came_says_what_was_said_before_in_the_words_of_then(): void {
		$this->world->user = 5;
		$before            = Consent\answer( true, 'account', 'The words of last year' );
		$said              = function ( array $posted ): array {
			return array_diff_key( $this->order( array( 'bazgasht_consent_shown' => 'beside' ) + $posted )->get_meta( Consent\META ), array( 'at' => 0 ) );
		};
		$new = function ( bool $yes ): array {
			return array( 'marketing' => $yes, 'source' => 'checkout-box', 'text' => Consent\wording() );
		};
		Consent\keep( 5, $before );
		$this->assertSame( array_diff_key( $before, array( 'at' => 0 ) ), $said( array( 'bazgasht_consent' => '1' ) ), 'it came ticked' );
		$this->assertSame( $new( false ), $said( array() ) );

		$this->set( array( 'consent_law' => 'gdpr' ) );
		Consent\keep( 5, $before );
		$this->assertSame( array_diff_key( $before, array( 'at' => 0 ) ), $said( array() ), 'it came unticked: who left it has taken nothing back' );
		$this->assertSame( $new( true ), $said( array( 'bazgasht_consent' => '1' ) ) );
	}

	public function test_an_order_placed_past_the_blocks_form_has_answered_nothing(): void {
		$order   = new WC_Order( array( 'id' => 7, 'customer_id' => 5, 'billing_phone' => '09120001234', 'shipping_phone' => '', 'billing_first_name' => '', 'billing_last_name' => '', 'billing_country' => 'IR', 'meta' => array( '_wc_other/bazgasht/consent' => '1' ) ) );
		$request = new WP_REST_Request();
		foreach ( array( array( array(), 0 ), array( array( 'additional_fields' => array( 'other/field' => 'x' ) ), 0 ), array( array( 'additional_fields' => array( 'bazgasht/consent' => true ) ), 1 ) ) as list( $params, $told ) ) {
			$request->params = $params;
			Consent_Checkout\action_block_form( $order, $request );
			Consent_Checkout\action_block_placed( $order );
			$this->assertCount( $told, $this->recorded() );
		}
	}

	public function test_the_wording_is_the_owners_and_cannot_break_the_page(): void {
		$this->set( array( 'consent_text' => 'Offers <script>"' ) );
		$this->assertStringContainsString( 'Offers &lt;script&gt;&quot;', $this->box() );
	}

	/** An order as it comes out of the classic checkout. */
	private function order( array $posted ): WC_Order {
		$_POST = $posted;
		$order = new WC_Order( array( 'id' => 7, 'customer_id' => 5, 'billing_phone' => '09120001234', 'shipping_phone' => '', 'billing_first_name' => '', 'billing_last_name' => '', 'billing_country' => 'IR', 'meta' => array() ) );
		Consent_Checkout\action_classic_creating( $order );
		$this->world->orders[7] = $order;
		Consent_Checkout\action_classic_placed( 7 );
		return $order;
	}

	public function test_what_stands_in_the_box_is_told_and_kept_with_the_order_and_the_account(): void {
		foreach ( array( 1 => array( 'bazgasht_consent' => '1' ), 0 => array() ) as $yes => $box ) {
			$this->set( array( 'consent_text' => 'Offers?' ) );
			$order = $this->order( array( 'bazgasht_consent_shown' => 'beside' ) + $box );
			$told  = $this->recorded()[0];
			$this->assertSame( 'contact.captured', $told['type'] );
			$this->assertSame( '09120001234', $told['data']['contact']['phone'] );
			$this->assertSame( array( 'marketing' => (bool) $yes, 'source' => 'checkout-box', 'text' => 'Offers?', 'order_id' => 7 ), array_diff_key( $told['data']['consent'], array( 'at' => 0 ) ) );
			$this->assertMatchesRegularExpression( '/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/', $told['data']['consent']['at'] );
			$this->assertSame( array_diff_key( $told['data']['consent'], array( 'order_id' => 0 ) ), $order->get_meta( Consent\META ) );
			$this->world->user = 5;
			$this->assertSame( (bool) $yes, Consent\before() );
		}
	}

	public function test_a_form_without_the_box_says_nothing(): void {
		$this->order( array( 'bazgasht_consent' => '1' ) );
		$this->assertSame( array(), $this->recorded() );
	}

	public function test_the_boxs_place_below_keeps_its_state_when_it_is_drawn_anew(): void {
		$this->world->is_ajax = true;
		foreach ( array( '&bazgasht_consent=1' => true, '' => false ) as $form => $ticked ) {
			$_POST['post_data'] = 'bazgasht_consent_shown=below' . $form;
			ob_start();
			Consent_Checkout\action_classic_fallback();
			$this->assertSame( $ticked, false !== strpos( ob_get_clean(), 'checked>' ) );
		}
		$_POST['post_data'] = 'bazgasht_consent_shown=beside&bazgasht_consent=1';
		ob_start();
		Consent_Checkout\action_classic_fallback();
		$this->assertSame( '', ob_get_clean(), 'there is one beside the fields' );
	}

	public function test_a_change_of_the_box_reaches_the_daemon_before_the_order(): void {
		$_SERVER['REQUEST_METHOD']      = 'POST';
		$_SERVER['HTTP_SEC_FETCH_SITE'] = 'same-origin';
		foreach ( array( '1', '1', '0' ) as $consent ) {
			$_POST = array( 'phone' => '09120001234', 'source' => 'checkout', 'consent' => $consent, 'text' => 'Offers?' );
			try {
				Capture\receive();
			} catch ( Sent $sent ) {
				$this->assertSame( 200, $sent->status );
			}
		}
		$told = $this->recorded();
		$this->assertCount( 2, $told, 'the same once' );
		$this->assertSame( array( true, false ), array( $told[0]['data']['consent']['marketing'], $told[1]['data']['consent']['marketing'] ) );
		$this->assertSame( 'checkout-box', $told[0]['data']['consent']['source'] );
	}

	public function test_only_an_order_makes_the_box_more_than_a_form_that_anybody_can_fill(): void {
		$_SERVER['REQUEST_METHOD']      = 'POST';
		$_SERVER['HTTP_SEC_FETCH_SITE'] = 'same-origin';
		$_POST = array( 'phone' => '09120001234', 'source' => 'checkout', 'consent' => '1', 'text' => 'Offers?' );
		try {
			Capture\receive();
		} catch ( Sent $sent ) {
			$this->assertArrayNotHasKey( 'order_id', $this->recorded()[0]['data']['consent'] );
		}
	}

	/** The list that the daemon is held to as well. */
	public function test_the_daemon_knows_each_place_that_answers_come_from(): void {
		$known = array();
		foreach ( json_decode( (string) file_get_contents( __DIR__ . '/../../../tests/data/consent/sources.json' ), true ) as $line ) {
			if ( $line['bridge'] ) {
				$known[] = $line['source'];
			}
		}
		$this->assertSame( array( Consent\AT_CHECKOUT, Consent\IN_DIALOG, Consent\IN_ACCOUNT, 'link' ), $known );
	}

	public function test_the_daemon_is_told_what_the_law_asks_for_and_again_when_it_changes(): void {
		foreach ( array( 'ir' => 'refusal_stops', 'gdpr' => 'yes_needed' ) as $law => $rule ) {
			$this->set( array( 'consent_law' => $law ) );
			$this->assertSame( $rule, Catalogue\shop()['consent_rule'] );
		}
		$daemon = md5( Settings\get( 'address' ) . ' ' . Settings\get( 'secret' ) );
		foreach ( array( $daemon => 1, "$daemon refusal_stops" => 1, "$daemon yes_needed" => 0 ) as $told => $times ) {
			$this->world->options[ Snapshot\OPTION ] = $told;
			Snapshot\begin_if_new();
			Catalogue\collect();
			$this->assertCount( $times, $this->recorded(), (string) $told );
		}
	}

	public function test_the_settings_take_only_laws_that_are_known(): void {
		$this->assertSame( 'gdpr', Settings\sanitize( array( 'consent_law' => 'gdpr' ) )['consent_law'] );
		$this->assertSame( '', Settings\sanitize( array( 'consent_law' => 'none' ) )['consent_law'] );
	}
}
