/* The test of the connection: asks WordPress for one line after the other. */
( function () {
	'use strict';
	const config = window.bazgashtWays;
	const button = document.getElementById( 'bazgasht-test' );
	const lines = Array.from( document.querySelectorAll( '#bazgasht-ways li' ) );
	if ( ! config || ! button || ! lines.length ) {
		return;
	}

	function show( line, state, said ) {
		line.dataset.state = state;
		line.querySelector( '.bazgasht-word' ).textContent = config.words[ state ] || '';
		const place = line.querySelector( '.bazgasht-said' );
		place.textContent = '';
		said.forEach( function ( sentence ) {
			const p = document.createElement( 'p' );
			p.textContent = sentence;
			place.appendChild( p );
		} );
	}

	function ask( line ) {
		show( line, 'wait', [] );
		return fetch( config.url, {
			method: 'POST',
			credentials: 'same-origin',
			body: new URLSearchParams( { action: config.action, _ajax_nonce: config.nonce, which: line.dataset.which } ),
		} )
			.then( function ( response ) {
				return response.json();
			} )
			.then( function ( answer ) {
				show( line, answer.data.state, answer.data.said );
			} )
			.catch( function () {
				show( line, 'bad', [ config.failed ] );
			} );
	}

	async function run() {
		button.disabled = true;
		lines.forEach( function ( line ) {
			show( line, '', [] );
		} );
		for ( const line of lines ) {
			// Without an answer the rest of what it says would be the same sentence, five times.
			if ( line.dataset.needsAnswer && lines[ 0 ].dataset.state === 'bad' ) {
				show( line, 'left', [] );
			} else {
				await ask( line );
			}
		}
		button.disabled = false;
	}

	button.addEventListener( 'click', run );
	if ( button.dataset.atOnce && ! button.disabled ) {
		run();
	}
} )();
