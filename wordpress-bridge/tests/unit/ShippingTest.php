<?php
/**
 * Where a parcel is, as the plugins that write it down have it.
 *
 * @package Bazgasht
 */

use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\Shipping;

final class ShippingTest extends BridgeTestCase {
	public function places(): iterable {
		yield 'Advanced Shipment Tracking, the last of two' => array(
			'completed',
			array( '_wc_shipment_tracking_items' => array( array( 'tracking_number' => 'OLD' ), array( 'tracking_provider' => 'post', 'custom_tracking_provider' => '', 'tracking_number' => 'A1', 'custom_tracking_link' => 'https://post.example/A1' ) ) ),
			array( 'state' => 'shipped', 'tracking_code' => 'A1', 'carrier' => 'post' ),
			'https://post.example/A1',
		);
		yield 'with what the carrier says' => array(
			'completed',
			array( '_wc_shipment_tracking_items' => array( array( 'tracking_number' => 'A1' ) ), 'shipment_status' => array( array( 'status' => 'in_transit' ), array( 'status' => 'out_for_delivery' ) ) ),
			array( 'state' => 'out_for_delivery', 'tracking_code' => 'A1' ),
			'',
		);
		yield 'ParcelPanel' => array( 'shipped', array( '_parcelpanel_shipping_numbers' => '{"PP1":{"tracking_number":"PP1","courier_code":"dhl"}}' ), array( 'state' => 'shipped', 'tracking_code' => 'PP1', 'carrier' => 'dhl' ), '' );
		yield 'Persian post, packed' => array( 'pws-packaged', array( 'post_barcode' => '123456789012345678901234' ), array( 'state' => 'packed', 'tracking_code' => '123456789012345678901234' ), '' );
		yield 'Persian post, come back' => array( 'pws-returned', array( 'post_barcode' => '12' ), array( 'state' => 'returned', 'tracking_code' => '12' ), '' );
		yield 'a field of the shop\'s own' => array( 'completed', array( '_tracking_number' => ' T9 ', '_tracking_provider' => 'Tipax', '_tracking_url' => '<a href="https://tipax.example/?a=1&amp;b=2">T9</a>' ), array( 'state' => 'shipped', 'tracking_code' => 'T9', 'carrier' => 'Tipax' ), 'https://tipax.example/?a=1&b=2' );
		yield 'by the status alone' => array( 'delivered', array(), array( 'state' => 'delivered' ), '' );
		yield 'nothing yet' => array( 'processing', array( '_tracking_number' => '', '_wc_shipment_tracking_items' => array() ), null, '' );
		yield 'rubbish' => array( 'processing', array( '_tracking_number' => array( 'x' ), '_wc_shipment_tracking_items' => 'x{', '_parcelpanel_shipping_numbers' => '[]', 'shipment_status' => 7, '_tracking_url' => 'javascript:x' ), null, '' );
	}

	/** @dataProvider places */
	public function test_it_is_found( string $status, array $meta, ?array $shipping, string $url ): void {
		$order = new WC_Order( array( 'id' => 7, 'status' => $status, 'meta' => $meta ) );
		$data  = Shipping\with_shipping( array( 'order_id' => 7 ), $order );
		$found = $data['shipping'] ?? null;
		null === $found ? null : ksort( $found );
		null === $shipping ? null : ksort( $shipping );
		$this->assertSame( $shipping, $found );
		$this->assertSame( $url, $data['tracking_url'] ?? '' );
	}

	public function test_a_shop_with_a_place_of_its_own_says_so_by_the_filter(): void {
		$this->world->filter = static function ( $value ) {
			return array( 'state' => 'at the counter', 'tracking_code' => 5, 'other' => 'x', 'carrier' => array() );
		};
		$data = Shipping\with_shipping( array(), new WC_Order( array( 'status' => 'processing', 'meta' => array() ) ) );
		$this->assertSame( array( 'shipping' => array( 'state' => 'at the counter', 'tracking_code' => '5' ) ), $data );
	}

	public function test_what_is_written_past_woocommerce_is_noticed_and_other_meta_is_not(): void {
		$this->assertTrue( Shipping\is_ours( 'post_barcode' ) );
		$this->assertTrue( Shipping\is_ours( '_wc_shipment_tracking_items' ) );
		$this->assertFalse( Shipping\is_ours( '_edit_lock' ) );
		$this->world->products[7] = new WC_Product( array( 'id' => 7 ) );
		Shipping\action_post_meta( 1, 7, 'post_barcode' );
		$this->assertSame( array(), Orders\seen()->touched, 'a product is no order' );
	}

	public function test_the_moment_of_a_failed_payment_stays_and_is_told_while_it_is_failed(): void {
		$order = new WC_Order( array( 'id' => 7, 'changes' => array( 'status' => 'failed' ), 'meta' => array() ) );
		Orders\action_saving( $order );
		$this->assertEqualsWithDelta( time(), (int) $order->get_meta( Orders\META_FAILED ), 5 );
		$order = new WC_Order( array( 'id' => 7, 'changes' => array( 'total' => '5' ), 'meta' => array() ) );
		Orders\action_saving( $order );
		$this->assertSame( '', $order->get_meta( Orders\META_FAILED ) );

		$fields = array( 'id' => 7, 'order_number' => '7', 'total' => '9', 'currency' => 'IRT', 'items' => array(), 'customer_id' => 0, 'coupon_codes' => array(), 'date_created' => null, 'date_paid' => null, 'date_completed' => null, 'billing_phone' => '', 'shipping_phone' => '', 'billing_first_name' => '', 'billing_last_name' => '', 'billing_country' => 'IR', 'meta' => array( Orders\META_FAILED => '1792396800' ) );
		$this->assertSame( gmdate( 'Y-m-d\TH:i:s\Z', 1792396800 ), Orders\data( new WC_Order( array( 'status' => 'failed' ) + $fields ) )['failed_at'] );
		$this->assertArrayNotHasKey( 'failed_at', Orders\data( new WC_Order( array( 'status' => 'processing' ) + $fields ) ) );
	}
}
