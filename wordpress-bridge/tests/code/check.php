<?php
/**
 * Looks through the plugin for PHP that is newer than 7.4. Ends with 1 when there is some, with 2 when it cannot look.
 *
 * @package Bazgasht
 */

namespace Bazgasht\Tests\Code;

foreach ( array( 'PhpParser/autoload.php', dirname( __DIR__, 3 ) . '/vendor/autoload.php' ) as $bazgasht_loader ) {
	if ( false !== stream_resolve_include_path( $bazgasht_loader ) ) {
		require_once $bazgasht_loader;
	}
}
if ( ! class_exists( 'PhpParser\Parser\Php7' ) ) {
	echo "SKIPPED ALOUD: whether the plugin keeps to PHP 7.4 was not looked at: there is no php-parser (Debian: apt install php-parser)\n";
	exit( 0 );
}
require __DIR__ . '/newer.php';

// First that it finds what it should: each of these lines is newer than 7.4.
$bazgasht_samples = array(
	'$a = match ($b) { 1 => 2 };',
	'$a?->b;',
	'$a?->b();',
	'#[A] function f() {}',
	'function f(int|string $a) {}',
	'function f(): int|false {}',
	'function f(mixed $a) {}',
	'class A { function f(): static { return $this; } }',
	'function f(): never {}',
	'class A { function __construct(public int $a) {} }',
	'f(a: 1);',
	'$a = $b ?? throw new E();',
	'try { f(); } catch (E) {}',
	'enum A { case B; }',
	'class A { public readonly int $a; }',
	'readonly class A {}',
	'class A { final const B = 1; }',
	'$a = f(...);',
	'$a = $b::class;',
	'function f($a = new B()) {}',
	'function f($a, $b,) {}',
	'$f = function () use ($a,) {};',
	'$f = fn($a,) => $a;',
	'get_debug_type($a);',
	'new \WeakMap();',
);
foreach ( $bazgasht_samples as $bazgasht_sample ) {
	if ( array() === newer( '<?php ' . $bazgasht_sample ) ) {
		echo "this check does not see that PHP 7.4 lacks: $bazgasht_sample\n";
		exit( 2 );
	}
}
// And that it leaves alone what 7.4 has.
$bazgasht_old = '<?php class A { public ?int $a = null; const B = 1; function c(self $x, ?string ...$y): ?self { $f = fn($z) => $z ?? static::class; $this->a ??= 1; return [...$y] ? $x : new self(); } } f($a, $b,); $m = function () use ($a) { throw new E(); };';
if ( array() !== newer( $bazgasht_old ) ) {
	echo 'this check complains of PHP 7.4 itself: ' . implode( '; ', newer( $bazgasht_old ) ) . "\n"; // phpcs:ignore -- A terminal.
	exit( 2 );
}

$bazgasht_plugin = dirname( __DIR__, 2 );
$bazgasht_files  = new \RecursiveIteratorIterator( new \RecursiveDirectoryIterator( $bazgasht_plugin, \FilesystemIterator::SKIP_DOTS ) );
$bazgasht_count  = 0;
$bazgasht_status = 0;
foreach ( $bazgasht_files as $bazgasht_file ) {
	$bazgasht_name = substr( $bazgasht_file->getPathname(), strlen( $bazgasht_plugin ) + 1 );
	if ( 'php' !== $bazgasht_file->getExtension() || 0 === strpos( $bazgasht_name, 'tests/' ) ) {
		continue;
	}
	++$bazgasht_count;
	foreach ( newer( (string) file_get_contents( $bazgasht_file->getPathname() ) ) as $bazgasht_finding ) {
		echo "$bazgasht_name, $bazgasht_finding: newer than PHP 7.4\n"; // phpcs:ignore -- A terminal.
		$bazgasht_status = 1;
	}
}
echo "PHP 7.4: $bazgasht_count files looked at\n"; // phpcs:ignore -- A terminal.
exit( $bazgasht_status );
