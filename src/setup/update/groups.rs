//! The pages on which both groups and their products are picked.

use crate::domain::id::SkuId;
use crate::domain::licensed_group::LicensedGroup;
use crate::domain::licensed_group::ManagedBy;
use crate::domain::products;
use crate::domain::route::MovedBy;
use crate::setup::draft::EndDraft;
use crate::setup::state::EndChoice;
use crate::setup::state::Setup;
use crate::setup::state::Step;
use crate::setup::update::Effect;
use crate::setup::update::missing;
use crate::words::phrase;

impl Setup {
    pub(super) fn search(&mut self) -> Vec<Effect> {
        self.choice_mut().searching = true;
        Vec::new()
    }

    pub(super) fn end_search(&mut self, keeps: bool) -> Vec<Effect> {
        let choice = self.choice_mut();
        choice.searching = false;
        if !keeps {
            choice.search.clear();
            choice.at = 0;
        }
        Vec::new()
    }

    /// The groups were read anew; the row stays on its group where that is still there.
    pub(super) fn regrouped(&mut self, groups: Vec<LicensedGroup>) {
        let on = self.found().get(self.choice().at).map(|one| one.group.id);
        if let Some(tenant) = &mut self.tenant {
            tenant.groups = groups;
        }
        let at = self.found().iter().position(|one| Some(one.group.id) == on).unwrap_or(0);
        self.choice_mut().at = at;
        self.summary = None;
    }

    pub(super) fn pick_group(&mut self) -> Vec<Effect> {
        let of_source = self.step == Step::Source;
        let picked = self.found().get(self.choice().at).map(|one| one.group.id);
        let Some(picked) = picked else {
            self.trouble = Some(missing(phrase("setup-need-group")));
            return Vec::new();
        };
        if !of_source && self.source.group == Some(picked) {
            self.trouble = Some(missing(phrase("setup-need-other-group")));
            return Vec::new();
        }
        let choice = self.choice_mut();
        if choice.group != Some(picked) {
            let (search, at) = (choice.search.clone(), choice.at);
            *choice = EndChoice { search, at, group: Some(picked), ..EndChoice::default() };
        }
        match self.products(of_source).as_slice() {
            [] => self.trouble = Some(missing(phrase("setup-need-other-product"))),
            [only] => {
                let sku = only.sku;
                self.settle(of_source, sku);
            }
            _ => self.step = if of_source { Step::SourceProduct } else { Step::TargetProduct },
        }
        Vec::new()
    }

    pub(super) fn pick_product(&mut self) -> Vec<Effect> {
        let of_source = self.step == Step::SourceProduct;
        let at = self.choice().product_at;
        if let Some(sku) = self.products(of_source).get(at).map(|license| license.sku) {
            self.settle(of_source, sku);
        }
        Vec::new()
    }

    /// The group and the product of an end are known.
    fn settle(&mut self, of_source: bool, sku: SkuId) {
        let end = self.end_of(of_source, sku);
        let choice = if of_source { &mut self.source } else { &mut self.target };
        (choice.end, choice.sku) = (end, Some(sku));
        self.step = if of_source { Step::Target } else { Step::Users };
        // What was picked as the target before may be the source now.
        let clashes = self.target.group.is_some() && self.target.group == self.source.group
            || self.target.sku.is_some() && self.target.sku == self.source.sku;
        if of_source && clashes {
            let EndChoice { search, at, .. } = std::mem::take(&mut self.target);
            self.target = EndChoice { search, at, ..EndChoice::default() };
        }
    }

    fn end_of(&self, of_source: bool, sku: SkuId) -> Option<EndDraft> {
        let tenant = self.tenant.as_ref()?;
        let choice = if of_source { &self.source } else { &self.target };
        let listed = tenant.group(choice.group?)?;
        let group = &listed.group;
        let elsewhere = matches!(listed.managed_by(), ManagedBy::OnPremises | ManagedBy::Rule);
        let part_number = tenant.skus.get(sku).map(|one| one.part_number.as_str()).unwrap_or_default();
        // A tenant can have a part number twice; then only the id tells which is meant.
        let named = !part_number.trim().is_empty() && tenant.skus.called(part_number) == [sku];
        let name = if named { part_number.to_owned() } else { sku.to_string() };
        Some(EndDraft {
            group: group.id,
            group_name: group.name.clone(),
            sku: name,
            sku_name: products::display_name(sku, &tenant.skus),
            moved_by: if elsewhere { MovedBy::Others } else { MovedBy::Skuferry },
        })
    }
}
