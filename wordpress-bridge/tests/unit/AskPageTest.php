<?php
/**
 * The page on which a question of a text is answered.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Ask_Page;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Restore;
use Bazgasht\Bridge\Slugs;

final class AskPageTest extends BridgeTestCase {
	const SLUG = '3JcKdsX';
	const NOW  = 1800000000;

	const ASKED = array(
		'status'  => 200,
		'text'    => 'راضی <بودید>؟',
		'answers' => array(
			'بله' => 'بله',
			'2'   => '"نه"',
		),
	);

	protected function setUp(): void {
		parent::setUp();
		$_SERVER['REMOTE_ADDR'] = '203.0.113.7';
	}

	protected function tearDown(): void {
		parent::tearDown();
		unset( $_SERVER['REMOTE_ADDR'], $_GET['ask'] );
	}

	private function tap( string $key, array $question = self::ASKED ): int {
		return Ask_Page\answer( self::SLUG, $question, $key, Ask_Page\proof( self::SLUG ), self::NOW );
	}

	/** What waits in the outbox: type and data. */
	private function kept(): array {
		$kept = array();
		foreach ( Outbox\peek( 1000, PHP_INT_MAX ) as $entry ) {
			$event  = json_decode( $entry['line'], true );
			$kept[] = array( $event['type'], $event['data'] );
		}
		return $kept;
	}

	public function test_finds_the_slug(): void {
		$this->assertSame( '3JcKdsX', Ask_Page\asked_slug( 's/3JcKdsX/ask' ) );
		foreach ( array( 's/3JcKdsX', 's/ask', 's/3JcKdsX/stop', 'shop/3JcKdsX/ask', "s/3JcKdsX/ask\n", '' ) as $path ) {
			$this->assertSame( '', Ask_Page\asked_slug( $path ), $path );
		}
		$this->assertSame( '', Slugs\asked( 's/3JcKdsX/ask' ), 'leads nowhere else' );
		$_GET['bazgasht'] = self::SLUG;
		$this->assertSame( '', Ask_Page\asked_slug( '' ) );
		$_GET['ask'] = '1';
		$this->assertSame( self::SLUG, Ask_Page\asked_slug( '' ) );
	}

	public function test_the_link_of_a_question_leads_to_its_page(): void {
		$this->assertStringEndsWith( '/s/3JcKdsX/ask', Restore\page_of( array( 'kind' => 'ask', 'slug' => self::SLUG ) ) );
		$this->assertStringNotContainsString( 'x/y', Restore\page_of( array( 'kind' => 'ask', 'slug' => 'x/y' ) ) );
	}

	public function test_an_answer_is_in_the_outbox_before_somebody_is_thanked(): void {
		foreach ( array( 'بله', '2' ) as $key ) {
			$this->assertSame( 201, $this->tap( $key ) );
		}
		$told = static function ( string $key ): array {
			return array( 'contact.answered', array( 'link' => self::SLUG, 'answer' => $key ) );
		};
		$this->assertSame( array( $told( 'بله' ), $told( '2' ) ), $this->kept() );
	}

	public function test_what_is_no_answer_of_the_page_is_not_kept(): void {
		foreach ( array( '', 'شاید', str_repeat( 'x', 41 ) ) as $key ) {
			$this->assertSame( 403, $this->tap( $key ) );
		}
		$this->assertSame( 403, Ask_Page\answer( self::SLUG, self::ASKED, 'بله', Ask_Page\proof( 'other4' ), self::NOW ) );
		$this->assertSame( 410, $this->tap( 'بله', array( 'status' => 410 ) ) );
		$this->assertSame( array(), $this->kept() );
		$this->assertSame( 201, $this->tap( 'بله', array( 'status' => 503 ) ), 'the daemon is silent, and will know' );
	}

	public function test_nobody_fills_the_outbox(): void {
		for ( $n = 0; $n < Ask_Page\MOST_ANSWERS; $n++ ) {
			$this->assertSame( 201, $this->tap( 'بله' ) );
		}
		$this->assertSame( 429, $this->tap( 'بله' ) );
	}

	public function test_every_answer_is_a_button_until_one_was_tapped(): void {
		$html = Ask_Page\page( self::SLUG, self::ASKED, 200 );
		$this->assertSame( 2, substr_count( $html, '<button' ) );
		$this->assertStringContainsString( '<h1>راضی &lt;بودید&gt;؟</h1>', $html );
		$this->assertStringContainsString( 'value="2"><b>&quot;نه&quot;</b>', $html );
		$this->assertStringNotContainsString( '<script', $html );
		$this->assertSame( 1, preg_match( '/name="bazgasht_proof" value="([0-9a-f]{64})"/', $html, $match ) );
		$this->assertSame( 201, Ask_Page\answer( self::SLUG, self::ASKED, 'بله', $match[1], self::NOW ) );
		foreach ( array( 201, 410, 503 ) as $status ) {
			$this->assertStringNotContainsString( '<button', Ask_Page\page( self::SLUG, self::ASKED, $status ) );
		}
		$this->assertStringContainsString( 'Your answer?', Ask_Page\page( self::SLUG, array( 'text' => '' ) + self::ASKED, 200 ) );
	}
}
