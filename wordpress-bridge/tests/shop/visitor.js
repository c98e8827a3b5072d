'use strict';
// People at the shop: with a browser, or, where only their basket matters, by plain requests.

const { until } = require( './machine' );

// The browser's own name says that it is driven by a program, and links then fill no basket.
const PHONE = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36';

/** A shopper without a browser: cookies, and nothing more. */
class Plain {
	constructor( shop ) {
		this.shop = shop;
		this.cookies = new Map();
	}

	async ask( address, { form, headers = {}, method } = {} ) {
		const answer = await fetch( new URL( address, this.shop.url ), {
			method: method || ( form ? 'POST' : 'GET' ),
			body: form ? new URLSearchParams( form ) : undefined,
			redirect: 'manual',
			headers: { cookie: [ ...this.cookies ].map( ( pair ) => pair.join( '=' ) ).join( '; ' ), origin: this.shop.url, ...headers },
		} );
		for ( const line of answer.headers.getSetCookie() ) {
			const [ , name, value ] = line.match( /^([^=]+)=([^;]*)/ );
			this.cookies.set( name, value );
		}
		return { status: answer.status, headers: answer.headers, text: await answer.text() };
	}

	async logIn( name, password ) {
		await this.ask( '/wp-login.php' );
		await this.ask( '/wp-login.php', { form: { log: name, pwd: password, testcookie: 1 } } );
		return this;
	}

	/** Fills a basket, gives a number, and goes. */
	async leaveBasket( product, number ) {
		const added = await this.ask( '/?wc-ajax=add_to_cart', { form: { product_id: product, quantity: 1 } } );
		const taken = await this.ask( '/?wc-ajax=bazgasht_number', { form: { phone: number, source: 'dialog' } } );
		if ( ! added.text.includes( 'cart_hash' ) || taken.status !== 200 ) {
			throw new Error( `the basket was not left: ${ added.status }, ${ taken.status }` );
		}
	}
}

const PERSON = {
	first_name: 'سارا',
	last_name: 'آزمایشی',
	address_1: 'کوچه‌ی نمونه ۷',
	city: 'تهران',
	postcode: '1234567890',
	email: 'sara@example.test',
};

/** Somebody with a browser of their own. */
class Visitor {
	static async come( browser, shop ) {
		const visitor = new Visitor();
		visitor.shop = shop;
		visitor.context = await browser.newContext( { locale: 'fa-IR', timezoneId: 'Asia/Tehran', userAgent: PHONE } );
		visitor.page = await visitor.context.newPage();
		visitor.page.setDefaultTimeout( 60000 );
		return visitor;
	}

	go() {
		return this.context.close();
	}

	async add( product ) {
		await this.page.goto( `${ this.shop.url }/?p=${ product }` );
		await this.page.locator( '.single_add_to_cart_button' ).first().click();
		await this.page.waitForLoadState();
		// The dialog asks after an add; these visitors give their number at the checkout.
		await this.page.evaluate( () => localStorage.setItem( 'bazgasht', Date.now() + 9e9 ) );
	}

	/** The basket as WooCommerce has it for this browser. */
	basket() {
		return this.page.evaluate( async () => {
			const cart = await ( await fetch( '/?rest_route=/wc/store/v1/cart' ) ).json();
			return {
				items: cart.items.map( ( { id, quantity } ) => [ id, quantity ] ),
				coupons: cart.coupons.map( ( { code } ) => code ),
				discount: Number( cart.totals.total_discount ),
				billing: cart.billing_address,
				shipping: cart.shipping_address,
			};
		} );
	}

	/** Types a code; returns the shop's answer as an HTTP status. */
	coupon( code ) {
		return this.page.evaluate( async ( typed ) => {
			const nonce = ( await fetch( '/?rest_route=/wc/store/v1/cart' ) ).headers.get( 'Nonce' );
			const answer = await fetch( '/?rest_route=/wc/store/v1/cart/apply-coupon', { method: 'POST', headers: { Nonce: nonce, 'Content-Type': 'application/json' }, body: JSON.stringify( { code: typed } ) } );
			return answer.status;
		}, code );
	}

	async logIn( name, password ) {
		await this.page.goto( `${ this.shop.url }/wp-login.php` );
		await this.page.locator( '#user_login' ).fill( name );
		await this.page.locator( '#user_pass' ).fill( password );
		await Promise.all( [ this.page.waitForURL( ( url ) => ! url.pathname.includes( 'wp-login' ) ), this.page.locator( '#wp-submit' ).click() ] );
	}

	/** The field of a person's detail, in the classic checkout or the block one. */
	field( name ) {
		return this.page.locator( `#billing_${ name },#shipping-${ name },#billing-${ name }${ name === 'email' ? ',#email' : '' }` ).first();
	}

	async toCheckout() {
		await this.page.goto( await this.shop.checkoutUrl() );
		await this.field( 'phone' ).waitFor();
	}

	/** Types a number as people do, and waits until the shop has taken it. */
	async typeNumber( number ) {
		const type = async () => {
			await this.field( 'phone' ).focus();
			await this.page.keyboard.type( number, { delay: 15 } );
		};
		const [ answer ] = await Promise.all( [ this.page.waitForResponse( ( response ) => response.url().includes( 'wc-ajax=bazgasht_number' ) ), type() ] );
		return answer.status();
	}

	async typeAndTab( number ) {
		await this.field( 'phone' ).fill( number );
		await this.page.keyboard.press( 'Tab' );
	}

	/** Fills the checkout in and orders, after what else is to be done there; returns the order's number. */
	async order( number, before = () => {} ) {
		await this.toCheckout();
		for ( const [ name, value ] of Object.entries( PERSON ) ) {
			await this.field( name ).fill( value );
		}
		await this.typeAndTab( number );
		await before();
		if ( await this.page.locator( '.wc-block-checkout' ).count() ) {
			// What this checkout pushes while it is filled in may overtake the order, and then the order has no number.
			await until(
				'the form to be pushed',
				async () => {
					if ( ( await this.basket() ).billing.phone === number ) {
						return true;
					}
					await this.typeAndTab( '' );
					return this.typeAndTab( number );
				},
				{ pause: 4000 }
			);
		}
		const button = this.page.locator( '#place_order,.wc-block-components-checkout-place-order-button' ).first();
		// While it asks for the shipping, the page takes a click for nothing; people press again then.
		await until(
			'the order to be taken',
			async () => {
				if ( /order-received/.test( this.page.url() ) ) {
					return true;
				}
				await button.click( { timeout: 3000 } ).catch( () => {} );
				return false;
			},
			{ pause: 1000 }
		);
		return Number( this.page.url().match( /order-received\/(\d+)/ )[ 1 ] );
	}
}

module.exports = { Plain, Visitor, PERSON };
