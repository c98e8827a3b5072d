<?php
/**
 * The test of the connection as it is shown, and the way by which the page asks for each of its lines.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Bridge\Ways_Page;

use Bazgasht\Bridge\Settings;
use Bazgasht\Bridge\Settings_Page;
use Bazgasht\Bridge\Ways;

defined( 'ABSPATH' ) || exit;

const ACTION = 'bazgasht_ways';

/**
 * The script.
 */
function enqueue(): void {
	wp_enqueue_script( 'bazgasht-ways', plugins_url( 'admin/ways.js', __DIR__ ), array(), \Bazgasht\Bridge\VERSION, true );
	wp_add_inline_script(
		'bazgasht-ways',
		'window.bazgashtWays=' . wp_json_encode(
			array(
				'url'    => admin_url( 'admin-ajax.php' ),
				'action' => ACTION,
				'nonce'  => wp_create_nonce( ACTION ),
				'words'  => array(
					'good' => __( 'good', 'bazgasht-bridge' ),
					'warn' => __( 'look here', 'bazgasht-bridge' ),
					'bad'  => __( 'does not work', 'bazgasht-bridge' ),
					'wait' => __( 'trying…', 'bazgasht-bridge' ),
					'left' => __( 'not tried', 'bazgasht-bridge' ),
				),
				'failed' => __( 'WordPress did not answer. Reload the page and try again.', 'bazgasht-bridge' ),
			),
			JSON_HEX_TAG | JSON_HEX_AMP
		) . ';',
		'before'
	);
}

/**
 * The lines, empty at first.
 *
 * @param bool $at_once Whether the test begins by itself.
 */
function show( bool $at_once ): void {
	printf(
		'<p><button type="button" class="button" id="bazgasht-test"%s%s>%s</button></p><ul class="bazgasht-lines" id="bazgasht-ways" aria-live="polite">',
		$at_once ? ' data-at-once="1"' : '',
		Settings\has_secret() ? '' : ' disabled',
		esc_html__( 'Try every way', 'bazgasht-bridge' )
	);
	foreach ( Ways\all() as $which => list( $label, $needs_answer ) ) {
		printf( '<li data-which="%s"%s><span class="bazgasht-mark" aria-hidden="true"></span><strong>%s</strong> <span class="bazgasht-word"></span><div class="bazgasht-said"></div></li>', esc_attr( $which ), $needs_answer ? ' data-needs-answer="1"' : '', esc_html( $label ) );
	}
	echo '</ul>';
}

/**
 * Tries one way.
 */
function action_ajax(): void {
	check_ajax_referer( ACTION );
	if ( ! current_user_can( Settings_Page\CAPABILITY ) ) {
		wp_send_json_error( null, 403 );
	}
	$which = isset( $_POST['which'] ) ? sanitize_key( $_POST['which'] ) : '';
	if ( ! isset( Ways\all()[ $which ] ) ) {
		wp_send_json_error( null, 400 );
	}
	wp_send_json_success( Ways\look( $which ) );
}
