<?php
/**
 * The manager passes on that somebody wants no more texts.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Stop_Admin;

final class StopAdminTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->world->orders[7] = new WC_Order( array( 'id' => 7, 'billing_phone' => '۰۹۱۲۰۰۰۰۰۰۷', 'shipping_phone' => '', 'billing_first_name' => 'سارا', 'billing_last_name' => 'ا', 'billing_country' => 'IR' ) );
		$this->world->orders[8] = new WC_Order( array( 'id' => 8, 'billing_phone' => '', 'shipping_phone' => '', 'billing_first_name' => '', 'billing_last_name' => '', 'billing_country' => 'IR' ) );
		$this->world->may       = array( 'edit_shop_orders', 'edit_user 5' );
		$this->world->nonces    = array( 'nonce of bazgasht_stop_order_7', 'nonce of bazgasht_stop_account_5' );
	}

	protected function tearDown(): void {
		parent::tearDown();
		$_POST = array();
		unset( $_GET['bazgasht_told'] );
	}

	private function shown( callable $show ): string {
		ob_start();
		$show();
		return (string) ob_get_clean();
	}

	/** Sends the form; gives where it leads, or the status that it was turned away with. */
	private function post( string $kind, string $id, string $scope ) {
		$_POST = array( 'bazgasht_kind' => $kind, 'bazgasht_id' => $id, 'bazgasht_scope' => $scope );
		try {
			Stop_Admin\action_told();
		} catch ( Sent $sent ) {
			return 302 === $sent->status ? $sent->body : $sent->status;
		}
	}

	private function kept(): array {
		$kept = array();
		foreach ( Outbox\peek( 1000, PHP_INT_MAX ) as $entry ) {
			$event  = json_decode( $entry['line'], true );
			$kept[] = array( $event['type'], $event['data'] );
		}
		return $kept;
	}

	public function test_the_box_is_on_both_kinds_of_order_screens_for_those_who_edit_orders(): void {
		Stop_Admin\action_meta_boxes();
		$this->assertSame( array( 'shop_order', 'woocommerce_page_wc-orders' ), $this->world->boxes );
		$this->world->may   = array();
		$this->world->boxes = array();
		Stop_Admin\action_meta_boxes();
		$this->assertSame( array(), $this->world->boxes );
	}

	public function test_the_box_belongs_to_a_form_of_its_own(): void {
		$html = $this->shown( function (): void {
			Stop_Admin\show_on_order( $this->world->orders[7] );
		} );
		$this->assertStringNotContainsString( '<form', $html, 'it stands inside the order\'s' );
		$this->assertSame( substr_count( $html, '<input' ) + substr_count( $html, '<button' ), substr_count( $html, 'form="bazgasht-stop"' ) );
		$this->assertStringContainsString( 'only the person can agree again', $html );
		$this->assertStringContainsString( '<form id="bazgasht-stop" method="post" action="https://shop.example/wp-admin/admin-post.php">', $this->shown( 'Bazgasht\Bridge\Stop_Admin\print_form' ) );
		$this->assertContains( array( 'admin_footer', 'Bazgasht\Bridge\Stop_Admin\print_form' ), $this->world->hooks );
	}

	public function test_an_order_that_is_a_post_has_the_box_too(): void {
		$post     = new WP_Post();
		$post->ID = 7;
		$this->assertStringContainsString( 'nonce of bazgasht_stop_order_7', $this->shown( static function () use ( $post ): void {
			Stop_Admin\show_on_order( $post );
		} ) );
	}

	public function test_no_button_without_a_number_or_a_connection(): void {
		$show = function ( int $id ): string {
			return $this->shown( function () use ( $id ): void {
				Stop_Admin\show_on_order( $this->world->orders[ $id ] );
			} );
		};
		$this->assertStringNotContainsString( '<button', $show( 8 ) );
		$this->world->options[ Settings\OPTION ]['secret'] = '';
		$this->assertStringNotContainsString( '<button', $show( 7 ) );
	}

	public function test_the_account_has_it_for_those_who_may_edit_it(): void {
		$user     = new WP_User();
		$user->ID = 5;
		$show     = function () use ( $user ): string {
			return $this->shown( static function () use ( $user ): void {
				Stop_Admin\action_profile( $user );
			} );
		};
		$this->assertStringContainsString( 'nonce of bazgasht_stop_account_5', $show() );
		foreach ( array( array( 'edit_user 5' ), array( 'edit_shop_orders' ) ) as $may ) {
			$this->world->may = $may;
			$this->assertSame( '', $show() );
		}
	}

	public function test_passes_it_on_with_number_and_country_only_and_leaves_a_note(): void {
		$this->assertSame( 'https://shop.example/wp-admin/post.php?post=7&bazgasht_told=marketing', $this->post( 'order', '7', 'marketing' ) );
		$this->assertStringEndsWith( 'bazgasht_told=all', $this->post( 'account', '5', 'all' ) );
		$this->assertSame(
			array(
				array( 'contact.opted_out', array( 'contact' => array( 'phone' => '۰۹۱۲۰۰۰۰۰۰۷', 'country' => 'IR' ), 'source' => 'wp-admin', 'scope' => 'marketing' ) ),
				array( 'contact.opted_out', array( 'contact' => array( 'phone' => '09120000055', 'country' => 'IR' ), 'source' => 'wp-admin', 'scope' => 'all' ) ),
			),
			$this->kept()
		);
		$this->assertCount( 1, $this->world->orders[7]->notes );
	}

	public function test_turns_away_whoever_may_not_or_did_not_mean_to(): void {
		$this->assertSame( 403, $this->post( 'order', '8', 'all' ), 'the nonce is for another order' );
		$this->assertSame( 403, $this->post( 'account', '7', 'all' ), 'or for another kind' );
		$this->world->may = array( 'edit_shop_orders' );
		$this->assertSame( 403, $this->post( 'account', '5', 'all' ), 'the account is not theirs to edit' );
		$this->world->may = array( 'edit_user 5' );
		$this->assertSame( 403, $this->post( 'order', '7', 'all' ) );
		$this->assertSame( 403, $this->post( 'account', '5', 'all' ) );
		$this->assertSame( array(), $this->kept() );
	}

	public function test_there_is_no_agreeing_for_somebody_else(): void {
		foreach ( array( '', 'none', 'again', 'opted_in' ) as $scope ) {
			$this->assertStringEndsWith( 'bazgasht_told=failed', $this->post( 'order', '7', $scope ) );
		}
		$this->assertSame( array(), $this->kept() );
	}

	public function test_shows_what_has_come_of_it(): void {
		foreach ( array( 'all' => 'no more texts', 'marketing' => 'offers and reminders', 'failed' => 'could not', '<b>' => 'could not' ) as $told => $words ) {
			$_GET['bazgasht_told'] = $told;
			$html = $this->shown( function (): void {
				Stop_Admin\show_on_order( $this->world->orders[7] );
			} );
			$this->assertStringContainsString( $words, $html );
			$this->assertStringNotContainsString( '<b>', $html );
		}
	}
}
