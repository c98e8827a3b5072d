/* The settings page's one button: asks WordPress to ask the daemon, and shows what it found. */
( function () {
	'use strict';
	const config = window.bazgashtSettings;
	const button = document.getElementById( 'bazgasht-test' );
	const finding = document.getElementById( 'bazgasht-finding' );
	if ( ! config || ! button || ! finding ) {
		return;
	}

	function show( ok, sentences ) {
		finding.className = 'notice inline ' + ( ok ? 'notice-success' : 'notice-error' );
		finding.textContent = '';
		sentences.forEach( function ( sentence ) {
			const line = document.createElement( 'p' );
			line.textContent = sentence;
			finding.appendChild( line );
		} );
	}

	button.addEventListener( 'click', function () {
		button.disabled = true;
		finding.className = '';
		finding.textContent = config.wait;
		fetch( config.url, {
			method: 'POST',
			credentials: 'same-origin',
			body: new URLSearchParams( { action: config.action, _ajax_nonce: config.nonce } ),
		} )
			.then( function ( response ) {
				return response.json();
			} )
			.then( function ( answer ) {
				show( answer.data.ok, answer.data.said );
			} )
			.catch( function () {
				show( false, [ config.failed ] );
			} )
			.finally( function () {
				button.disabled = false;
			} );
	} );
} )();
