//! `$batch`: cut into twenties, send, match the answers by id (Microsoft Graph, "JSON batching").

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::StreamExt;
use futures_util::stream;
use futures_util::stream::BoxStream;
use reqwest::Method;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::time::Instant;

use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::time::SignedDuration;
use crate::domain::time::Timestamp;
use crate::graph::error::GraphError;
use crate::graph::exchange;
use crate::graph::http;
use crate::graph::http::Http;
use crate::graph::http::Priority;
use crate::graph::http::ReadRequest;
use crate::graph::http::Reply;
use crate::graph::http::RequestCounter;
use crate::graph::json_int::Whole;
use crate::graph::json_list;
use crate::graph::limits;
use crate::graph::rate_limiter::Side;
use crate::graph::refusal;
use crate::graph::refusal::Needs;
use crate::graph::retry;
use crate::graph::retry::Failure;
use crate::graph::retry::Step;
use crate::graph::unbatched;
use crate::graph::url;
use crate::graph::wire;

/// How many requests one batch holds.
pub(in crate::graph) const MOST_ITEMS: usize = 20;
/// How many batches of reads are under way at once.
const PARALLEL: usize = 4;

/// A `GET` to be packed: its path below the version.
pub(in crate::graph) struct Get {
    pub(in crate::graph) path: String,
    pub(in crate::graph) units: u32,
}

/// What became of one packed `GET`, and when the batch that told it left and came back.
pub(in crate::graph) struct Got {
    pub(in crate::graph) began: Timestamp,
    pub(in crate::graph) ended: Timestamp,
    /// From which second on, by Graph's own clock, it was surely worked on, where Graph said.
    pub(in crate::graph) worked_on_from: Option<Timestamp>,
    pub(in crate::graph) body: Result<String, GraphError>,
}

impl Got {
    fn failed(began: Timestamp, ended: Timestamp, error: GraphError) -> Self {
        Self { began, ended, worked_on_from: None, body: Err(error) }
    }
}

/// What a batch needs the permission for, and how soon it is wanted.
pub(in crate::graph) type How = (Needs, Priority);

/// The status of an item that is worth another batch, and how long it asks us to wait.
type Worst = (Option<u16>, Option<Duration>);

/// One item of an answer.
#[derive(Deserialize)]
pub(in crate::graph) struct Item {
    id: String,
    #[serde(deserialize_with = "status")]
    pub(in crate::graph) status: u16,
    #[serde(default)]
    headers: Option<Box<RawValue>>,
    #[serde(default)]
    body: Option<Box<RawValue>>,
}

/// Reads a status.
fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    let Whole(number) = Whole::deserialize(deserializer)?;
    u16::try_from(number).map_err(D::Error::custom)
}

impl Item {
    fn body(&self) -> &str {
        self.body.as_deref().map(RawValue::get).unwrap_or_default()
    }

    /// The item's own headers; what is no header is left out.
    pub(in crate::graph) fn headers(&self) -> HeaderMap {
        let small = self.headers.as_deref().map(RawValue::get).filter(|raw| raw.len() <= limits::HEADERS);
        let all: BTreeMap<String, Value> = small.and_then(|raw| serde_json::from_str(raw).ok()).unwrap_or_default();
        all.iter()
            .filter_map(|(name, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::try_from(value).ok()?))
            })
            .collect()
    }

    /// What it says when it is no success; `ended` is when the batch came back.
    pub(in crate::graph) fn fault(&self, needs: Needs, ended: Timestamp) -> Fault {
        let headers = self.headers();
        let id = headers.get("request-id").and_then(|id| id.to_str().ok());
        let fault = refusal::read(self.status, id, self.body(), needs);
        refusal::with_wait(fault, http::retry_after(&headers, ended))
    }
}

/// The items of an answer by the id of what they answer.
pub(in crate::graph) struct Items(HashMap<String, Vec<Item>>);

impl Items {
    /// Reads an answer. An item that cannot be read counts as missing.
    pub(in crate::graph) fn parse(body: &str) -> Result<Self, GraphError> {
        #[derive(Deserialize)]
        struct Responses {
            #[serde(deserialize_with = "json_list::at_most::<{ limits::BATCH }, _, _>")]
            responses: Vec<Box<RawValue>>,
        }
        let mut items: HashMap<String, Vec<Item>> = HashMap::new();
        for raw in wire::parse::<Responses>(body)?.responses {
            if let Ok(item) = serde_json::from_str::<Item>(raw.get()) {
                items.entry(item.id.to_ascii_lowercase()).or_default().push(item);
            }
        }
        Ok(Self(items))
    }

    /// The one answer to a request. Two answers to the same request are as good as none.
    pub(in crate::graph) fn take(&mut self, id: &str) -> Result<Item, Fault> {
        let mut found = self.0.remove(id).unwrap_or_default();
        match (found.pop(), found.is_empty()) {
            (Some(item), true) => Ok(item),
            (Some(_), false) => Err(Fault::new(FaultKind::Malformed, FaultMessage::BatchTwice)),
            (None, _) => Err(Fault::new(FaultKind::Malformed, FaultMessage::BatchSilent)),
        }
    }
}

/// Makes any number of reads, in as few batches as it takes; the answers come in the order asked.
pub(in crate::graph) async fn read(http: &Http, gets: &[Get], how: How, counter: &RequestCounter) -> Vec<Got> {
    each(http, gets, how, counter).collect().await
}

/// The same, each answer as soon as it and those before it are here: of 100,000 users there is no room for all of them at
/// once.
pub(in crate::graph) fn each<'a>(
    http: &'a Http,
    gets: &'a [Get],
    how: How,
    counter: &'a RequestCounter,
) -> BoxStream<'a, Got> {
    let chunk = move |chunk: &'a [Get]| read_chunk(http, chunk, how, counter).boxed();
    stream::iter(gets.chunks(MOST_ITEMS).map(chunk)).buffered(PARALLEL).flat_map(stream::iter).boxed()
}

/// Items that were refused for haste or trouble go into a new batch after the longest wait that one of them asks for.
async fn read_chunk(http: &Http, gets: &[Get], how: How, counter: &RequestCounter) -> Vec<Got> {
    if !http.batches() {
        return unbatched::read(http, gets.iter().collect(), how, counter).await;
    }
    let started = Instant::now();
    let mut got: Vec<Option<Got>> = gets.iter().map(|_| None).collect();
    let mut open: Vec<usize> = (0..gets.len()).collect();
    for attempt in 1.. {
        let pass = Pass { http, gets, how, counter };
        let Some((status, retry_after)) = pass.once(&mut open, &mut got).await else { break };
        let failure = Failure { attempt, spent: started.elapsed(), status, retry_after };
        match failure.step(fastrand::f64()) {
            Step::Wait(wait) if retry_after.is_some() => tokio::time::sleep(wait).await,
            Step::Wait(wait) => tokio::time::sleep(wait.div_f64(http.rate_limiter.speed())).await,
            Step::GiveUp => break,
        }
    }
    let now = http.clock.now();
    let never = || GraphError::new(FaultKind::Malformed, FaultMessage::BatchSilent);
    got.into_iter().map(|one| one.unwrap_or_else(|| Got::failed(now, now, never()))).collect()
}

struct Pass<'a> {
    http: &'a Http,
    gets: &'a [Get],
    how: How,
    counter: &'a RequestCounter,
}

impl Pass<'_> {
    /// Sends what is open in one batch. `open` keeps what is worth another batch, and the worst of it is returned.
    async fn once(&self, open: &mut Vec<usize>, got: &mut [Option<Got>]) -> Option<Worst> {
        let began = self.http.clock.now();
        let answered = match self.send(open).await {
            Ok(reply) => Items::parse(&reply.body).map(|items| (items, reply)),
            Err(error) => Err(error),
        };
        let (mut items, Reply { began, ended, worked_on_from, .. }) = match answered {
            Ok(answered) => answered,
            Err(error) if unbatched::is_no_batch(&error) => {
                let alone = open.iter().map(|at| &self.gets[*at]).collect();
                let read = unbatched::read(self.http, alone, self.how, self.counter).await;
                open.drain(..).zip(read).for_each(|(at, one)| got[at] = Some(one));
                return None;
            }
            Err(error) => {
                let ended = self.http.clock.now();
                open.drain(..).for_each(|at| got[at] = Some(Got::failed(began, ended, error.clone())));
                return None;
            }
        };
        let mut worst: Option<Worst> = None;
        open.retain(|at| {
            let taken = items.take(&at.to_string());
            if let Ok(item) = &taken {
                exchange::item(&Method::GET, &self.gets[*at].path, item.status, &item.headers());
            }
            let (body, again) = match taken {
                Ok(item) if (200..300).contains(&item.status) => {
                    self.http.rate_limiter.let_through(Side::Reads);
                    (Ok(item.body().to_owned()), None)
                }
                Ok(item) => {
                    let headers = item.headers();
                    self.http.heed(item.status, &headers, Side::Reads, self.gets[*at].units);
                    let retry_after = http::retry_after(&headers, ended);
                    let again = retry::passes(Some(item.status)).then_some((Some(item.status), retry_after));
                    let wait = retry_after.and_then(|wait| SignedDuration::try_from(wait).ok());
                    (Err(GraphError::after(item.fault(self.how.0, ended), wait)), again)
                }
                Err(fault) => (Err(fault.into()), Some((None, None))),
            };
            got[*at] = Some(Got { began, ended, worked_on_from, body });
            if let Some((status, wait)) = again {
                let longest = worst.and_then(|(_, longest)| longest).max(wait);
                worst = Some((status, longest));
            }
            again.is_some()
        });
        worst
    }

    async fn send(&self, open: &[usize]) -> Result<Reply, GraphError> {
        let requests: Vec<_> = open
            .iter()
            .map(|at| {
                let path = &self.gets[*at].path;
                let mut request = json!({ "id": at.to_string(), "method": "GET", "url": path });
                // Each item is throttled for itself.
                if self.how.1 == Priority::High {
                    request["headers"]["x-ms-throttle-priority"] = "High".into();
                }
                if url::is_advanced(path.split_once('?').map(|(_, query)| query)) {
                    request["headers"]["ConsistencyLevel"] = "eventual".into();
                }
                request
            })
            .collect();
        let (needs, priority) = self.how;
        let request = ReadRequest {
            url: self.http.url("/$batch")?,
            batch: Some(json!({ "requests": requests }).to_string()),
            units: open.iter().map(|at| self.gets[*at].units).sum(),
            needs,
            priority,
        };
        self.http.read(&request, self.counter).await
    }
}
