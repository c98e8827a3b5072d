<?php
/**
 * Accounts with a number, and log-ins.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\People;

use Bazgasht\Bridge\Account;
use Bazgasht\Bridge\Events;
use Bazgasht\Bridge\Phone_Fields;
use Bazgasht\Bridge\Record;

defined( 'ABSPATH' ) || exit;

const META_TOLD = '_bazgasht_told';

/**
 * The accounts of this request.
 *
 * @return object{touched: array<int, true>, logged_in: array<int, true>}
 */
function seen(): object {
	static $seen = null;
	if ( null === $seen ) {
		$seen = (object) array(
			'touched'   => array(),
			'logged_in' => array(),
		);
	}
	return $seen;
}

/**
 * An account was made or changed. The hooks' further arguments hold passwords and stay unread.
 *
 * @param int $user_id The account.
 */
function action_changed( $user_id ): void {
	seen()->touched[ (int) $user_id ] = true;
}

/**
 * Somebody has logged in.
 *
 * @param string   $login Unused.
 * @param \WP_User $user  The account.
 */
function action_logged_in( $login, $user ): void {
	if ( is_a( $user, 'WP_User' ) ) {
		seen()->logged_in[ $user->ID ] = true;
	}
}

/**
 * Reads and tells the accounts of this request.
 */
function collect(): void {
	$seen            = seen();
	$touched         = array_keys( $seen->touched );
	$logged_in       = array_keys( $seen->logged_in );
	$seen->touched   = array();
	$seen->logged_in = array();

	foreach ( $touched as $user_id ) {
		tell( $user_id );
	}
	foreach ( $logged_in as $user_id ) {
		$contact = contact( $user_id );
		// Milestones are for buyers, who can be written to; not for whoever runs the shop.
		if ( isset( $contact['phone'] ) && ! user_can( $user_id, 'edit_posts' ) ) {
			Record\event( 'customer.login', array( 'contact' => $contact ) );
		}
	}
}

/**
 * Tells an account with a number, if what is told of it has changed: each order saves the account again.
 *
 * @param int $user_id The account.
 */
function tell( int $user_id ): void {
	$contact = contact( $user_id );
	if ( ! isset( $contact['phone'] ) ) {
		return;
	}
	$before = (string) get_user_meta( $user_id, meta_told(), true );
	ksort( $contact );
	$now = md5( (string) wp_json_encode( $contact ) );
	if ( $before === $now ) {
		return;
	}
	update_user_meta( $user_id, meta_told(), $now );
	Record\event(
		'' === $before ? 'customer.created' : 'customer.updated',
		Events\filled(
			array(
				'contact'    => $contact,
				'created_at' => registered( $user_id ),
			)
		)
	);
}

/**
 * When the account was made, as RFC 3339, or null.
 *
 * @param int $user_id The account.
 */
function registered( int $user_id ): ?string {
	$user = get_userdata( $user_id );
	$time = is_a( $user, 'WP_User' ) ? strtotime( $user->user_registered . ' UTC' ) : false;
	return false === $time || $time <= 0 ? null : gmdate( 'Y-m-d\TH:i:s\Z', $time );
}

/**
 * The key under which it is noted that an account was told. Accounts belong to the whole network, but each of its
 * shops has a daemon of its own to tell.
 */
function meta_told(): string {
	return is_multisite() && ! is_main_site() ? META_TOLD . '_' . get_current_blog_id() : META_TOLD;
}

/**
 * The account's person; empty when there is no such account.
 *
 * @param int $user_id The account.
 */
function contact( int $user_id ): array {
	if ( false === get_userdata( $user_id ) ) {
		return array();
	}
	$customer = new \WC_Customer( $user_id );
	$contact  = Phone_Fields\complete(
		Events\contact( $customer, $user_id, get_user_locale( $user_id ) ),
		static function () use ( $user_id ): string {
			return Phone_Fields\of_account( $user_id );
		}
	);
	return array_merge(
		Events\filled(
			array(
				'first_name' => $customer->get_first_name(),
				'last_name'  => $customer->get_last_name(),
			)
		),
		$contact,
		Events\filled( array( 'birthday' => Account\birthday( $user_id ) ) )
	);
}
