//! Graph's sentences about licenses in our words: ids of products and service plans become names that an admin knows.

use uuid::Uuid;

use crate::domain::id::PlanId;
use crate::domain::id::SkuId;
use crate::domain::products;
use crate::domain::sku::Skus;
use crate::words::phrase;
use crate::words::say;

/// An id in a sentence has this many characters: Graph writes it with hyphens and without braces.
const ID: usize = 36;
/// More products than this are counted and not named.
const MOST_NAMED: usize = 3;

/// The sentence with every id of a product or service plan replaced by `Name (PART_NUMBER)`; a plan is followed by the
/// products of the tenant that bring it. Ids that nobody knows, and all other text, stay as they are.
pub fn explain(sentence: &str, skus: &Skus) -> String {
    let mut told = String::with_capacity(sentence.len());
    let (mut rest, mut before) = (sentence, None);
    while let Some(one) = rest.chars().next() {
        let id = if ends_a_word(before) { id_at(rest) } else { None };
        let (taken, name) = match id.and_then(|id| named(id, skus)) {
            Some(name) => (ID, name),
            None => (one.len_utf8(), one.to_string()),
        };
        told.push_str(&name);
        before = rest[..taken].chars().next_back();
        rest = &rest[taken..];
    }
    told
}

/// The id that the text begins with, when it is an id and not the beginning of something longer.
fn id_at(text: &str) -> Option<Uuid> {
    let id = text.get(..ID)?.parse().ok()?;
    ends_a_word(text[ID..].chars().next()).then_some(id)
}

fn ends_a_word(neighbour: Option<char>) -> bool {
    neighbour.is_none_or(|one| !one.is_alphanumeric() && one != '-')
}

fn named(id: Uuid, skus: &Skus) -> Option<String> {
    product(SkuId(id), skus).or_else(|| plan(PlanId(id), skus))
}

fn product(id: SkuId, skus: &Skus) -> Option<String> {
    let listed = products::names(id);
    let part_number = skus.get(id).map(|sku| &sku.part_number).or(listed.map(|names| &names.part_number))?;
    Some(with_part_number(listed.map(|names| names.name.as_str()), part_number))
}

fn plan(id: PlanId, skus: &Skus) -> Option<String> {
    let listed = products::plan_names(id);
    let of_tenant = skus.iter().flat_map(|sku| &sku.plans).find(|plan| plan.id == id).map(|plan| &plan.name);
    let part_number = of_tenant.or(listed.map(|names| &names.part_number))?;
    let name = with_part_number(listed.map(|names| names.name.as_str()), part_number);
    let bringing = match products::bringing(id, skus).as_slice() {
        [] => return Some(name),
        [one] => one.clone(),
        [all @ .., last] if all.len() < MOST_NAMED => [&all.join(", "), last.as_str()].join(&phrase("word-and")),
        all => {
            let (named, left) = all.split_at(MOST_NAMED);
            say("word-and-more", &[("named", named.join(", ").into()), ("left", left.len().into())])
        }
    };
    Some(say("word-plan-of-products", &[("plan", name.into()), ("products", bringing.into())]))
}

fn with_part_number(name: Option<&str>, part_number: &str) -> String {
    name.map_or_else(|| part_number.to_owned(), |name| format!("{name} ({part_number})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::testing::sku;
    use proptest::prelude::*;

    const E1: &str = "18181a46-0d4e-45cd-891e-60aabd171b4e";
    const E3: &str = "6fd2c87f-b296-42f0-b197-1e91e994b900";
    const NOBODYS: &str = "00000000-0000-0000-0000-0000000000aa";
    const SHAREPOINT_1: &str = "c7699d2e-19aa-44de-8edf-1736da088ca1";
    const SHAREPOINT_2: &str = "5dbe027f-2339-4123-9542-606e4d348a72";

    fn tenant() -> Skus {
        let sold = |id: &str, plan| sku(SkuId(id.parse().unwrap()), plan);
        [sold(E1, SHAREPOINT_1), sold(E3, SHAREPOINT_2)].into_iter().collect()
    }

    #[test]
    fn plans_are_named_with_the_products_that_bring_them() {
        let sentence = format!(
            "License assignment failed because service plans {SHAREPOINT_2}, {} are mutually exclusive.",
            SHAREPOINT_1.to_uppercase()
        );
        // The tests' tenant names a plan by its id, so the table's name stands before that.
        assert_eq!(
            explain(&sentence, &tenant()),
            format!(
                "License assignment failed because service plans SharePoint (Plan 2) ({SHAREPOINT_2}) of Office 365 E3, \
                 SharePoint (Plan 1) ({SHAREPOINT_1}) of Office 365 E1 are mutually exclusive."
            )
        );
        assert_eq!(explain(SHAREPOINT_2, &Skus::default()), "SharePoint (Plan 2) (SHAREPOINTENTERPRISE)");
    }

    #[test]
    fn products_are_named_and_ids_of_nobody_stay() {
        let sentence = format!("Account {NOBODYS} and SKU {E3} has no seats; {E3}0 and x{E3} are no ids");
        assert_eq!(
            explain(&sentence, &Skus::default()),
            format!(
                "Account {NOBODYS} and SKU Office 365 E3 (ENTERPRISEPACK) has no seats; {E3}0 and x{E3} are no ids"
            )
        );
    }

    #[test]
    fn a_product_that_is_not_on_the_list_keeps_the_tenants_name_for_it() {
        let skus: Skus = [sku(SkuId(NOBODYS.parse().unwrap()), SHAREPOINT_1)].into_iter().collect();
        assert_eq!(explain(NOBODYS, &skus), format!("SKU_{}", 0xaa));
    }

    #[test]
    fn many_products_are_counted() {
        let number = |number: u128| SkuId(Uuid::from_u128(number));
        let tenant = |count| (1..=count).map(|one| sku(number(one), SHAREPOINT_1)).collect::<Skus>();
        let of = |count| explain(SHAREPOINT_1, &tenant(count)).split_once(" of ").unwrap().1.to_owned();
        assert_eq!(of(1), "SKU_1");
        assert_eq!(of(2), "SKU_1 and SKU_2");
        assert_eq!(of(3), "SKU_1, SKU_2 and SKU_3");
        assert_eq!(of(5), "SKU_1, SKU_2, SKU_3 and 2 more");
    }

    proptest! {
        #[test]
        fn no_text_outside_of_ids_is_lost(pieces in prop::collection::vec((".{0,12}", 0..3usize), 0..6)) {
            let ids = [E1, SHAREPOINT_1, NOBODYS];
            let told = |name: &dyn Fn(&str) -> String| {
                pieces.iter().flat_map(|(text, id)| [text.clone(), " ".into(), name(ids[*id]), ".".into()]).collect::<String>()
            };
            let sentence = told(&|id| id.to_owned());
            let expected = told(&|id| explain(id, &tenant()));
            prop_assert_eq!(explain(&sentence, &tenant()), expected);
        }

        #[test]
        fn a_sentence_without_ids_stays_as_it_is(sentence in "[0-9a-fA-F{} -]{0,80}|.{0,80}") {
            prop_assert_eq!(explain(&sentence, &tenant()), sentence);
        }
    }
}
