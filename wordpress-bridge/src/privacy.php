<?php
/**
 * Tools > Export and Erase Personal Data: what the bridge keeps about a person, and the word to the daemon that they
 * are to be forgotten.
 *
 * WordPress knows people by e-mail address, the daemon by number: the account and the orders of the address lead
 * from the one to the other.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Privacy;

use Bazgasht\Bridge\Account;
use Bazgasht\Bridge\Capture;
use Bazgasht\Bridge\Cart;
use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\Consent_Checkout;
use Bazgasht\Bridge\Coupon_Once;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Holders;
use Bazgasht\Bridge\Orders;
use Bazgasht\Bridge\Outbox;
use Bazgasht\Bridge\Own_Coupons;
use Bazgasht\Bridge\People;
use Bazgasht\Bridge\Record;
use Bazgasht\Bridge\Settings;

defined( 'ABSPATH' ) || exit;

const ID          = 'bazgasht-bridge';
const ORDERS_PAGE = 50;

// What the bridge keeps in a session.
const SESSION_KEYS = array( Cart\SESSION_KEY, 'bazgasht_typed', 'bazgasht_typing', 'bazgasht_coupon', 'bazgasht_undo', 'bazgasht_walk' );

// Without the last digits two numbers cannot be told apart, with all of them +98 and 0 could not be told to be one.
const TELLING_DIGITS = 10;

// Waiting orders are figures of the shop, and lose their person only.
const ORDER_TYPES = array( 'order.created', 'order.updated' );

// Somebody's "no", the end of a basket, and this very request must reach the daemon.
const LASTING_TYPES = array( 'contact.opted_out', 'contact.erase_requested', 'cart.cleared' );

/**
 * Adds the exporter.
 *
 * @param array $exporters As WordPress has them.
 */
function filter_exporters( $exporters ): array {
	return (array) $exporters + array(
		ID => array(
			'exporter_friendly_name' => __( 'Bazgasht SMS', 'bazgasht-bridge' ),
			'callback'               => __NAMESPACE__ . '\export',
		),
	);
}

/**
 * Adds the eraser, before all others: WooCommerce's takes the numbers away by which the person is known here.
 *
 * @param array $erasers As WordPress has them.
 */
function filter_erasers( $erasers ): array {
	return array(
		ID => array(
			'eraser_friendly_name' => __( 'Bazgasht SMS', 'bazgasht-bridge' ),
			'callback'             => __NAMESPACE__ . '\erase',
		),
	) + (array) $erasers;
}

/**
 * One page of what is kept here about a person. The first has all but the notes on further orders.
 *
 * @param string $email Of the person.
 * @param int    $page  From 1 on.
 * @return array{data: array, done: bool}
 */
function export( $email, $page = 1 ): array {
	$items  = array();
	$orders = orders( (string) $email, (int) $page );
	if ( 1 === (int) $page ) {
		$items = export_person( person( (string) $email ) );
	}
	foreach ( $orders as $order ) {
		$rows = filled_rows(
			array(
				__( 'Order', 'bazgasht-bridge' )         => (string) $order->get_order_number(),
				__( 'Basket it was made from', 'bazgasht-bridge' ) => (string) $order->get_meta( Orders\META_CART_KEY ),
				__( 'Link that brought you', 'bazgasht-bridge' ) => (string) $order->get_meta( Orders\META_LINK ),
				__( 'Offers by SMS', 'bazgasht-bridge' ) => consent( $order->get_meta( Consent\META ) ),
			)
		);
		if ( count( $rows ) > 1 ) {
			$items[] = item( 'order-' . $order->get_id(), $rows );
		}
	}
	return array(
		'data' => $items,
		'done' => count( $orders ) < ORDERS_PAGE,
	);
}

/**
 * What is kept of the person and not of one order.
 *
 * @param array $person From person().
 */
function export_person( array $person ): array {
	if ( is_nobody( $person ) ) {
		return array();
	}
	$session = session( $person['user_id'] );
	$told    = maybe_unserialize( $session[ Cart\SESSION_KEY ] ?? '' );
	$numbers = array_column( $person['phones'], 'phone' );
	$items   = array(
		item(
			'person',
			filled_rows(
				array(
					__( 'Mobile number', 'bazgasht-bridge' ) => implode( ', ', $numbers ),
					__( 'Birthday', 'bazgasht-bridge' ) => $person['user_id'] > 0 ? (string) get_user_meta( $person['user_id'], Account\META_BIRTHDAY, true ) : '',
					__( 'Offers by SMS', 'bazgasht-bridge' ) => $person['user_id'] > 0 ? consent( get_user_meta( $person['user_id'], Consent\META, true ) ) : '',
					__( 'Link that brought you', 'bazgasht-bridge' ) => is_array( $told ) ? (string) ( $told['link'] ?? '' ) : '',
					__( 'What else there is', 'bazgasht-bridge' ) => sprintf(
						/* translators: %s: a command */
						__( 'The texts that were sent to you, why, and when their links were opened are kept by the shop\'s Bazgasht service, outside WordPress. Whoever runs the shop adds them with the command "%s".', 'bazgasht-bridge' ),
						"\u{2066}bazgasht contact export " . ( $numbers[0] ?? '' ) . "\u{2069}"
					),
				)
			)
		),
	);
	foreach ( Outbox\events() as $event ) {
		// Not by number alone: anybody can put another's number on an order of their own.
		if ( names( $event, array( 'phones' => array() ) + $person ) ) {
			$items[] = item(
				'event-' . (string) ( $event['id'] ?? '' ),
				array_merge(
					filled_rows(
						array(
							__( 'Waits to be told', 'bazgasht-bridge' ) => (string) ( $event['type'] ?? '' ),
							__( 'Since', 'bazgasht-bridge' ) => (string) ( $event['time'] ?? '' ),
						)
					),
					leaves( (array) ( $event['data'] ?? array() ), '' )
				)
			);
		}
	}
	return $items;
}

/**
 * An answer that is kept, in one line.
 *
 * @param mixed $answer From Consent\answer(), if there is one.
 */
function consent( $answer ): string {
	if ( ! is_array( $answer ) || ! isset( $answer['marketing'] ) ) {
		return '';
	}
	$word = $answer['marketing'] ? __( 'yes', 'bazgasht-bridge' ) : __( 'no', 'bazgasht-bridge' );
	return $word . ', ' . ( $answer['at'] ?? '' ) . ': ' . ( $answer['text'] ?? '' );
}

/**
 * Erases a page of what is kept here about a person. With the first, everything but the notes on further orders goes,
 * and the daemon is asked to erase the person too.
 *
 * @param string $email Of the person.
 * @param int    $page  From 1 on.
 * @return array{items_removed: bool, items_retained: bool, messages: string[], done: bool}
 */
function erase( $email, $page = 1 ): array {
	$removed  = false;
	$messages = array();
	$orders   = orders( (string) $email, (int) $page );
	if ( 1 === (int) $page ) {
		$person   = person( (string) $email );
		$removed  = ! is_nobody( $person );
		$shared   = shared( $person, (string) $email );
		$messages = $removed ? forget( array( 'phones' => array_diff_key( $person['phones'], $shared ) ) + $person ) : array();
		foreach ( $shared as $phone ) {
			/* translators: 1: mobile number, 2: a command */
			$messages[] = sprintf( __( 'The number %1$s also stands on orders or accounts of another e-mail address, so Bazgasht was not asked to erase whoever has it. If it is this person\'s, "%2$s" does.', 'bazgasht-bridge' ), $phone['phone'], 'wp bazgasht forget ' . $phone['phone'] );
		}
	}
	foreach ( $orders as $order ) {
		forget_order( $order );
		$removed = true;
	}
	return array(
		'items_removed'  => $removed,
		'items_retained' => array() !== $messages,
		'messages'       => $messages,
		'done'           => count( $orders ) < ORDERS_PAGE,
	);
}

/**
 * Which of a person's numbers somebody else has, too: anybody can put anybody's on an order of their own, and have
 * themselves erased.
 *
 * @param array  $person From person().
 * @param string $email  Theirs.
 * @return array As `phones` of person().
 */
function shared( array $person, string $email ): array {
	$shared = array();
	foreach ( $person['phones'] as $digits => $phone ) {
		$others = array_diff( Holders\accounts( (string) $digits ), array( $person['user_id'] ) );
		foreach ( array_diff( Holders\orders( (string) $digits ), $person['orders'] ) as $order_id ) {
			$order = wc_get_order( $order_id );
			if ( is_a( $order, 'WC_Order' ) && strtolower( (string) $order->get_billing_email() ) !== strtolower( $email ) ) {
				$others[] = $order_id;
			}
		}
		if ( array() !== $others ) {
			$shared[ $digits ] = $phone;
		}
	}
	return $shared;
}

/**
 * Takes our notes off an order, and notes instead that its person is not to be told of any more.
 *
 * @param \WC_Order $order One of theirs.
 */
function forget_order( $order ): void {
	$order->delete_meta_data( Orders\META_CART_KEY );
	$order->delete_meta_data( Orders\META_LINK );
	$order->delete_meta_data( Consent\META );
	$order->delete_meta_data( '_wc_other/' . Consent_Checkout\BLOCK );
	$order->update_meta_data( Orders\META_ERASED, '1' );
	$order->save_meta_data();
}

/**
 * Forgets somebody of whom only a number is given.
 *
 * @param array $person From person_of_number().
 * @return string[] As forget().
 */
function forget_number( array $person ): array {
	foreach ( $person['orders'] as $order_id ) {
		$order = wc_get_order( $order_id );
		if ( is_a( $order, 'WC_Order' ) ) {
			forget_order( $order );
		}
	}
	$messages = array();
	foreach ( array() === $person['accounts'] ? array( 0 ) : $person['accounts'] as $user_id ) {
		$messages = array_merge( $messages, forget( array( 'user_id' => $user_id ) + $person ) );
	}
	return array_values( array_unique( $messages ) );
}

/**
 * Forgets a person here, and asks the daemon to.
 *
 * @param array $person From person() or person_of_number().
 * @return string[] What could not be done, in sentences.
 */
function forget( array $person ): array {
	$messages = array();
	if ( $person['user_id'] > 0 ) {
		foreach ( array( People\meta_told(), Account\META_BIRTHDAY, Consent\META ) as $key ) {
			delete_user_meta( $person['user_id'], $key );
		}
		delete_transient( Capture\memory_key_of( (string) $person['user_id'] ) );
		forget_session( $person['user_id'] );
	}
	$change = static function ( array $event ) use ( $person ): ?array {
		return without( $event, $person );
	};
	if ( ! Record\write() || ! Outbox\rewrite( $change ) ) {
		$messages[] = __( 'What waits for Bazgasht could not be gone through. Please try once more in a few minutes.', 'bazgasht-bridge' );
	}
	forget_codes( $person );
	return ask_daemon( $person ) ? $messages : array_merge( $messages, array( __( 'Bazgasht could not be told, so it still knows this person. On its server, "bazgasht contact erase" with the number does it.', 'bazgasht-bridge' ) ) );
}

/**
 * Takes away the coupons that were the person's own: each names its owner by a keyed hash of the number. One that was
 * used stays, without that.
 *
 * @param array $person From person() or person_of_number().
 */
function forget_codes( array $person ): void {
	foreach ( $person['phones'] as $phone ) {
		foreach ( Own_Coupons\ids_of( (string) $phone['phone'], (string) ( $phone['country'] ?? '' ) ) as $id ) {
			$coupon = new \WC_Coupon( $id );
			if ( (int) $coupon->get_usage_count() > 0 ) {
				delete_post_meta( $id, Own_Coupons\META );
				delete_post_meta( $id, Coupon_Once\META );
			} else {
				$coupon->delete( true );
			}
		}
	}
}

/**
 * Asks the daemon to erase the person: an event for each number, which waits as all others do.
 *
 * @param array $person From person().
 * @return bool Whether the request is kept until it is heard.
 */
function ask_daemon( array $person ): bool {
	if ( ! Settings\is_connected() ) {
		return false;
	}
	$who = $person['user_id'] > 0 ? array( 'user_id' => $person['user_id'] ) : array();
	foreach ( array() === $person['phones'] ? array( array() ) : $person['phones'] as $phone ) {
		if ( array() === $phone + $who ) {
			continue;
		}
		Record\event(
			'contact.erase_requested',
			array(
				'contact' => Events\filled( $phone ) + $who,
				'source'  => 'wp-privacy',
			)
		);
	}
	return Record\write();
}

/**
 * An event without the person; null when nothing is left of it. One that is about somebody else stays as it is.
 *
 * @param array $event  As from Events\envelope().
 * @param array $person From person().
 */
function without( array $event, array $person ): ?array {
	$type = (string) ( $event['type'] ?? '' );
	if ( in_array( $type, LASTING_TYPES, true ) || ! names( $event, $person ) ) {
		return $event;
	}
	if ( ! in_array( $type, ORDER_TYPES, true ) ) {
		return null;
	}
	$event['data']['contact'] = array( 'locale' => (string) ( $event['data']['contact']['locale'] ?? get_locale() ) );
	unset( $event['data']['cart_key'], $event['data']['link'] );
	return $event;
}

/**
 * Whether an event is about the person.
 *
 * @param array $event  As from Events\envelope().
 * @param array $person From person().
 */
function names( array $event, array $person ): bool {
	$data    = (array) ( $event['data'] ?? array() );
	$contact = (array) ( $data['contact'] ?? array() );
	return isset( $person['phones'][ digits( (string) ( $contact['phone'] ?? '' ) ) ] )
		|| ( $person['user_id'] > 0 && (int) ( $contact['user_id'] ?? 0 ) === $person['user_id'] )
		|| in_array( (int) ( $data['order_id'] ?? 0 ), $person['orders'], true )
		|| in_array( (string) ( $data['cart_key'] ?? '' ), $person['carts'], true );
}

/**
 * The person behind an e-mail address.
 *
 * @param string $email As WordPress has it.
 * @return array{user_id: int, accounts: int[], phones: array<string, array{phone: string, country?: string}>, orders: int[], carts: string[]}
 *         `phones` by their telling digits; `accounts` of person_of_number() only.
 */
function person( string $email ): array {
	$user   = '' === $email ? false : get_user_by( 'email', $email );
	$person = nobody();
	if ( is_a( $user, 'WP_User' ) ) {
		$person = with_number( $person, new \WC_Customer( $user->ID ) );

		$person['user_id'] = (int) $user->ID;
		$person['carts'][] = (string) $user->ID;
	}
	$page = 1;
	do {
		$orders  = orders( $email, $page );
		$is_last = count( $orders ) < ORDERS_PAGE;
		foreach ( $orders as $order ) {
			// An order that was erased before has zeros for a number, which are nobody's.
			$person             = 'yes' === $order->get_meta( '_anonymized' ) ? $person : with_number( $person, $order );
			$person['orders'][] = (int) $order->get_id();
			$person['carts'][]  = (string) $order->get_meta( Orders\META_CART_KEY );
		}
		++$page;
	} while ( ! $is_last );
	$person['carts'] = array_values( array_unique( array_filter( $person['carts'], 'strlen' ) ) );
	return $person;
}

/**
 * Somebody of whom nothing but a number is known, with the orders that have it.
 *
 * @param string $number As typed.
 * @return array As person().
 */
function person_of_number( string $number ): array {
	$person = nobody();
	$digits = digits( $number );
	if ( '' === $digits ) {
		return $person;
	}
	$person['phones'][ $digits ] = array( 'phone' => trim( $number ) );
	// As it may stand on an order: WooCommerce looks for whole numbers only.
	foreach ( array_unique( array( trim( $number ), $digits, '0' . $digits, '98' . $digits, '+98' . $digits, '0098' . $digits ) ) as $written ) {
		$found            = (array) wc_get_orders(
			array(
				'billing_phone' => $written,
				'type'          => 'shop_order',
				'limit'         => -1,
				'return'        => 'ids',
			)
		);
		$person['orders'] = array_merge( $person['orders'], array_map( 'intval', $found ) );
	}
	// And however else it was written.
	$person['orders']   = array_values( array_unique( array_merge( $person['orders'], Holders\orders( $digits ) ) ) );
	$person['accounts'] = Holders\accounts( $digits );
	return $person;
}

/**
 * A person of whom nothing is known.
 */
function nobody(): array {
	return array(
		'user_id'  => 0,
		'accounts' => array(),
		'phones'   => array(),
		'orders'   => array(),
		'carts'    => array(),
	);
}

/**
 * Whether nothing at all is known.
 *
 * @param array $person From person().
 */
function is_nobody( array $person ): bool {
	return nobody() === $person;
}

/**
 * The person with the number of an account or an order as well.
 *
 * @param array                  $person From person().
 * @param \WC_Customer|\WC_Order $holder Has the billing getters.
 */
function with_number( array $person, $holder ): array {
	$contact = array_intersect_key( Events\contact( $holder, 0, '' ), array_flip( array( 'phone', 'country' ) ) );
	$digits  = digits( (string) ( $contact['phone'] ?? '' ) );
	if ( '' !== $digits ) {
		$person['phones'][ $digits ] = $contact;
	}
	return $person;
}

/**
 * The digits by which a number is told from others; empty when there are too few to be one.
 *
 * @param string $typed As typed.
 */
function digits( string $typed ): string {
	$digits = (string) preg_replace( '/\D/', '', Capture\latin_digits( $typed ) );
	return strlen( $digits ) < 7 ? '' : substr( $digits, -TELLING_DIGITS );
}

/**
 * A page of the person's orders, oldest first, with order tables and without.
 *
 * @param string $email Of the person.
 * @param int    $page  From 1 on.
 * @return \WC_Order[]
 */
function orders( string $email, int $page ): array {
	if ( '' === $email ) {
		return array();
	}
	$user = get_user_by( 'email', $email );
	return array_values(
		array_filter(
			(array) wc_get_orders(
				array(
					'customer' => is_a( $user, 'WP_User' ) ? array( $email, (int) $user->ID ) : array( $email ),
					'type'     => 'shop_order',
					'status'   => array_merge( array_keys( wc_get_order_statuses() ), array( 'trash' ) ),
					'limit'    => ORDERS_PAGE,
					'page'     => max( 1, $page ),
					'orderby'  => 'ID',
					'order'    => 'ASC',
				)
			),
			static function ( $order ): bool {
				return is_a( $order, 'WC_Order' );
			}
		)
	);
}

/**
 * What an account's session holds; guests' sessions lead from and to nobody, and end within two days.
 *
 * @param int $user_id 0 for a guest.
 * @return array<string, mixed>
 */
function session( int $user_id ): array {
	$handler = $user_id > 0 ? session_handler() : null;
	return null === $handler ? array() : (array) $handler->get_session( (string) $user_id, array() );
}

/**
 * Takes our notes out of an account's session, and leaves the basket in it.
 *
 * @param int $user_id The account.
 */
function forget_session( int $user_id ): void {
	global $wpdb;
	$session = session( $user_id );
	$left    = array_diff_key( $session, array_flip( SESSION_KEYS ) );
	if ( $left === $session ) {
		return;
	}
	$wpdb->update( $wpdb->prefix . 'woocommerce_sessions', array( 'session_value' => maybe_serialize( $left ) ), array( 'session_key' => (string) $user_id ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery -- WooCommerce can only delete a session of somebody else, basket and all.
	wp_cache_delete( \WC_Cache_Helper::get_cache_prefix( WC_SESSION_CACHE_GROUP ) . $user_id, WC_SESSION_CACHE_GROUP );
}

/**
 * WooCommerce's sessions, where they are in its own table.
 */
function session_handler(): ?\WC_Session_Handler {
	$session = WC()->session;
	if ( null === $session ) {
		$class   = apply_filters( 'woocommerce_session_handler', 'WC_Session_Handler' ); // phpcs:ignore WordPress.NamingConventions.PrefixAllGlobals -- WooCommerce's own.
		$session = is_string( $class ) && class_exists( $class ) ? new $class() : null;
	}
	return is_a( $session, 'WC_Session_Handler' ) ? $session : null;
}

/**
 * One item of an export.
 *
 * @param string $id   Unique among ours.
 * @param array  $rows Of `name` and `value`.
 */
function item( string $id, array $rows ): array {
	return array(
		'group_id'    => ID,
		'group_label' => __( 'Bazgasht SMS', 'bazgasht-bridge' ),
		'item_id'     => 'bazgasht-' . $id,
		'data'        => $rows,
	);
}

/**
 * Rows of an export; those without a value are left out.
 *
 * @param array<string, string> $fields Value by name.
 */
function filled_rows( array $fields ): array {
	$rows = array();
	foreach ( Events\filled( $fields ) as $name => $value ) {
		$rows[] = array(
			'name'  => $name,
			// As it is: it goes into a file of JSON too. WordPress escapes it for the page.
			'value' => $value,
		);
	}
	return $rows;
}

/**
 * All that an event says, a row for each single thing.
 *
 * @param array  $data Of an event, or a part of it.
 * @param string $path Where that part is.
 */
function leaves( array $data, string $path ): array {
	$rows = array();
	foreach ( $data as $key => $value ) {
		$name = '' === $path ? (string) $key : $path . '.' . $key;
		$rows = array_merge( $rows, is_array( $value ) ? leaves( $value, $name ) : filled_rows( array( $name => is_bool( $value ) ? ( $value ? 'true' : 'false' ) : (string) $value ) ) );
	}
	return $rows;
}
