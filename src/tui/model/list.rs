//! The list of users, as it was asked for and as it stands.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::id::UserId;
use crate::domain::migration::Migration;
use crate::tui::format;
use crate::tui::problems::Cause;
use crate::tui::table::index::Index;
use crate::tui::table::order::Filter;
use crate::tui::table::order::Sort;
use crate::tui::table::window::Window;

/// The list of users. The selected user keeps selected while the list moves.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Which users.
    pub filter: Filter,
    /// In which order.
    pub sort: Sort,
    /// Whether the order is turned round.
    pub turned: bool,
    /// Whether the whole run is listed, and not one batch.
    pub whole: bool,
    /// The cause whose users were opened in the view of problems.
    pub cause: Option<Cause>,
    /// Who is marked, wherever they stand in the list or whether they are in it at all.
    pub marks: BTreeSet<UserId>,
    /// Where a range of marks begins.
    pub range: Option<UserId>,
    /// The domain that most names end with, which is not repeated in every row; empty where there is none.
    pub domain: String,
    /// How wide the widest name is without it.
    pub widest: usize,
    /// Which list of users these two are of.
    pub measured: Option<usize>,
    /// How many users pass each filter, in the order of [`Filter::ALL`].
    pub counts: [usize; Filter::ALL.len()],
    /// A part of a name, an id or a cause, as typed.
    pub search: String,
    /// Whether those are listed who come near the search, as nobody has it.
    pub is_near: bool,
    /// Whether the list stays with whoever changed last.
    pub follows: bool,
    /// A batch that was opened by hand, counted from 0.
    pub batch: Option<usize>,
    /// The places of the users listed, in order; made in `update` alone.
    pub order: Vec<usize>,
    /// What the order is kept by.
    pub index: Index,
    /// The selected row and the first one in sight.
    pub window: Window,
    /// Whom the operator chose last: by id, or by place where a line names nobody.
    pub chosen: Option<(Option<UserId>, usize)>,
}

impl List {
    /// A name without the common domain.
    pub fn name<'a>(&self, upn: &'a str) -> &'a str {
        let short = upn.strip_suffix(self.domain.as_str()).and_then(|name| name.strip_suffix('@'));
        short.filter(|name| !self.domain.is_empty() && !name.is_empty()).unwrap_or(upn)
    }

    /// Finds the common domain and the widest name, once for each list of users.
    pub(super) fn measure(&mut self, run: &Migration) {
        let list = run.preflight.as_ref().map(|preflight| Arc::as_ptr(preflight) as usize);
        if self.measured == list {
            return;
        }
        let mut domains: HashMap<&str, usize> = HashMap::new();
        for (_, domain) in run.users.iter().filter_map(|user| user.upn.rsplit_once('@')) {
            *domains.entry(domain).or_insert(0) += 1;
        }
        let most = domains.into_iter().max_by_key(|(domain, count)| (*count, Reverse(*domain)));
        let domain = most.filter(|(_, count)| count * 2 > run.users.len()).map(|(domain, _)| domain.to_owned());
        self.domain = domain.unwrap_or_default();
        self.widest = run.users.iter().map(|user| format::width(self.name(&user.upn))).max().unwrap_or(0);
        self.measured = list;
    }
}
