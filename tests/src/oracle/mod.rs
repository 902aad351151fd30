//! The replay of the recorded oracle (`tests/vectors/oracle/README.md`) through the unmodified blocking `pocket-ic` client.
//!
//! A case goes this way: [`file`] reads it, [`engine`] is the client (or, in unit tests, the recording itself), [`replay`] runs its
//! steps and writes down what it sees in the form of the recording, with names put in for identities by [`names`]; [`compare`] finds
//! the first difference, applying the tolerances of the README and no others; [`run`] spreads the cases over threads and
//! [`report`] counts and sorts what differs.

pub mod compare;
pub mod engine;
pub mod file;
pub mod names;
pub mod replay;
pub mod report;
pub mod run;
pub mod texts;

#[cfg(test)]
mod recording;
