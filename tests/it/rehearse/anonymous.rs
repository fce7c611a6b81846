//! Nothing of the tenant is left in an anonymous copy, however it may be written.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::strategy::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use skuferry::domain::fault::Fault;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::fault::FaultMessage;
use skuferry::engine::plan::Users;
use skuferry::rehearse;
use skuferry::rehearse::TenantCopy;
use skuferry::rehearse::Unread;
use uuid::Uuid;

use crate::rehearse::both::Side;
use crate::rehearse::random::tenants;

/// Every text of the tenant that tells which it is, and parts of names that do.
fn originals(copy: &TenantCopy) -> BTreeSet<String> {
    let mut all = BTreeSet::from([copy.name.clone(), copy.domain.clone()]);
    for user in &copy.users {
        let names = user.facts.display_name.clone().unwrap_or_default();
        all.extend(names.split([' ', '\'']).filter(|part| part.chars().count() > 3).map(ToOwned::to_owned));
        all.extend([names.to_string(), user.facts.upn.to_string(), user.facts.id.to_string()]);
        all.extend(user.facts.upn.split('@').map(ToOwned::to_owned));
        all.extend((0..user.facts.states.len()).filter_map(|at| user.facts.changed.get(at)).map(|at| at.to_string()));
    }
    for one in &copy.groups {
        all.extend([one.group.name.clone(), one.group.id.to_string()]);
        all.extend(one.rule.clone());
    }
    if let Users::List(list) = &copy.plan.users {
        all.extend(list.iter().map(|(listed, _)| listed.given.to_string()));
    }
    all.extend(copy.plan.passed_over.iter().map(|row| row.text.clone()));
    all.extend(copy.id.map(|id| id.to_string()));
    all.extend(copy.migration.clone());
    all.retain(|text| !text.is_empty());
    all
}

/// The ways in which a text may stand in a file, each as bytes.
fn written(text: &str) -> Vec<Vec<u8>> {
    let mut ways: Vec<Vec<u8>> = vec![text.as_bytes().to_vec()];
    let mut bytes = vec![text.as_bytes().to_vec()];
    if let Ok(id) = text.parse::<Uuid>() {
        ways.extend([id.simple().to_string().into_bytes(), id.urn().to_string().into_bytes()]);
        bytes.extend([id.as_bytes().to_vec(), id.to_bytes_le().to_vec()]);
    }
    let wide: Vec<u16> = text.encode_utf16().collect();
    bytes.push(wide.iter().flat_map(|unit| unit.to_le_bytes()).collect());
    bytes.push(wide.iter().flat_map(|unit| unit.to_be_bytes()).collect());
    for raw in bytes {
        let hex = |part: &str| raw.iter().map(|byte| format!("{part}{byte:02x}")).collect::<Vec<_>>().concat();
        ways.extend([hex(""), hex("%"), hex("\\x")].map(String::into_bytes));
        // Where in base64 a text begins depends on what stands before it; its ends share letters with their neighbours.
        for before in 0..3 {
            let padded = [vec![0; before], raw.clone()].concat();
            let code = STANDARD.encode(&padded);
            let inner = code.get(before.div_ceil(3) * 4..code.len() / 4 * 4 - 4).unwrap_or_default();
            ways.extend((inner.len() > 8).then(|| inner.as_bytes().to_vec()));
        }
        ways.push(raw);
    }
    let percent: String = text
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02x}") })
        .collect();
    let escaped: String = text
        .chars()
        .map(|one| if one.is_ascii() { one.to_string() } else { format!("\\u{:04x}", u32::from(one)) })
        .collect();
    let entities = text.chars().map(|one| format!("&#{};", u32::from(one))).collect::<Vec<_>>().concat();
    ways.extend([percent, escaped, entities, text.chars().rev().collect()].map(String::into_bytes));
    ways
}

/// The originals that a file holds, in any of these ways and in any letter case.
fn found(file: &str, originals: &BTreeSet<String>) -> Vec<String> {
    let (small, folded) = (file.to_ascii_lowercase(), file.to_lowercase());
    let is_in = |text: &String| {
        let ways = written(text).into_iter().chain(written(&text.to_lowercase())).chain(written(&text.to_uppercase()));
        // What is no UTF-8 by itself cannot stand in a file that is.
        let ways = ways.filter_map(|way| String::from_utf8(way).ok()).filter(|way| way.chars().count() > 3);
        let ways: BTreeSet<String> = ways.map(|way| way.to_ascii_lowercase()).collect();
        ways.iter().any(|way| small.contains(way) || folded.contains(way))
    };
    originals.iter().filter(|text| is_in(text)).cloned().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_original_is_left_in_an_anonymous_file_in_any_encoding_or_case() {
    let mut runner = TestRunner::deterministic();
    let (mut done, mut left) = (0, 240);
    while done < 16 {
        left -= 1;
        assert!(left > 0, "most tenants by chance are none");
        let text = tenants().new_tree(&mut runner).unwrap().current();
        let Ok(side) = Side::of(&text).await else { continue };
        let mut plan = side.plan().await;
        if let Users::List(shared) = &mut plan.users {
            let mut list = shared.to_vec();
            // Somebody else wrote the list: in other letters, with a name that nobody has, and with one that is none.
            list.iter_mut().step_by(2).for_each(|(listed, _)| listed.given = listed.given.to_uppercase().into());
            for given in ["Nobody.Atall@Wolver.example.org", "Ottoline Fitzwarren"] {
                let key = given.contains('@').then(|| skuferry::graph::UserKey::Upn(given.into()));
                let line = list.len() + 1;
                list.push((skuferry::domain::preflight::Listed { line, given: given.into() }, key));
            }
            *shared = list.into();
        }
        let Ok(mut copy) = rehearse::read(&side.graph, &plan, "2026-11-27T00:00:00Z".parse().unwrap()).await else {
            continue;
        };
        copy.migration = Some("Wolverhampton goes E3".to_owned());
        // What Graph says of a refusal may name anybody.
        let said = format!("no access to {} of {}", copy.users[0].facts.upn, copy.name);
        let fault = Fault {
            kind: FaultKind::Forbidden,
            status: Some(403),
            code: Some("Authorization_RequestDenied".to_owned()),
            message: Box::new(FaultMessage::Told(said)),
            request_id: None,
        };
        copy.unread = vec![
            Unread::Group(copy.groups[0].group.id, Some(fault.clone())),
            Unread::Members(copy.groups[1].group.id, Some(fault.clone())),
            Unread::User(copy.users[0].facts.upn.to_uppercase(), fault.clone()),
            Unread::Organization(Some(fault)),
        ];
        let originals = originals(&copy);
        assert!(originals.len() > 12, "{originals:?}");
        let named = rehearse::tenant_file(&copy).0;
        assert!(found(&named, &originals).len() > 12, "the scan finds what is there");
        let anonymous = rehearse::tenant_file(&rehearse::anonymous(&copy).0).0;
        assert_eq!(found(&anonymous, &originals), [] as [&str; 0], "{anonymous}");
        assert!(anonymous.contains("403 Authorization_RequestDenied"), "{anonymous}");
        done += 1;
    }
}

#[test]
fn the_scan_knows_a_text_in_each_of_its_dresses() {
    let originals = BTreeSet::from(["Quillon Vashti".to_owned(), "6d325baf-22b7-46fa-a2fc-a2500613ca15".to_owned()]);
    for hidden in [
        "quillon vashti",
        "QUILLON%20VASHTI",
        "x5175696c6c6f6e20566173687469",
        &STANDARD.encode("about Quillon Vashti and others"),
        &STANDARD.encode("aboutQuillon Vashti and others"),
        "ithsaV nolliuQ",
        "6D325BAF22B746FAA2FCA2500613CA15",
        "&#81;&#117;&#105;&#108;&#108;&#111;&#110;&#32;&#86;&#97;&#115;&#104;&#116;&#105;",
    ] {
        assert_eq!(found(hidden, &originals).len(), 1, "{hidden}");
    }
    assert!(found("user1 quillo vasht 6d325baf-22b7-46fa-a2fc-a2500613ca16", &originals).is_empty());
}
