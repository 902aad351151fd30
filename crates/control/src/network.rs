//! The nodes of all subnets of a network.
//!
//! In: a server's address and the number of an instance. Out: reports, and handles for single subnets.

use crate::{ControlError, SubnetNodes};
use serde::Serialize;
use serde::de::DeserializeOwned;
use subnet_view::SubnetReport;

/// The nodes of a network.
#[derive(Clone, Debug)]
pub struct NetworkNodes {
    address: String,
}

/// The message of a refusal.
#[derive(serde::Deserialize)]
struct Refusal {
    message: String,
}

impl NetworkNodes {
    /// Those of an instance of the server at this address, such as `http://127.0.0.1:8080/`.
    pub fn new(server: &str, instance: usize) -> Self {
        NetworkNodes {
            address: format!(
                "{}/instances/{instance}/nodes",
                server.trim_end_matches('/')
            ),
        }
    }

    /// What the nodes of all subnets show, in the order in which the subnets were created.
    pub fn reports(&self) -> Result<Vec<SubnetReport>, ControlError> {
        self.ask("", None::<&()>)
    }

    /// The nodes of a subnet, by its id.
    pub fn subnet(&self, id: candid::Principal) -> SubnetNodes {
        SubnetNodes::new(self.clone(), id.to_text())
    }

    /// The nodes of a subnet that was reported.
    pub fn of(&self, report: &SubnetReport) -> SubnetNodes {
        SubnetNodes::new(self.clone(), report.subnet.clone())
    }

    /// The nodes of the first subnet of a kind, such as `application`, or with this id.
    pub fn of_kind(&self, wanted: &str) -> Result<SubnetNodes, ControlError> {
        let reports = self.reports()?;
        let fits = |report: &&SubnetReport| report.kind == wanted || report.subnet == wanted;
        match reports.iter().find(fits) {
            Some(report) => Ok(self.of(report)),
            None => Err(ControlError::NoSuchSubnet {
                wanted: wanted.to_owned(),
                known: list(&reports),
            }),
        }
    }

    /// Gets a path below the nodes, or posts a body to it. On a thread of its own, because a client that waits must not run on the threads of
    /// an async runtime.
    pub(crate) fn ask<B: Serialize, T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&B>,
    ) -> Result<T, ControlError> {
        let url = format!("{}{path}", self.address);
        let body = body.map(serde_json::to_vec).transpose();
        let body = body.map_err(|error| unreadable(&url, &error))?;
        let worker = std::thread::scope(|scope| scope.spawn(|| exchange(&url, body)).join());
        let (status, bytes) = worker.unwrap_or_else(|_| {
            Err(ControlError::Unreachable {
                url: url.clone(),
                reason: "the client failed".to_owned(),
            })
        })?;
        if status == 200 {
            return serde_json::from_slice(&bytes).map_err(|error| unreadable(&url, &error));
        }
        let message = match serde_json::from_slice::<Refusal>(&bytes) {
            Ok(refusal) => refusal.message,
            Err(_) => "this server shows no nodes: it is not `chainkey`".to_owned(),
        };
        Err(ControlError::Refused { status, message })
    }
}

fn list(reports: &[SubnetReport]) -> String {
    let each = reports.iter();
    let each = each.map(|report| format!("{} ({})", report.kind, report.subnet));
    each.collect::<Vec<_>>().join(", ")
}

fn unreadable(url: &str, error: &serde_json::Error) -> ControlError {
    ControlError::Unreadable {
        url: url.to_owned(),
        reason: error.to_string(),
    }
}

/// One request: status and body. A resharing of many nodes may take long, so nothing bounds the time.
fn exchange(url: &str, body: Option<Vec<u8>>) -> Result<(u16, Vec<u8>), ControlError> {
    let unreachable = |error: reqwest::Error| ControlError::Unreachable {
        url: url.to_owned(),
        reason: error.to_string(),
    };
    let client = reqwest::blocking::Client::builder().timeout(None);
    let client = client.build().map_err(unreachable)?;
    let request = match body {
        Some(body) => client.post(url).body(body),
        None => client.get(url),
    };
    let response = request.send().map_err(unreachable)?;
    let status = response.status().as_u16();
    let bytes = response.bytes().map_err(unreachable)?;
    Ok((status, bytes.to_vec()))
}
