//! The pages on which groups and their products are picked.

use ratatui::text::Line;

use crate::domain::licensed_group::GroupKind;
use crate::domain::licensed_group::LicensedGroup;
use crate::domain::licensed_group::ManagedBy;
use crate::domain::products;
use crate::domain::sku::Skus;
use crate::setup::state::Setup;
use crate::setup::state::Step;
use crate::setup::view::row;
use crate::setup::view::text_field;
use crate::tui::format;
use crate::tui::theme::Role;
use crate::tui::theme::Theme;
use crate::tui::view::PageBuilder;
use crate::words::phrase;
use crate::words::say;

/// How many lines the selected group may take below the list.
const DETAIL: usize = 9;
/// The columns of counts, of who manages a group, and of errors.
const MEMBERS: usize = 9;
const MANAGED: usize = 15;
const ERRORS: usize = 8;

/// The list with the selected group below it. Gives how far it can be scrolled, which is not at all, and its rows in sight.
pub(super) fn list(setup: &Setup, theme: Theme, width: usize, room: usize) -> (Vec<Line<'static>>, usize, usize) {
    let Some(tenant) = &setup.tenant else { return (Vec::new(), 0, 1) };
    let (choice, found) = (setup.choice(), setup.found());
    let mut lines = Vec::new();
    if choice.searching || !choice.search.is_blank() {
        lines.push(text_field(theme, &phrase("setup-field-search"), &choice.search, choice.searching, width));
    } else {
        let text = if setup.step == Step::Source { phrase("setup-source-text") } else { phrase("setup-target-text") };
        lines.push(Line::from(theme.span(Role::Text, format::cut(&text, width))));
    }
    if found.is_empty() {
        let why = if tenant.groups.is_empty() { phrase("setup-groups-none") } else { phrase("setup-groups-not-found") };
        let mut page = PageBuilder::new(theme, width);
        page.blank();
        page.para(Role::Warn, why);
        lines.extend(page.into_lines());
        return (lines, 0, 1);
    }
    let (name, licenses) = columns(width);
    let head = [
        format::pad(&phrase("setup-column-group"), name + 2),
        format::pad(&phrase("setup-column-products"), licenses),
        format::pad_left(&phrase("setup-column-members"), MEMBERS),
        format::pad(&format!("  {}", phrase("setup-column-managed")), MANAGED),
        format::pad(&phrase("setup-column-errors"), ERRORS),
    ];
    lines.push(Line::from(theme.span(Role::Dim, head.concat())));
    let rows = room.saturating_sub(lines.len() + DETAIL + 2).max(3);
    let first = choice.at.saturating_sub(rows / 2).min(found.len().saturating_sub(rows));
    for (at, one) in found.iter().enumerate().skip(first).take(rows) {
        lines.push(line(theme, one, &tenant.skus, at == choice.at, width));
    }
    let (last, count) = ((first + rows).min(found.len()), found.len());
    let seen = say("screen-rows", &[("first", (first + 1).into()), ("last", last.into()), ("all", count.into())]);
    lines.push(Line::from(theme.span(Role::Dim, seen)));
    if let Some(one) = found.get(choice.at) {
        let is_source = setup.step == Step::Target && setup.source.group == Some(one.group.id);
        lines.extend(detail(theme, one, &tenant.skus, is_source, width));
    }
    (lines, 0, rows)
}

/// How wide names and products are.
fn columns(width: usize) -> (usize, usize) {
    let rest = width.saturating_sub(2 + MEMBERS + MANAGED + ERRORS);
    (rest - rest / 2, rest / 2)
}

fn line(theme: Theme, one: &LicensedGroup, skus: &Skus, has_keys: bool, width: usize) -> Line<'static> {
    let (name, licenses) = columns(width);
    let names: Vec<String> =
        one.group.licenses.iter().map(|license| products::display_name(license.sku, skus)).collect();
    let errors = match one.has_errors {
        Some(true) => phrase("setup-group-errors"),
        Some(false) => String::new(),
        None => phrase("setup-group-unknown"),
    };
    let members = one.members.map_or_else(|| phrase("setup-group-unknown"), |count| count.to_string());
    let cells = [
        format::pad(&one.group.name, name.saturating_sub(1)) + " ",
        format::pad(&names.join(", "), licenses),
        format::pad_left(&members, MEMBERS),
        format::pad(&format!("  {}", managed(one.managed_by())), MANAGED),
        errors,
    ];
    row(theme, has_keys, &cells.concat(), width)
}

/// All that is known of a group.
fn detail(theme: Theme, one: &LicensedGroup, skus: &Skus, is_source: bool, width: usize) -> Vec<Line<'static>> {
    let mut page = PageBuilder::new(theme, width);
    page.heading(&format::cut(&one.group.name, width.saturating_sub(8)));
    page.fact(&phrase("setup-fact-id"), Role::Text, one.group.id.to_string());
    let each: Vec<String> = one.group.licenses.iter().map(|license| product(license.sku, skus)).collect();
    page.fact(&phrase("setup-fact-products"), Role::Text, each.join("; "));
    let what = say(
        "setup-kind-and-manager",
        &[("kind", kind(one.kind()).into()), ("manager", manager(one.managed_by()).into())],
    );
    let role = if one.managed_by() == ManagedBy::Members { Role::Text } else { Role::Warn };
    page.fact(&phrase("setup-fact-kind"), role, what);
    if let Some(rule) = &one.rule {
        page.fact(&phrase("setup-fact-rule"), Role::Text, rule);
    }
    match one.has_errors {
        Some(true) => page.fact(&phrase("setup-fact-errors"), Role::Warn, phrase("setup-errors-some")),
        Some(false) => page.fact(&phrase("setup-fact-errors"), Role::Text, phrase("setup-errors-none")),
        None => page.fact(&phrase("setup-fact-errors"), Role::Text, phrase("setup-errors-unknown")),
    }
    if is_source {
        page.para(Role::Warn, phrase("setup-group-is-source"));
    }
    let mut lines = page.into_lines();
    lines.truncate(DETAIL);
    lines
}

/// A product with its part number and its seats.
fn product(sku: crate::domain::id::SkuId, skus: &Skus) -> String {
    let name = products::display_name(sku, skus);
    match skus.get(sku) {
        Some(found) => say(
            "setup-product",
            &[("name", name.into()), ("part", found.part_number.as_str().into()), ("free", found.free_seats().into())],
        ),
        None => say("setup-product-not-subscribed", &[("name", name.into())]),
    }
}

/// The list of a group's products.
pub(super) fn products(setup: &Setup, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let of_source = setup.step == Step::SourceProduct;
    let Some(tenant) = &setup.tenant else { return Vec::new() };
    let choice = setup.choice();
    let name = choice.group.and_then(|id| tenant.group(id)).map(|one| one.group.name.clone()).unwrap_or_default();
    let mut page = PageBuilder::new(theme, width);
    page.para(Role::Text, say("setup-product-text", &[("group", name.into())]));
    page.blank();
    let mut lines = page.into_lines();
    for (at, license) in setup.products(of_source).iter().enumerate() {
        lines.push(row(theme, at == choice.product_at, &product(license.sku, &tenant.skus), width));
    }
    lines
}

/// Who manages a group, in a narrow column.
fn managed(by: ManagedBy) -> String {
    match by {
        ManagedBy::Members => phrase("setup-managed-members"),
        ManagedBy::Rule => phrase("setup-managed-rule"),
        ManagedBy::OnPremises => phrase("setup-managed-on-premises"),
        ManagedBy::Exchange => phrase("setup-managed-exchange"),
        ManagedBy::RoleAdministrators => phrase("setup-managed-roles"),
        ManagedBy::RestrictedUnit => phrase("setup-managed-restricted"),
    }
}

/// The same in a sentence.
fn manager(by: ManagedBy) -> String {
    match by {
        ManagedBy::Members => phrase("setup-manager-members"),
        ManagedBy::Rule => phrase("setup-manager-rule"),
        ManagedBy::OnPremises => phrase("setup-manager-on-premises"),
        ManagedBy::Exchange => phrase("setup-manager-exchange"),
        ManagedBy::RoleAdministrators => phrase("setup-manager-roles"),
        ManagedBy::RestrictedUnit => phrase("setup-manager-restricted"),
    }
}

fn kind(kind: GroupKind) -> String {
    match kind {
        GroupKind::Security => phrase("setup-kind-security"),
        GroupKind::Microsoft365 => phrase("setup-kind-microsoft-365"),
        GroupKind::MailSecurity => phrase("setup-kind-mail-security"),
        GroupKind::Distribution => phrase("setup-kind-distribution"),
    }
}
