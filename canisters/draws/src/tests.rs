//! What draws do, and everything that they refuse.

mod life;
mod refusals;
mod seeds;
