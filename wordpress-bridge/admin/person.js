/* Fills in what was sent to a person, once the place for it comes into view. */
( function () {
	'use strict';
	const config = window.bazgashtPerson;

	function fill( place ) {
		fetch( config.url, {
			method: 'POST',
			credentials: 'same-origin',
			body: new URLSearchParams( { action: config.action, _ajax_nonce: place.dataset.nonce, kind: place.dataset.kind, id: place.dataset.id } ),
		} )
			.then( function ( response ) {
				return response.json();
			} )
			.then( function ( answer ) {
				// Escaped by the plugin, piece by piece.
				place.innerHTML = answer.data.html;
			} )
			.catch( function () {
				place.textContent = config.failed;
			} );
	}

	const eye = new IntersectionObserver( function ( entries ) {
		entries.forEach( function ( entry ) {
			if ( entry.isIntersecting ) {
				eye.unobserve( entry.target );
				fill( entry.target );
			}
		} );
	} );
	document.querySelectorAll( '.bazgasht-person' ).forEach( function ( place ) {
		eye.observe( place );
	} );
} )();
