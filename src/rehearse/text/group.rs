//! The groups of a tenant file.

use toml::Table;

use crate::rehearse::CopiedGroup;
use crate::rehearse::text::Writer;
use crate::rehearse::toml_text::table;

impl Writer<'_> {
    pub(super) fn group(&mut self, one: &CopiedGroup) {
        let group = &one.group;
        let id = group.id.to_string();
        self.out.element("group");
        self.out.key("id", id.as_str());
        self.out.key("name", if group.name.trim().is_empty() { id.as_str() } else { group.name.as_str() });
        let unified = group.types.iter().any(|kind| kind.eq_ignore_ascii_case("Unified"));
        let kind = match (unified, group.mail_enabled, group.security_enabled) {
            (true, ..) => Some("microsoft-365"),
            (false, true, true) => Some("mail-security"),
            (false, true, false) => Some("distribution"),
            (false, false, _) => None,
        };
        if let Some(kind) = kind {
            self.out.key("kind", kind);
        }
        if group.is_dynamic() {
            self.out.key("rule", one.rule.as_deref().unwrap_or("unknown"));
        }
        self.out.key_if(group.synced, "synced", true);
        self.out.key_if(group.role_assignable, "role_assignable", true);
        self.out.key_if(group.restricted, "restricted", true);
        let known = group.licenses.iter().filter(|license| self.skus.get(license.sku).is_some());
        let assigns: Vec<Table> = known
            .map(|license| {
                let off = self.off(license.sku, &license.disabled_plans);
                table([("sku", Some(license.sku.to_string().into())), ("plans_off", off)])
            })
            .collect();
        if !assigns.is_empty() {
            self.out.rows("assigns", assigns);
        }
    }
}
