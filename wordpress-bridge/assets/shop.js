/* Bazgasht: hears the mobile number at checkout, and asks for it after "add to cart". */
( ( cfg, win, doc ) => {
	if ( ! cfg || ! win.fetch ) {
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

	/* ---- at checkout ---- */

	const checkout = 'form.checkout,.wp-block-woocommerce-checkout,.wc-block-checkout';
	const holdsNumber = ( el ) => {
		const name = [ el.name, el.id, el.getAttribute( 'autocomplete' ) ].join( ' ' ).toLowerCase();
		return (
			/^(tel|text|number)$/.test( el.type ) &&
			( el.type === 'tel' || /phone|mobile|(^|[^a-z])tel([^a-z]|$)/.test( name ) ) &&
			! /card|cc-|cv[cv]|expir|code|melli|national.?id|fax|(^|[^a-z])(pin|otp)([^a-z]|$)/.test( name ) &&
			// A parcel may go to somebody else: the buyer's own field comes first.
			! ( /shipping/.test( name ) && doc.querySelector( '#billing-phone,#billing_phone' ) )
		);
	};
	let touched, timer, heard, told;
	// The name beside the number, of the same address.
	const beside = ( part, kind ) =>
		( doc.getElementById( touched.id.replace( /phone$|$/, part ) ) ||
			( touched.form || doc ).querySelector( `[autocomplete~=${ kind }]` ) || {} ).value || '';
	const tell = ( beacon ) => {
		clearTimeout( timer );
		if ( ! heard ) {
			return;
		}
		const data = new URLSearchParams( { phone: heard, source: 'checkout', first_name: beside( 'first_name', 'given-name' ), last_name: beside( 'last_name', 'family-name' ) } );
		if ( told === '' + data ) {
			return;
		}
		told = '' + data;
		if ( ! beacon || ! navigator.sendBeacon || ! navigator.sendBeacon( cfg.url, data ) ) {
			post( cfg.url, data ).catch( () => ( told = '' ) );
		}
	};
	const listen = ( e ) => {
		const el = e.target;
		if (
			! el.matches || ! el.matches( 'input' ) || ! holdsNumber( el ) ||
			! ( cfg.checkout || el.closest( checkout ) ) ||
			( e.type === 'focusout' && el !== touched )
		) {
			return;
		}
		const typing = e.type === 'input';
		touched = el;
		// Where numbers may be short, a short one may also be half of a long one: wait for the field to be left.
		heard = complete( el.value ) && ( ! typing || plain( el.value ).length > 9 ) ? el.value : '';
		clearTimeout( timer );
		timer = setTimeout( tell, typing ? 800 : 0 );
	};
	if ( cfg.capture ) {
		[ 'input', 'change', 'focusout' ].forEach( ( type ) => doc.addEventListener( type, listen, true ) );
		win.addEventListener( 'pagehide', () => tell( true ) );
	}

	/* ---- after "add to cart" ---- */

	const ui = cfg.dialog;
	if ( ! ui || doc.querySelector( checkout ) ) {
		return;
	}

	// Storage throws where the browser forbids it.
	const keep = ( area, value ) => {
		try {
			const key = 'bazgasht';
			return value === undefined ? win[ area ].getItem( key ) : win[ area ].setItem( key, value );
		} catch ( e ) {}
	};
	const quietFor = ( days ) => keep( 'localStorage', Date.now() + days * 864e5 );
	const added = ( value ) => keep( 'sessionStorage', value );

	const make = ( tag, props, ...inside ) => {
		const el = doc.createElement( tag );
		Object.keys( props ).forEach( ( name ) => el.setAttribute( name, props[ name ] ) );
		el.append( ...inside );
		return el;
	};

	let busy;
	const show = () => {
		const before = doc.activeElement;
		const input = make( 'input', { id: 'bazgasht-number', type: 'tel', name: 'tel', inputmode: 'tel', autocomplete: 'tel', dir: 'ltr', maxlength: 40, 'aria-describedby': 'bazgasht-note' } );
		const agree = make( 'input', { type: 'checkbox' } );
		const note = make( 'p', { id: 'bazgasht-note', role: 'alert' } );
		const yes = make( 'button', { type: 'submit' }, ui.yes );
		const no = make( 'button', { type: 'button' }, ui.no );
		const fields = make(
			'form', { novalidate: '' },
			make( 'h2', { id: 'bazgasht-text' }, ui.text ),
			make( 'label', { for: 'bazgasht-number' }, ui.label ),
			input, note
		);
		if ( ui.consent ) {
			fields.append( make( 'label', { class: 'bazgasht-agree' }, agree, make( 'span', {}, ui.consent ) ) );
		}
		fields.append( make( 'div', {}, yes, no ) );
		const box = make( 'dialog', { class: 'bazgasht', role: 'dialog', 'aria-modal': true, 'aria-labelledby': 'bazgasht-text', dir: ui.dir, tabindex: -1 }, fields );

		const close = () => {
			busy = false;
			box.remove();
			if ( before ) {
				before.focus();
			}
		};
		const refuse = () => {
			if ( busy ) {
				quietFor( ui.days );
				close();
			}
		};
		const fail = ( text ) => {
			note.textContent = text;
			yes.disabled = false;
			input.setAttribute( 'aria-invalid', true );
			input.focus();
		};
		no.onclick = refuse;
		box.oncancel = ( e ) => {
			e.preventDefault();
			refuse();
		};
		box.onkeydown = ( e ) => {
			const stops = box.querySelectorAll( 'input,button' );
			const edge = stops[ e.shiftKey ? 0 : stops.length - 1 ];
			if ( e.key === 'Escape' ) {
				refuse();
			} else if ( e.key === 'Tab' && ( doc.activeElement === edge || ! stops.length ) ) {
				e.preventDefault();
				( stops[ e.shiftKey ? stops.length - 1 : 0 ] || box ).focus();
			}
		};
		fields.onsubmit = ( e ) => {
			e.preventDefault();
			note.textContent = '';
			if ( ! complete( input.value ) ) {
				return fail( ui.wrong );
			}
			yes.disabled = true;
			post( cfg.url, { phone: input.value, source: 'dialog', consent: agree.checked ? 1 : 0, text: ui.consent } ).then(
				() => {
					quietFor( 2 ); // as long as the shop keeps the session
					fields.replaceChildren( note );
					note.textContent = ui.thanks;
					box.onkeydown = box.oncancel = null;
					box.focus();
					setTimeout( close, 1800 );
				},
				( answer ) => fail( answer.status === 422 ? ui.wrong : ui.failed )
			);
		};

		const style = make( 'link', { rel: 'stylesheet', href: ui.style } );
		style.onload = style.onerror = () => {
			if ( box.showModal ) {
				box.showModal();
			} else {
				box.setAttribute( 'open', '' );
				box.classList.add( 'bazgasht-old' );
			}
			input.focus();
		};
		box.append( style );
		doc.body.append( box );
	};

	// The shop knows whether the basket holds something and the number is missing; a cached page cannot.
	const ask = () => {
		added( '' );
		if ( busy || keep( 'localStorage' ) > Date.now() ) {
			return;
		}
		busy = true;
		post( ui.url, {} ).then( ( answer ) => ( answer.ask ? show() : ( busy = false ) ) ).catch( () => ( busy = false ) );
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
