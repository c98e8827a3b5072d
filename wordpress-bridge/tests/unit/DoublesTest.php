<?php
/**
 * What else writes to buyers is found where it is switched on, and only there.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Doubles;

final class DoublesTest extends BridgeTestCase {
	protected function setUp(): void {
		parent::setUp();
		$emails                  = &$this->world->emails;
		$this->world->wc->mailer = null;
		$this->world->wc         = new class( $emails ) {
			/** @var WC_Email[] */
			private $emails;
			public $session  = null;
			public $cart     = null;
			public $customer = null;
			public function __construct( array &$emails ) {
				$this->emails = &$emails;
			}
			public function mailer() {
				return $this;
			}
			public function get_emails() {
				return $this->emails;
			}
		};
	}

	protected function tearDown(): void {
		parent::tearDown();
		$_POST = array();
	}

	private function activate( string ...$plugins ): void {
		$this->world->options['active_plugins'] = $plugins;
	}

	public function shops(): iterable {
		$cartflows = 'woo-cart-abandonment-recovery/woo-cart-abandonment-recovery.php';
		$bounty    = 'woo-save-abandoned-carts/cartbounty-abandoned-carts.php';
		$funnel    = 'wp-marketing-automations/wp-marketing-automations.php';
		$persian   = 'persian-woocommerce-sms/WoocommerceIR_SMS.php';
		yield 'nothing' => array( array(), array(), array() );
		yield 'left over options' => array( array(), array( 'wcf_ca_status' => 'on', 'sms_buyer_settings' => array( 'enable_buyer' => 'on' ) ), array() );
		yield 'CartFlows as it comes' => array( array( $cartflows ), array(), array( 'cartflows' ) );
		yield 'CartFlows switched off' => array( array( $cartflows ), array( 'wcf_ca_status' => '' ), array() );
		yield 'CartBounty as it comes' => array( array( $bounty ), array( 'cartbounty_automation_steps' => array( array( 'interval' => 1 ) ) ), array() );
		yield 'CartBounty with a mail' => array( array( $bounty ), array( 'cartbounty_automation_steps' => array( array(), array( 'enabled' => '1' ) ) ), array( 'cartbounty' ) );
		yield 'CartBounty Pro' => array( array( 'woo-save-abandoned-carts-pro/cartbounty-pro-abandoned-carts.php' ), array(), array( 'cartbounty' ) );
		yield 'FunnelKit' => array( array( $funnel ), array( 'bwfan_global_settings' => array( 'bwfan_ab_enable' => true ) ), array( 'funnelkit' ) );
		yield 'FunnelKit without carts' => array( array( $funnel ), array(), array() );
		yield 'Persian SMS to buyers' => array( array( $persian ), array( 'sms_buyer_settings' => array( 'enable_buyer' => 'on' ) ), array( 'persian' ) );
		yield 'Persian SMS of products' => array( array( $persian ), array( 'sms_notif_settings' => array( 'enable_notif_sms_main' => 'on' ) ), array( 'persian' ) );
		yield 'Persian SMS to the manager only' => array( array( $persian ), array( 'sms_buyer_settings' => array( 'enable_buyer' => 'off' ) ), array() );
	}

	/** @dataProvider shops */
	public function test_finds_what_writes( array $plugins, array $options, array $found ): void {
		$this->activate( ...$plugins );
		$this->world->options = $options + $this->world->options;
		$this->assertSame( $found, array_keys( Doubles\found() ) );
	}

	public function test_finds_what_the_whole_network_has(): void {
		$this->world->is_network = true;

		$this->world->options['network active_sitewide_plugins'] = array( 'woo-cart-abandonment-recovery/woo-cart-abandonment-recovery.php' => 1 );
		$this->assertSame( array( 'cartflows' ), array_keys( Doubles\found() ) );
	}

	public function test_finds_woocommerces_own_mails(): void {
		$this->world->emails = array( new WC_Email( 'customer_note', true ), new WC_Email( 'customer_review_request', false ), new WC_Email( 'customer_abandoned_cart_recovery', true, 'no' ) );
		$this->assertSame( array(), Doubles\found(), 'sent by hand only, or not at all' );
		$this->world->emails = array( new WC_Email( 'customer_review_request', true ), new WC_Email( 'customer_abandoned_cart_recovery', true, 'yes' ) );
		$this->assertSame( array( 'customer_review_request', 'customer_abandoned_cart_recovery' ), array_keys( Doubles\found() ) );
		$this->assertSame( 'admin.php?page=wc-settings&tab=email&section=wc_email', Doubles\found()['customer_review_request']['place'] );
	}

	public function test_each_can_be_kept_by_itself(): void {
		$this->activate( 'woo-cart-abandonment-recovery/woo-cart-abandonment-recovery.php' );
		$this->world->emails = array( new WC_Email( 'customer_review_request', true ) );
		ob_start();
		Doubles\show();
		$html = (string) ob_get_clean();
		$this->assertSame( 2, substr_count( $html, '<form' ) );
		$this->assertStringContainsString( 'nonce of bazgasht_doubles_cartflows', $html );

		foreach ( array( array( array(), array( 'manage_woocommerce' ), 403 ), array( array( 'nonce of bazgasht_doubles_cartflows' ), array(), 403 ), array( array( 'nonce of bazgasht_doubles_cartflows' ), array( 'manage_woocommerce' ), 302 ) ) as list( $nonces, $may, $status ) ) {
			$this->world->nonces = $nonces;
			$this->world->may    = $may;
			$_POST               = array( 'which' => 'cartflows' );
			try {
				Doubles\action_keep();
			} catch ( Sent $sent ) {
				$this->assertSame( $status, $sent->status );
			}
			$this->assertSame( 302 === $status ? 1 : 2, count( Doubles\found() ) );
		}
	}

	public function test_woocommerces_own_mails_are_switched_off_at_a_word(): void {
		$this->activate( 'woo-cart-abandonment-recovery/woo-cart-abandonment-recovery.php' );
		$this->world->emails = array( new WC_Email( 'customer_note', true ), new WC_Email( 'customer_review_request', true ), new WC_Email( 'customer_abandoned_cart_recovery', true, 'yes' ) );
		foreach ( array( 'customer_review_request', 'customer_abandoned_cart_recovery', 'customer_note', 'cartflows' ) as $which ) {
			$this->world->nonces = array( 'nonce of bazgasht_doubles_' . $which );
			$this->world->may    = array( 'manage_woocommerce' );
			$_POST               = array( 'which' => $which, 'what' => 'off' );
			try {
				Doubles\action_keep();
			} catch ( Sent $sent ) {
				$this->assertSame( 302, $sent->status );
			}
		}
		$_POST = array();
		$this->assertSame( array( 'cartflows' ), array_keys( Doubles\found() ), 'of a plugin only its own page can' );
		$this->assertTrue( $this->world->emails[0]->is_enabled() );
		$this->assertTrue( $this->world->emails[2]->is_enabled(), 'by hand it can still be sent' );
		$this->assertSame( array(), Doubles\kept() );
	}

	public function test_what_is_not_known_cannot_be_kept(): void {
		$this->world->nonces = array( 'nonce of bazgasht_doubles_anything' );
		$this->world->may    = array( 'manage_woocommerce' );
		$_POST               = array( 'which' => 'anything' );
		try {
			Doubles\action_keep();
		} catch ( Sent $sent ) {
			$this->assertSame( array(), Doubles\kept() );
		}
	}
}
