//! Tenants by chance, rich in kinds: several products a group, rivals, direct licenses, errors that wait, other groups,
//! disabled, deleted and guest users, few seats, and users outside the list who hold them.
//!
//! What no read tells is left out, as no copy can have it: countries where a product is not offered to anybody yet, plans
//! that need others by rules of the tenant's own, and mail addresses that are taken and do not show.

use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::sample::subsequence;

/// The groups beside the two, with what they license.
const OTHERS: [(&str, &[&str]); 5] = [
    ("Marketing, old", &["STANDARDPACK", "POWER_BI_PRO"]),
    ("Kiosk \"Quay 3\"", &["DESKLESSPACK"]),
    ("Planners + drawers", &["VISIOCLIENT"]),
    ("Wächter", &["AAD_PREMIUM", "EMS"]),
    ("Zimmer 12", &["SPE_E3"]),
];
const PARTS: [&str; 9] = [
    "STANDARDPACK",
    "ENTERPRISEPACK",
    "ENTERPRISEPREMIUM",
    "EMS",
    "POWER_BI_PRO",
    "DESKLESSPACK",
    "VISIOCLIENT",
    "AAD_PREMIUM",
    "SPE_E3",
];
const NAMES: [&str; 6] =
    ["Quillon Vashti", "Zephyrine O'Dwyer", "Xanthe Ñúñez", "Thaddeus Brønsted", "山田 Wakana", "Bo. #7"];

#[expect(clippy::struct_excessive_bools, reason = "independent facts about a user")]
#[derive(Clone, Debug)]
struct Person {
    name: usize,
    source: bool,
    others: Vec<usize>,
    direct: Vec<&'static str>,
    location: &'static str,
    disabled: bool,
    guest: bool,
    listed: bool,
    deleted: bool,
    taken: bool,
    by_id: bool,
}

/// The text of a tenant file.
pub(super) fn tenants() -> impl Strategy<Value = String> {
    let seats = select(vec![0_u32, 2, 4, 7, 60]);
    let route = select(vec![("STANDARDPACK", "ENTERPRISEPACK"), ("ENTERPRISEPACK", "ENTERPRISEPREMIUM")]);
    let companions = (subsequence(vec!["EMS", "POWER_BI_PRO", "AAD_PREMIUM"], 0..=2), any::<bool>(), any::<bool>());
    let trouble = (seats.clone(), seats, any::<[bool; 3]>());
    (route, companions, trouble, vec(person(), 4..14)).prop_map(|(route, companions, trouble, people)| {
        let (mut text, (source, target)) = (String::new(), route);
        let (companions, plans_off, both) = companions;
        let (few, fewer, [order, grace, several]) = trouble;
        let head = "[tenant]\nname = \"Wolverhampton\"\ndomain = \"wolver.example.org\"\ncountry = \"PT\"\n\n[migration]\n\
                    source = { group = \"Źródło\", sku = \"SOURCE\" }\ntarget = { group = \"Ziel\", sku = \"TARGET\" }\n";
        text.push_str(&head.replace("SOURCE", source).replace("TARGET", target));
        for part in PARTS {
            let seats = match part {
                _ if part == target => few,
                "EMS" => fewer + 14,
                _ => 60,
            };
            write!(text, "\n[[sku]]\npart = \"{part}\"\nseats = {seats}\n").unwrap();
            if part == target && grace {
                text.push_str("warning = 5\ntrial = true\nstatus = \"Warning\"\nlocked_out = 2\n");
            }
            if part == target && several {
                text.push_str(
                    "subscriptions = [{ total = 40, ends = \"2026-12-01T00:00:00Z\" }, { trial = true, status = \"Enabled\" }]\n",
                );
            }
        }
        text.push_str("\n[[prohibited]]\nsku = \"VISIOCLIENT\"\ncountries = [\"AQ\"]\n");
        let mut group = |name: &str, parts: &[&str], off: bool| {
            let list = parts.iter().map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(", ");
            write!(text, "\n[[group]]\nname = '{name}'\nlicenses = [{list}]\n").unwrap();
            if off {
                text.push_str("plans_off = [\"SWAY\", \"YAMMER_ENTERPRISE\"]\n");
            }
        };
        let (mut ours, mut theirs) = (vec![source], vec![target]);
        theirs.extend(companions.iter().filter(|_| !both));
        ours.extend(companions.iter().filter(|_| both));
        let groups = [("Źródło", ours.as_slice(), false), ("Ziel", theirs.as_slice(), plans_off)];
        let others = OTHERS.iter().map(|(name, parts)| (*name, *parts, false));
        // Which group was made first decides which of two rivals wins.
        let all: Vec<_> = if order { groups.into_iter().chain(others).collect() } else { others.chain(groups).collect() };
        for (name, parts, off) in all {
            group(name, parts, off);
        }
        people.iter().enumerate().for_each(|(place, one)| write_person(&mut text, place, one));
        text
    })
}

fn person() -> impl Strategy<Value = Person> {
    let who = (0..NAMES.len(), prop::bool::weighted(0.85), subsequence((0..OTHERS.len()).collect::<Vec<_>>(), 0..=2));
    let direct = subsequence(vec!["POWER_BI_PRO", "EMS", "VISIOCLIENT", "STANDARDPACK"], 0..=1);
    let more = (select(vec!["PT", "US", "AQ", "none"]), any::<bool>());
    let kinds = [0.1, 0.1, 0.8, 0.1, 0.05].map(prop::bool::weighted);
    (who, direct, more, kinds, 0_u8..4).prop_map(|(who, direct, (location, by_id), kinds, many)| {
        let (name, source, others) = who;
        let [disabled, guest, listed, deleted, taken] = kinds;
        let others = if many == 0 { others } else { others.into_iter().take(1).collect() };
        let direct = if location == "none" || taken { Vec::new() } else { direct };
        Person { name, source, others, direct, location, disabled, guest, listed, deleted, taken, by_id }
    })
}

fn write_person(text: &mut String, place: usize, one: &Person) {
    let groups = one.source.then_some("Źródło").into_iter().chain(one.others.iter().map(|other| OTHERS[*other].0));
    let groups: Vec<String> = groups.map(|name| format!("'{name}'")).collect();
    // An address that is taken shows on whoever has a group, and else on nobody.
    let taken = one.taken && !groups.is_empty();
    let direct: Vec<String> = one.direct.iter().map(|part| format!("\"{part}\"")).collect();
    let upn = format!("Quux.Person{place}@Wolver.example.org");
    write!(
        text,
        "\n[[user]]\nupn = \"{upn}\"\nname = '''{}'''\nlocation = \"{}\"\ndisabled = {}\nguest = {}\nlisted = {}\n\
         address_taken = {taken}\ngroups = [{}]\ndirect = [{}]\n",
        NAMES[one.name],
        one.location,
        one.disabled,
        one.guest,
        one.listed,
        groups.join(", "),
        direct.join(", "),
    )
    .unwrap();
    if one.by_id {
        writeln!(text, "id = \"00000000-0000-4000-8000-{:012x}\"", 0xabc0 + place).unwrap();
    }
    if one.deleted {
        write!(text, "\n[[event]]\ndelete_user = \"{upn}\"\n").unwrap();
    }
}
