/* Bazgasht: docs/capture.md says what this hears. */
( ( cfg, win, doc ) => {
	if ( ! cfg || ! win.fetch || ! navigator.sendBeacon ) {
		return;
	}

	const pattern = new RegExp( cfg.pattern );
	const plain = ( typed ) =>
		typed
			.replace( /[\u0660-\u0669\u06f0-\u06f9]/g, ( digit ) => digit.charCodeAt( 0 ) & 15 )
			.replace( /[\s\-.,()\/#\u200b-\u2015\u202a-\u202e\u2060-\u2069\u2212\ufeff]/g, '' );
	const complete = ( typed ) => pattern.test( plain( typed ) );
	const post = ( url, data ) =>
		win.fetch( url, { method: 'POST', body: new URLSearchParams( data ), keepalive: true } ).then( ( answer ) => {
			if ( ! answer.ok ) {
				throw answer;
			}
			return answer.json();
		} );
	const beacon = ( url, data ) => navigator.sendBeacon( url, new URLSearchParams( data ) );
	// Storage throws where the browser forbids it.
	const keep = ( area, value ) => {
		try {
			return value === undefined ? win[ area ].bazgasht : ( win[ area ].bazgasht = value );
		} catch ( e ) {}
	};

	// At checkout.
	const checkout = 'form.checkout,.wp-block-woocommerce-checkout,.wc-block-checkout';
	const holdsNumber = ( el ) => {
		if ( ! /^(tel|text|number)$/.test( el.type ) ) {
			return;
		}
		const name = [ el.name, el.id, el.autocomplete ].join( ' ' ).toLowerCase();
		// Field editors make names up.
		const said = name + el.placeholder + ( el.labels[ 0 ] || el ).textContent;
		return (
			( el.type === 'tel' || /phone|mobile|hamrah|موبا|همراه|تلفن|(^|[^a-z])tel([^a-z]|$)/i.test( said ) ) &&
			! /card|cc-|cv[cv]|expir|code|melli|national.?id|fax|(^|[^a-z])(pin|otp)([^a-z]|$)/.test( name ) &&
			// A parcel may go to somebody else: the buyer's own field comes first.
			! ( /shipping/.test( name ) && doc.querySelector( '#billing-phone,#billing_phone' ) )
		);
	};
	const agreement = '#bazgasht_consent,[id$=bazgasht-consent]';
	let touched, timer, told, answer;
	// The name beside the number, of the same address.
	const beside = ( part, kind ) =>
		( doc.getElementById( touched.id.replace( /phone$|$/, part ) ) ||
			( touched.form || doc ).querySelector( `[autocomplete~=${ kind }]` ) || {} ).value || '';
	const tell = ( leaving ) => {
		clearTimeout( timer );
		if ( ! touched || ! complete( touched.value ) ) {
			return;
		}
		const data = { phone: touched.value, source: 'checkout', first_name: beside( 'first_name', 'given-name' ), last_name: beside( 'last_name', 'family-name' ), ...answer };
		const all = JSON.stringify( data );
		if ( told === all ) {
			return;
		}
		told = all;
		if ( leaving !== true || ! beacon( cfg.url, data ) ) {
			post( cfg.url, data ).catch( () => ( told = '' ) );
		}
	};
	const listen = ( e ) => {
		const el = e.target;
		if ( ! el.matches || ! el.matches( 'input' ) ) {
			return;
		}
		if ( el.matches( agreement ) ) {
			// A box that nobody touched is told with the order.
			if ( e.type === 'change' && e.isTrusted ) {
				answer = { consent: el.checked ? 1 : 0, text: cfg.consent };
				// Accounts find the number filled in.
				touched = touched || [ ...doc.querySelectorAll( 'input' ) ].find( ( it ) => complete( it.value ) && holdsNumber( it ) );
				tell();
			}
			return;
		}
		if ( ! holdsNumber( el ) || ! ( cfg.checkout || el.closest( checkout ) ) || ( e.type === 'focusout' && el !== touched ) ) {
			return;
		}
		const typing = e.type === 'input';
		const box = cfg.ticks && doc.querySelector( agreement );
		// Who has just said yes in the dialog.
		if ( ! touched && box && ! box.checked && /y$/.test( keep( 'localStorage' ) ) ) {
			box.click();
		}
		touched = el;
		clearTimeout( timer );
		// Half of a longer one, perhaps, until the field is left.
		if ( ! typing || ! complete( el.value + 0 ) ) {
			timer = setTimeout( tell, typing ? 800 : 0 );
		}
	};
	if ( cfg.capture ) {
		[ 'input', 'change', 'focusout' ].forEach( ( type ) => doc.addEventListener( type, listen, true ) );
		win.addEventListener( 'pagehide', () => tell( true ) );
	}

	// Long looks.
	const watch = cfg.watch;
	if ( watch ) {
		let seconds = 0;
		let met;
		// A person moves something.
		[ 'pointermove', 'pointerdown', 'keydown', 'scroll' ].forEach( ( type ) => doc.addEventListener( type, ( e ) => ( met = met || e.isTrusted ), { capture: true, passive: true } ) );
		const clock = setInterval( () => {
			if ( doc.hidden || doc.prerendering ) {
				return;
			}
			seconds++;
			if ( met && watch.page && seconds > 4 ) {
				beacon( watch.url, { page: watch.page } );
				watch.page = '';
			}
			if ( met && watch.product && seconds > 29 ) {
				beacon( watch.url, { product: watch.product, variation: ( doc.querySelector( '.variations_form [name=variation_id]' ) || {} ).value || 0, seconds } );
				watch.product = 0;
			}
			if ( ! watch.page && ! watch.product ) {
				clearInterval( clock );
			}
		}, 1000 );
	}

	// "Tell me when it is back."
	const wanted = cfg.wanted;
	const want = ( e ) => {
		const el = e.target;
		const box = el.closest( '.bazgasht-wanted' );
		if ( ! box || ! e.isTrusted || ! ( e.type === 'click' ? el.matches( 'button' ) : e.key === 'Enter' ) ) {
			return;
		}
		e.preventDefault();
		const [ input, button, note ] = box.querySelectorAll( 'input,button,p' );
		if ( ! complete( input.value ) ) {
			note.textContent = wanted.wrong;
			return input.focus();
		}
		button.disabled = true;
		post( wanted.url, { phone: input.value, product: box.dataset.product, variation: box.dataset.variation } ).then(
			() => ( box.textContent = wanted.thanks ),
			( refusal ) => {
				note.textContent = refusal.status === 422 ? wanted.wrong : wanted.failed;
				button.disabled = false;
			}
		);
	};
	if ( wanted ) {
		doc.addEventListener( 'click', want );
		doc.addEventListener( 'keydown', want );
	}

	// After "add to cart".
	const ui = cfg.dialog;
	if ( ! ui || doc.querySelector( checkout ) ) {
		return;
	}
	const quietFor = ( days, mark ) => keep( 'localStorage', Date.now() + days * 864e5 + ( mark || '' ) );
	const added = ( value ) => keep( 'sessionStorage', value );
	let busy;
	const free = () => ( busy = false );

	const show = () => {
		const script = doc.createElement( 'script' );
		script.src = ui.script;
		script.onload = () => win.bazgashtDialog( { cfg, post, complete, quietFor, free } );
		script.onerror = free;
		doc.body.append( script );
	};

	// The shop knows whether the basket holds something and the number is missing; a cached page cannot.
	const ask = () => {
		added( '' );
		if ( busy || parseInt( keep( 'localStorage' ) ) > Date.now() ) {
			return;
		}
		busy = true;
		post( ui.url, {} ).then( ( reply ) => ( reply.ask ? show() : free() ) ).catch( free );
	};

	// A click only leaves a mark; whoever comes first asks: the shop's event, the next page, or, in silent
	// themes, a moment's wait.
	const mark = ( e ) => {
		const el = e.target.closest && e.target.closest( '.ajax_add_to_cart,.single_add_to_cart_button,[name="add-to-cart"],[href*="add-to-cart="],form.cart' );
		if ( ! el || ( e.type === 'click' ) === el.matches( 'form' ) || el.matches( '.disabled,:disabled' ) ) {
			return;
		}
		added( 1 );
		setTimeout( () => {
			if ( e.defaultPrevented ) {
				setTimeout( () => added() && ask(), 2000 );
			}
		} );
	};
	doc.addEventListener( 'click', mark, true );
	doc.addEventListener( 'submit', mark, true );
	doc.body.addEventListener( 'wc-blocks_added_to_cart', ask );
	const begin = () => win.jQuery && win.jQuery( doc.body ).on( 'added_to_cart', ask );
	if ( doc.readyState === 'complete' ) {
		begin();
	} else {
		win.addEventListener( 'load', begin );
	}
	if ( added() ) {
		ask();
	}
} )( window.bazgashtShop, window, document );
