//! The page of the sign-in.

use ratatui::text::Line;

use crate::config::AuthMethod;
use crate::setup::draft::cloud_word;
use crate::setup::state::FormField;
use crate::setup::state::Setup;
use crate::setup::view::LABEL;
use crate::setup::view::text_field;
use crate::tui::format;
use crate::tui::theme::Role;
use crate::tui::theme::Theme;
use crate::tui::view::PageBuilder;
use crate::words::phrase;

pub(super) fn lines(setup: &Setup, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let form = &setup.form;
    let mut lines = Vec::new();
    for field in form.fields() {
        let (has_keys, label) = (form.focus == field, label(field));
        lines.push(match form.text(field) {
            Some(text) => text_field(theme, &label, text, has_keys, width),
            None => choice(theme, &label, &value(setup, field), has_keys),
        });
    }
    let mut page = PageBuilder::new(theme, width);
    page.blank();
    page.para(Role::Dim, help(setup, form.focus));
    lines.extend(page.into_lines());
    lines
}

/// A field with a few values.
fn choice(theme: Theme, label: &str, value: &str, has_keys: bool) -> Line<'static> {
    let (mark, role) = if has_keys { ("▸ ", Role::Key) } else { ("  ", Role::Dim) };
    let mut line = Line::from(theme.span(role, format!("{mark}{}", format::pad(label, LABEL))));
    let (shown, role) =
        if has_keys { (format!("◂ {value} ▸"), Role::Selected) } else { (value.into(), Role::Text) };
    line.push_span(theme.span(role, shown));
    line
}

fn label(field: FormField) -> String {
    match field {
        FormField::Method => phrase("setup-field-method"),
        FormField::Tenant => phrase("setup-field-tenant"),
        FormField::Cloud => phrase("setup-field-cloud"),
        FormField::GraphUrl => phrase("setup-field-graph-url"),
        FormField::LoginUrl => phrase("setup-field-login-url"),
        FormField::ClientId => phrase("setup-field-client-id"),
        FormField::Certificate => phrase("setup-field-certificate"),
        FormField::CaFile => phrase("setup-field-ca-file"),
    }
}

fn value(setup: &Setup, field: FormField) -> String {
    match field {
        FormField::Method => setup.form.method.word().to_owned(),
        _ => setup.form.cloud.map_or_else(|| phrase("setup-cloud-own"), |cloud| cloud_word(cloud).to_owned()),
    }
}

/// What a field is for.
fn help(setup: &Setup, field: FormField) -> String {
    match field {
        FormField::Method => match setup.form.method {
            AuthMethod::Browser => phrase("setup-help-browser"),
            AuthMethod::DeviceCode => phrase("setup-help-device-code"),
            AuthMethod::ClientCertificate => phrase("setup-help-client-certificate"),
            AuthMethod::ClientSecret => phrase("setup-help-client-secret"),
            AuthMethod::AzureCli => phrase("setup-help-azure-cli"),
            AuthMethod::AccessToken => phrase("setup-help-access-token"),
        },
        FormField::Tenant => phrase("setup-help-tenant"),
        FormField::Cloud => phrase("setup-help-cloud"),
        FormField::GraphUrl | FormField::LoginUrl => phrase("setup-help-address"),
        FormField::ClientId => phrase("setup-help-client-id"),
        FormField::Certificate => phrase("setup-help-certificate"),
        FormField::CaFile => phrase("setup-help-ca-file"),
    }
}
