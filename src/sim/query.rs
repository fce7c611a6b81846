//! OData's query options, read strictly: what Graph would refuse is refused.
use crate::sim::answer::Refusal;
use crate::sim::ask::{Ask, pairs};

/// The options of one request.
#[derive(Debug, Default, Clone)]
pub(crate) struct Options {
    /// `$select`, split at commas.
    pub(crate) select: Option<Vec<String>>,
    /// `$filter`, unread.
    pub(crate) filter: Option<String>,
    /// `$search`, unread.
    pub(crate) search: Option<String>,
    /// `$orderby`, unread.
    pub(crate) order: Option<String>,
    /// `$expand`, unread.
    pub(crate) expand: Option<String>,
    /// `$top`.
    pub(crate) top: Option<usize>,
    /// `$count=true`.
    pub(crate) count: bool,
    /// `$skiptoken`.
    pub(crate) skip_token: Option<String>,
    /// `$deltatoken`.
    pub(crate) delta_token: Option<String>,
}

/// The most that `$top` may be in directory collections.
pub(crate) const MOST_PER_PAGE: usize = 999;
/// The size of a page without `$top`.
pub(crate) const USUAL_PER_PAGE: usize = 100;

impl Options {
    /// Reads the options of a request.
    pub(crate) fn of(ask: &Ask) -> Result<Self, Refusal> {
        let mut options = Self::default();
        for (name, value) in pairs(&ask.query) {
            match name.to_ascii_lowercase().as_str() {
                "$select" => {
                    let names = value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
                    // Nothing selected is everything that comes by itself.
                    options.select = Some(names.collect()).filter(|names: &Vec<String>| !names.is_empty());
                }
                "$filter" => options.filter = Some(value),
                "$search" => options.search = Some(value),
                "$orderby" => options.order = Some(value),
                "$expand" => options.expand = Some(value),
                "$count" => options.count = value.eq_ignore_ascii_case("true"),
                "$skiptoken" => options.skip_token = Some(value),
                "$deltatoken" => options.delta_token = Some(value),
                "$top" => options.top = Some(top(&value)?),
                "$format" => {}
                other if other.starts_with('$') => {
                    let message = format!("The query parameter '{name}' is not supported.");
                    return Err(Refusal::new(400, "BadRequest", message));
                }
                _ => {}
            }
        }
        Ok(options)
    }

    /// How many objects go on a page.
    pub(crate) fn page_size(&self) -> usize {
        self.top.unwrap_or(USUAL_PER_PAGE)
    }
}

fn top(value: &str) -> Result<usize, Refusal> {
    match value.parse::<usize>() {
        Ok(top @ 1..=MOST_PER_PAGE) => Ok(top),
        Ok(top) => Err(Refusal::bad(format!(
            "Invalid page size specified: '{top}'. Must be between 1 and {MOST_PER_PAGE} inclusive."
        ))),
        Err(_) => Err(Refusal::new(400, "BadRequest", format!("Invalid value '{value}' for $top query option found."))),
    }
}
