'use strict';
// What a page pays for the plugin.

const { test } = require( 'node:test' );
const assert = require( 'node:assert/strict' );
const fs = require( 'node:fs' );
const path = require( 'node:path' );
const zlib = require( 'node:zlib' );
const { PLUGIN } = require( './world' );

const asset = ( name ) => fs.readFileSync( path.join( PLUGIN, 'assets', name ) );
const gzipped = ( name ) => zlib.gzipSync( asset( name ), { level: 6 } ).length;

test( 'the script weighs less than 3 KB gzipped', () => {
	assert.ok( gzipped( 'shop.js' ) < 3072, `${ gzipped( 'shop.js' ) } bytes` );
} );

test( 'what draws the dialog, fetched only when there is something to ask, weighs less than 1.5 KB gzipped', () => {
	assert.ok( gzipped( 'dialog.js' ) < 1536, `${ gzipped( 'dialog.js' ) } bytes` );
} );

test( 'the style, fetched only when the dialog opens, weighs less than 1.5 KB gzipped', () => {
	assert.ok( gzipped( 'dialog.css' ) < 1536, `${ gzipped( 'dialog.css' ) } bytes` );
} );

test( 'none names another host', () => {
	for ( const name of [ 'shop.js', 'dialog.js', 'dialog.css' ] ) {
		assert.doesNotMatch( asset( name ).toString(), /https?:|\/\/[a-z]|@import|url\(/ );
	}
} );
