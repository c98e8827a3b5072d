<?php
/**
 * Exporting and erasing: all of one person, and nothing of another.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\People;
use Bazgasht\Bridge\Privacy;
use Bazgasht\Bridge\Privacy_Text;
use Bazgasht\Bridge\Settings;

final class PrivacyTest extends BridgeTestCase {
	const MAIL = 'sara@example.test';

	protected function setUp(): void {
		parent::setUp();
		$GLOBALS['wpdb']          = new Database();
		$this->world->wc->session = null;
		$this->world->mails = array( self::MAIL => 5 );

		$this->world->orders[7] = $this->order( 7, 5, '+98 912 000 0007', array( Orders\META_CART_KEY => 't_before', Orders\META_LINK => '3JcKdsX' ) );
		$this->world->orders[8] = $this->order( 8, 0, '۰۹۱۲۰۰۰۰۰۰۸', array( '_anonymized' => 'yes' ) );
		$this->world->orders[9] = $this->order( 9, 0, '09120000009', array(), 'other@example.test' );
		$this->world->user_meta = array( '5 ' . People\META_TOLD => 'x' );

		$this->world->transients = array( Capture\memory_key_of( '5' ) => array( 'last' => 'x' ), Capture\memory_key_of( '6' ) => array() );

		$this->world->options['session 5'] = serialize( array( 'cart' => 'kept', 'bazgasht' => serialize( array( 'link' => '4KdLetY' ) ), 'bazgasht_typed' => 'x' ) );

		$this->wait( 'cart.updated', array( 'cart_key' => '5', 'n' => 1, 'contact' => array( 'user_id' => 5 ), 'items' => array( array( 'name' => 'چای', 'quantity' => 2 ) ) ) );
		$this->wait( 'contact.captured', array( 'cart_key' => 't_before', 'n' => 2, 'contact' => array( 'phone' => '09120000007' ), 'consent' => array( 'marketing' => false ) ) );
		$this->wait( 'contact.captured', array( 'cart_key' => 't_far', 'n' => 3, 'contact' => array( 'phone' => '۰۹۱۲۰۰۰۰۰۰۷' ) ) );
		$this->wait( 'order.created', array( 'order_id' => 7, 'n' => 4, 'cart_key' => 't_before', 'link' => '3JcKdsX', 'total' => '9', 'contact' => array( 'phone' => '09120000007', 'first_name' => 'سارا', 'locale' => 'fa_IR' ) ) );
		$this->wait( 'contact.opted_out', array( 'n' => 5, 'contact' => array( 'phone' => '09120000007' ) ) );
		$this->wait( 'cart.cleared', array( 'n' => 6, 'cart_key' => '5' ) );
		$this->wait( 'contact.captured', array( 'n' => 7, 'cart_key' => 't_other', 'contact' => array( 'phone' => '09120000009' ) ) );
		$this->wait( 'product.updated', array( 'n' => 8, 'product_id' => 5 ) );
	}

	private function order( int $id, int $user, string $phone, array $meta, string $mail = self::MAIL ): WC_Order {
		return new WC_Order( array( 'id' => $id, 'order_number' => (string) $id, 'customer_id' => $user, 'billing_email' => $mail, 'billing_phone' => $phone, 'shipping_phone' => '', 'billing_first_name' => 'سارا', 'billing_last_name' => '', 'billing_country' => 'IR', 'meta' => $meta ) );
	}

	private function wait( string $type, array $data ): void {
		Outbox\append( array( Events\envelope( $type, $data, 1800000000.0, random_bytes( 10 ) ) ) );
	}

	/** Type and data of all that is kept. */
	private function kept(): array {
		$kept = array();
		foreach ( Outbox\events() as $event ) {
			$kept[] = array( $event['type'], $event['data'] );
		}
		return $kept;
	}

	/** Values by name, by item. */
	private static function exported( array $page ): array {
		$items = array();
		foreach ( $page['data'] as $item ) {
			$items[ preg_replace( '/event-.*/', 'event', $item['item_id'] ) ][] = array_column( $item['data'], 'value', 'name' );
		}
		return $items;
	}

	public function test_a_person_is_the_account_and_all_orders_of_the_address(): void {
		$person = Privacy\person( self::MAIL );
		$this->assertSame( 5, $person['user_id'] );
		$this->assertSame( array( '09120000055', '+98 912 000 0007' ), array_column( $person['phones'], 'phone' ), 'zeros of an order that was anonymised are nobody\'s' );
		$this->assertSame( array( 7, 8 ), $person['orders'] );
		$this->assertSame( array( '5', 't_before' ), $person['carts'] );
		$this->assertTrue( Privacy\is_nobody( Privacy\person( 'nobody@example.test' ) ) );
		$this->assertTrue( Privacy\is_nobody( Privacy\person( '' ) ) );
	}

	public function numbers(): iterable {
		foreach ( array( '09120000007', '۰۹۱۲۰۰۰۰۰۰۷', '+98 912 000 0007', '0098-912-0000007', '9120000007' ) as $typed ) {
			yield $typed => array( $typed, '9120000007' );
		}
		yield 'too short' => array( '00 07', '' );
	}

	/** @dataProvider numbers */
	public function test_tells_numbers_apart_however_they_are_typed( string $typed, string $digits ): void {
		$this->assertSame( $digits, Privacy\digits( $typed ) );
	}

	public function test_exports_what_is_kept_and_says_who_has_the_rest(): void {
		$page  = Privacy\export( self::MAIL, 1 );
		$items = self::exported( $page );
		$this->assertTrue( $page['done'] );
		$person = $items['bazgasht-person'][0];
		$this->assertSame( '09120000055, +98 912 000 0007', $person['Mobile number'] );
		$this->assertSame( '4KdLetY', $person['Link that brought you'] );
		$this->assertStringContainsString( 'bazgasht contact export 09120000055', $person['What else there is'] );
		$this->assertSame( array( 'Order' => '7', 'Basket it was made from' => 't_before', 'Link that brought you' => '3JcKdsX' ), $items['bazgasht-order-7'][0] );
		$this->assertSame( array( 'cart.updated', 'contact.captured', 'order.created', 'cart.cleared' ), array_column( $items['bazgasht-event'], 'Waits to be told' ) );
		$this->assertSame( 'چای', $items['bazgasht-event'][0]['items.0.name'] );
		$this->assertSame( 'false', $items['bazgasht-event'][1]['consent.marketing'] );
	}

	public function test_a_number_alone_opens_nobody_elses_file(): void {
		// The thief's own order, with Sara's number on it.
		$this->world->orders[10] = $this->order( 10, 0, '09120000007', array(), 'thief@example.test' );
		$json = json_encode( Privacy\export( 'thief@example.test', 1 ), JSON_UNESCAPED_UNICODE );
		$this->assertStringNotContainsString( 'سارا', $json );
		$this->assertStringNotContainsString( 't_far', $json );
	}

	public function test_values_are_given_as_they_are_for_wordpress_to_escape(): void {
		$this->wait( 'contact.captured', array( 'cart_key' => '5', 'contact' => array( 'first_name' => 'D\'Arc "J"' ) ) );
		$items = self::exported( Privacy\export( self::MAIL, 1 ) );
		$this->assertSame( 'D\'Arc "J"', end( $items['bazgasht-event'] )['contact.first_name'] );
	}

	public function test_nobody_has_nothing(): void {
		$this->assertSame( array( 'data' => array(), 'done' => true ), Privacy\export( 'nobody@example.test', 1 ) );
		$erased = Privacy\erase( 'nobody@example.test', 1 );
		$this->assertSame( array( false, false, array(), true ), array_values( $erased ) );
		$this->assertCount( 8, $this->kept() );
	}

	public function test_erases_the_person_and_nobody_else(): void {
		$this->assertSame( array( true, false, array(), true ), array_values( Privacy\erase( self::MAIL, 1 ) ) );
		$this->assertSame(
			array(
				array( 'order.created', array( 'order_id' => 7, 'n' => 4, 'total' => '9', 'contact' => array( 'locale' => 'fa_IR' ) ) ),
				array( 'contact.opted_out', array( 'n' => 5, 'contact' => array( 'phone' => '09120000007' ) ) ),
				array( 'cart.cleared', array( 'n' => 6, 'cart_key' => '5' ) ),
				array( 'contact.captured', array( 'n' => 7, 'cart_key' => 't_other', 'contact' => array( 'phone' => '09120000009' ) ) ),
				array( 'product.updated', array( 'n' => 8, 'product_id' => 5 ) ),
				array( 'contact.erase_requested', array( 'contact' => array( 'phone' => '09120000055', 'country' => 'IR', 'user_id' => 5 ), 'source' => 'wp-privacy' ) ),
				array( 'contact.erase_requested', array( 'contact' => array( 'phone' => '+98 912 000 0007', 'country' => 'IR', 'user_id' => 5 ), 'source' => 'wp-privacy' ) ),
			),
			$this->kept()
		);
		$this->assertSame( array(), $this->world->user_meta );
		$this->assertSame( array( Capture\memory_key_of( '6' ) ), array_keys( $this->world->transients ) );
		$this->assertSame( array( 'wp_woocommerce_sessions', array( 'session_value' => serialize( array( 'cart' => 'kept' ) ) ), array( 'session_key' => '5' ) ), $GLOBALS['wpdb']->written[0] );
		$this->assertSame( '', $this->world->orders[7]->get_meta( Orders\META_LINK ) );
		$this->assertFalse( Orders\is_erased( $this->world->orders[9] ) );
	}

	public function test_an_order_that_stays_does_not_bring_the_person_back(): void {
		$order = new WC_Order( array( 'id' => 7, 'order_number' => '7', 'status' => 'completed', 'total' => '9', 'currency' => 'IRT', 'items' => array(), 'customer_id' => 0, 'coupon_codes' => array(), 'date_created' => null, 'date_paid' => null, 'date_completed' => null, 'billing_phone' => '09120000007', 'shipping_phone' => '', 'billing_first_name' => 'سارا', 'billing_last_name' => '', 'billing_country' => 'IR', 'meta' => array( Orders\META_CART_KEY => 't_x' ) ) );
		$this->assertSame( '09120000007', Orders\data( $order )['contact']['phone'] );
		$order->update_meta_data( Orders\META_ERASED, '1' );
		$this->assertSame( array( 'locale' => 'fa_IR' ), Orders\data( $order )['contact'] );
		$this->assertArrayNotHasKey( 'cart_key', Orders\data( $order ) );
		$order->delete_meta_data( Orders\META_ERASED );
		$order->update_meta_data( '_anonymized', 'yes' );
		$this->assertSame( array( 'locale' => 'fa_IR' ), Orders\data( $order )['contact'] );
	}

	public function test_what_was_put_aside_and_what_waits_in_the_table_goes_too(): void {
		$entries = Outbox\peek( 1, PHP_INT_MAX );
		Outbox\set_aside( $entries[0], 'HTTP 400' );
		Outbox\save_place( array( 'table' => true ) );
		$this->wait( 'contact.captured', array( 'n' => 9, 'contact' => array( 'phone' => '09120000007' ) ) );
		$this->wait( 'contact.captured', array( 'n' => 10, 'contact' => array( 'phone' => '09120000009' ) ) );
		$this->assertCount( 10, $this->kept() );
		Privacy\erase( self::MAIL, 1 );
		$left = array_filter( array_column( array_column( $this->kept(), 1 ), 'n' ) );
		sort( $left );
		$this->assertSame( array( 4, 5, 6, 7, 8, 10 ), $left );
	}

	public function test_what_was_delivered_does_not_come_again(): void {
		$entries = Outbox\peek( 5, PHP_INT_MAX );
		Outbox\advance( $entries[4]['next'] );
		Privacy\erase( self::MAIL, 1 );
		$this->assertSame( array( 'cart.cleared', 'contact.captured', 'product.updated', 'contact.erase_requested', 'contact.erase_requested' ), array_column( $this->kept(), 0 ) );
	}

	public function test_lines_that_are_not_theirs_stay_byte_for_byte(): void {
		Outbox\append( array( array( 'id' => 'e1', 'type' => 'page.viewed', 'data' => array( 'n' => 1, 'empty' => new stdClass() ) ) ) );
		$last   = static function (): string {
			$entries = Outbox\peek( 1000, PHP_INT_MAX );
			return $entries[ count( $entries ) - 1 ]['line'];
		};
		$before = $last();
		Outbox\rewrite( static function ( array $event ): ?array {
			return 'page.viewed' === $event['type'] ? $event : null;
		} );
		$this->assertSame( $before, $last() );
	}

	public function test_without_a_daemon_the_manager_hears_that_it_still_knows_them(): void {
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$erased = Privacy\erase( self::MAIL, 1 );
		$this->assertTrue( $erased['items_removed'] );
		$this->assertTrue( $erased['items_retained'] );
		$this->assertStringContainsString( 'bazgasht contact erase', $erased['messages'][0] );
		$this->assertNotContains( 'contact.erase_requested', array_column( $this->kept(), 0 ) );
	}

	public function test_orders_come_in_pages_and_the_person_once(): void {
		for ( $id = 100; $id < 160; $id++ ) {
			$this->world->orders[ $id ] = $this->order( $id, 5, '09120000007', array( Orders\META_LINK => 'abcd' . $id ) );
		}
		$first = Privacy\erase( self::MAIL, 1 );
		$this->assertFalse( $first['done'] );
		$count = count( $this->kept() );
		$this->assertNotSame( '', $this->world->orders[159]->get_meta( Orders\META_LINK ) );
		$this->assertTrue( Privacy\erase( self::MAIL, 2 )['done'] );
		$this->assertSame( '', $this->world->orders[159]->get_meta( Orders\META_LINK ) );
		$this->assertCount( $count, $this->kept(), 'asked once' );
		$this->assertArrayNotHasKey( 'bazgasht-person', self::exported( Privacy\export( self::MAIL, 2 ) ) );
	}

	public function test_ours_comes_before_those_that_take_the_numbers_away(): void {
		$this->assertSame( array( Privacy\ID, 'woocommerce-customer-data' ), array_keys( Privacy\filter_erasers( array( 'woocommerce-customer-data' => array() ) ) ) );
		$this->assertSame( array( 'wordpress-user', Privacy\ID ), array_keys( Privacy\filter_exporters( array( 'wordpress-user' => array() ) ) ) );
	}

	public function test_the_policy_says_what_is_switched_on_and_no_more(): void {
		$text = Privacy_Text\text();
		$this->assertStringContainsString( 'At the checkout we note', $text );
		$this->assertStringNotContainsString( 'we may ask for your mobile number', $text );
		$this->world->options[ Settings\OPTION ] += array( 'capture_checkout' => false, 'dialog_enabled' => true );
		$text = Privacy_Text\text();
		$this->assertStringNotContainsString( 'At the checkout we note', $text );
		$this->assertStringContainsString( 'we may ask for your mobile number', $text );
	}

	public function test_a_number_that_somebody_else_has_too_is_not_erased_by_itself(): void {
		$GLOBALS['wpdb']->phones = array( 'wp_postmeta' => array( 7 => '+98 912 000 0007', 9 => '0912 000 0007' ), 'wp_usermeta' => array( 5 => '09120000055' ) );
		$erased = Privacy\erase( self::MAIL, 1 );
		$this->assertTrue( $erased['items_retained'] );
		$this->assertStringContainsString( 'wp bazgasht forget +98 912 000 0007', $erased['messages'][0] );
		$asked = array();
		foreach ( $this->kept() as list( $type, $data ) ) {
			if ( 'contact.erase_requested' === $type ) {
				$asked[] = $data['contact']['phone'];
			}
		}
		$this->assertSame( array( '09120000055' ), $asked );
		$this->assertContains( 3, array_column( array_column( $this->kept(), 1 ), 'n' ), 'nor what another session said under it' );
	}

	public function test_a_number_finds_orders_and_accounts_however_it_was_written(): void {
		$GLOBALS['wpdb']->phones = array( 'wp_postmeta' => array( 9 => '۰۹۱۲ ۰۰۰-۰۰۰۹', 7 => '09120000007' ), 'wp_usermeta' => array( 5 => '+98 (912) 000 0009' ) );
		$person = Privacy\person_of_number( '09120000009' );
		$this->assertSame( array( array( 9 ), array( 5 ) ), array( $person['orders'], $person['accounts'] ) );
		$this->assertSame( array(), Privacy\forget_number( $person ) );
		$this->assertTrue( Orders\is_erased( $this->world->orders[9] ) );
		$this->assertSame( array(), $this->world->user_meta );
		$this->assertContains( array( 'contact.erase_requested', array( 'contact' => array( 'phone' => '09120000009', 'user_id' => 5 ), 'source' => 'wp-privacy' ) ), $this->kept() );
	}

	public function test_codes_that_name_their_owner_go(): void {
		$owner = Bazgasht\Bridge\Own_Coupons\owner_of( '+989120000009' );
		$this->world->coupons['b7k2mqx'] = array( 'id' => 41, 'code' => 'b7k2mqx' );
		$GLOBALS['wpdb']->ids_by         = array( $owner => 41 );
		Privacy\forget_number( Privacy\person_of_number( '09120000009' ) );
		$this->assertSame( array( 41 ), $this->world->deleted );
	}
}
