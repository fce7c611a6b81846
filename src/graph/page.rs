//! Following `@odata.nextLink`, to the same origin only and never in a circle.

use std::collections::HashSet;

use reqwest::Url;
use serde_json::value::RawValue;

use crate::domain::fault::FaultKind;
use crate::domain::time::Timestamp;
use crate::graph::error::GraphError;
use crate::graph::http::Http;
use crate::graph::http::Priority;
use crate::graph::http::ReadRequest;
use crate::graph::http::RequestCounter;
use crate::graph::limits;
use crate::graph::refusal::Needs;
use crate::graph::wire;

/// A collection that is read page by page.
pub(in crate::graph) struct Pages<'a> {
    http: &'a Http,
    counter: &'a RequestCounter,
    needs: Needs,
    units: u32,
    next: Option<Url>,
    seen: HashSet<Url>,
    /// Elements and bytes read so far.
    read: (usize, usize),
    /// From when on the first page was surely worked on, by Graph's own clock.
    worked_on_from: Option<Timestamp>,
}

impl<'a> Pages<'a> {
    /// The collection at a path below the version.
    pub(in crate::graph) fn of(
        http: &'a Http,
        path: &str,
        (units, needs): (u32, Needs),
        counter: &'a RequestCounter,
    ) -> Result<Self, GraphError> {
        let next = Some(http.url(path)?);
        Ok(Self { http, counter, needs, units, next, seen: HashSet::new(), read: (0, 0), worked_on_from: None })
    }

    /// What an answer that came otherwise leaves to be read.
    pub(in crate::graph) fn after(
        http: &'a Http,
        link: &str,
        (units, needs): (u32, Needs),
        counter: &'a RequestCounter,
    ) -> Result<Self, GraphError> {
        let next = Some(follow(&http.url("")?, link)?);
        Ok(Self { http, counter, needs, units, next, seen: HashSet::new(), read: (0, 0), worked_on_from: None })
    }

    /// Whether there is more to read.
    pub(in crate::graph) fn has_more(&self) -> bool {
        self.next.is_some()
    }

    /// The next page's elements, or `None` when all are read. A page may be empty and not the last.
    pub(in crate::graph) async fn next(&mut self) -> Result<Option<Vec<Box<RawValue>>>, GraphError> {
        let Some(url) = self.next.take() else { return Ok(None) };
        if !self.seen.insert(url.clone()) {
            return Err(GraphError::new(FaultKind::Malformed, "Graph's pages go round in a circle"));
        }
        if self.seen.len() > limits::PAGES {
            return Err(endless());
        }
        let request =
            ReadRequest { url, batch: None, units: self.units, needs: self.needs, priority: Priority::Normal };
        let reply = self.http.read(&request, self.counter).await?;
        if self.seen.len() == 1 {
            self.worked_on_from = reply.worked_on_from;
        }
        let page: wire::Page = wire::parse(&reply.body)?;
        self.read = (self.read.0 + page.value.len(), self.read.1 + reply.body.len());
        if self.read.0 > limits::COLLECTION || self.read.1 > limits::COLLECTION_BYTES {
            return Err(endless());
        }
        self.next = page.next.as_deref().map(|link| follow(&request.url, link)).transpose()?;
        Ok(Some(page.value))
    }

    /// From which second on, by Graph's own clock, the first page was surely worked on, once it was read.
    pub(in crate::graph) fn worked_on_from(&self) -> Option<Timestamp> {
        self.worked_on_from
    }

    /// All elements of all pages.
    pub(in crate::graph) async fn all(mut self) -> Result<Vec<Box<RawValue>>, GraphError> {
        self.rest().await
    }

    /// All elements of all pages that were not read yet.
    pub(in crate::graph) async fn rest(&mut self) -> Result<Vec<Box<RawValue>>, GraphError> {
        let mut all = Vec::new();
        while let Some(page) = self.next().await? {
            all.extend(page);
        }
        Ok(all)
    }
}

/// A collection that does not come to an end.
fn endless() -> GraphError {
    let why = format!(
        "Graph's pages do not come to an end; nothing was taken from them. A list may have {} entries on {} pages at most",
        limits::COLLECTION,
        limits::PAGES
    );
    GraphError::new(FaultKind::Malformed, why)
}

/// Reads a link. One that leads elsewhere would carry the token there, so it is refused (rule 12).
fn follow(from: &Url, link: &str) -> Result<Url, GraphError> {
    let foreign = || GraphError::new(FaultKind::Malformed, "Graph's next page lies on another host; it was not asked");
    if link.len() > limits::LINK {
        let why =
            format!("Graph's link to the next page is longer than {}; it was not asked", limits::size(limits::LINK));
        return Err(GraphError::new(FaultKind::Malformed, why));
    }
    let url = Url::parse(link).map_err(|_| foreign())?;
    let same = url.origin() == from.origin() && url.username().is_empty() && url.password().is_none();
    if same { Ok(url) } else { Err(foreign()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_stay_on_their_origin() {
        let from = Url::parse("https://graph.microsoft.com/v1.0/groups/1/members").expect("a URL");
        assert!(follow(&from, "https://graph.microsoft.com:443/v1.0/x?$skiptoken=a%2Bb").is_ok());
        for link in [
            "https://graph.microsoft.com.evil.example/v1.0",
            "http://graph.microsoft.com/v1.0",
            "https://graph.microsoft.com:444/v1.0",
            "https://user@graph.microsoft.com/v1.0",
            "//evil.example/v1.0",
            "/v1.0/groups",
            "file:///etc/passwd",
            "",
        ] {
            assert!(follow(&from, link).is_err(), "{link}");
        }
    }

    #[test]
    fn links_are_followed_verbatim() {
        let link = "https://graph.microsoft.com/v1.0/groups/1/members?$top=999&$skiptoken=RFN'a%2Bb%20c";
        let from = Url::parse("https://graph.microsoft.com/v1.0/").expect("a URL");
        assert_eq!(follow(&from, link).expect("followed").as_str(), link.replace('\'', "%27"));
    }
}
