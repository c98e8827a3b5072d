'use strict';
// One headless Chromium for a test file; every test gets a context, so a visitor, of its own.

const { chromium } = require( 'playwright-core' );

const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

const launch = () =>
	chromium.launch( {
		executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
		headless: true,
		args: FLAGS,
	} );

module.exports = { launch };
