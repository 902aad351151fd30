//! Which differences of texts are noise, by the README's section on what may differ elsewhere; nothing else is.
//!
//! - The last line of a message that ends in a link or advice (`See documentation:`, the forum) is not compared.
//! - What follows `Error decoding candid` comes from the version of the candid crate.
//! - What follows `Stack backtrace` is the recording server's own stack.
//!
//! The same holds for such texts inside a reply (hex), where a canister passes a reject on. Everything in front must be equal.

/// Why two texts that differ count as equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noise {
    /// Links and advice in the last line.
    Advice,
    /// The text of a candid decoding error.
    CandidError,
    /// A stack backtrace of the recording server.
    Backtrace,
    /// The order of several ingress messages of one round.
    IngressOrder,
    /// Bytes that come from a server's keys or randomness; length and form are equal.
    KeyMaterial,
    /// A reply with everything that was recorded, and fields that the interface has got since.
    NewerInterface,
}

const ADVICE: [&str; 2] = ["See documentation: ", "https://forum.dfinity.org"];
const CANDID: &str = "Error decoding candid";
const BACKTRACE: &str = "Stack backtrace";

/// The noise that makes two texts equal, if there is one.
pub fn noise(expected: &str, got: &str) -> Option<Noise> {
    noise_by(expected, got, &|marker| marker.to_string(), "\n")
}

/// The same for texts inside hex strings.
pub fn noise_in_hex(expected: &str, got: &str) -> Option<Noise> {
    noise_by(expected, got, &|marker| hex::encode(marker), "0a")
}

fn noise_by(
    expected: &str,
    got: &str,
    form: &impl Fn(&str) -> String,
    newline: &str,
) -> Option<Noise> {
    for (marker, noise) in [(BACKTRACE, Noise::Backtrace), (CANDID, Noise::CandidError)] {
        let marker = form(marker);
        if let (Some(a), Some(b)) = (expected.find(&marker), got.find(&marker)) {
            return (expected[..a] == got[..b]).then_some(noise);
        }
    }
    let marker = ADVICE.iter().find_map(|m| expected.find(&form(m)))?;
    let line = expected[..marker].rfind(newline)?;
    let same = got.starts_with(&expected[..line])
        && (got.len() == line || got[line..].starts_with(newline))
        && !got[line..].trim_start_matches(newline).contains(newline);
    same.then_some(Noise::Advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRAP: &str = "Canister trapped: unreachable\nCanister Backtrace:\nr\n.\nConsider this. See documentation: https://a/b";

    #[test]
    fn the_last_line_with_advice_is_not_compared() {
        let other = "Canister trapped: unreachable\nCanister Backtrace:\nr\n.\nSee documentation: https://c";
        assert_eq!(noise(TRAP, other), Some(Noise::Advice));
        let without = "Canister trapped: unreachable\nCanister Backtrace:\nr\n.";
        assert_eq!(noise(TRAP, without), Some(Noise::Advice));
    }

    #[test]
    fn the_lines_before_the_advice_are_compared() {
        let other = "Canister trapped: unreachable\nCanister Backtrace:\ns\n.\nSee documentation: https://a/b";
        assert_eq!(noise(TRAP, other), None);
        let longer = format!("{TRAP}\nmore");
        assert_eq!(noise(TRAP, &longer), None);
    }

    #[test]
    fn texts_without_a_marker_must_be_equal() {
        assert_eq!(
            noise("Canister A is stopped", "Canister A is stopping"),
            None
        );
    }

    #[test]
    fn a_candid_error_is_compared_up_to_its_beginning() {
        let a = "IC0408: Error decoding candid: Cannot parse header";
        assert_eq!(
            noise(a, "IC0408: Error decoding candid: magic"),
            Some(Noise::CandidError)
        );
        assert_eq!(noise(a, "IC0409: Error decoding candid: magic"), None);
        let (a, b) = (hex::encode(a), hex::encode("IC0408: Error decoding candid"));
        assert_eq!(noise_in_hex(&a, &b), Some(Noise::CandidError));
    }
}
