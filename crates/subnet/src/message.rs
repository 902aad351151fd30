//! What nodes say to each other: payloads in signed envelopes.
//!
//! Source: protocols.md of the design, section 0: everything reaches other nodes only as signed messages inside blocks of the ordered broadcast. A node signs one
//! envelope a step, with all that it has to say in this step. Encoding: `codec` of the algebra crate, big endian; signature: Ed25519
//! (64 bytes) over the digest of everything before it. In: payloads, keys. Out: bytes, or payloads of a sender who is who
//! it says. Leaves out: what the payloads mean (`board`, `node`).

use chainkey_algebra::codec::{CodecError, Reader, Writer};
use chainkey_algebra::{Domain, NodeIndex, Oracle};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use subnet_view::PayloadKind;

/// Bytes that one payload may have: the dealing of the largest batch of the largest committee stays far below.
const LARGEST_PAYLOAD: usize = 16 << 20;
/// Bytes that one envelope may have: what one sender can have everybody read in a step.
const LARGEST_ENVELOPE: usize = 4 * LARGEST_PAYLOAD;
/// Payloads that one envelope may have.
const MOST_PAYLOADS: usize = 1 << 16;

/// A run of a protocol that makes keys or presignatures, numbered in the order in which the subnet began them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CeremonyId(pub u64);

/// A request for a signature or a key, numbered in the order in which the subnet accepted them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RequestId(pub u64);

/// What a share is a share of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ShareOf {
    /// The random tape of a height.
    Tape(u64),
    /// The random beacon of a height.
    Beacon(u64),
    /// The certification of a state, numbered in the order in which certifications were asked for.
    Certification(u64),
    /// A signature or an encrypted key.
    Request(RequestId),
}

/// One thing that a node says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Payload {
    /// A dealing, in its wire form.
    Dealing {
        /// The ceremony it is for.
        ceremony: CeremonyId,
        /// The dealing.
        bytes: Vec<u8>,
    },
    /// Says that the sender's shares of dealings are good, perhaps of several ceremonies.
    Support {
        /// The support, which names the dealings.
        bytes: Vec<u8>,
    },
    /// The same for dealings with a high threshold.
    Acknowledgement {
        /// The acknowledgement, which names the dealings.
        bytes: Vec<u8>,
    },
    /// Says that the sender's share of a dealing is bad, and proves it.
    Complaint {
        /// The ceremony.
        ceremony: CeremonyId,
        /// Who is accused.
        dealer: NodeIndex,
        /// The proof.
        bytes: Vec<u8>,
    },
    /// The sender's share of an accused dealing, for the accuser.
    Opening {
        /// The ceremony.
        ceremony: CeremonyId,
        /// Whose dealing is opened.
        dealer: NodeIndex,
        /// Who complained.
        accuser: NodeIndex,
        /// The share.
        bytes: Vec<u8>,
    },
    /// A dealer's answer to those who did not acknowledge: their shares in clear.
    Reveal {
        /// The ceremony.
        ceremony: CeremonyId,
        /// The shares.
        bytes: Vec<u8>,
    },
    /// A share of a signature, of an encrypted key, of randomness.
    Share {
        /// What it is a share of.
        of: ShareOf,
        /// The share.
        bytes: Vec<u8>,
    },
}

impl Payload {
    /// Its kind.
    pub fn kind(&self) -> PayloadKind {
        match self {
            Payload::Dealing { .. } => PayloadKind::Dealing,
            Payload::Support { .. } => PayloadKind::Support,
            Payload::Acknowledgement { .. } => PayloadKind::Acknowledgement,
            Payload::Complaint { .. } => PayloadKind::Complaint,
            Payload::Opening { .. } => PayloadKind::Opening,
            Payload::Reveal { .. } => PayloadKind::Reveal,
            Payload::Share { of, .. } => match of {
                ShareOf::Tape(_) => PayloadKind::TapeShare,
                ShareOf::Beacon(_) => PayloadKind::BeaconShare,
                ShareOf::Certification(_) => PayloadKind::CertificationShare,
                ShareOf::Request(_) => PayloadKind::SignatureShare,
            },
        }
    }

    /// The protocol message in it, for faults that corrupt it.
    pub fn bytes_mut(&mut self) -> &mut Vec<u8> {
        match self {
            Payload::Dealing { bytes, .. }
            | Payload::Support { bytes, .. }
            | Payload::Acknowledgement { bytes }
            | Payload::Complaint { bytes, .. }
            | Payload::Opening { bytes, .. }
            | Payload::Reveal { bytes, .. }
            | Payload::Share { bytes, .. } => bytes,
        }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Payload::Dealing { ceremony, bytes } => writer.u8(0).u64(ceremony.0).bytes(bytes),
            Payload::Support { bytes } => writer.u8(1).bytes(bytes),
            Payload::Acknowledgement { bytes } => writer.u8(8).bytes(bytes),
            Payload::Complaint {
                ceremony,
                dealer,
                bytes,
            } => writer.u8(2).u64(ceremony.0).u16(dealer.0).bytes(bytes),
            Payload::Opening {
                ceremony,
                dealer,
                accuser,
                bytes,
            } => {
                let head = writer.u8(3).u64(ceremony.0).u16(dealer.0);
                head.u16(accuser.0).bytes(bytes)
            }
            Payload::Reveal { ceremony, bytes } => writer.u8(4).u64(ceremony.0).bytes(bytes),
            Payload::Share { of, bytes } => {
                let (tag, number) = match of {
                    ShareOf::Tape(height) => (5, *height),
                    ShareOf::Certification(number) => (6, *number),
                    ShareOf::Request(id) => (7, id.0),
                    ShareOf::Beacon(height) => (9, *height),
                };
                writer.u8(tag).u64(number).bytes(bytes)
            }
        };
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        let tag = reader.u8()?;
        if matches!(tag, 1 | 8) {
            let bytes = reader.bytes(LARGEST_PAYLOAD)?.to_vec();
            return Ok(match tag {
                1 => Payload::Support { bytes },
                _ => Payload::Acknowledgement { bytes },
            });
        }
        let number = reader.u64()?;
        let ceremony = CeremonyId(number);
        let rest = |reader: &mut Reader<'_>| reader.bytes(LARGEST_PAYLOAD).map(<[u8]>::to_vec);
        Ok(match tag {
            0 => Payload::Dealing {
                ceremony,
                bytes: rest(reader)?,
            },
            2 => Payload::Complaint {
                ceremony,
                dealer: NodeIndex(reader.u16()?),
                bytes: rest(reader)?,
            },
            3 => Payload::Opening {
                ceremony,
                dealer: NodeIndex(reader.u16()?),
                accuser: NodeIndex(reader.u16()?),
                bytes: rest(reader)?,
            },
            4 => Payload::Reveal {
                ceremony,
                bytes: rest(reader)?,
            },
            5..=7 | 9 => Payload::Share {
                of: match tag {
                    5 => ShareOf::Tape(number),
                    6 => ShareOf::Certification(number),
                    7 => ShareOf::Request(RequestId(number)),
                    _ => ShareOf::Beacon(number),
                },
                bytes: rest(reader)?,
            },
            unknown => return Err(CodecError::UnknownTag(unknown)),
        })
    }
}

/// Why an envelope is refused.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not the encoding of an envelope.
    #[error("not an envelope: {0}")]
    Encoding(#[from] CodecError),
    /// The sender is no member, or another subnet's or epoch's.
    #[error("{0} is not a member of this committee")]
    Stranger(NodeIndex),
    /// The sender did not sign this.
    #[error("the signature is not the one of {0}")]
    Signature(NodeIndex),
}

/// What binds an envelope to its place: replayed elsewhere it is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place<'a> {
    /// The subnet's id.
    pub subnet: &'a [u8],
    /// The epoch of the committee.
    pub epoch: u64,
}

/// All that a node says in one step, signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// Who says it.
    pub sender: NodeIndex,
    /// What it says, in order.
    pub payloads: Vec<Payload>,
}

impl Envelope {
    /// The bytes that go into a block: sender, payloads, signature.
    pub fn seal(&self, place: Place<'_>, key: &SigningKey) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.u16(self.sender.0).length(self.payloads.len());
        for payload in &self.payloads {
            payload.write(&mut writer);
        }
        let mut bytes = writer.finish();
        let signature = key.sign(&digest(place, &bytes));
        bytes.extend_from_slice(&signature.to_bytes());
        bytes
    }

    /// Reads an envelope that really is its sender's; `keys` has the members' keys in the order of their indices.
    pub fn open(
        bytes: &[u8],
        place: Place<'_>,
        keys: &[VerifyingKey],
    ) -> Result<Self, EnvelopeError> {
        if bytes.len() > LARGEST_ENVELOPE {
            let (found, limit) = (bytes.len(), LARGEST_ENVELOPE);
            return Err(CodecError::TooMany { found, limit }.into());
        }
        let Some((body, signature)) = bytes.split_last_chunk::<64>() else {
            return Err(CodecError::TooShort(bytes.len()).into());
        };
        let mut reader = Reader::new(body);
        let sender = NodeIndex(reader.u16()?);
        let key = keys
            .get(usize::from(sender.0))
            .ok_or(EnvelopeError::Stranger(sender))?;
        key.verify_strict(&digest(place, body), &Signature::from_bytes(signature))
            .map_err(|_| EnvelopeError::Signature(sender))?;
        let count = reader.length(MOST_PAYLOADS)?;
        let payloads = (0..count)
            .map(|_| Payload::read(&mut reader))
            .collect::<Result<_, _>>()?;
        reader.finish()?;
        Ok(Envelope { sender, payloads })
    }
}

fn digest(place: Place<'_>, body: &[u8]) -> [u8; 32] {
    Oracle::new(Domain::NodeMessage)
        .bytes("subnet", place.subnet)
        .number("epoch", place.epoch)
        .bytes("body", body)
        .digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place {
        subnet: b"subnet",
        epoch: 1,
    };

    fn keys() -> Vec<SigningKey> {
        (0..4)
            .map(|seed| SigningKey::from_bytes(&[seed; 32]))
            .collect()
    }

    fn public() -> Vec<VerifyingKey> {
        keys().iter().map(SigningKey::verifying_key).collect()
    }

    fn envelope() -> Envelope {
        let (ceremony, dealer, accuser) = (CeremonyId(7), NodeIndex(1), NodeIndex(3));
        let bytes = vec![1, 2, 3];
        let share = |of| Payload::Share {
            of,
            bytes: vec![9; 48],
        };
        Envelope {
            sender: NodeIndex(2),
            payloads: vec![
                Payload::Dealing {
                    ceremony,
                    bytes: bytes.clone(),
                },
                Payload::Support {
                    bytes: bytes.clone(),
                },
                Payload::Acknowledgement {
                    bytes: bytes.clone(),
                },
                Payload::Complaint {
                    ceremony,
                    dealer,
                    bytes: bytes.clone(),
                },
                Payload::Opening {
                    ceremony,
                    dealer,
                    accuser,
                    bytes: bytes.clone(),
                },
                Payload::Reveal { ceremony, bytes },
                share(ShareOf::Tape(5)),
                share(ShareOf::Beacon(8)),
                share(ShareOf::Certification(6)),
                share(ShareOf::Request(RequestId(7))),
            ],
        }
    }

    #[test]
    fn an_envelope_is_read_as_it_was_sealed() {
        let sealed = envelope().seal(PLACE, &keys()[2]);
        assert_eq!(Envelope::open(&sealed, PLACE, &public()), Ok(envelope()));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let sealed = envelope().seal(PLACE, &keys()[2]);
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(
                Envelope::open(&changed, PLACE, &public()).is_err(),
                "{index}"
            );
        }
    }

    #[test]
    fn another_node_cannot_speak_for_the_sender_nor_an_envelope_move_elsewhere() {
        let forged = envelope().seal(PLACE, &keys()[1]);
        let refused = Envelope::open(&forged, PLACE, &public());
        assert_eq!(refused, Err(EnvelopeError::Signature(NodeIndex(2))));
        let sealed = envelope().seal(PLACE, &keys()[2]);
        for place in [
            Place { epoch: 2, ..PLACE },
            Place {
                subnet: b"x",
                ..PLACE
            },
        ] {
            assert!(Envelope::open(&sealed, place, &public()).is_err());
        }
    }
}
