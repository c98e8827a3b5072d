<?php
/**
 * The part of the settings page about what shoppers do and agree to.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Settings_Capture;

use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Settings_Page;

defined( 'ABSPATH' ) || exit;

/**
 * Shows it, within the form.
 */
function show(): void {
	echo '<h2>' . esc_html__( 'Consent', 'bazgasht-bridge' ) . '</h2><table class="form-table" role="presentation">';
	law();
	Settings_Page\box( 'consent_checkout', __( 'Ask', 'bazgasht-bridge' ), __( 'Ask at the checkout and in the account whether the buyer wants offers by SMS', 'bazgasht-bridge' ) );
	Settings_Page\area( 'consent_text', __( 'In these words', 'bazgasht-bridge' ), __( 'Leave empty for the built-in ones. The wording is kept with each answer.', 'bazgasht-bridge' ) );
	Settings_Page\box( 'consent_ticked', __( 'Ticked', 'bazgasht-bridge' ), __( 'The box is ticked until somebody takes the tick out. Also the one in the dialog. Without effect where the GDPR holds.', 'bazgasht-bridge' ) );
	echo '</table>';

	echo '<h2>' . esc_html__( 'Looks, wishes, birthdays', 'bazgasht-bridge' ) . '</h2><table class="form-table" role="presentation">';
	Settings_Page\box( 'watch_products', __( 'Looks', 'bazgasht-bridge' ), __( 'Note which products people with a basket or an account look at for half a minute or longer', 'bazgasht-bridge' ) );
	Settings_Page\area( 'watch_pages', __( 'Milestones', 'bazgasht-bridge' ), __( 'Pages whose visits are noted for the same people, one path per line, such as /size-guide. A star at the end means all below it: /academy/*', 'bazgasht-bridge' ) );
	Settings_Page\box( 'wanted_enabled', __( 'Out of stock', 'bazgasht-bridge' ), __( 'Offer "Tell me when it is back" beside what is out of stock', 'bazgasht-bridge' ) );
	Settings_Page\box( 'birthday_field', __( 'Birthday', 'bazgasht-bridge' ), __( 'Ask for the birthday when somebody signs up, and in the account. Nobody has to answer.', 'bazgasht-bridge' ) );
	echo '</table>';
}

/**
 * The law's field.
 */
function law(): void {
	$laws  = array(
		''           => __( 'By the shop\'s country', 'bazgasht-bridge' ),
		Consent\IRAN => __( 'Iran, and others where a box may be ticked beforehand', 'bazgasht-bridge' ),
		Consent\GDPR => __( 'European Union (GDPR): only who has ticked the box gets marketing texts', 'bazgasht-bridge' ),
	);
	$html  = '';
	$saved = (string) Settings\get( 'consent_law' );
	foreach ( $laws as $law => $label ) {
		$html .= sprintf( '<option value="%s"%s>%s</option>', esc_attr( $law ), $law === $saved ? ' selected' : '', esc_html( $label ) );
	}
	$hint = Consent\GDPR === Consent\law()
		? __( 'Now: the GDPR. Boxes are never ticked beforehand. Write rule = "yes_needed" into [consent] of bazgasht.toml, so that nobody is written to without a yes.', 'bazgasht-bridge' )
		: __( 'Now: a box may be ticked beforehand. Whoever says no gets no marketing text, at once.', 'bazgasht-bridge' );
	printf(
		'<tr><th scope="row"><label for="bazgasht-consent_law">%1$s</label></th><td><select id="bazgasht-consent_law" name="%2$s[consent_law]" aria-describedby="bazgasht-consent_law-hint">%3$s</select><p class="description" id="bazgasht-consent_law-hint">%4$s</p></td></tr>',
		esc_html__( 'Law', 'bazgasht-bridge' ),
		esc_attr( Settings\OPTION ),
		$html, // phpcs:ignore WordPress.Security.EscapeOutput -- Escaped above.
		esc_html( $hint )
	);
}
