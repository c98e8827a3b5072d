<?php
/**
 * Writes one translation as the PHP file that WordPress reads: `php make.php bazgasht-bridge-fa_IR.po`.
 *
 * @package Bazgasht
 */

// phpcs:disable WordPress.WP.AlternativeFunctions, WordPress.Security.EscapeOutput, WordPress.PHP.DevelopmentFunctions -- runs outside WordPress.

if ( 'cli' !== PHP_SAPI ) {
	exit;
}

$entry    = array();
$messages = array();
$field    = '';

/**
 * Takes one entry of the file into the messages.
 *
 * @param array $messages So far, by context and text.
 * @param array $entry    `msgctxt`, `msgid`, `msgid_plural`, `msgstr` or `msgstr[n]`.
 */
function take( array $messages, array $entry ): array {
	$forms = array();
	foreach ( $entry as $name => $text ) {
		if ( 0 === strpos( $name, 'msgstr' ) ) {
			$forms[] = $text;
		}
	}
	$translation = implode( "\0", $forms );
	if ( isset( $entry['msgid'] ) && '' !== $translation ) {
		$context              = isset( $entry['msgctxt'] ) ? $entry['msgctxt'] . "\4" : '';
		$key                  = $context . $entry['msgid'];
		$messages[ $key ]     = $translation;
	}
	return $messages;
}

foreach ( file( $argv[1], FILE_IGNORE_NEW_LINES ) as $line ) {
	if ( '' === $line ) {
		$messages = take( $messages, $entry );
		$entry    = array();
	} elseif ( preg_match( '/^(msg\S+) (".*")$/', $line, $found ) ) {
		$field           = $found[1];
		$entry[ $field ] = stripcslashes( substr( $found[2], 1, -1 ) );
	} elseif ( '"' === $line[0] ) {
		$entry[ $field ] .= stripcslashes( substr( $line, 1, -1 ) );
	}
}
$messages = take( $messages, $entry );

$headers = array();
foreach ( explode( "\n", trim( $messages[''] ) ) as $header ) {
	list( $name, $value ) = explode( ': ', $header, 2 );
	$headers[ strtolower( $name ) ] = $value;
}
unset( $messages[''] );

$content = array(
	'domain'       => 'bazgasht-bridge',
	'plural-forms' => $headers['plural-forms'],
	'language'     => $headers['language'],
	'messages'     => $messages,
);
file_put_contents( preg_replace( '/\.po$/', '.l10n.php', $argv[1] ), "<?php\nreturn " . var_export( $content, true ) . ";\n" );
