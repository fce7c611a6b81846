//! The examples load, and what is wrong is named with its line.
use crate::sim::{Options, Sim};

const MIGRATION: &str = include_str!("../../../assets/sim/tenant-e1-to-e3.toml");
const AS_READ: &str = include_str!("../../../assets/sim/tenant-as-read.toml");
const HOSTILE: &str = include_str!("../../../assets/sim/tenant-hostile.toml");

async fn start(text: &str) -> Result<Sim, String> {
    let options = Options { tenant: Some(text.to_owned()), ..Options::default() };
    Sim::start(options).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn every_example_makes_a_tenant() {
    for (text, least) in [(MIGRATION, 4), (HOSTILE, 4), (AS_READ, 2)] {
        let sim = start(text).await.unwrap();
        assert!(sim.users_csv().lines().count() >= least);
        let config: toml::Table = sim.config_toml().parse().unwrap();
        let source = config["migration"]["source"]["group"].as_str().unwrap().to_owned();
        assert!(sim.state()["groups"].to_string().contains(&source));
    }
}

#[tokio::test]
async fn the_examples_between_them_use_every_key() {
    let texts = format!("{MIGRATION}{HOSTILE}{AS_READ}");
    let sources = [
        include_str!("../file.rs"),
        include_str!("../behaviour.rs"),
        include_str!("../event.rs"),
        include_str!("../fault/text.rs"),
        include_str!("../oauth/settings.rs"),
    ];
    let mut keys = 0;
    for schema in sources.into_iter().flat_map(|source| source.split("deny_unknown_fields").skip(1)) {
        let fields = schema.split("\n}").next().unwrap().lines().filter_map(|line| line.strip_prefix("    "));
        for field in fields.map(|field| field.trim_start_matches("pub(crate) ")) {
            let Some((key, _)) = field.split_once(": ").filter(|(key, _)| !key.contains(['/', ' ', '#'])) else {
                continue;
            };
            let shown = [format!("{key} ="), format!("[{key}]"), format!("[[{key}]]")];
            assert!(shown.iter().any(|shown| texts.contains(shown)), "no example shows `{key}`");
            keys += 1;
        }
    }
    assert!(keys > 100, "only {keys} keys were found");
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_line() {
    for (from, to, expected) in [
        ("seats = 25", "seets = 25", "unknown field `seets`"),
        ("seats = 25", "seats = \"many\"", "invalid type: string"),
        ("groups = [\"LIC - Office 365 E1\"]", "groups = [\"LIC\"]", "`LIC` is no group of this tenant"),
        ("part = \"POWER_BI_PRO\"", "part = \"POWER_BI\"", "`POWER_BI` is no product of Microsoft's table"),
        ("location = \"AQ\"", "location = \"AQ\"\nlocatoin = \"AQ\"", "unknown field `locatoin`"),
        ("location = \"AQ\"", "location = \"Antarctica\"", "`Antarctica` is no country"),
        ("country = \"US\"", "country = \"\"", "`` is no country"),
        ("countries = [\"AQ\"]", "countries = [\"AQQ\"]", "`AQQ` is no country"),
        ("domain = \"contoso.com\"", "domain = \"contoso\"", "`contoso` is no name for a tenant"),
        ("name = \"Contoso\"", "name = \" \"", "is no name for a tenant"),
        ("name = \"Role holders\"", "name = \"\"", "`` is no name for a group"),
        ("upn = \"adelev\"", "upn = \"\"", "`` is no principal name"),
        ("part = \"POWER_BI_PRO\"", "part = \"STANDARDPACK\"", "`STANDARDPACK` is the part of two products"),
        (
            "name = \"Marketing E1\"",
            "name = \"Marketing E1\"\nid = \"b82c04f0-ce30-4ff1-bac7-735d92d83036\"",
            "is the id of two objects",
        ),
    ] {
        assert!(MIGRATION.contains(from), "{from}");
        let line = MIGRATION.split(from).next().unwrap().lines().count();
        let error = start(&MIGRATION.replacen(from, to, 1)).await.unwrap_err();
        assert!(error.contains(expected) && error.contains("line "), "{error}");
        let told: usize = error.split("line ").nth(1).unwrap().split([':', ',']).next().unwrap().parse().unwrap();
        // A name may be missed first where it is used; a part of what is replaced may stand on its second line.
        assert!(expected.contains("is no group") || (line..=line + 2).contains(&told), "{told} for {line}: {error}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_fault_or_an_event_is_named_with_its_line() {
    for (from, to, expected) in [
        ("on = \"GET /**\"", "on = \"/**\"", "`/**` is not a verb and a path"),
        ("every = 5", "every = 0", "one of nth, every, first"),
        ("json = '{\"value\": []}'", "json = '{'", "the json of the fault"),
        ("until = \"80s\"", "until = \"10s\"", "is over before it begins"),
        ("drain = \"FABRIKAM_PLUS\"", "drain = \"FABRIKAM\"", "the tenant has no product `FABRIKAM`"),
        ("strip = \"ghost@fabrikam.com\"", "strip = \"ghost\"", "there is no user `ghost`"),
        ("country = \"FR\"", "country = \"France\"", "`France` is no country"),
        ("revoke_tokens = true", "revoke_tokens = false", "exactly one thing that happens"),
        ("user = \"admin@fabrikam.com\"", "user = \"root@fabrikam.com\"", "there is no user `root@fabrikam.com`"),
    ] {
        assert!(HOSTILE.contains(from), "{from}");
        let line = HOSTILE.split(from).next().unwrap().matches('\n').count() + 1;
        let error = start(&HOSTILE.replacen(from, to, 1)).await.unwrap_err();
        assert!(error.contains(expected) && error.contains(&format!("line {line}: ")), "line {line}: {error}");
    }
}

#[tokio::test]
async fn states_of_the_example_are_those_it_tells_of() {
    let sim = start(MIGRATION).await.unwrap();
    let state = sim.state();
    let user = |upn: &str| {
        let users = state["users"].as_array().unwrap();
        users.iter().find(|user| user["userPrincipalName"] == upn).unwrap()["licenseAssignmentStates"].to_string()
    };
    assert!(user("adelev@contoso.com").contains("\"Active\""));
    assert!(user("diegos@contoso.com").contains("\"assignedByGroup\":null"));
}

#[tokio::test]
async fn states_that_were_read_stand_as_they_were_and_seats_count_those_of_others() {
    let sim = start(AS_READ).await.unwrap();
    sim.freeze();
    let state = sim.state();
    let noor =
        state["users"].as_array().unwrap().iter().find(|user| user["userPrincipalName"] == "noor@tailspin.example");
    let states = noor.unwrap()["licenseAssignmentStates"].as_array().unwrap();
    let of = |key: &str| states.iter().map(|one| one[key].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        (of("state"), of("error")),
        (
            vec!["Active".to_owned(), "Error".to_owned()],
            vec!["None".to_owned(), "MutuallyExclusiveViolation".to_owned()],
        )
    );
    assert_eq!(states[0]["lastUpdatedDateTime"], "2026-01-07T09:30:00Z");
    assert_eq!((&state["skus"][0]["consumed"], &state["skus"][1]["consumed"]), (&33.into(), &0.into()));
    assert_eq!(sim.users_csv(), "noor@tailspin.example\ngone@tailspin.example\n", "the list is as the file says");
}

#[tokio::test]
async fn states_stand_beside_nothing_that_would_be_worked_out_and_come_once() {
    let noor = "groups = [\"Desk\", \"Office\"]";
    for (from, to, expected) in [
        (noor, "groups = []\ndirect = [\"STANDARDPACK\"]", "stands beside states"),
        (noor, "groups = []\nplans_off = [\"SWAY\"]", "stands beside states"),
        ("sku = \"ENTERPRISEPACK\", group = \"Office\"", "sku = \"STANDARDPACK\", group = \"Desk\"", "comes twice"),
        ("error = \"Mut", "error = \"Not", "unknown variant"),
        ("state = \"Error\"", "state = \"Lost\"", "unknown variant"),
    ] {
        assert!(AS_READ.contains(from), "{from}");
        let error = start(&AS_READ.replacen(from, to, 1)).await.unwrap_err();
        assert!(error.contains(expected) && error.contains("line "), "{error}");
    }
}
