/* Bazgasht: the dialog itself. shop.js fetches it when there is something to ask. */
window.bazgashtDialog = ( { cfg, post, complete, quietFor, free } ) => {
	const doc = document;
	const ui = cfg.dialog;
	const make = ( tag, props, ...inside ) => {
		const el = doc.createElement( tag );
		Object.keys( props ).forEach( ( name ) => el.setAttribute( name, props[ name ] ) );
		el.append( ...inside );
		return el;
	};

	const before = doc.activeElement;
	const input = make( 'input', { id: 'bazgasht-number', type: 'tel', name: 'tel', inputmode: 'tel', autocomplete: 'tel', dir: 'ltr', maxlength: 40, 'aria-describedby': 'bazgasht-note' } );
	const agree = make( 'input', { type: 'checkbox' } );
	agree.checked = !! ui.ticked;
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
		free();
		box.remove();
		if ( before ) {
			before.focus();
		}
	};
	const refuse = () => {
		quietFor( ui.days );
		close();
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
				quietFor( 2, agree.checked ? 'y' : '' ); // as long as the shop keeps the session
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
