//! Reads one by one, for a service that has no `$batch` or a gateway that lets none through.

use futures_util::StreamExt;
use futures_util::stream;

use crate::domain::fault::FaultKind;
use crate::graph::batch::Get;
use crate::graph::batch::Got;
use crate::graph::batch::How;
use crate::graph::error::GraphError;
use crate::graph::http::Http;
use crate::graph::http::ReadRequest;
use crate::graph::http::Reply;
use crate::graph::http::RequestCounter;

/// How many reads of one chunk are under way at once.
const PARALLEL: usize = 4;

/// Whether a batch was refused as such, and none of its items was looked at.
pub(in crate::graph) fn is_no_batch(error: &GraphError) -> bool {
    matches!(error.kind(), FaultKind::Refused | FaultKind::NotFound | FaultKind::Forbidden)
}

/// Makes these reads, the answers in the order asked. Once one is answered, no batch is tried any more.
pub(in crate::graph) async fn read(http: &Http, gets: Vec<&Get>, how: How, counter: &RequestCounter) -> Vec<Got> {
    let reads: Vec<_> = gets.into_iter().map(|get| one(http, get, how, counter)).collect();
    let got: Vec<Got> = stream::iter(reads).buffered(PARALLEL).collect().await;
    if got.iter().any(|got| got.body.is_ok()) {
        http.stop_batching();
    }
    got
}

async fn one(http: &Http, get: &Get, (needs, priority): How, counter: &RequestCounter) -> Got {
    let began = http.clock.now();
    let answered = match http.url(&get.path) {
        Ok(url) => http.read(&ReadRequest { url, batch: None, units: get.units, needs, priority }, counter).await,
        Err(error) => Err(error),
    };
    match answered {
        Ok(Reply { began, ended, worked_on_from, body, .. }) => Got { began, ended, worked_on_from, body: Ok(body) },
        Err(error) => Got { began, ended: http.clock.now(), worked_on_from: None, body: Err(error) },
    }
}
