<?php
/**
 * Finds PHP that is newer than 7.4, by nikic's parser (Debian: php-parser, which comes with phpunit).
 *
 * @package Bazgasht
 */

namespace Bazgasht\Tests\Code;

use PhpParser\Lexer\Emulative;
use PhpParser\Node;
use PhpParser\Node\Expr;
use PhpParser\Node\Stmt;
use PhpParser\NodeTraverser;
use PhpParser\NodeVisitorAbstract;
use PhpParser\Parser\Php7;

// Without those that WordPress brings along for older PHP: str_contains and its kin, array_is_list.
const NEWER_FUNCTIONS = array( 'get_debug_type', 'get_resource_id', 'fdiv', 'preg_last_error_msg', 'enum_exists', 'fsync', 'fdatasync', 'iterator_apply_keys', 'ini_parse_quantity', 'memory_reset_peak_usage', 'mysqli_execute_query', 'curl_upkeep', 'openssl_cipher_key_length', 'json_validate', 'mb_str_pad', 'array_find', 'array_any', 'array_all' );
const NEWER_CLASSES   = array( 'WeakMap', 'Stringable', 'Fiber', 'CURLStringFile', 'Random\Randomizer', 'SensitiveParameter', 'AllowDynamicProperties' );
const NEWER_TYPES     = array( 'mixed', 'static', 'never', 'null', 'false', 'true' );

/**
 * Collects what is newer, with its line.
 */
class Newer extends NodeVisitorAbstract {
	/**
	 * Sentences.
	 *
	 * @var string[]
	 */
	public $found = array();

	/**
	 * Of the file.
	 *
	 * @var array
	 */
	private $tokens;

	/**
	 * Takes the file's tokens.
	 *
	 * @param array $tokens As PHP's tokenizer has them.
	 */
	public function __construct( array $tokens ) {
		$this->tokens = $tokens;
	}

	/**
	 * Looks at one node.
	 *
	 * @param Node $node The node.
	 */
	public function enterNode( Node $node ) {
		foreach ( $this->reasons( $node ) as $reason => $is_newer ) {
			if ( $is_newer ) {
				$this->found[] = sprintf( 'line %d: %s', $node->getStartLine(), $reason );
			}
		}
		return null;
	}

	/**
	 * What of a node is newer.
	 *
	 * @param Node $node The node.
	 * @return array<string, bool>
	 */
	private function reasons( Node $node ): array {
		$is_function = $node instanceof Node\FunctionLike;
		$types       = $is_function ? array( $node->getReturnType() ) : array( $node instanceof Node\Param || $node instanceof Stmt\Property ? $node->type : null );
		return array(
			'match'                          => $node instanceof Expr\Match_,
			'?->'                            => $node instanceof Expr\NullsafePropertyFetch || $node instanceof Expr\NullsafeMethodCall,
			'an attribute'                   => ! empty( $node->attrGroups ),
			'a union or intersection of types' => $node instanceof Node\UnionType || $node instanceof Node\IntersectionType,
			'a newer type'                   => (bool) array_filter( $types, array( $this, 'is_newer_type' ) ),
			'a promoted property'            => $node instanceof Node\Param && 0 !== $node->flags,
			'a named argument'               => $node instanceof Node\Arg && null !== $node->name,
			'throw within an expression'     => $node instanceof Expr\Throw_,
			'catch without a variable'       => $node instanceof Stmt\Catch_ && null === $node->var,
			'an enum'                        => $node instanceof Stmt\Enum_,
			'readonly'                       => ( $node instanceof Stmt\Property || $node instanceof Stmt\Class_ ) && $node->flags & Stmt\Class_::MODIFIER_READONLY,
			'a final constant'               => $node instanceof Stmt\ClassConst && $node->flags & Stmt\Class_::MODIFIER_FINAL,
			'f(...)'                         => $node instanceof Node\VariadicPlaceholder,
			'::class of an object'           => $node instanceof Expr\ClassConstFetch && $node->class instanceof Expr && $node->name instanceof Node\Identifier && 'class' === $node->name->toLowerString(),
			'new in a default'               => $node instanceof Node\Param && $node->default instanceof Expr\New_,
			'a comma behind the last parameter' => $is_function && $this->has_comma_at_end( $node ),
			'a newer function'               => $node instanceof Expr\FuncCall && $node->name instanceof Node\Name && in_array( $node->name->getLast(), NEWER_FUNCTIONS, true ),
			'a newer class'                  => $node instanceof Node\Name && in_array( ltrim( $node->toString(), '\\' ), NEWER_CLASSES, true ),
		);
	}

	/**
	 * Whether 7.4 does not know a type.
	 *
	 * @param mixed $type A node, or null.
	 */
	private function is_newer_type( $type ): bool {
		$type = $type instanceof Node\NullableType ? $type->type : $type;
		return ( $type instanceof Node\Identifier || $type instanceof Node\Name ) && in_array( strtolower( $type->toString() ), NEWER_TYPES, true );
	}

	/**
	 * Whether the parameters, or a closure's variables, end with a comma.
	 *
	 * @param Node\FunctionLike $function_like The function.
	 */
	private function has_comma_at_end( $function_like ): bool {
		$uses = $function_like instanceof Expr\Closure ? $function_like->uses : array();
		foreach ( array( $function_like->getParams(), $uses ) as $list ) {
			$last = end( $list );
			$at   = $last ? $last->getEndTokenPos() + 1 : 0;
			while ( $last && is_array( $this->tokens[ $at ] ) && in_array( $this->tokens[ $at ][0], array( T_WHITESPACE, T_COMMENT, T_DOC_COMMENT ), true ) ) {
				++$at;
			}
			if ( $last && ',' === $this->tokens[ $at ] ) {
				return true;
			}
		}
		return false;
	}
}

/**
 * What in a file is newer than PHP 7.4.
 *
 * @param string $code PHP.
 * @return string[] Sentences with lines.
 */
function newer( string $code ): array {
	$lexer  = new Emulative(
		array(
			'phpVersion'     => '7.4',
			'usedAttributes' => array( 'startLine', 'endLine', 'startTokenPos', 'endTokenPos' ),
		)
	);
	$parser = new Php7( $lexer );
	try {
		$tree = $parser->parse( $code );
	} catch ( \PhpParser\Error $error ) {
		return array( $error->getMessage() );
	}
	$visitor   = new Newer( $lexer->getTokens() );
	$traverser = new NodeTraverser();
	$traverser->addVisitor( $visitor );
	$traverser->traverse( $tree );
	return $visitor->found;
}
