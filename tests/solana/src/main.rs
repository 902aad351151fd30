//! `solana-chain`: a chain for the development network, on the loopback interface.
//!
//! - In: `--port` (0: any that is free), `--slot-milliseconds` (0: slots pass only when `dev_advance` says so). Out: the first line of the
//!   output is the URL that answers JSON-RPC.
//! - The process ends when its input ends: so it does not outlive whoever started it. A person's terminal keeps it until Ctrl-D or Ctrl-C.

use chainkey_solana::chain::Chain;
use chainkey_solana::server;
use clap::Parser;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A Solana for tests and the development network.
#[derive(Parser)]
struct Args {
    /// The port of the loopback interface; 0 takes any that is free.
    #[arg(long, env = "SOLANA_CHAIN_PORT", default_value_t = 0)]
    port: u16,
    /// How long a slot lasts; 0: until `dev_advance` is called.
    #[arg(long, env = "SOLANA_CHAIN_SLOT_MILLISECONDS", default_value_t = 400)]
    slot_milliseconds: u64,
    /// The time of the first slot in Unix seconds; now if nothing is said.
    #[arg(long)]
    genesis: Option<i64>,
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let chain = Chain::new(args.genesis.unwrap_or_else(now));
    let chain = Arc::new(Mutex::new(chain));
    let address = server::serve(args.port, Arc::clone(&chain))?;
    println!("http://{address}");
    io::stdout().flush()?;
    if args.slot_milliseconds > 0 {
        let slot = Duration::from_millis(args.slot_milliseconds);
        thread::spawn(move || {
            loop {
                thread::sleep(slot);
                chain
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .advance(1);
            }
        });
    }
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}

fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
