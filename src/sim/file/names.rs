//! What a tenant file names, made out; what it names in vain is refused with its line.
use toml::Spanned;
use uuid::Uuid;

use crate::sim::catalog::{CATALOG, Plan};
use crate::sim::event::country;
use crate::sim::file::Name;
use crate::sim::file::build::Builder;
use crate::sim::seed::free_id;
use crate::sim::spot::line;
use crate::sim::tenant::{GroupIx, SkuIx};

impl Builder<'_> {
    pub(super) fn find_sku(&self, name: &Name) -> Result<SkuIx, String> {
        let key = name.get_ref();
        let id = Uuid::try_parse(key).ok();
        let mut found = self.tenant.skus().filter(|(_, sku)| Some(sku.id) == id || sku.part.eq_ignore_ascii_case(key));
        match (found.next(), found.next()) {
            (Some((ix, _)), None) => Ok(ix),
            (Some(_), Some(_)) => Err(self.at(name, "is the part of two products, expected the id of one of them")),
            (None, _) => Err(self.at(name, "is no product of this tenant, expected the part of a [[sku]]")),
        }
    }

    pub(super) fn find_group(&self, name: &Name) -> Result<GroupIx, String> {
        let key = name.get_ref();
        let named = || self.tenant.groups_from(None).find(|(_, group)| group.display == *key).map(|(ix, _)| ix);
        let found = self.tenant.find_group(key).or_else(named);
        found.ok_or_else(|| self.at(name, "is no group of this tenant, expected the name of a [[group]]"))
    }

    pub(super) fn plan_ids(&self, names: &[Name]) -> Result<Vec<Uuid>, String> {
        names.iter().map(|name| self.plan(name).map(|plan| plan.id)).collect()
    }

    pub(super) fn plan(&self, name: &Name) -> Result<Plan, String> {
        let id = Uuid::try_parse(name.get_ref()).ok();
        let own = self.file.plan.iter().find(|plan| plan.name == *name.get_ref() || Some(plan.id) == id);
        own.map(|plan| Plan { id: plan.id, name: plan.name.clone() })
            .or_else(|| CATALOG.plan(name.get_ref()))
            .ok_or_else(|| {
                self.at(name, "is no service plan, expected one of Microsoft's table or the name of a [[plan]]")
            })
    }

    /// The id that is given, which nobody else may have, or one by chance.
    pub(super) fn id(&mut self, given: Option<&Spanned<Uuid>>) -> Result<Uuid, String> {
        match given {
            Some(id) if self.tenant.object(*id.get_ref()).is_some() => {
                Err(at(self.text, id, &format!("`{}` is the id of two objects", id.get_ref())))
            }
            Some(id) => Ok(*id.get_ref()),
            None => Ok(free_id(&mut self.rng, &self.tenant)),
        }
    }

    /// A country in capitals; `none` for a user without one; the organization's if nothing is said.
    pub(super) fn location(&self, code: Option<&Name>) -> Result<Option<String>, String> {
        match code {
            None => Ok(Some(self.tenant.country.clone())),
            Some(code) if code.get_ref() == "none" => Ok(None),
            Some(code) => country(code.get_ref()).map(Some).map_err(|why| at(self.text, code, &why)),
        }
    }

    /// A refusal with the line of what it is about.
    pub(super) fn at(&self, name: &Name, why: &str) -> String {
        at(self.text, name, &format!("`{}` {why}", name.get_ref()))
    }
}

/// A refusal with the line of what it is about.
pub(super) fn at<T>(text: &str, what: &Spanned<T>, why: &str) -> String {
    format!("line {}: {why}", line(text, what.span().start))
}

/// Whether a name is a domain's: parts of letters, digits and hyphens, joined by dots.
pub(super) fn is_domain(name: &Name) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    name.get_ref().contains('.') && name.get_ref().split('.').all(part)
}
