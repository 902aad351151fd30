//! A network with the draws in it, and what the network tells of their key.

use candid::Principal;
use chainkey_tests::draws::DrawsCanister;
use chainkey_tests::signer::Signer;
use chainkey_tests::world::{World, local_args};
use draw_proof::DrawProofError;
use draw_proof::verify::{TrustAnchor, Verdict, verify};
use draw_proof::vrf::DRAWS_CONTEXT;

/// A network with the draws in it.
pub struct Scene {
    pub world: World,
    canister: Principal,
}

impl Scene {
    pub fn new() -> Self {
        let world = World::new().unwrap();
        let canister = DrawsCanister::install(&world, &local_args())
            .unwrap()
            .canister();
        Self { world, canister }
    }

    pub fn draws(&self) -> DrawsCanister<'_> {
        DrawsCanister::at(self.world.network(), self.canister)
    }

    /// A canister's public key, asked of the network by another canister.
    pub fn public_key(&self, canister: Principal, context: &[u8]) -> TrustAnchor {
        let signer = Signer::install(self.world.network());
        let key = signer.vetkd_public_key_of(canister, context);
        TrustAnchor::PublicKey(key.unwrap())
    }

    /// The verdict on a transcript of this canister.
    pub fn verdict(&self, transcript: &[u8]) -> Result<Verdict, DrawProofError> {
        let key = self.public_key(self.canister, DRAWS_CONTEXT);
        verify(transcript, &key)
    }
}
