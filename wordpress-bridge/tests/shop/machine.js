'use strict';
// Programs and folders of this machine that a test borrows: everything that is begun here is ended here.

const { execFile, spawn } = require( 'node:child_process' );
const fs = require( 'node:fs' );
const net = require( 'node:net' );
const os = require( 'node:os' );
const path = require( 'node:path' );
const { promisify } = require( 'node:util' );

const run = promisify( execFile );
const IS_ROOT = process.getuid() === 0;

/** Asks again and again, as there is no telling how busy the machine is; gives up aloud. */
async function until( what, ask, { patience = 120, pause = 100 } = {} ) {
	const end = Date.now() + patience * 1000;
	let trouble = '';
	for ( ;; ) {
		try {
			const answer = await ask();
			if ( answer ) {
				return answer;
			}
			trouble = '';
		} catch ( error ) {
			trouble = `: ${ error.message }`;
		}
		if ( Date.now() > end ) {
			throw new Error( `still waiting after ${ patience } s for ${ what }${ trouble }` );
		}
		await new Promise( ( over ) => setTimeout( over, pause ) );
	}
}

/** A port that nobody listens on. */
async function freePort() {
	const server = net.createServer();
	await new Promise( ( done ) => server.listen( 0, '127.0.0.1', done ) );
	const { port } = server.address();
	await new Promise( ( done ) => server.close( done ) );
	return port;
}

const answersAt = ( where ) =>
	new Promise( ( done, fail ) => {
		const socket = net.connect( where, () => {
			socket.destroy();
			done( true );
		} );
		socket.on( 'error', fail );
	} );

/** The first of these programs that this machine has. */
function program( names ) {
	const folders = [ ...( process.env.PATH || '' ).split( ':' ), '/usr/sbin', '/usr/local/sbin' ];
	for ( const name of names ) {
		const found = ( name.includes( '/' ) ? [ name ] : folders.map( ( folder ) => path.join( folder, name ) ) ).find( fs.existsSync );
		if ( found ) {
			return found;
		}
	}
	return null;
}

/** PHP's process manager, whichever version there is. */
function fpm() {
	const named = process.env.PHP_FPM;
	const folder = '/usr/sbin';
	const found = fs.existsSync( folder ) ? fs.readdirSync( folder ).filter( ( name ) => /^php-fpm[\d.]*$/.test( name ) ).sort() : [];
	return named || ( found.length ? path.join( folder, found.pop() ) : program( [ 'php-fpm' ] ) );
}

/** Ends a program and its workers: PHP's own server leaves them behind. */
function end( child, signal = 'SIGTERM' ) {
	try {
		process.kill( -child.pid, signal );
	} catch {
		// Gone already.
	}
}

class Machine {
	constructor() {
		this.folder = fs.mkdtempSync( path.join( os.tmpdir(), 'shop-for-trying-' ) );
		this.running = new Set();
		// Also when the tests are cut off, nothing of theirs may go on.
		process.once( 'exit', () => this.running.forEach( ( child ) => end( child ) ) );
		for ( const signal of [ 'SIGINT', 'SIGTERM' ] ) {
			process.once( signal, () => process.exit( 1 ) );
		}
	}

	path( ...parts ) {
		return path.join( this.folder, ...parts );
	}

	write( name, text ) {
		fs.mkdirSync( path.dirname( this.path( name ) ), { recursive: true } );
		fs.writeFileSync( this.path( name ), text );
		return this.path( name );
	}

	/** Begins a program with a process group of its own; what it says goes to a file of that name. */
	start( name, command, args, env = {} ) {
		const log = fs.openSync( this.path( `${ name }.log` ), 'a' );
		const child = spawn( command, args, { cwd: this.folder, stdio: [ 'ignore', log, log ], detached: true, env: { ...process.env, ...env } } );
		fs.closeSync( log );
		child.over = new Promise( ( done ) => child.once( 'exit', done ) );
		child.once( 'exit', () => this.running.delete( child ) );
		this.running.add( child );
		return child;
	}

	async stop( child, signal = 'SIGTERM' ) {
		if ( child && child.exitCode === null && child.signalCode === null ) {
			end( child, signal );
			await child.over;
		}
	}

	/** Waits for a program to listen; says what it said when it ends instead. */
	async ready( name, child, where ) {
		await until( name, () => {
			if ( child.exitCode !== null || child.signalCode !== null ) {
				return 'gone';
			}
			return answersAt( where );
		} );
		if ( child.exitCode !== null || child.signalCode !== null ) {
			throw new Error( `${ name } ended at once:\n${ this.said( name ) }` );
		}
	}

	said( name ) {
		return fs.readFileSync( this.path( `${ name }.log` ), 'utf8' ).split( '\n' ).slice( -20 ).join( '\n' );
	}

	async close() {
		// The database last: the others speak to it.
		for ( const child of [ ...this.running ].reverse() ) {
			await this.stop( child );
		}
		if ( process.env.KEEP ) {
			console.log( `# kept: ${ this.folder }` );
		} else {
			fs.rmSync( this.folder, { recursive: true, force: true } );
		}
	}
}

module.exports = { Machine, IS_ROOT, answersAt, fpm, freePort, program, run, until };
