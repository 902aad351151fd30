//! The flags of a PocketIC server, and ours.
//!
//! In: arguments and environment. Out: what to do. Wrong flags end the process with a message.

use crate::control::Control;
use crate::verify_draw::VerifyDraw;
use clap::Parser;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// The version of the PocketIC server whose API this binary speaks.
const VERSION: &str = "16.0.0";

/// What to do.
pub enum Command {
    /// Print the version and end.
    Version,
    /// Serve the PocketIC API.
    Serve(Flags),
    /// See or break the nodes of a running network.
    Control(Control),
    /// Verify the transcript of a draw.
    VerifyDraw(VerifyDraw),
}

/// How to serve.
#[derive(Parser, Debug)]
#[command(
    name = "chainkey",
    about = "An embedded local network that speaks the PocketIC API",
    after_help = "To see and break the nodes of a running network: chainkey help. To verify a draw: chainkey verify-draw --help",
    disable_version_flag = true
)]
pub struct Flags {
    /// The address to listen on
    #[arg(long, short, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub ip_addr: IpAddr,
    /// The port to listen on; 0 for any
    #[arg(long, short, default_value_t = 0)]
    pub port: u16,
    /// The file that gets the port; if it exists, another server is assumed to serve and this one ends
    #[arg(long)]
    pub port_file: Option<PathBuf>,
    /// Seconds without a request after which the server ends
    #[arg(long, default_value_t = 60)]
    pub ttl: u64,
    /// Seconds after which the server ends in any case
    #[arg(long)]
    pub hard_ttl: Option<u64>,
    /// Log levels, as `warn` or `chainkey_pocket=debug`
    #[arg(long, short)]
    pub log_levels: Option<String>,
    /// Nodes of subnets by kind, as `application=4,nns=7`
    #[arg(long, env = "CHAINKEY_SUBNET_NODES", default_value = "")]
    pub nodes: String,
    /// Make everything repeatable from this seed, keys included, which are no secret then; without it, keys come from the system's randomness
    #[arg(long, env = "CHAINKEY_SEED")]
    pub seed: Option<u64>,
    /// Give every instance PocketIC's published test keys (worthless, the same everywhere) instead of keys that its nodes make
    #[arg(long, env = "CHAINKEY_PUBLISHED_TEST_KEYS")]
    pub published_test_keys: bool,
    /// Print the version of the PocketIC server whose API this is
    #[arg(long, short = 'V')]
    pub version: bool,
}

/// The version that is announced; an older client may need another one.
pub fn version() -> String {
    std::env::var("CHAINKEY_POCKET_IC_VERSION").unwrap_or_else(|_| VERSION.into())
}

/// Reads the arguments, with or without `pocket-ic` before the flags.
pub fn read(mut arguments: Vec<OsString>) -> Command {
    let first = arguments.get(1).and_then(|first| first.to_str());
    match first {
        Some("pocket-ic") => drop(arguments.remove(1)),
        Some("verify-draw") => {
            return Command::VerifyDraw(VerifyDraw::parse_from(&arguments[1..]));
        }
        Some(name) if Control::knows(name) => {
            return Command::Control(Control::parse_from(arguments));
        }
        _ => {}
    }
    let flags = Flags::parse_from(arguments);
    if flags.version {
        Command::Version
    } else {
        Command::Serve(flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(arguments: &[&str]) -> Command {
        read(arguments.iter().map(Into::into).collect())
    }

    #[test]
    fn the_flags_work_with_and_without_the_subcommand() {
        for prefix in [vec!["chainkey"], vec!["chainkey", "pocket-ic"]] {
            let mut arguments = prefix;
            arguments.extend(["--ttl", "5", "--hard-ttl", "9", "--port-file", "f"]);
            let Command::Serve(flags) = flags(&arguments) else {
                panic!("does not serve");
            };
            assert_eq!((flags.ttl, flags.hard_ttl), (5, Some(9)));
            assert_eq!(flags.port_file, Some(PathBuf::from("f")));
            assert_eq!(flags.ip_addr, IpAddr::V4(Ipv4Addr::LOCALHOST));
        }
    }

    #[test]
    fn a_transcript_is_verified_under_one_anchor_at_most() {
        let Command::VerifyDraw(draw) =
            flags(&["chainkey", "verify-draw", "a.draw", "--master-key", "ab"])
        else {
            panic!("does not verify");
        };
        assert_eq!(draw.file, PathBuf::from("a.draw"));
        assert_eq!(draw.master_key.as_deref(), Some("ab"));
        let both = ["x", "a.draw", "--master-key", "ab", "--public-key", "cd"];
        assert!(VerifyDraw::try_parse_from(both).is_err());
    }

    #[test]
    fn the_version_can_be_asked_for() {
        assert!(matches!(
            flags(&["chainkey", "--version"]),
            Command::Version
        ));
    }
}
