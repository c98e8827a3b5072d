<?php
/**
 * The daemon's words as people say them. One that is not known here is shown as it is: a newer daemon may have more.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Words;

defined( 'ABSPATH' ) || exit;

/**
 * Why something was decided.
 *
 * @param string $word As in the contract.
 */
function reason( string $word ): string {
	return reasons()[ $word ] ?? $word;
}

/**
 * What has become of a text.
 *
 * @param string $word As in the contract.
 */
function state( string $word ): string {
	$known = array(
		'scheduled' => __( 'waiting', 'bazgasht-bridge' ),
		'sending'   => __( 'being handed over', 'bazgasht-bridge' ),
		'sent'      => __( 'sent', 'bazgasht-bridge' ),
		'delivered' => __( 'delivered', 'bazgasht-bridge' ),
		'failed'    => __( 'failed', 'bazgasht-bridge' ),
		'expired'   => __( 'too late, not sent', 'bazgasht-bridge' ),
		'cancelled' => __( 'withdrawn', 'bazgasht-bridge' ),
		'unknown'   => __( 'in doubt', 'bazgasht-bridge' ),
	);
	return $known[ $word ] ?? $word;
}

/**
 * How somebody's way through a campaign stands.
 *
 * @param string $word As in the contract.
 */
function way( string $word ): string {
	$known = array(
		'waiting' => __( 'waits for its moment', 'bazgasht-bridge' ),
		'active'  => __( 'under way', 'bazgasht-bridge' ),
		'ended'   => __( 'ended', 'bazgasht-bridge' ),
	);
	return $known[ $word ] ?? $word;
}

/**
 * What happened.
 *
 * @param string $type An event's.
 */
function event( string $type ): string {
	$known = array(
		'cart.updated'         => __( 'The basket changed', 'bazgasht-bridge' ),
		'cart.cleared'         => __( 'The basket was emptied', 'bazgasht-bridge' ),
		'contact.captured'     => __( 'A mobile number was typed', 'bazgasht-bridge' ),
		'checkout.started'     => __( 'The checkout was opened', 'bazgasht-bridge' ),
		'order.created'        => __( 'An order was placed', 'bazgasht-bridge' ),
		'order.updated'        => __( 'The order changed', 'bazgasht-bridge' ),
		'order.refunded'       => __( 'Money was paid back', 'bazgasht-bridge' ),
		'review.created'       => __( 'A review was written', 'bazgasht-bridge' ),
		'customer.created'     => __( 'An account was made', 'bazgasht-bridge' ),
		'customer.updated'     => __( 'The account changed', 'bazgasht-bridge' ),
		'customer.login'       => __( 'Somebody logged in', 'bazgasht-bridge' ),
		'product.viewed'       => __( 'A product was looked at for a while', 'bazgasht-bridge' ),
		'product.wanted'       => __( 'Asked to be told when a product is back', 'bazgasht-bridge' ),
		'page.viewed'          => __( 'A page was looked at', 'bazgasht-bridge' ),
		'link.followed'        => __( 'A link in a text was followed', 'bazgasht-bridge' ),
		'contact.opted_out'    => __( 'Wants no more texts', 'bazgasht-bridge' ),
		'contact.opted_in'     => __( 'Agreed to texts again', 'bazgasht-bridge' ),
		'contact.tagged'       => __( 'Got a tag', 'bazgasht-bridge' ),
		'contact.untagged'     => __( 'Lost a tag', 'bazgasht-bridge' ),
		'points.changed'       => __( 'The points changed', 'bazgasht-bridge' ),
		'subscription.updated' => __( 'The subscription changed', 'bazgasht-bridge' ),
	);
	return $known[ $type ] ?? $type;
}

/**
 * Where a "no" came from, or a "yes".
 *
 * @param string $word As in the contract; other words are free.
 */
function source( string $word ): string {
	$known = array(
		'link'         => __( 'by the link in a text', 'bazgasht-bridge' ),
		'reply'        => __( 'by answering a text', 'bazgasht-bridge' ),
		'wp-admin'     => __( 'passed on in wp-admin', 'bazgasht-bridge' ),
		'cli'          => __( 'on the server', 'bazgasht-bridge' ),
		'checkout'     => __( 'at the checkout', 'bazgasht-bridge' ),
		'checkout-box' => __( 'at the checkout', 'bazgasht-bridge' ),
		'dialog'       => __( 'in the dialog', 'bazgasht-bridge' ),
		'account'      => __( 'in the account', 'bazgasht-bridge' ),
		'wanted'       => __( 'on a product\'s page', 'bazgasht-bridge' ),
	);
	return $known[ $word ] ?? $word;
}

/**
 * Every reason that is known.
 *
 * @return array<string, string> Sentence without a full stop, by word.
 */
function reasons(): array {
	return array(
		'ordered'              => __( 'has ordered, so the campaign ended for them', 'bazgasht-bridge' ),
		'cart_emptied'         => __( 'emptied the cart, so there is nothing to remind of', 'bazgasht-bridge' ),
		'number_changed'       => __( 'the cart belongs to another number now', 'bazgasht-bridge' ),
		'reviewed'             => __( 'has written the review', 'bazgasht-bridge' ),
		'bought_offer'         => __( 'has bought what was offered', 'bazgasht-bridge' ),
		'order_taken_back'     => __( 'the order was cancelled or refunded', 'bazgasht-bridge' ),
		'backup_restored'      => __( 'held since a backup was put back', 'bazgasht-bridge' ),
		'held_out'             => __( 'gets no texts, so that the difference can be seen', 'bazgasht-bridge' ),
		'bought_product'       => __( 'has bought the product', 'bazgasht-bridge' ),
		'in_cart'              => __( 'has put the product into the basket', 'bazgasht-bridge' ),
		'in_stock_gone'        => __( 'the product is sold out again', 'bazgasht-bridge' ),
		'restocked'            => __( 'there is enough of the product again', 'bazgasht-bridge' ),
		'price_back'           => __( 'the price went back up', 'bazgasht-bridge' ),
		'paid'                 => __( 'has paid the order', 'bazgasht-bridge' ),
		'visited'              => __( 'has followed the link', 'bazgasht-bridge' ),
		'replied'              => __( 'has answered', 'bazgasht-bridge' ),
		'signed_up'            => __( 'has opened an account', 'bazgasht-bridge' ),
		'renewed'              => __( 'has renewed the subscription', 'bazgasht-bridge' ),
		'subscription_ended'   => __( 'the subscription has ended', 'bazgasht-bridge' ),
		'segment_left'         => __( 'is not in the group any more', 'bazgasht-bridge' ),
		'margin_too_small'     => __( 'the margin leaves no room for a discount', 'bazgasht-bridge' ),
		'opted_out'            => __( 'has opted out: no campaign text is sent', 'bazgasht-bridge' ),
		'no_consent'           => __( 'has not agreed to marketing texts', 'bazgasht-bridge' ),
		'finished'             => __( 'came to the end of the campaign', 'bazgasht-bridge' ),
		'gave_up'              => __( 'too long ago: the campaign gave up', 'bazgasht-bridge' ),
		'campaign_off'         => __( 'the campaign was switched off', 'bazgasht-bridge' ),
		'campaign_changed'     => __( 'the step is no longer in the campaign', 'bazgasht-bridge' ),
		'who_says_no'          => __( 'the campaign is not meant for them (its "who")', 'bazgasht-bridge' ),
		'cool_off'             => __( 'ordered lately: left in peace for a while', 'bazgasht-bridge' ),
		'entered_too_recently' => __( 'was in this campaign too lately', 'bazgasht-bridge' ),
		'too_late'             => __( 'its moment had passed before it could begin', 'bazgasht-bridge' ),
		'erased'               => __( 'the person was erased', 'bazgasht-bridge' ),
		'merged'               => __( 'turned out to be a person already known', 'bazgasht-bridge' ),
		'condition_says_no'    => __( 'the step\'s condition ("when") says no, so it was passed over', 'bazgasht-bridge' ),
		'nothing_to_offer'     => __( 'nothing to offer: all bought, or out of stock', 'bazgasht-bridge' ),
		'not_due_yet'          => __( 'its time has not come', 'bazgasht-bridge' ),
		'outside_hours'        => __( 'waits for the allowed hours', 'bazgasht-bridge' ),
		'cap_gap'              => __( 'too soon after the last text', 'bazgasht-bridge' ),
		'cap_day'              => __( 'enough texts for one day', 'bazgasht-bridge' ),
		'cap_week'             => __( 'enough texts for one week', 'bazgasht-bridge' ),
		'cap_month'            => __( 'enough texts for one month', 'bazgasht-bridge' ),
		'budget_day'           => __( 'today\'s budget is spent', 'bazgasht-bridge' ),
		'budget_month'         => __( 'this month\'s budget is spent', 'bazgasht-bridge' ),
		'budget_campaign'      => __( 'this campaign\'s budget is spent', 'bazgasht-bridge' ),
		'rate_limit'           => __( 'the gateway\'s speed limit', 'bazgasht-bridge' ),
		'gives_way'            => __( 'a more important text goes first', 'bazgasht-bridge' ),
		'out_of_reach'         => __( 'no gateway delivers to this number', 'bazgasht-bridge' ),
		'on_hold'              => __( 'sending is on hold ("bazgasht doctor" says why)', 'bazgasht-bridge' ),
		'coupon_unknown'       => __( 'the shop does not know the code', 'bazgasht-bridge' ),
		'basket_too_small'     => __( 'the basket is too small for the code', 'bazgasht-bridge' ),
		'coupon_dead'          => __( 'the code has ended or soon ends', 'bazgasht-bridge' ),
		'out_of_stock'         => __( 'nothing in the cart is in stock', 'bazgasht-bridge' ),
		'gateway_busy'         => __( 'the gateway was busy: tried again later', 'bazgasht-bridge' ),
		'another_on_its_way'   => __( 'another text to them is on its way', 'bazgasht-bridge' ),
		'expired'              => __( 'too late to be of use: not sent', 'bazgasht-bridge' ),
		'no_number'            => __( 'no mobile number is known', 'bazgasht-bridge' ),
		'text_failed'          => __( 'the text or a condition could not be filled in: not sent', 'bazgasht-bridge' ),
		'too_many_parts'       => __( 'the text came out longer than allowed: not sent', 'bazgasht-bridge' ),
		'refused'              => __( 'the gateway refused it', 'bazgasht-bridge' ),
		'blocked'              => __( 'the number refuses advertising texts', 'bazgasht-bridge' ),
		'undelivered'          => __( 'the operator could not deliver it', 'bazgasht-bridge' ),
		'gateway_mistake'      => __( 'the gateway found the request wrong: see the log', 'bazgasht-bridge' ),
		'no_answer'            => __( 'no answer from the gateway: in doubt, and not sent again on a guess', 'bazgasht-bridge' ),
		'never_arrived'        => __( 'never arrived at the gateway', 'bazgasht-bridge' ),
		'handed_over'          => __( 'handed over to the gateway', 'bazgasht-bridge' ),
		'entered'              => __( 'entered the campaign', 'bazgasht-bridge' ),
		'planned'              => __( 'the step\'s text was planned', 'bazgasht-bridge' ),
		'accepted'             => __( 'the gateway accepted it', 'bazgasht-bridge' ),
		'delivered'            => __( 'delivered', 'bazgasht-bridge' ),
		'opted_in'             => __( 'agreed to texts again', 'bazgasht-bridge' ),
		'passed_over'          => __( 'the step was passed over', 'bazgasht-bridge' ),
		'not_enough_points'    => __( 'not enough points for the code', 'bazgasht-bridge' ),
		'segment_entered'      => __( 'came into the segment', 'bazgasht-bridge' ),
		'done'                 => __( 'the step was done', 'bazgasht-bridge' ),
		'answered'             => __( 'answered the question', 'bazgasht-bridge' ),
		'wrote_back'           => __( 'wrote back: somebody should read it', 'bazgasht-bridge' ),
	);
}
