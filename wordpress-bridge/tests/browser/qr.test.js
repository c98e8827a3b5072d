'use strict';
// The code on the walk's page. The fingerprints are those of codes that a reader has read (all lengths from 1 to 134).

const { test } = require( 'node:test' );
const assert = require( 'node:assert/strict' );
const { createHash } = require( 'node:crypto' );
const fs = require( 'node:fs' );
const path = require( 'node:path' );
const vm = require( 'node:vm' );

const window = {};
vm.runInNewContext( fs.readFileSync( path.join( __dirname, '../../admin/qr.js' ), 'utf8' ), { window, TextEncoder } );
const text = ( length ) => ( 'https://shop.example/?bazgasht_walk=' + 'a9b8c7d6e5f40312'.repeat( 10 ) ).slice( 0, length );

test( 'codes of each version are as a reader reads them', () => {
	for ( const [ length, size, fingerprint ] of [
		[ 17, 21, '73a4e63b8e786df2' ],
		[ 32, 25, '1852661e112d73f5' ],
		[ 52, 29, '836746b509506f67' ],
		[ 78, 33, '474e1d9db0b53ef6' ],
		[ 106, 37, '1b704882cac147ff' ],
		[ 134, 41, '9b4f34d4f475f8a6' ],
	] ) {
		const cells = window.bazgashtQr.matrix( text( length ) );
		assert.equal( cells.length, size );
		assert.equal( createHash( 'sha256' ).update( cells.map( ( row ) => row.join( '' ) ).join( '\n' ) ).digest( 'hex' ).slice( 0, 16 ), fingerprint, `${ length } bytes` );
	}
} );

test( 'what is too long has no code', () => {
	assert.equal( window.bazgashtQr.matrix( text( 135 ) ), null );
} );
