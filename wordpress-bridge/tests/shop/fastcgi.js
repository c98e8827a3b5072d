'use strict';
// A web server before php-fpm, for tests: files as they are, everything else to PHP by FastCGI.

const fs = require( 'node:fs' );
const http = require( 'node:http' );
const net = require( 'node:net' );
const path = require( 'node:path' );

const TYPES = {
	'.css': 'text/css',
	'.js': 'text/javascript',
	'.json': 'application/json',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.jpg': 'image/jpeg',
	'.webp': 'image/webp',
	'.woff2': 'font/woff2',
	'.html': 'text/html',
	'.txt': 'text/plain',
};

// Kinds of records, by the protocol's own numbers.
const BEGIN = 1;
const END = 3;
const PARAMS = 4;
const STDIN = 5;
const STDOUT = 6;

function record( kind, content ) {
	const head = Buffer.alloc( 8 );
	head.writeUInt8( 1, 0 );
	head.writeUInt8( kind, 1 );
	head.writeUInt16BE( 1, 2 );
	head.writeUInt16BE( content.length, 4 );
	return Buffer.concat( [ head, content ] );
}

/** A stream of one kind: in records of at most 64 KiB, and an empty one at its end. */
function stream( kind, content ) {
	const records = [];
	for ( let at = 0; at < content.length; at += 65535 ) {
		records.push( record( kind, content.subarray( at, at + 65535 ) ) );
	}
	return Buffer.concat( [ ...records, record( kind, Buffer.alloc( 0 ) ) ] );
}

function length( bytes ) {
	if ( bytes < 128 ) {
		return Buffer.from( [ bytes ] );
	}
	const long = Buffer.alloc( 4 );
	long.writeUInt32BE( bytes + 0x80000000 );
	return long;
}

const pairs = ( params ) =>
	Buffer.concat(
		Object.entries( params ).flatMap( ( [ name, value ] ) => {
			const [ key, content ] = [ Buffer.from( name ), Buffer.from( String( value ) ) ];
			return [ length( key.length ), length( content.length ), key, content ];
		} )
	);

/** One request to PHP; `onOutput` gets its bytes, and the promise keeps until PHP says that the answer is whole. */
function ask( socketPath, params, body, onOutput ) {
	return new Promise( ( done, fail ) => {
		const socket = net.connect( socketPath );
		let rest = Buffer.alloc( 0 );
		let whole = false;
		socket.on( 'connect', () => {
			const begin = Buffer.from( [ 0, 1, 0, 0, 0, 0, 0, 0 ] );
			socket.write( Buffer.concat( [ record( BEGIN, begin ), stream( PARAMS, pairs( params ) ), stream( STDIN, body ) ] ) );
		} );
		socket.on( 'data', ( chunk ) => {
			rest = Buffer.concat( [ rest, chunk ] );
			while ( rest.length >= 8 ) {
				const size = rest.readUInt16BE( 4 );
				const end = 8 + size + rest.readUInt8( 6 );
				if ( rest.length < end ) {
					return;
				}
				const [ kind, content ] = [ rest.readUInt8( 1 ), rest.subarray( 8, 8 + size ) ];
				rest = rest.subarray( end );
				if ( kind === STDOUT && size ) {
					onOutput( content );
				} else if ( kind === END ) {
					whole = true;
					socket.destroy();
					done();
				}
			}
		} );
		socket.on( 'error', fail );
		socket.on( 'close', () => whole || fail( new Error( 'php-fpm cut the answer off' ) ) );
	} );
}

/** Which script answers an address, or which file is the answer. */
function place( root, pathname ) {
	let file = path.join( root, path.normalize( decodeURIComponent( pathname ) ) );
	if ( fs.existsSync( file ) && fs.statSync( file ).isDirectory() ) {
		file = path.join( file, 'index.php' );
	}
	if ( ! file.startsWith( root ) || ! fs.existsSync( file ) ) {
		file = path.join( root, 'index.php' );
	}
	return file;
}

function params( root, request, file, body ) {
	const { pathname, search } = new URL( request.url, 'http://shop' );
	const [ name, port ] = request.headers.host.split( ':' );
	const script = file.slice( root.length );
	const headers = Object.entries( request.headers ).map( ( [ key, value ] ) => [ 'HTTP_' + key.toUpperCase().replaceAll( '-', '_' ), value ] );
	return {
		...Object.fromEntries( headers ),
		GATEWAY_INTERFACE: 'CGI/1.1',
		SERVER_PROTOCOL: 'HTTP/1.1',
		SERVER_SOFTWARE: 'tests',
		SERVER_NAME: name,
		SERVER_PORT: port || '80',
		REMOTE_ADDR: '127.0.0.1',
		REQUEST_METHOD: request.method,
		REQUEST_URI: request.url,
		QUERY_STRING: search.slice( 1 ),
		DOCUMENT_ROOT: root,
		DOCUMENT_URI: pathname,
		SCRIPT_FILENAME: file,
		SCRIPT_NAME: script,
		PHP_SELF: script,
		REDIRECT_STATUS: '200',
		CONTENT_TYPE: request.headers[ 'content-type' ] || '',
		CONTENT_LENGTH: body.length,
	};
}

/** Turns the head of PHP's output into HTTP's; returns what comes behind it, or null while the head is not whole. */
function sendHead( output, response ) {
	const end = output.indexOf( '\r\n\r\n' );
	if ( end < 0 ) {
		return null;
	}
	let status = 200;
	for ( const line of output.subarray( 0, end ).toString( 'latin1' ).split( '\r\n' ) ) {
		const [ , name, value ] = line.match( /^([^:]+):\s*(.*)$/ ) || [];
		if ( name === 'Status' ) {
			status = Number.parseInt( value, 10 );
		} else if ( name ) {
			response.appendHeader ? response.appendHeader( name, value ) : response.setHeader( name, value );
		}
	}
	response.writeHead( status );
	return output.subarray( end + 4 );
}

async function answer( root, socketPath, request, response ) {
	const chunks = [];
	for await ( const chunk of request ) {
		chunks.push( chunk );
	}
	const body = Buffer.concat( chunks );
	const file = place( root, new URL( request.url, 'http://shop' ).pathname );
	if ( ! file.endsWith( '.php' ) ) {
		response.writeHead( 200, { 'content-type': TYPES[ path.extname( file ) ] || 'application/octet-stream', 'cache-control': 'max-age=3600' } );
		fs.createReadStream( file ).pipe( response );
		return;
	}
	let head = Buffer.alloc( 0 );
	await ask( socketPath, params( root, request, file, body ), body, ( output ) => {
		if ( head === null ) {
			response.write( output );
			return;
		}
		head = Buffer.concat( [ head, output ] );
		const behind = sendHead( head, response );
		if ( behind !== null ) {
			head = null;
			response.write( behind );
		}
	} );
	response.end();
}

/** Serves a folder. */
async function serve( root, socketPath, port ) {
	const server = http.createServer( ( request, response ) => {
		answer( root, socketPath, request, response ).catch( ( error ) => {
			if ( ! response.headersSent ) {
				response.writeHead( 502 );
			}
			response.end( String( error ) );
		} );
	} );
	await new Promise( ( done ) => server.listen( port, '127.0.0.1', done ) );
	return {
		close() {
			server.closeAllConnections();
			return new Promise( ( done ) => server.close( done ) );
		},
	};
}

module.exports = { serve };
