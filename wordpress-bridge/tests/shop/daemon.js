'use strict';
// The real daemon with a test's own journeys, and a provider on this machine that keeps the SMS it is given.

const http = require( 'node:http' );
const { freePort, run } = require( './machine' );
const { SECRET } = require( './shop' );

// So long after the last act on a basket: the first text, and a second one that somebody who has bought must not get.
const FIRST_S = 4;
const SECOND_S = 75;

const CAMPAIGNS = `
language = "fa"
[coupons.back]
code = "back10"
percent = 10

[[campaign]]
id = "basket"
trigger = { on = "cart_abandoned", idle = "${ FIRST_S }s" }
again = "1 day"
cool_off = "0s"
[[campaign.step]]
id = "first"
after = "${ FIRST_S }s"
coupon = "back"
text = """
{{ contact.first_name | default("سلام") }}، سبد {{ cart.count }} تایی شما:
{{ coupon.code }}
{{ link }}
"""
[[campaign.step]]
id = "second"
after = "${ SECOND_S }s"
text = """
سبد شما هنوز هست:
{{ link }}
"""

[[campaign]]
id = "review"
trigger = { on = "order_status", status = "completed" }
goal = "review"
[[campaign.step]]
id = "ask"
after = "1s"
link = "review"
text = """
نظرتان چیست؟
{{ link }}
"""

[coupons.gift]
own = "g"
percent = 20
lives = "48h"

[[campaign]]
id = "gift"
trigger = { on = "event", name = "gift" }
[[campaign.step]]
id = "now"
after = "1s"
link = "shop"
coupon = "gift"
text = """
{{ event.what }}
{{ coupon.code }}
{{ link }}
"""

[[campaign]]
id = "back"
trigger = { on = "back_in_stock" }
[[campaign.step]]
id = "now"
after = "1s"
link = "product"
text = """
{{ product.name }}
{{ link }}
"""

[[campaign]]
id = "shipped"
trigger = { on = "order_shipping", state = "shipped" }
kind = "service"
[[campaign.step]]
id = "now"
after = "1s"
text = """
سفارش شما در راه است:
{{ order.tracking_code }}
"""

[[campaign]]
id = "asked"
trigger = { on = "event", name = "asked" }
[[campaign.step]]
id = "how"
after = "1s"
link = "ask"
text = """
راضی بودید؟
{{ link }}
"""
ask = { for = "3 days", question = "از خریدتان راضی بودید؟", answers = [
  { words = ["1", "بله"], go = "thanks" },
  { words = ["2", "نه"], go = "end" },
] }
[[campaign.step]]
id = "thanks"
wait = "0s"
kind = "service"
text = "خوشحالیم."
then = "end"

[[campaign]]
id = "birthday"
trigger = { on = "birthday" }
[[campaign.step]]
id = "today"
after = "0s"
best_before = "24h"
text = """
تولدتان مبارک
"""
`;

// At any hour and as often as the walks want.
const settings = ( port, provider ) => `
listen = "127.0.0.1:${ port }"
database = "bazgasht.db"
campaigns = "campaigns.toml"
secret = "${ SECRET }"
[hours]
start = "00:00"
end = "23:59"
stop_before = "0s"
friday = { start = "00:00" }
days = "days.toml"
[caps]
gap = "0s"
day = 1000
week = 1000
month = 1000
[brake]
per_hour = 1000000
most_per_hour = 1000000
[budget]
month = "1000000000"
[shop]
pull = "1m"
[gateway]
use = "http"
[gateway.http]
key = "none"
sender = "1000"
number = "national"
price_persian = "1000"
price_latin = "1000"
[gateway.http.send]
url = "${ provider }"
json = '''{"to":"{to}","text":"{text}"}'''
success_http = ["200"]
id_at = "id"
`;

class Daemon {
	static async open( machine, binary ) {
		const daemon = new Daemon();
		Object.assign( daemon, { machine, binary, port: await freePort(), sms: [] } );
		daemon.address = `http://127.0.0.1:${ daemon.port }`;
		daemon.provider = http.createServer( async ( request, response ) => {
			let body = '';
			for await ( const chunk of request ) {
				body += chunk;
			}
			daemon.sms.push( JSON.parse( body ) );
			response.writeHead( 200, { 'content-type': 'application/json' } );
			response.end( JSON.stringify( { id: daemon.sms.length } ) );
		} );
		await new Promise( ( done ) => daemon.provider.listen( 0, '127.0.0.1', done ) );
		machine.write( 'campaigns.toml', CAMPAIGNS );
		machine.write( 'days.toml', '' );
		daemon.config = machine.write( 'bazgasht.toml', settings( daemon.port, `http://127.0.0.1:${ daemon.provider.address().port }/send` ) );
		await daemon.start();
		return daemon;
	}

	/** Begins it, unless it runs. */
	async start() {
		if ( this.child && this.child.exitCode === null && this.child.signalCode === null ) {
			return;
		}
		this.child = this.machine.start( 'daemon', this.binary, [ 'run', '--config', this.config ] );
		await this.machine.ready( 'daemon', this.child, { host: '127.0.0.1', port: this.port } );
	}

	/** Ends it: in order, or as a power cut would. */
	stop( signal = 'SIGTERM' ) {
		return this.machine.stop( this.child, signal );
	}

	/** The texts that a number got. */
	texts( number ) {
		return this.sms.filter( ( { to } ) => to === number ).map( ( { text } ) => text );
	}

	/** What the daemon knows of a number. */
	async person( number ) {
		const { stdout } = await run( this.binary, [ 'contact', 'show', '--json', '--config', this.config, number ] );
		return JSON.parse( stdout );
	}

	/** All that the daemon would hand over to somebody who asks what is known of them; of strangers nothing. */
	async export( number ) {
		try {
			const { stdout } = await run( this.binary, [ 'contact', 'export', '--config', this.config, number ], { maxBuffer: 1e8 } );
			return { contact: {}, events: [], ...JSON.parse( stdout ) };
		} catch ( error ) {
			if ( error.code !== 1 ) {
				throw error;
			}
			return { contact: {}, events: [] };
		}
	}

	async close() {
		await this.machine.stop( this.child );
		this.provider.closeAllConnections();
		await new Promise( ( done ) => this.provider.close( done ) );
	}
}

const linkIn = ( text ) => text.match( /https?:\/\/\S+/ )[ 0 ];

module.exports = { Daemon, SECOND_S, linkIn };
