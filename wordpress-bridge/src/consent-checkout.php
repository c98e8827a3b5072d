<?php
/**
 * The box at the checkout: in the classic form, as a field of the block checkout, and, where WooCommerce has no such
 * fields yet (before 8.9), above the block.
 *
 * The script tells a change of the box at once; what stands in it when the order is placed is told in any case.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Consent_Checkout;

use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\Phone_Fields;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Settings;
use function Bazgasht\Bridge\note_number;

defined( 'ABSPATH' ) || exit;

const NAME  = 'bazgasht_consent';
const SHOWN = 'bazgasht_consent_shown';
const BLOCK = 'bazgasht/consent';

/**
 * Whether the block checkout can have fields of other plugins.
 */
function has_block_fields(): bool {
	return function_exists( 'woocommerce_register_additional_checkout_field' );
}

/**
 * Registers the block checkout's field.
 */
function action_register_block_field(): void {
	if ( ! has_block_fields() || ! Consent\is_asked() ) {
		return;
	}
	$text = Consent\wording();
	\woocommerce_register_additional_checkout_field(
		array(
			'id'                         => BLOCK,
			'label'                      => $text,
			// Without this WooCommerce writes "(optional)" behind the owner's words.
			'optionalLabel'              => $text,
			'location'                   => 'order',
			'type'                       => 'checkbox',
			'required'                   => false,
			'show_in_order_confirmation' => false,
		)
	);
}

/**
 * What the block's box says before anybody has touched it.
 *
 * @param mixed $value Null.
 * @param mixed $group Unused.
 * @param mixed $whose The draft order or the customer; an order that was placed shows what it has.
 * @return mixed
 */
function filter_block_default( $value, $group = '', $whose = null ) {
	if ( is_a( $whose, 'WC_Order' ) && ! Orders\is_unborn( $whose ) ) {
		return $value;
	}
	return Consent\state_at_checkout() ? '1' : '0';
}

/**
 * The classic checkout's box, below the billing fields: beyond what the address refresh draws anew.
 */
function action_classic_box(): void {
	if ( Consent\is_asked() && ! was_shown( true ) ) {
		box( Consent\state_at_checkout() );
	}
}

/**
 * The same above the button, for checkout plugins that draw the billing fields without WooCommerce's template. This
 * part is drawn anew by each address refresh, which brings the form as it stands.
 */
function action_classic_fallback(): void {
	if ( ! Consent\is_asked() ) {
		return;
	}
	$form = array();
	if ( wp_doing_ajax() ) {
		// phpcs:ignore WordPress.Security.NonceVerification.Missing, WordPress.Security.ValidatedSanitizedInput.InputNotSanitized -- WooCommerce has checked its nonce; only whether two names are there is looked at.
		wp_parse_str( isset( $_POST['post_data'] ) && is_string( $_POST['post_data'] ) ? wp_unslash( $_POST['post_data'] ) : '', $form );
	}
	if ( isset( $form[ SHOWN ] ) ) {
		if ( 'below' === $form[ SHOWN ] ) {
			box( isset( $form[ NAME ] ), 'below' );
		}
	} elseif ( ! was_shown( true ) ) {
		box( Consent\state_at_checkout(), 'below' );
	}
}

/**
 * Whether this page has a box already.
 *
 * @param bool $now Whether it gets one now.
 */
function was_shown( bool $now = false ): bool {
	static $shown = false;
	$before       = $shown;
	$shown        = $shown || $now;
	return $before;
}

/**
 * Prints the box.
 *
 * @param bool   $ticked Its state.
 * @param string $where  `beside` the billing fields, or `below` in the part with the button.
 */
function box( bool $ticked, string $where = 'beside' ): void {
	printf(
		'<p class="form-row form-row-wide" id="%1$s_field"><label class="woocommerce-form__label woocommerce-form__label-for-checkbox checkbox"><input type="checkbox" class="woocommerce-form__input woocommerce-form__input-checkbox input-checkbox" name="%1$s" id="%1$s" value="1" %2$s> <span>%3$s</span></label><input type="hidden" name="%4$s" value="%5$s"></p>',
		esc_attr( NAME ),
		checked( $ticked, true, false ),
		esc_html( Consent\wording() ),
		esc_attr( SHOWN ),
		esc_attr( $where )
	);
}

/**
 * Before WooCommerce 8.9: the box above the block checkout. What stands in it is told by the script alone.
 *
 * @param string $html Of the block.
 */
function filter_block_fallback( $html ) {
	if ( has_block_fields() || ! Consent\is_asked() || is_order_received_page() ) {
		return $html;
	}
	ob_start();
	box( Consent\state_at_checkout() );
	return ob_get_clean() . $html;
}

/**
 * Classic: the order is about to be saved for the first time.
 *
 * @param \WC_Order $order Not saved yet.
 */
function action_classic_creating( $order ): void {
	// phpcs:disable WordPress.Security.NonceVerification.Missing -- WooCommerce has checked its nonce.
	if ( Consent\is_asked() && isset( $_POST[ SHOWN ] ) ) {
		$order->update_meta_data( Consent\META, Consent\answer_at_checkout( isset( $_POST[ NAME ] ) ) );
	}
	// phpcs:enable
}

/**
 * Classic: the order is placed. It is read anew, since the hook may come for one that was placed before.
 *
 * @param int $order_id The order.
 */
function action_classic_placed( $order_id ): void {
	$order = wc_get_order( (int) $order_id );
	if ( is_a( $order, 'WC_Order' ) ) {
		tell( $order );
	}
}

/**
 * Block: the form has come in. Express buttons, apps and the like place orders past it; WooCommerce then writes the
 * box's default onto the order as if somebody had seen it.
 *
 * @param \WC_Order        $order   Unused.
 * @param \WP_REST_Request $request The Store API's.
 */
function action_block_form( $order, $request ): void {
	was_answered( array_key_exists( BLOCK, (array) $request->get_param( 'additional_fields' ) ) );
}

/**
 * Whether this request has brought the block's box.
 *
 * @param bool|null $now Set to say so.
 */
function was_answered( ?bool $now = null ): bool {
	static $answered = false;
	$answered        = $now ?? $answered;
	return $answered;
}

/**
 * Block: the order is placed, with the box's state in its meta.
 *
 * @param \WC_Order $order The order.
 */
function action_block_placed( $order ): void {
	if ( ! has_block_fields() || ! Consent\is_asked() || ! was_answered() ) {
		return;
	}
	$state = (string) $order->get_meta( '_wc_other/' . BLOCK );
	$order->update_meta_data( Consent\META, Consent\answer_at_checkout( '1' === $state ) );
	$order->save_meta_data();
	tell( $order );
}

/**
 * Tells the answer that goes with an order, and keeps it with the account.
 *
 * @param \WC_Order $order Just placed.
 */
function tell( $order ): void {
	$answer = $order->get_meta( Consent\META );
	if ( ! is_array( $answer ) || ! Settings\is_connected() ) {
		return;
	}
	$user_id = (int) $order->get_customer_id();
	Consent\keep( $user_id, $answer );
	$contact = Phone_Fields\complete(
		Events\contact( $order, $user_id, determine_locale() ),
		static function () use ( $order ): string {
			return Phone_Fields\of_order( $order );
		}
	);
	if ( isset( $contact['phone'] ) ) {
		// A form that is only open anybody can fill, with anybody's number; an order is more.
		note_number( $contact['phone'], $answer + array( 'order_id' => $order->get_id() ), $contact );
	}
}
