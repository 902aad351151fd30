//! Threshold BLS signatures on BLS12-381, the beacon and the tape.
