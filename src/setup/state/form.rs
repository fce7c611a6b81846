//! The forms of the set-up: for signing in, and for who moves.

use crate::config::AuthMethod;
use crate::domain::cloud::Cloud;
use crate::setup::field::Field;

/// A field of the form for signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormField {
    /// How.
    Method,
    /// Which tenant.
    Tenant,
    /// Which cloud, or addresses.
    Cloud,
    /// The address of Graph.
    GraphUrl,
    /// The address of the sign-in.
    LoginUrl,
    /// The application.
    ClientId,
    /// The file with the certificate.
    Certificate,
    /// The file with more authorities.
    CaFile,
}

/// The form for signing in.
#[derive(Clone, Debug)]
pub struct Form {
    /// The field that has the keys.
    pub focus: FormField,
    /// How.
    pub method: AuthMethod,
    /// The cloud; `None` for addresses.
    pub cloud: Option<Cloud>,
    pub(in crate::setup) tenant: Field,
    pub(in crate::setup) graph_url: Field,
    pub(in crate::setup) login_url: Field,
    pub(in crate::setup) client_id: Field,
    pub(in crate::setup) certificate: Field,
    pub(in crate::setup) ca_file: Field,
}

impl Form {
    pub(in crate::setup) fn new() -> Self {
        Self {
            focus: FormField::Method,
            method: AuthMethod::Browser,
            cloud: Some(Cloud::Global),
            tenant: Field::default(),
            graph_url: Field::default(),
            login_url: Field::default(),
            client_id: Field::default(),
            certificate: Field::default(),
            ca_file: Field::default(),
        }
    }

    /// The fields that matter for what is chosen, in their order.
    pub fn fields(&self) -> Vec<FormField> {
        let mut fields = vec![FormField::Method, FormField::Tenant, FormField::Cloud];
        if self.cloud.is_none() {
            fields.extend([FormField::GraphUrl, FormField::LoginUrl]);
        }
        if self.method.needs_client_id() {
            fields.push(FormField::ClientId);
        }
        if self.method == AuthMethod::ClientCertificate {
            fields.push(FormField::Certificate);
        }
        fields.push(FormField::CaFile);
        fields
    }

    /// The text of a field; `None` for one with a few values.
    pub fn text(&self, field: FormField) -> Option<&Field> {
        match field {
            FormField::Method | FormField::Cloud => None,
            FormField::Tenant => Some(&self.tenant),
            FormField::GraphUrl => Some(&self.graph_url),
            FormField::LoginUrl => Some(&self.login_url),
            FormField::ClientId => Some(&self.client_id),
            FormField::Certificate => Some(&self.certificate),
            FormField::CaFile => Some(&self.ca_file),
        }
    }

    pub(in crate::setup) fn text_mut(&mut self) -> Option<&mut Field> {
        match self.focus {
            FormField::Method | FormField::Cloud => None,
            FormField::Tenant => Some(&mut self.tenant),
            FormField::GraphUrl => Some(&mut self.graph_url),
            FormField::LoginUrl => Some(&mut self.login_url),
            FormField::ClientId => Some(&mut self.client_id),
            FormField::Certificate => Some(&mut self.certificate),
            FormField::CaFile => Some(&mut self.ca_file),
        }
    }
}

/// Where the list of users comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsersKind {
    /// All members of the source group.
    SourceGroup,
    /// A file.
    File,
    /// Users who are named here.
    Pilot,
}

impl UsersKind {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::SourceGroup, Self::File, Self::Pilot];
}

/// The page of the users.
#[derive(Clone, Debug)]
pub struct UsersForm {
    /// Where they come from.
    pub kind: UsersKind,
    /// Whether the text below has the keys.
    pub in_text: bool,
    pub(in crate::setup) file: Field,
    pub(in crate::setup) entry: Field,
    /// Who was named here, in the order of the list.
    pub pilot: Vec<String>,
}

impl UsersForm {
    pub(in crate::setup) fn new() -> Self {
        let (file, entry) = (Field::default(), Field::default());
        Self { kind: UsersKind::SourceGroup, in_text: false, file, entry, pilot: Vec::new() }
    }
}
