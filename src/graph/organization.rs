//! The tenant as a whole: its name, and for a copy of it the country and the domain of new users.

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::domain::fault::FaultKind;
use crate::graph::Graph;
use crate::graph::error::GraphError;
use crate::graph::http::RequestCounter;
use crate::graph::page::Pages;
use crate::graph::rate_limiter::units;
use crate::graph::refusal::Needs;
use crate::graph::text;
use crate::graph::wire;

/// The tenant as a whole (Microsoft Graph reference, "organization resource type").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// The tenant's id.
    pub id: Option<Uuid>,
    /// The name shown to people.
    pub name: Option<String>,
    /// Two-letter ISO 3166 code, which users without a usage location get.
    pub country: Option<String>,
    /// The domain that new users get.
    pub domain: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireOrganization {
    id: Option<Uuid>,
    display_name: Option<String>,
    country_letter_code: Option<String>,
    verified_domains: Option<Vec<WireDomain>>,
}

/// The name alone, whatever is wrong with the rest.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireName {
    display_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDomain {
    name: Option<String>,
    is_default: Option<bool>,
}

/// A text as it may be shown; an empty one says nothing.
fn word(text: Option<String>) -> Option<String> {
    text.as_deref().map(text::plain).filter(|text| !text.is_empty())
}

fn organization(json: &str) -> Result<Organization, GraphError> {
    let one: WireOrganization = wire::parse(json)?;
    let domains = one.verified_domains.unwrap_or_default();
    let domain = domains.into_iter().find(|domain| domain.is_default == Some(true)).and_then(|domain| domain.name);
    Ok(Organization {
        id: one.id,
        name: word(one.display_name),
        country: word(one.country_letter_code),
        domain: word(domain),
    })
}

impl Graph {
    /// The tenant's name; `None` when it has none or does not tell it, as it is decoration.
    ///
    /// # Errors
    /// When Graph cannot be reached, or nobody is signed in.
    pub async fn organization_name(&self) -> Result<Option<String>, GraphError> {
        let first = match self.first_organization("id,displayName").await {
            Err(error) if matches!(error.kind(), FaultKind::Unreachable | FaultKind::SignIn) => return Err(error),
            // Whatever else is wrong with it, those who move do not need it.
            first => first.unwrap_or_default(),
        };
        let named = first.and_then(|first| wire::parse::<WireName>(first.get()).ok());
        Ok(named.and_then(|named| word(named.display_name)))
    }

    /// The tenant as a whole; `None` when Graph lists none.
    ///
    /// # Errors
    /// When Graph does not answer or refuses.
    pub async fn organization(&self) -> Result<Option<Organization>, GraphError> {
        let first = self.first_organization("id,displayName,countryLetterCode,verifiedDomains").await?;
        first.map(|first| organization(first.get())).transpose()
    }

    async fn first_organization(&self, select: &str) -> Result<Option<Box<RawValue>>, GraphError> {
        let counter = RequestCounter::default();
        let asked = (units::ENTITY, Needs::ReadOrganization);
        let all = Pages::of(self.http(), &format!("/organization?$select={select}"), asked, &counter)?.all().await?;
        Ok(all.into_iter().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_organization_is_read_with_its_default_domain() {
        let json = r#"{"id":"48A80680-7326-48CD-9935-B556B81D3A4E","displayName":"Contoso\u0007","countryLetterCode":"PT",
            "verifiedDomains":[{"name":"contoso.onmicrosoft.com","isDefault":false},{"name":"contoso.com","isDefault":true}]}"#;
        let one = organization(json).unwrap();
        assert_eq!((one.name.as_deref(), one.country.as_deref()), (Some("Contoso"), Some("PT")));
        assert_eq!((one.domain.as_deref(), one.id.is_some()), (Some("contoso.com"), true));
        assert_eq!(organization("{}").unwrap(), Organization::default(), "what is not told is not known");
    }
}
