<?php
/**
 * The part of the settings page about what shoppers do and agree to.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Settings_Capture;

use Bazgasht\Bridge\Consent;
use Bazgasht\Bridge\Fields;

defined( 'ABSPATH' ) || exit;

/**
 * Declares it; Fields shows it, on the settings page and in the wizard.
 */
function action_declare(): void {
	law();
	Fields\box( Fields\CONSENT, 'consent_checkout', __( 'Ask', 'bazgasht-bridge' ), __( 'Ask at the checkout and in the account whether the buyer wants offers by SMS', 'bazgasht-bridge' ) );
	Fields\area( Fields\CONSENT, 'consent_text', __( 'In these words', 'bazgasht-bridge' ), __( 'Leave empty for the built-in ones. The wording is kept with each answer.', 'bazgasht-bridge' ) );
	Fields\area( Fields\CONSENT, 'dialog_consent_text', __( 'In the dialog', 'bazgasht-bridge' ), __( 'What the shopper agrees to by ticking the box. Without it there is no box. Whoever gives a number and leaves the box empty gets no marketing text.', 'bazgasht-bridge' ) );
	Fields\box( Fields\CONSENT, 'consent_ticked', __( 'Ticked', 'bazgasht-bridge' ), __( 'The box is ticked until somebody takes the tick out. Also the one in the dialog. Without effect where the GDPR holds.', 'bazgasht-bridge' ) );

	Fields\box( Fields\WATCHED, 'watch_products', __( 'Looks', 'bazgasht-bridge' ), __( 'Note which products people with a basket or an account look at for half a minute or longer', 'bazgasht-bridge' ) );
	Fields\area( Fields\WATCHED, 'watch_pages', __( 'Milestones', 'bazgasht-bridge' ), __( 'Pages whose visits are noted for the same people, one path per line, such as /size-guide. A star at the end means all below it: /academy/*', 'bazgasht-bridge' ) );
	Fields\box( Fields\WATCHED, 'wanted_enabled', __( 'Out of stock', 'bazgasht-bridge' ), __( 'Offer "Tell me when it is back" beside what is out of stock', 'bazgasht-bridge' ) );
	Fields\box( Fields\WATCHED, 'birthday_field', __( 'Birthday', 'bazgasht-bridge' ), __( 'Ask for the birthday when somebody signs up, and in the account. Nobody has to answer.', 'bazgasht-bridge' ) );
}

/**
 * The law's field.
 */
function law(): void {
	$hint = Consent\GDPR === Consent\law()
		? __( 'Now: the GDPR. Boxes are never ticked beforehand, and Bazgasht writes to nobody without a yes, unless [consent] in bazgasht.toml says otherwise. Ask below, or nobody can say yes.', 'bazgasht-bridge' )
		: __( 'Now: a box may be ticked beforehand. Whoever says no gets no marketing text, at once.', 'bazgasht-bridge' );
	Fields\choice(
		Fields\CONSENT,
		'consent_law',
		__( 'Law', 'bazgasht-bridge' ),
		$hint,
		array(
			''           => __( 'By the shop\'s country', 'bazgasht-bridge' ),
			Consent\IRAN => __( 'Iran, and others where a box may be ticked beforehand', 'bazgasht-bridge' ),
			Consent\GDPR => __( 'European Union (GDPR): only who has ticked the box gets marketing texts', 'bazgasht-bridge' ),
		)
	);
}
