//! HTTP/1.1 as far as AWS's clients speak it: one request for each connection, which may be closed
//! without an answer. No library for servers lets a test do that, so it is done by hand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// A request as it came in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raw {
    /// `GET`, `POST`, …
    pub(crate) method: String,
    /// The path, not decoded.
    pub(crate) path: String,
    /// What follows the question mark, not decoded.
    pub(crate) query: String,
    /// Headers with names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Raw {
    /// Returns the value of a header; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(it, _)| it == name);
        found.map_or("", |(_, value)| value)
    }
}

/// What a server answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// `text/xml`, `application/x-amz-json-1.1`, …
    pub(crate) content_type: String,
    /// The code of an error in REST JSON, which is a header there.
    pub(crate) error_type: Option<String>,
    /// The body.
    pub(crate) body: String,
}

impl Answer {
    /// Returns whether this is no error.
    pub(crate) fn is_success(&self) -> bool {
        self.status < 300
    }
}

/// Reads a request; none if the client closed before it had sent one.
pub(crate) fn read(stream: &TcpStream) -> Option<Raw> {
    let mut reader = BufReader::new(stream);
    let first = line(&mut reader)?;
    let mut words = first.split(' ');
    let method = words.next()?.to_owned();
    let target = words.next()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut raw = Raw {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        ..Raw::default()
    };
    loop {
        let text = line(&mut reader)?;
        let Some((name, value)) = text.split_once(':') else {
            break;
        };
        let value = value.trim().to_owned();
        raw.headers.push((name.to_ascii_lowercase(), value));
    }
    if raw.header("transfer-encoding").contains("chunked") {
        raw.body = chunks(&mut reader)?;
    } else {
        let length = raw.header("content-length").parse().unwrap_or(0);
        raw.body = vec![0; length];
        reader.read_exact(&mut raw.body).ok()?;
    }
    Some(raw)
}

/// Reads a line without its end; none at the end of the stream.
fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut text = String::new();
    let length = reader.read_line(&mut text).ok()?;
    (length > 0).then(|| text.trim_end().to_owned())
}

fn chunks(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = line(reader)?;
        let size = size.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            // Trailers end with an empty line, as headers do.
            while !line(reader)?.is_empty() {}
            return Some(body);
        }
        let start = body.len();
        body.resize(start + size, 0);
        reader.read_exact(&mut body[start..]).ok()?;
        line(reader)?;
    }
}

/// Writes an answer, or its first bytes only; whether the client still listens does not matter.
pub(crate) fn write(mut stream: &TcpStream, answer: &Answer, is_half: bool) {
    let mut text = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n",
        answer.status,
        if answer.is_success() { "OK" } else { "Error" },
        answer.content_type,
        answer.body.len(),
    );
    if let Some(code) = &answer.error_type {
        text.push_str(&format!("x-amzn-ErrorType: {code}\r\n"));
    }
    let id = "x-amzn-RequestId: 00000000-0000-4000-8000-000000000000\r\n\r\n";
    let mut bytes = [text.as_str(), id, &answer.body].concat().into_bytes();
    if is_half {
        let head = bytes.len() - answer.body.len();
        bytes.truncate(head + answer.body.len() / 2);
    }
    drop(stream.write_all(&bytes));
    drop(stream.flush());
}

/// Sends a request, and returns the status and the body of its answer.
pub(crate) fn send(address: SocketAddr, raw: &Raw) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut text = format!("{} {} HTTP/1.1\r\n", raw.method, raw.path);
    for (name, value) in &raw.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n", raw.body.len()));
    stream.write_all(text.as_bytes()).unwrap();
    stream.write_all(&raw.body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
