//! The JSON-RPC over HTTP on this machine.
//!
//! - In: a port of the loopback interface, a chain. Out: answers to POST, one after the other, so that equal requests between two slots have
//!   equal answers. Other methods get 405.
//! - Left out: TLS, WebSockets.

use crate::chain::Chain;
use crate::rpc;
use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use tiny_http::{Header, Method, Request, Response, Server};

/// The longest request in bytes; that of Agave's node is 50 KiB.
const MAX_BODY: u64 = 50 * 1_024;

/// Serves a chain on a port (0: any that is free) until the process ends. Answers where.
///
/// # Errors
/// The port is taken.
pub fn serve(port: u16, chain: Arc<Mutex<Chain>>) -> io::Result<SocketAddr> {
    let server = Server::http((Ipv4Addr::LOCALHOST, port)).map_err(io::Error::other)?;
    let address = server.server_addr().to_ip();
    let address = address.ok_or_else(|| io::Error::other("no address"))?;
    thread::spawn(move || {
        for request in server.incoming_requests() {
            // An error here is the asker's: it has hung up.
            let _gone = answer(request, &chain);
        }
    });
    Ok(address)
}

fn answer(mut request: Request, chain: &Mutex<Chain>) -> io::Result<()> {
    if *request.method() != Method::Post {
        let text = "Used HTTP Method is not allowed. POST or OPTIONS is required\n";
        return request.respond(Response::from_string(text).with_status_code(405));
    }
    let mut body = Vec::new();
    let length = request
        .as_reader()
        .take(MAX_BODY + 1)
        .read_to_end(&mut body)?;
    if length as u64 > MAX_BODY {
        return request.respond(Response::from_string("Payload Too Large").with_status_code(413));
    }
    let mut chain = chain.lock().unwrap_or_else(PoisonError::into_inner);
    let reply = rpc::answer(&mut chain, &body);
    drop(chain);
    let json = Header::from_bytes("content-type", "application/json").expect("a header");
    request.respond(Response::from_data(reply).with_header(json))
}
