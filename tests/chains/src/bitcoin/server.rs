//! The bridge over HTTP on this machine, for the development network: whoever asks is served by `bridge`.
//!
//! - In: a listener on a loopback address, the chain. Out: answers in HTTP/1.1, one to a connection, equal for equal requests.
//! - What is too long, too slow or no request is dropped without an answer; nothing but this chain can suffer from it.
//! - Left out: TLS, chunked bodies, and every method but POST.

use crate::bitcoin::Regtest;
use crate::bitcoin::bridge::{self, Answer};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

const MAX_LINE: u64 = 8 * 1_024;
const MAX_LINES: usize = 100;
const MAX_BODY: usize = 4 * 1_024 * 1_024;
const PATIENCE: Duration = Duration::from_secs(10);

/// Serves a chain on a port of the loopback interface (0: any that is free) until the process ends. Answers where.
///
/// # Errors
/// The port is taken.
pub fn serve(port: u16, chain: Arc<Mutex<Regtest>>) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let chain = Arc::clone(&chain);
            // An error here is the asker's: it has hung up, or it did not speak HTTP.
            thread::spawn(move || converse(&stream, &chain));
        }
    });
    Ok(address)
}

fn converse(stream: &TcpStream, chain: &Mutex<Regtest>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let (path, body) = read(&mut BufReader::new(stream))?;
    let mut chain = chain.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = bridge::answer(&mut chain, &path, &body);
    drop(chain);
    write(stream, &answer)
}

/// The path and the body of a POST request.
fn read(reader: &mut impl BufRead) -> io::Result<(String, Vec<u8>)> {
    let first = line(reader)?;
    let mut words = first.split_whitespace();
    let (method, path) = (words.next(), words.next().unwrap_or_default());
    if method != Some("POST") {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut length = 0;
    for _ in 0..MAX_LINES {
        let header = line(reader)?;
        if header.is_empty() {
            let mut body = vec![0; length];
            reader.read_exact(&mut body)?;
            return Ok((path.to_owned(), body));
        }
        let (name, value) = header.split_once(':').unwrap_or_default();
        if name.eq_ignore_ascii_case("content-length") {
            let given = value.trim().parse().ok();
            let given = given.filter(|length| *length <= MAX_BODY);
            length = given.ok_or(io::ErrorKind::InvalidData)?;
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    reader.by_ref().take(MAX_LINE).read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(line) => Ok(line.trim_end().to_owned()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn write(mut stream: &TcpStream, answer: &Answer) -> io::Result<()> {
    let refused = match &answer.refused {
        Some(reason) => format!("{}: {reason}\r\n", bridge::REFUSED),
        None => String::new(),
    };
    let head = format!(
        "HTTP/1.1 {} -\r\n{refused}content-length: {}\r\nconnection: close\r\n\r\n",
        answer.status,
        answer.body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&answer.body)
}
