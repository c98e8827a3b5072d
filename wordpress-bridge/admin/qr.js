/*
 * A QR code drawn here, so that no other site learns of the link: byte mode, error correction L, versions 1 to 6
 * (134 bytes at most), always mask 0. ISO/IEC 18004.
 */
( function () {
	'use strict';
	// Codewords for data and for correction in each block, and how many blocks, by version.
	const SIZES = [ null, [ 19, 7, 1 ], [ 34, 10, 1 ], [ 55, 15, 1 ], [ 80, 20, 1 ], [ 108, 26, 1 ], [ 68, 18, 2 ] ];
	// Level L with mask 0, with its own correction and mask.
	const FORMAT = '111011111000100';

	const exp = [];
	const log = [];
	for ( let i = 0, x = 1; i < 255; i++ ) {
		exp[ i ] = x;
		log[ x ] = i;
		x = x << 1 ^ ( x > 127 ? 0x11d : 0 );
	}
	const times = function ( a, b ) {
		return a && b ? exp[ ( log[ a ] + log[ b ] ) % 255 ] : 0;
	};

	/** The correction codewords of a block. */
	function correction( data, length ) {
		let generator = [ 1 ];
		for ( let i = 0; i < length; i++ ) {
			const next = generator.concat( 0 );
			generator.forEach( function ( factor, at ) {
				next[ at + 1 ] ^= times( factor, exp[ i ] );
			} );
			generator = next;
		}
		const rest = data.concat( new Array( length ).fill( 0 ) );
		data.forEach( function ( unused, at ) {
			const factor = rest[ at ];
			generator.forEach( function ( g, i ) {
				rest[ at + i ] ^= times( g, factor );
			} );
		} );
		return rest.slice( data.length );
	}

	/** All codewords in the order in which they are drawn, or null when the text is too long. */
	function codewords( text ) {
		const bytes = Array.from( new TextEncoder().encode( text ) );
		const version = SIZES.findIndex( function ( size ) {
			return size && size[ 0 ] * size[ 2 ] >= bytes.length + 2;
		} );
		if ( version < 0 ) {
			return null;
		}
		const [ room, extra, blocks ] = SIZES[ version ];
		let bits = '0100' + bytes.length.toString( 2 ).padStart( 8, '0' );
		bytes.forEach( function ( byte ) {
			bits += byte.toString( 2 ).padStart( 8, '0' );
		} );
		bits += '0000';
		const data = bits.match( /.{8}/g ).map( function ( byte ) {
			return parseInt( byte, 2 );
		} );
		for ( let pad = 0; data.length < room * blocks; pad++ ) {
			data.push( pad % 2 ? 0x11 : 0xec );
		}
		const parts = [];
		const corrections = [];
		for ( let block = 0; block < blocks; block++ ) {
			parts.push( data.slice( block * room, ( block + 1 ) * room ) );
			corrections.push( correction( parts[ block ], extra ) );
		}
		const all = [];
		[ [ parts, room ], [ corrections, extra ] ].forEach( function ( [ from, length ] ) {
			for ( let i = 0; i < length; i++ ) {
				from.forEach( function ( part ) {
					all.push( part[ i ] );
				} );
			}
		} );
		return { version, all };
	}

	/** Rows of 0 and 1, or null when the text is too long. */
	function matrix( text ) {
		const words = codewords( text );
		if ( ! words ) {
			return null;
		}
		const size = 17 + 4 * words.version;
		const cells = Array.from( { length: size }, function () {
			return new Array( size ).fill( null );
		} );
		const square = function ( top, left, outer, ring ) {
			for ( let y = -outer; y <= outer; y++ ) {
				for ( let x = -outer; x <= outer; x++ ) {
					const row = cells[ top + y ];
					if ( row && left + x >= 0 && left + x < size ) {
						row[ left + x ] = ring( Math.max( Math.abs( x ), Math.abs( y ) ) ) ? 1 : 0;
					}
				}
			}
		};
		const finder = function ( distance ) {
			return distance !== 2 && distance !== 4;
		};
		square( 3, 3, 4, finder );
		square( 3, size - 4, 4, finder );
		square( size - 4, 3, 4, finder );
		if ( words.version > 1 ) {
			square( size - 7, size - 7, 2, function ( distance ) {
				return distance !== 1;
			} );
		}
		for ( let i = 8; i < size - 8; i++ ) {
			cells[ 6 ][ i ] = cells[ i ][ 6 ] = 1 - i % 2;
		}
		const bit = FORMAT.split( '' ).map( Number );
		for ( let i = 0; i < 15; i++ ) {
			// Around the upper left corner, past the timing lines; and once more along the two others.
			const near = i < 6 ? [ 8, i ] : i < 8 ? [ 8, i + 1 ] : i === 8 ? [ 7, 8 ] : [ 14 - i, 8 ];
			const far = i < 7 ? [ size - 1 - i, 8 ] : [ 8, size - 15 + i ];
			cells[ near[ 0 ] ][ near[ 1 ] ] = bit[ i ];
			cells[ far[ 0 ] ][ far[ 1 ] ] = bit[ i ];
		}
		cells[ size - 8 ][ 8 ] = 1;

		const stream = words.all.map( function ( word ) {
			return word.toString( 2 ).padStart( 8, '0' );
		} ).join( '' );
		let at = 0;
		let up = true;
		for ( let right = size - 1; right > 0; right -= 2 ) {
			if ( right === 6 ) {
				right--;
			}
			for ( let step = 0; step < size; step++ ) {
				const y = up ? size - 1 - step : step;
				for ( const x of [ right, right - 1 ] ) {
					if ( cells[ y ][ x ] === null ) {
						cells[ y ][ x ] = Number( stream[ at++ ] || 0 ) ^ ( ( x + y ) % 2 ? 0 : 1 );
					}
				}
			}
			up = ! up;
		}
		return cells;
	}

	/** The code as a picture, or null when the text is too long. */
	function draw( text ) {
		const cells = matrix( text );
		if ( ! cells ) {
			return null;
		}
		const border = 4;
		const width = cells.length + 2 * border;
		const picture = document.createElementNS( 'http://www.w3.org/2000/svg', 'svg' );
		picture.setAttribute( 'viewBox', `0 0 ${ width } ${ width }` );
		picture.setAttribute( 'shape-rendering', 'crispEdges' );
		picture.setAttribute( 'aria-hidden', 'true' );
		let path = '';
		cells.forEach( function ( row, y ) {
			row.forEach( function ( cell, x ) {
				path += cell ? `M${ x + border } ${ y + border }h1v1h-1z` : '';
			} );
		} );
		[ [ `M0 0h${ width }v${ width }H0z`, '#fff' ], [ path, '#000' ] ].forEach( function ( [ shape, colour ] ) {
			const drawn = document.createElementNS( 'http://www.w3.org/2000/svg', 'path' );
			drawn.setAttribute( 'd', shape );
			drawn.setAttribute( 'fill', colour );
			picture.appendChild( drawn );
		} );
		return picture;
	}

	window.bazgashtQr = { matrix, draw };
} )();
