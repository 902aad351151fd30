//! The answers of several providers made one.
//!
//! - Equality: all are equal, errors included. Threshold: so many of those that succeeded are equal. Anything else is inconsistent, and all
//!   answers are told, those that succeeded first.

use crate::interface::error::{MultiRpcResult, RpcResult};
use crate::interface::source::{ConsensusStrategy, RpcSource};

type Results<Reply> = Vec<(RpcSource, RpcResult<Reply>)>;

pub(crate) fn reduce<Reply: PartialEq + Clone>(
    mut results: Results<Reply>,
    strategy: ConsensusStrategy,
) -> MultiRpcResult<Reply> {
    let agreed = match strategy {
        ConsensusStrategy::Equality => equal(&results),
        ConsensusStrategy::Threshold { min, .. } => frequent(&results, usize::from(min)),
    };
    match agreed {
        Some(result) => MultiRpcResult::Consistent(result),
        None => {
            results.sort_by_key(|(_, result)| result.is_err());
            MultiRpcResult::Inconsistent(results)
        }
    }
}

fn equal<Reply: PartialEq + Clone>(results: &Results<Reply>) -> Option<RpcResult<Reply>> {
    let (_, first) = results.first()?;
    let equal = results.iter().all(|(_, result)| result == first);
    equal.then(|| first.clone())
}

fn frequent<Reply: PartialEq + Clone>(
    results: &Results<Reply>,
    min: usize,
) -> Option<RpcResult<Reply>> {
    if results.iter().all(|(_, result)| result.is_err()) {
        return equal(results);
    }
    let succeeded = || results.iter().filter(|(_, result)| result.is_ok());
    let count = |one: &RpcResult<Reply>| succeeded().filter(|(_, other)| other == one).count();
    let most = succeeded().max_by_key(|(_, result)| count(result));
    let (_, most) = most.filter(|(_, result)| count(result) >= min)?;
    Some(most.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface::error::RpcError;
    use crate::interface::source::SupportedProvider::{AlchemyMainnet, DrpcMainnet, HeliusMainnet};

    fn results(answers: [Result<u64, &str>; 3]) -> Results<u64> {
        let sources = [AlchemyMainnet, HeliusMainnet, DrpcMainnet].map(RpcSource::Supported);
        let answer = |answer: Result<u64, &str>| {
            answer.map_err(|text| RpcError::ValidationError(text.to_owned()))
        };
        sources.into_iter().zip(answers.map(answer)).collect()
    }

    fn is_consistent(answers: [Result<u64, &str>; 3], strategy: ConsensusStrategy) -> bool {
        matches!(
            reduce(results(answers), strategy),
            MultiRpcResult::Consistent(_)
        )
    }

    #[test]
    fn equality_wants_all_alike_errors_too() {
        let check = |answers| is_consistent(answers, ConsensusStrategy::Equality);
        assert!(check([Ok(1), Ok(1), Ok(1)]));
        assert!(check([Err("a"), Err("a"), Err("a")]));
        assert!(!check([Ok(1), Ok(1), Ok(2)]));
        assert!(!check([Ok(1), Ok(1), Err("a")]));
        assert!(!check([Err("a"), Err("b"), Err("a")]));
    }

    #[test]
    fn a_threshold_wants_enough_that_succeeded_alike() {
        let strategy = |min| ConsensusStrategy::Threshold { total: None, min };
        let two = |answers| is_consistent(answers, strategy(2));
        assert!(two([Ok(1), Ok(1), Ok(2)]));
        assert!(two([Ok(1), Err("a"), Ok(1)]));
        assert!(two([Err("a"), Err("a"), Err("a")]));
        assert!(!two([Ok(1), Ok(2), Err("a")]));
        assert!(!two([Err("a"), Err("a"), Ok(1)]));
        assert!(!is_consistent([Ok(1), Ok(1), Ok(2)], strategy(3)));
    }

    #[test]
    fn an_inconsistent_answer_tells_all_of_them() {
        let all = reduce(
            results([Err("a"), Ok(1), Ok(2)]),
            ConsensusStrategy::Equality,
        );
        let MultiRpcResult::Inconsistent(all) = all else {
            panic!("{all:?}");
        };
        let succeeded: Vec<bool> = all.iter().map(|(_, result)| result.is_ok()).collect();
        assert_eq!(succeeded, [true, true, false]);
    }
}
