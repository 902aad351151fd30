//! What one receiver checks of a dealing: its own share.
//!
//! Source: docs/protocols/idkg.md, section 6. In: a verified dealing, the receiver's secret. Out: an [`OpenedDealing`] with the share, which may be
//! vouched for, or a [`Complaint`]. All shares of a batch are checked at once; decryption and check are in constant time in the shares.

use crate::complaint::Complaint;
use crate::dealing::DealingDigest;
use crate::encryption::{EncryptionSecret, Point};
use crate::error::IdkgError;
use crate::kind::Kind;
use crate::params::Params;
use crate::public::{PublicDealing, PublicDealings};
use chainkey_algebra::{Curve, NodeIndex, Secret};
use rand_core::{CryptoRng, RngCore};
use zeroize::Zeroize;

/// A dealing with the shares of one receiver, checked.
#[derive(Clone, Debug)]
pub struct OpenedDealing<C: Curve, K: Kind> {
    public: PublicDealing<C, K>,
    receiver: NodeIndex,
    shares: Vec<K::Share<C>>,
}

/// What a receiver finds in a dealing.
#[derive(Clone, Debug)]
pub enum Opened<C: Curve, K: Kind> {
    /// Its shares.
    Good(OpenedDealing<C, K>),
    /// No shares: the dealer is faulty, and this proves it.
    Bad(Box<Complaint>),
}

/// Says that a receiver has checked its share: what a [`crate::Support`] is made of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Vouched {
    pub(crate) digest: DealingDigest,
    pub(crate) receiver: NodeIndex,
}

impl<C: Curve, K: Kind> PublicDealing<C, K> {
    /// Decrypts and checks the receiver's own shares.
    pub fn open(
        &self,
        receiver: NodeIndex,
        secret: &EncryptionSecret,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Opened<C, K>, IdkgError> {
        own_key(self.params(), receiver, secret)?;
        let mut shared = secret.shared(&self.dealing().ephemeral.point);
        let shares = self.decrypt(receiver, &shared);
        let opened = match shares.and_then(|shares| self.admit(receiver, shares)) {
            Some(opened) => Opened::Good(opened),
            None => {
                let complaint = Complaint::new(self, receiver, secret, shared, rng);
                Opened::Bad(Box::new(complaint))
            }
        };
        shared.zeroize();
        Ok(opened)
    }

    /// Step 6.1: what the receiver was sent.
    pub(crate) fn decrypt(&self, receiver: NodeIndex, shared: &Point) -> Option<Vec<K::Share<C>>> {
        let dealing = self.dealing();
        let ciphertexts = dealing.ciphertexts.get(usize::from(receiver.0))?;
        let binding = dealing.binding();
        let ephemeral = dealing.ephemeral.wire();
        let masks = binding.masks::<C>(ephemeral, receiver, shared, ciphertexts.len());
        let mut scalars = ciphertexts
            .iter()
            .zip(&masks)
            .map(|(ciphertext, mask)| Secret::new(*ciphertext - mask.expose()));
        (0..self.commitments().len())
            .map(|_| K::share(&mut scalars))
            .collect()
    }

    /// Steps 6.2 and 6.3: lets only shares through that open the commitments at the receiver. They must come out of the dealing.
    pub(crate) fn admit(
        &self,
        receiver: NodeIndex,
        shares: Vec<K::Share<C>>,
    ) -> Option<OpenedDealing<C, K>> {
        let opens = self.opens(receiver, &shares);
        opens.then(|| self.opened(receiver, shares))
    }

    /// Steps 7.3 and 10.3: the same for shares that somebody says these are, and who may have chosen them knowing the weights of 6.2.
    pub(crate) fn admit_claimed(
        &self,
        receiver: NodeIndex,
        shares: Vec<K::Share<C>>,
    ) -> Option<OpenedDealing<C, K>> {
        let opens = self.opens_each(receiver, &shares);
        opens.then(|| self.opened(receiver, shares))
    }

    fn opened(&self, receiver: NodeIndex, shares: Vec<K::Share<C>>) -> OpenedDealing<C, K> {
        OpenedDealing {
            public: self.clone(),
            receiver,
            shares,
        }
    }
}

fn own_key<C: Curve, K: Kind>(
    params: &Params<C, K>,
    receiver: NodeIndex,
    secret: &EncryptionSecret,
) -> Result<(), IdkgError> {
    let key = params.receivers().encryption_key(receiver);
    if key.ok_or(IdkgError::NotAReceiver(receiver))?.point == *secret.public() {
        Ok(())
    } else {
        Err(IdkgError::NotOwnKey(receiver))
    }
}

impl<C: Curve, K: Kind> PublicDealings<C, K> {
    /// Decrypts the receiver's own shares in all dealings and checks them at once; where that fails, one by one. The outcomes stand in the order
    /// of the dealings.
    pub fn open(
        &self,
        receiver: NodeIndex,
        secret: &EncryptionSecret,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<Opened<C, K>>, IdkgError> {
        let mut all = Vec::with_capacity(self.dealings().len());
        for dealing in self.dealings() {
            own_key(dealing.params(), receiver, secret)?;
            let mut shared = secret.shared(&dealing.dealing().ephemeral.point);
            all.extend(dealing.decrypt(receiver, &shared));
            shared.zeroize();
        }
        let shares: Vec<&K::Share<C>> = all.iter().flatten().collect();
        if all.len() != self.dealings().len() || !self.opens(receiver, &shares) {
            let dealings = self.dealings().iter();
            return dealings
                .map(|one| one.open(receiver, secret, rng))
                .collect();
        }
        let opened = self.dealings().iter().zip(all);
        Ok(opened
            .map(|(public, shares)| OpenedDealing {
                public: public.clone(),
                receiver,
                shares,
            })
            .map(Opened::Good)
            .collect())
    }
}

impl<C: Curve, K: Kind> OpenedDealing<C, K> {
    /// The dealing.
    pub fn public(&self) -> &PublicDealing<C, K> {
        &self.public
    }

    /// Whose shares these are.
    pub fn receiver(&self) -> NodeIndex {
        self.receiver
    }

    /// Says that the shares are good.
    pub fn vouch(&self) -> Vouched {
        Vouched {
            digest: self.public.digest(),
            receiver: self.receiver,
        }
    }

    pub(crate) fn shares(&self) -> &[K::Share<C>] {
        &self.shares
    }
}
