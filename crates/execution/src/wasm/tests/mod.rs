//! Tests of the whole way of a module.

mod oracle;
mod runner;
