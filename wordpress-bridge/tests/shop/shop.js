'use strict';
// A real shop on this machine: WordPress and WooCommerce out of given folders, the bridge out of this checkout.

const fs = require( 'node:fs' );
const path = require( 'node:path' );
const { serve } = require( './fastcgi' );
const { IS_ROOT, answersAt, fpm, freePort, program, run, until } = require( './machine' );

const BRIDGE = path.resolve( __dirname, '../..' );
const INSIDE = path.join( __dirname, 'inside' );
const SECRET = `whsec_${ Buffer.from( 'the secret of a shop for trying!' ).toString( 'base64' ) }`;
const WORKERS = 6;
// Big enough for everything: a full cache makes whatever came last look slow.
const OPCACHE = [ 'memory_limit=512M', 'opcache.enable=1', 'opcache.memory_consumption=256', 'opcache.max_accelerated_files=30000' ];

/** What this machine lacks for a shop; empty when it has all. */
function lacks() {
	const needed = { MariaDB: [ 'mariadbd', 'mysqld' ], 'mariadb-install-db': [ 'mariadb-install-db', 'mysql_install_db' ], mariadb: [ 'mariadb', 'mysql' ], PHP: [ 'php' ] };
	return Object.keys( needed ).filter( ( name ) => ! program( needed[ name ] ) );
}

class Shop {
	/** Copies, makes the database, installs. Afterwards call serve(). */
	static async open( machine, { wordpress, woocommerce } ) {
		const shop = new Shop();
		shop.machine = machine;
		shop.root = machine.path( 'www' );
		shop.socket = machine.path( 'db.sock' );
		shop.url = `http://127.0.0.1:${ await freePort() }`;
		await Promise.all( [ shop.copy( wordpress, woocommerce ), shop.database() ] );
		await shop.install();
		return shop;
	}

	async copy( wordpress, woocommerce ) {
		fs.mkdirSync( path.join( this.root, 'wp-content/plugins' ), { recursive: true } );
		const parts = fs.readdirSync( wordpress ).filter( ( name ) => ! [ 'wp-content', 'wp-config.php' ].includes( name ) );
		await run( 'cp', [ '-r', ...parts.map( ( name ) => path.join( wordpress, name ) ), this.root ] );
		await run( 'cp', [ '-r', path.join( wordpress, 'wp-content/themes' ), path.join( this.root, 'wp-content' ) ] );
		await run( 'cp', [ '-r', woocommerce, path.join( this.root, 'wp-content/plugins/woocommerce' ) ] );
		fs.symlinkSync( BRIDGE, path.join( this.root, 'wp-content/plugins/bazgasht-bridge' ) );
		fs.mkdirSync( path.join( this.root, 'wp-content/mu-plugins' ) );
		fs.copyFileSync( path.join( INSIDE, 'watch.php' ), path.join( this.root, 'wp-content/mu-plugins/watch.php' ) );
		fs.copyFileSync( path.join( INSIDE, 'wp-config.php' ), path.join( this.root, 'wp-config.php' ) );
		this.surroundings();
	}

	surroundings() {
		const { socket, url } = this;
		const entries = Object.entries( { socket, url, log: this.machine.path( 'wordpress.log' ) } );
		this.machine.write( 'www/surroundings.php', `<?php return array(${ entries.map( ( [ key, value ] ) => `'${ key }'=>'${ value }'` ) });` );
	}

	async database() {
		const data = this.machine.path( 'db' );
		const user = IS_ROOT ? [ '--user=root' ] : [];
		await run( program( [ 'mariadb-install-db', 'mysql_install_db' ] ), [ '--no-defaults', `--datadir=${ data }`, '--auth-root-authentication-method=normal', '--skip-test-db', ...user ] );
		const args = [ '--no-defaults', `--datadir=${ data }`, `--socket=${ this.socket }`, '--skip-networking', '--character-set-server=utf8mb4', '--innodb-buffer-pool-size=256M', ...user ];
		this.machine.ready( 'database', this.machine.start( 'database', program( [ 'mariadbd', 'mysqld' ] ), args ), this.socket );
		await until( 'the database', () => answersAt( this.socket ) );
		const sql = "CREATE DATABASE shop; CREATE USER shop@localhost IDENTIFIED BY 'shop'; GRANT ALL ON shop.* TO shop@localhost;";
		await until( 'the database', () => run( program( [ 'mariadb', 'mysql' ] ), [ '--no-defaults', '-S', this.socket, '-uroot', '-e', sql ] ) );
	}

	async install() {
		for ( const part of [ 'core', 'woocommerce' ] ) {
			await this.script( 'install.php', part );
		}
		const said = await this.script( 'install.php', 'seed' );
		try {
			this.made = JSON.parse( said );
		} catch {
			throw new Error( `the shop could not be installed: ${ said }` );
		}
		await this.connect( {} );
	}

	/** Saves the bridge's settings, as the manager would. */
	connect( settings ) {
		const all = { address: 'http://127.0.0.1:9', secret: SECRET, dialog_enabled: true, capture_checkout: true, make_coupons: true, ...settings };
		return this.php( `update_option('bazgasht_settings',json_decode('${ JSON.stringify( all ) }',true));delete_option('bazgasht_delivery');` );
	}

	async script( name, ...args ) {
		// The path of a file in the shop tells the script where the shop is.
		const marker = path.join( this.root, 'index.php' );
		const given = name === 'install.php' ? [ ...args, marker ] : [ marker, ...args ];
		const { stdout } = await run( program( [ 'php' ] ), [ '-d', 'memory_limit=512M', path.join( INSIDE, name ), ...given ], { maxBuffer: 1e8 } );
		return stdout;
	}

	/** Runs PHP inside the shop; returns what it printed. */
	async php( code, before = '' ) {
		const load = `${ before }require '${ this.root }/wp-load.php';`;
		const { stdout } = await run( program( [ 'php' ] ), [ '-d', 'memory_limit=512M', '-r', load + code ], { maxBuffer: 1e8 } );
		return stdout;
	}

	/** The background's minute. */
	minute() {
		return this.script( 'minute.php' );
	}

	/** Makes the pages of one kind the shop's cart and checkout. */
	use( kind ) {
		const { cart, checkout } = this.made.pages[ kind ];
		return this.php( `update_option('woocommerce_cart_page_id',${ cart });update_option('woocommerce_checkout_page_id',${ checkout });` );
	}

	checkoutUrl() {
		return this.php( 'echo wc_get_checkout_url();' );
	}

	/** Begins to answer: behind `fpm`, or by PHP's own server (`builtin`), which cannot let a shopper go first. */
	async serve( kind ) {
		await this.rest();
		const { port } = new URL( this.url );
		if ( kind === 'fpm' ) {
			const socket = this.machine.path( 'php.sock' );
			const flags = OPCACHE.map( ( line ) => 'php_admin_value[' + line.replace( '=', '] = ' ) );
			const user = IS_ROOT ? [ 'user = root', 'group = root' ] : [];
			const pool = [ '[global]', `error_log = ${ this.machine.path( 'fpm-error.log' ) }`, '[shop]', `listen = ${ socket }`, 'pm = static', `pm.max_children = ${ WORKERS }`, ...user, ...flags, '' ];
			const config = this.machine.write( 'fpm.conf', pool.join( '\n' ) );
			const child = this.machine.start( 'fpm', fpm(), [ '-F', '-y', config, ...( IS_ROOT ? [ '-R' ] : [] ) ] );
			await this.machine.ready( 'fpm', child, socket );
			const front = await serve( this.root, socket, Number( port ) );
			this.serving = { child, front };
		} else {
			const flags = OPCACHE.flatMap( ( line ) => [ '-d', line ] );
			const child = this.machine.start( 'php', program( [ 'php' ] ), [ ...flags, '-S', `127.0.0.1:${ port }`, '-t', this.root, path.join( INSIDE, 'router.php' ) ], { PHP_CLI_SERVER_WORKERS: String( WORKERS ) } );
			await this.machine.ready( 'php', child, { host: '127.0.0.1', port: Number( port ) } );
			this.serving = { child };
		}
		// The first page compiles everything.
		await until( 'the first page', async () => ( await fetch( this.url ) ).ok );
	}

	async rest() {
		if ( this.serving ) {
			await this.serving.front?.close();
			await this.machine.stop( this.serving.child );
			this.serving = null;
		}
	}

	/** How many events the bridge has told, by its own count. */
	told() {
		const file = path.join( this.root, 'told.txt' );
		return fs.existsSync( file ) ? fs.readFileSync( file, 'utf8' ).split( '\n' ).length - 1 : 0;
	}

	/** How many of them the daemon has answered for: taken now or before a stop, and refused. */
	acknowledged() {
		const file = path.join( this.root, 'acknowledged.txt' );
		const answers = fs.existsSync( file ) ? fs.readFileSync( file, 'utf8' ).split( '\n' ).filter( Boolean ).map( JSON.parse ) : [];
		const sum = ( of ) => answers.reduce( ( total, answer ) => total + of( answer ), 0 );
		return { taken: sum( ( answer ) => answer.accepted + answer.duplicate ), refused: sum( ( answer ) => answer.rejected.length ) };
	}

	/** What PHP and WordPress complained of, as far as the bridge is named in it. */
	complaints() {
		const file = this.machine.path( 'wordpress.log' );
		return fs.existsSync( file ) ? fs.readFileSync( file, 'utf8' ).split( '\n' ).filter( ( line ) => /bazgasht/i.test( line ) ) : [];
	}
}

module.exports = { Shop, BRIDGE, SECRET, lacks };
