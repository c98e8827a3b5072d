<?php
/**
 * Birthdays as people type them, and what an account answers to "offers by SMS?".
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Account;
use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\People;

final class AccountTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$this->world->mails = array( 'sara@shop.example' => 5 );
		$this->world->user  = 5;
		$this->set( array( 'birthday_field' => true, 'consent_checkout' => true, 'consent_text' => 'Offers?' ) );
		People\collect();
		$this->recorded();
	}

	protected function tearDown(): void {
		parent::tearDown();
		$_POST = array();
	}

	private function set( array $settings ): void {
		$this->world->options['bazgasht_settings'] = $settings + $this->world->options['bazgasht_settings'];
	}

	public function typed(): iterable {
		yield 'Persian digits'   => array( array( 'y' => '۱۳۶۷', 'm' => '1', 'd' => '۱' ), '1988-03-21' );
		yield 'two digits'       => array( array( 'y' => '67', 'm' => '1', 'd' => '1' ), '1988-03-21' );
		yield 'a Gregorian year' => array( array( 'y' => '1988', 'm' => '3', 'd' => '21' ), '1988-03-21' );
		yield 'nothing'          => array( array( 'y' => '', 'm' => '', 'd' => '' ), '' );
		yield 'no such day'      => array( array( 'y' => '1404', 'm' => '12', 'd' => '30' ), null );
		yield 'half of it'       => array( array( 'y' => '1367', 'm' => '', 'd' => '1' ), null );
		yield 'words'            => array( array( 'y' => 'x', 'm' => '1', 'd' => '1' ), null );
		yield 'not born yet'     => array( array( 'y' => '1450', 'm' => '1', 'd' => '1' ), null );
		yield 'nobody so old'    => array( array( 'y' => '1200', 'm' => '1', 'd' => '1' ), null );
		yield 'deeper arrays'    => array( array( 'y' => array( '1367' ), 'm' => '1', 'd' => '1' ), null );
		yield 'the date field'   => array( '1988-03-21', '1988-03-21' );
	}

	/** @dataProvider typed */
	public function test_a_birthday_is_understood_as_it_is_typed( $typed, ?string $date ): void {
		$_POST[ Account\FIELD ] = $typed;
		$this->assertSame( $date, Account\typed_birthday() );
		$errors = new WP_Error();
		Account\check( $errors );
		$this->assertSame( null === $date ? array( Account\FIELD ) : array(), $errors->added );
	}

	public function test_elsewhere_the_date_is_gregorian_only(): void {
		$this->world->locale    = 'en_GB';
		$_POST[ Account\FIELD ] = '1367-01-01';
		$this->assertNull( Account\typed_birthday() );
		$_POST[ Account\FIELD ] = '1988-03-21';
		$this->assertSame( '1988-03-21', Account\typed_birthday() );
	}

	public function test_it_is_kept_gregorian_told_with_the_account_and_shown_jalali(): void {
		$_POST[ Account\FIELD ] = array( 'y' => '1367', 'm' => '1', 'd' => '1' );
		Account\action_created( 5 );
		People\collect();
		$event = $this->recorded()[0];
		$this->assertSame( 'customer.created', $event['type'] );
		$this->assertSame( '1988-03-21', $event['data']['contact']['birthday'] );
		$this->assertSame( '2026-11-01T10:00:00Z', $event['data']['created_at'] );
		$this->assertSame( array( '1367', '1', '1' ), Account\parts( Account\birthday( 5 ) ) );
		ob_start();
		$_POST = array();
		Account\action_edit_form();
		$html = ob_get_clean();
		$this->assertStringContainsString( 'value="1367"', $html );
		$this->assertStringContainsString( 'value="1" selected>فروردین', $html );
	}

	public function test_taken_out_it_is_forgotten_and_told(): void {
		$this->world->user_meta[ '5 ' . Account\META_BIRTHDAY ] = '1988-03-21';
		People\action_changed( 5 );
		People\collect();
		$this->recorded();
		$_POST[ Account\FIELD ] = array( 'y' => '', 'm' => '', 'd' => '' );
		Account\action_saved( 5 );
		People\collect();
		$event = $this->recorded()[0];
		$this->assertSame( 'customer.updated', $event['type'] );
		$this->assertArrayNotHasKey( 'birthday', $event['data']['contact'] );
	}

	public function test_switched_off_nothing_is_asked_or_kept(): void {
		$this->set( array( 'birthday_field' => false, 'consent_checkout' => false ) );
		$_POST[ Account\FIELD ] = '1988-03-21';
		ob_start();
		Account\action_register_form();
		Account\action_edit_form();
		$this->assertSame( '', ob_get_clean() );
		Account\action_created( 5 );
		$this->assertSame( '', Account\birthday( 5 ) );
	}

	public function test_an_answer_in_the_account_is_kept_and_told_at_once_and_only_when_it_changes(): void {
		$_POST = array( Account\SHOWN => '1', 'bazgasht_consent' => '1' );
		Account\action_saved( 5 );
		$data = $this->recorded()[0]['data'];
		$this->assertSame( array( 'marketing' => true, 'source' => 'account', 'text' => 'Offers?' ), array_diff_key( $data['consent'], array( 'at' => 0 ) ) );
		$this->assertTrue( Consent\before() );
		Account\action_saved( 5 );
		$this->assertSame( array(), $this->recorded() );
		unset( $_POST['bazgasht_consent'] );
		Account\action_saved( 5 );
		$this->assertFalse( $this->recorded()[0]['data']['consent']['marketing'], 'a no is told at once' );
		$this->assertFalse( Consent\state() );
	}

	public function test_a_form_that_is_saved_with_the_box_as_it_came_is_no_answer(): void {
		$_POST = array( Account\SHOWN => '1' );
		Account\action_saved( 5 );
		$this->set( array( 'consent_ticked' => true ) );
		$_POST['bazgasht_consent'] = '1';
		Account\action_saved( 5 );
		$this->assertSame( array(), $this->recorded() );
		$this->assertNull( Consent\before() );
	}

	public function test_without_the_box_in_the_form_nothing_is_answered(): void {
		Account\action_saved( 5 );
		$this->assertSame( array(), $this->recorded() );
	}
}
