//! Bitcoin payments against published vectors, the package `bitcoin`, and Bitcoin Core's own check of scripts.

mod addresses;
mod forged;
mod owner;
mod payments;
mod properties;
mod replacements;
mod signatures;
mod stored;
mod vectors;
