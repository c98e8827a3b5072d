<?php
/**
 * Events of the owner's own: whom they may be about, what they may say, and that the rest is refused aloud.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Custom;

final class CustomTest extends BridgeTestCase {
	private function told( ...$arguments ): array {
		Custom\action_told( ...$arguments );
		return $this->recorded();
	}

	public function test_tells_name_person_and_what_a_text_can_say(): void {
		$data           = array( 'plan' => ' gold ', 'score' => 7.5, 'member' => true, 'asked_at' => '1405-09-01' );
		list( $event ) = $this->told( 'demo-asked', array( 'phone' => '۰۹۱۲۰۰۰۱۲۳۴', 'first_name' => 'سارا', 'password' => 'x' ), $data );
		$this->assertSame( 'custom.demo-asked', $event['type'] );
		$this->assertSame( array( 'contact' => array( 'phone' => '۰۹۱۲۰۰۰۱۲۳۴', 'first_name' => 'سارا' ), 'plan' => 'gold' ) + $data, $event['data'] );
		$this->assertSame( array(), $this->world->wrong );
	}

	public function people(): iterable {
		yield 'a number' => array( '09120001234', array( 'phone' => '09120001234' ) );
		yield 'an account' => array( 5, array( 'user_id' => 5, 'phone' => '09120000055' ) );
		yield 'the contract\'s contact' => array( array( 'user_id' => 7 ), array( 'user_id' => '7' ) );
		yield 'a guest at the checkout' => array( new WC_Customer( array( 'id' => 0, 'billing_phone' => '09120001234', 'billing_first_name' => '', 'billing_last_name' => '', 'billing_country' => 'IR' ) ), array( 'phone' => '09120001234', 'country' => 'IR' ) );
	}

	/** @dataProvider people */
	public function test_whom_it_is_about_may_be_said_in_many_ways( $whom, array $contact ): void {
		$this->world->mails = array( 'sara@example.test' => 5 );
		list( $event ) = $this->told( 'called', $whom );
		$this->assertEquals( $contact, array_intersect_key( $event['data']['contact'], $contact ) );
		$this->assertSame( array( 'contact' ), array_keys( $event['data'] ) );
	}

	public function refused(): iterable {
		yield 'a name no campaign can name' => array( 'Demo asked', '09120001234' );
		yield 'no name' => array( null, '09120001234' );
		yield 'a name that is too long' => array( str_repeat( 'a', 49 ), '09120001234' );
		yield 'nobody' => array( 'called', null );
		yield 'an account that is not there' => array( 'called', 99 );
		yield 'somebody without a number' => array( 'called', array( 'first_name' => 'سارا', 'phone' => ' ' ) );
	}

	/** @dataProvider refused */
	public function test_what_nobody_could_name_or_write_to_is_refused_aloud( $name, $contact ): void {
		$this->assertSame( array(), $this->told( $name, $contact ) );
		$this->assertCount( 1, $this->world->wrong );
		$this->assertStringNotContainsString( 'سارا', $this->world->wrong[0] );
	}

	public function test_what_no_text_can_say_stays_here_and_that_is_said_without_the_values(): void {
		$data          = array( 'contact' => 'x', 'a-b' => 1, 'list' => array( '09120001234' ), 'none' => null, 'much' => INF, 'ok' => str_repeat( 'ی', 300 ) );
		list( $event ) = $this->told( 'called', '09120001234', $data );
		$this->assertSame( array( 'contact', 'ok' ), array_keys( $event['data'] ) );
		$this->assertSame( 200, mb_strlen( $event['data']['ok'] ) );
		$this->assertStringContainsString( 'contact, a-b, list, none, much', $this->world->wrong[0] );
		$this->assertStringNotContainsString( '0912', $this->world->wrong[0] );

		list( $event ) = $this->told( 'called', '09120001234', array_combine( array_map( static function ( $n ) { return 'f' . $n; }, range( 1, 40 ) ), range( 1, 40 ) ) );
		$this->assertCount( 1 + Custom\MAX_FIELDS, $event['data'] );
	}

	public function test_promise_11_whatever_is_handed_over_breaks_no_page(): void {
		$broken = new WC_Order( array() );
		$this->assertSame( array(), $this->told( 'called', $broken ) );
		$this->assertCount( 1, $this->world->log );
	}
}
