/* The manager's walk: begins it, then asks every two seconds what was heard and what is planned. */
( function () {
	'use strict';
	const config = window.bazgashtWalk;
	const by = function ( name ) {
		return document.getElementById( 'bazgasht-walk-' + name );
	};
	const form = by( 'begin' );
	if ( ! config || ! form ) {
		return;
	}
	// A page that is loaded again goes on with its walk.
	const KEPT = 'bazgasht-walk';
	let walk = null;
	let base = '';
	let timer = 0;
	// What the daemon has said stays on the page while it is away.
	let plans = [];
	let heard = {};
	const shown = {};

	function post( fields ) {
		return fetch( config.url, {
			method: 'POST',
			credentials: 'same-origin',
			body: new URLSearchParams( Object.assign( { action: config.action, _ajax_nonce: config.nonce }, fields ) ),
		} )
			.then( function ( response ) {
				return response.json();
			} )
			.then( function ( answer ) {
				return answer.data;
			} );
	}

	function part( parent, tag, name, text ) {
		const made = document.createElement( tag );
		made.className = name;
		made.textContent = text;
		parent.appendChild( made );
		return made;
	}

	/** Draws a list anew only when it has changed: a screen reader would read it all again otherwise. */
	function list( place, things, draw ) {
		const now = JSON.stringify( things );
		if ( shown[ place.id ] === now ) {
			return;
		}
		shown[ place.id ] = now;
		place.textContent = '';
		things.forEach( function ( thing ) {
			draw( part( place, 'li', '', '' ), thing );
		} );
	}

	function event( line, one ) {
		line.dataset.where = one.where;
		part( line, 'time', 'bazgasht-when', one.when );
		part( line, 'strong', '', one.what );
		part( line, 'span', 'bazgasht-where', one.word );
		if ( one.detail ) {
			part( line, 'div', 'description', one.detail );
		}
	}

	function plan( line, one ) {
		if ( one.say ) {
			part( line, 'span', 'description', one.say );
			return;
		}
		part( line, 'strong', '', one.campaign ).dir = 'auto';
		part( line, 'span', 'bazgasht-state bazgasht-state-' + ( one.tone || 'open' ), one.word );
		part( line, 'div', 'bazgasht-when', one.when || one.next || '' );
		if ( one.text ) {
			part( line, 'div', 'bazgasht-text', one.text ).dir = 'auto';
		} else if ( one.when && one.tone === 'open' ) {
			part( line, 'div', 'description', config.words.later );
		}
		if ( one.why ) {
			part( line, 'div', 'description', one.why );
		}
	}

	function draw( now ) {
		by( 'away' ).hidden = ! now.away;
		by( 'away' ).firstElementChild.textContent = now.away + ' ' + config.words.away;
		by( 'say' ).textContent = now.arrived ? ( now.events.length ? '' : config.words.coming ) : config.words.scan;
		now.events.forEach( function ( one ) {
			if ( one.where === 'heard' ) {
				heard[ one.id ] = one.word;
			} else if ( one.where === 'gone' && heard[ one.id ] ) {
				one.where = 'heard';
				one.word = heard[ one.id ];
			}
		} );
		list( by( 'events' ), now.events, event );
		if ( ! now.away ) {
			plans = now.texts.concat( now.ways );
		}
		let say = [];
		if ( ! now.has_number ) {
			say = [ { say: config.words.number } ];
		} else if ( ! plans.length && ! now.away ) {
			say = [ { say: config.words.nothing } ];
		}
		list( by( 'texts' ), plans.concat( say ), plan );
	}

	function over( say ) {
		clearTimeout( timer );
		walk = null;
		sessionStorage.removeItem( KEPT );
		by( 'on' ).hidden = true;
		form.hidden = false;
		by( 'wrong' ).textContent = say || '';
	}

	function look() {
		const asked = walk;
		post( { does: 'look', token: walk.token, base: base } )
			.then( function ( now ) {
				if ( walk !== asked ) {
					return;
				}
				if ( now.over ) {
					over( config.words.over );
					return;
				}
				base = null === now.base ? '' : now.base;
				draw( now );
			} )
			.catch( function () {
				by( 'say' ).textContent = config.words.failed;
			} )
			.finally( function () {
				if ( walk === asked ) {
					timer = setTimeout( look, config.every );
				}
			} );
	}

	function begin( begun ) {
		walk = begun;
		base = '';
		plans = [];
		heard = {};
		sessionStorage.setItem( KEPT, JSON.stringify( walk ) );
		form.hidden = true;
		by( 'on' ).hidden = false;
		by( 'link' ).href = walk.link;
		by( 'link' ).textContent = walk.link;
		const picture = window.bazgashtQr.draw( walk.link );
		by( 'code' ).textContent = '';
		if ( picture ) {
			by( 'code' ).appendChild( picture );
		}
		list( by( 'events' ), [], event );
		list( by( 'texts' ), [], plan );
		by( 'say' ).textContent = config.words.scan;
		look();
	}

	form.addEventListener( 'submit', function ( submitted ) {
		submitted.preventDefault();
		by( 'wrong' ).textContent = '';
		post( { does: 'begin', phone: by( 'phone' ).value } )
			.then( function ( begun ) {
				if ( begun.wrong ) {
					by( 'wrong' ).textContent = begun.wrong;
				} else {
					begin( begun );
				}
			} )
			.catch( function () {
				by( 'wrong' ).textContent = config.words.failed;
			} );
	} );
	by( 'end' ).addEventListener( 'click', function () {
		const token = walk.token;
		over();
		post( { does: 'end', token } ).catch( function () {} );
	} );

	const kept = sessionStorage.getItem( KEPT );
	if ( kept ) {
		begin( JSON.parse( kept ) );
	}
} )();
