//! What several providers said, made one answer.
//!
//! - In: what each said, in the order of the services, and the strategy. Out: the answer on which enough of them agree, or all that was said.
//! - By equality all must say the same. By a threshold so many must say the same, and no error counts; where two answers reach it, the
//!   more frequent one counts.

use crate::interface::{ConsensusStrategy, MultiRpcResult, RpcResult, RpcService};

/// Makes one answer of at least one.
pub(crate) fn reduce<T: Clone + PartialEq>(
    said: Vec<(RpcService, RpcResult<T>)>,
    strategy: &ConsensusStrategy,
) -> MultiRpcResult<T> {
    let first = &said[0].1;
    if said.iter().all(|(_, one)| one == first) && (first.is_err() || is_enough(&said, strategy)) {
        return MultiRpcResult::Consistent(first.clone());
    }
    if let ConsensusStrategy::Threshold { min, .. } = strategy {
        let votes = |answer: &RpcResult<T>| said.iter().filter(|(_, one)| one == answer).count();
        let good = said.iter().map(|(_, one)| one).filter(|one| one.is_ok());
        let winner = good.max_by_key(|answer| votes(answer));
        if let Some(winner) = winner.filter(|answer| votes(answer) >= usize::from(*min)) {
            return MultiRpcResult::Consistent(winner.clone());
        }
    }
    MultiRpcResult::Inconsistent(said)
}

fn is_enough<T>(said: &[T], strategy: &ConsensusStrategy) -> bool {
    match strategy {
        ConsensusStrategy::Equality => true,
        ConsensusStrategy::Threshold { min, .. } => said.len() >= usize::from(*min),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::{ProviderError, RpcError};

    const TWO_OF_THREE: ConsensusStrategy = ConsensusStrategy::Threshold {
        total: Some(3),
        min: 2,
    };

    fn said(answers: &[RpcResult<u8>]) -> Vec<(RpcService, RpcResult<u8>)> {
        let services = (0..).map(RpcService::Provider);
        services.zip(answers.iter().cloned()).collect()
    }

    fn no() -> RpcResult<u8> {
        Err(RpcError::ProviderError(ProviderError::NoPermission))
    }

    #[test]
    fn by_equality_one_who_differs_is_enough_to_contradict() {
        let equal = |answers: &[_]| reduce(said(answers), &ConsensusStrategy::Equality);
        let one = MultiRpcResult::Consistent(Ok(1));
        assert_eq!(equal(&[Ok(1), Ok(1), Ok(1)]), one);
        assert_eq!(equal(&[no(), no()]), MultiRpcResult::Consistent(no()));
        for answers in [[Ok(1), Ok(2)], [Ok(1), no()]] {
            let all = MultiRpcResult::Inconsistent(said(&answers));
            assert_eq!(equal(&answers), all);
        }
    }

    #[test]
    fn by_a_threshold_the_majority_counts_and_errors_do_not() {
        let two = |answers: &[_]| reduce(said(answers), &TWO_OF_THREE);
        let one = MultiRpcResult::Consistent(Ok(1));
        assert_eq!(two(&[Ok(1), Ok(2), Ok(1)]), one);
        assert_eq!(two(&[no(), Ok(1), Ok(1)]), one);
        assert_eq!(two(&[no(), no(), no()]), MultiRpcResult::Consistent(no()));
        for answers in [[Ok(1), Ok(2), Ok(3)], [no(), no(), Ok(1)]] {
            let all = MultiRpcResult::Inconsistent(said(&answers));
            assert_eq!(two(&answers), all);
        }
    }
}
