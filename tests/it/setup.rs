//! The set-up: every page at two sizes, its keys, and the whole way from no configuration to the first approval.

mod by_hand;

use std::path::PathBuf;

use crossterm::event::KeyCode;
use crossterm::event::KeyEvent;
use crossterm::event::KeyModifiers;
use jiff::SignedDuration;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use skuferry::config::AuthMethod;
use skuferry::domain::group::Group;
use skuferry::domain::group::GroupLicense;
use skuferry::domain::id::GroupId;
use skuferry::domain::id::SkuId;
use skuferry::domain::licensed_group::LicensedGroup;
use skuferry::domain::preflight::ReasonCode;
use skuferry::domain::seat_ledger::ProductSeats;
use skuferry::domain::sign_in_prompt::Prompt;
use skuferry::domain::sku::PrepaidUnits;
use skuferry::domain::sku::Sku;
use skuferry::domain::time::Timestamp;
use skuferry::setup::state::Setup;
use skuferry::setup::state::Start;
use skuferry::setup::state::Step;
use skuferry::setup::state::Tenant;
use skuferry::setup::state::Trouble;
use skuferry::setup::state::UsersKind;
use skuferry::setup::update::Action;
use skuferry::setup::update::Effect;
use skuferry::setup::update::End;
use skuferry::setup::update::update;
use skuferry::setup::view::Look;
use skuferry::setup::view::draw;
use skuferry::tui::Theme;
use uuid::Uuid;

use crate::scene;
use crate::screens::in_each_other_language;
use crate::screens::text;

const E1: &str = "18181a46-0d4e-45cd-891e-60aabd171b4e";
const E3: &str = "6fd2c87f-b296-42f0-b197-1e91e994b900";
const EMS: &str = "efccb6f7-5641-4e0e-bd10-b4976e1bf68e";

fn now() -> Timestamp {
    "2026-11-27T09:00:00Z".parse().unwrap()
}

fn sku(id: &str, part_number: &str, enabled: i64) -> Sku {
    Sku {
        id: SkuId(id.parse().unwrap()),
        part_number: part_number.into(),
        for_users: true,
        capability: "Enabled".into(),
        prepaid: PrepaidUnits { enabled, ..PrepaidUnits::default() },
        consumed: 40,
        plans: Vec::new(),
    }
}

fn group(number: u128, name: &str, skus: &[&str], members: Option<u64>) -> LicensedGroup {
    let license = |id: &&str| GroupLicense { sku: SkuId(id.parse().unwrap()), disabled_plans: Vec::new() };
    LicensedGroup {
        group: Group {
            id: GroupId(Uuid::from_u128(number)),
            name: name.into(),
            types: Vec::new(),
            mail_enabled: false,
            security_enabled: true,
            synced: false,
            role_assignable: false,
            restricted: false,
            licenses: skus.iter().map(license).collect(),
        },
        rule: None,
        members,
        has_errors: Some(false),
    }
}

fn tenant() -> Tenant {
    let mut dynamic = group(2, "LIC - E3 for all of Sales and Marketing, by department", &[E3, EMS], Some(1204));
    dynamic.group.types = vec!["DynamicMembership".into()];
    dynamic.rule = Some("(user.department -eq \"Sales\") or (user.department -eq \"Marketing\")".into());
    let mut synced = group(3, "LIC - E1 (AD)\u{1b}[2J", &[E1], None);
    synced.group.synced = true;
    synced.has_errors = None;
    let mut failing = group(4, "LIC - Office 365 E3", &[E3, EMS], Some(61));
    failing.has_errors = Some(true);
    Tenant {
        name: Some("Contoso".into()),
        account: Some("admin@contoso.com".into()),
        skus: [sku(E1, "STANDARDPACK", 200), sku(E3, "ENTERPRISEPACK", 101), sku(EMS, "EMS", 41)].into_iter().collect(),
        groups: vec![dynamic, synced, group(1, "LIC - Office 365 E1", &[E1], Some(64)), failing],
        reads_only: None,
    }
}

fn begun(offers: bool) -> Setup {
    Setup::new(Start {
        offers,
        place: "/home/ann/.config/skuferry/config.toml".into(),
        folder: "/home/ann/moves".into(),
        home: Some("/home/ann".into()),
    })
}

/// Draws it, as the loop does before every key.
fn shown(setup: &mut Setup, width: u16, height: u16) -> String {
    let mut screen = Terminal::new(TestBackend::new(width, height)).unwrap();
    let look = Look { theme: Theme::None, ascii: false, now: now() };
    let mut measured = (0, 1);
    screen.draw(|frame| measured = draw(setup, look, frame)).unwrap();
    setup.drawn(measured.0, measured.1);
    text(screen.backend().buffer())
}

fn both(name: &str, setup: &mut Setup) {
    for (width, height) in [(80, 24), (120, 40)] {
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), shown(setup, width, height));
    }
    in_each_other_language(|tag| {
        insta::assert_snapshot!(format!("{name}_{tag}_80x24"), shown(setup, 80, 24));
    });
}

fn press(setup: &mut Setup, code: KeyCode) -> Vec<Effect> {
    let _ = shown(setup, 80, 24);
    update(setup, Action::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

fn enter(setup: &mut Setup) -> Vec<Effect> {
    press(setup, KeyCode::Enter)
}

fn type_in(setup: &mut Setup, text: &str) {
    for one in text.chars() {
        assert_eq!(press(setup, KeyCode::Char(one)), []);
    }
}

/// The form, filled in for an application with a secret.
fn filled() -> Setup {
    let mut setup = begun(false);
    for _ in 0..3 {
        press(&mut setup, KeyCode::Right);
    }
    press(&mut setup, KeyCode::Tab);
    type_in(&mut setup, "contoso.onmicrosoft.com");
    press(&mut setup, KeyCode::Tab);
    press(&mut setup, KeyCode::Tab);
    let _ = update(&mut setup, Action::Pasted("6f1e3a0c-0000-4000-8000-000000000000\n".into()));
    setup
}

fn signed_in() -> Setup {
    let mut setup = filled();
    let effects = enter(&mut setup);
    let [Effect::SignIn { draft, hosts }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((draft.method, draft.tenant.as_str()), (AuthMethod::ClientSecret, "contoso.onmicrosoft.com"));
    assert!(hosts.is_empty());
    assert_eq!(update(&mut setup, Action::SignedIn(Box::new(tenant()))), []);
    assert_eq!(setup.step, Step::Source);
    setup
}

/// Both groups picked.
fn picked() -> Setup {
    let mut setup = signed_in();
    press(&mut setup, KeyCode::Down);
    press(&mut setup, KeyCode::Down);
    assert_eq!(enter(&mut setup), []);
    assert_eq!(setup.step, Step::Target, "the source group assigns one product");
    press(&mut setup, KeyCode::End);
    assert_eq!(enter(&mut setup), []);
    assert_eq!(setup.step, Step::TargetProduct);
    assert_eq!(enter(&mut setup), []);
    assert_eq!(setup.step, Step::Users);
    setup
}

fn checked() -> Setup {
    let mut setup = picked();
    assert!(matches!(enter(&mut setup).as_slice(), [Effect::Check(_)]));
    let mut users: Vec<_> = (0..40).map(scene::ready).collect();
    let direct = scene::reason(ReasonCode::SourceAssignedDirectly, "The license is also assigned directly.", false);
    users.push(scene::blocked(40, vec![direct.clone()]));
    users.push(scene::blocked(41, vec![direct]));
    let seats = |id: &str, part: &str, name: &str, available| ProductSeats {
        sku: SkuId(id.parse().unwrap()),
        part_number: part.into(),
        name: name.into(),
        available,
        needed: 40,
    };
    let mut found = Box::new(scene::preflight(users));
    found.products = vec![seats(E3, "ENTERPRISEPACK", "Office 365 E3", 61), seats(EMS, "EMS", "EMS E3", 1)];
    assert_eq!(update(&mut setup, Action::Checked(found, Vec::new())), []);
    assert_eq!(setup.step, Step::Summary);
    setup
}

fn at_the_place() -> Setup {
    let mut setup = checked();
    assert_eq!(enter(&mut setup), []);
    assert_eq!(setup.step, Step::Place);
    setup
}

#[test]
fn each_page_at_two_sizes() {
    both("offer", &mut begun(true));
    both("sign_in", &mut begun(false));
    both("sign_in_filled", &mut filled());
    both("source", &mut signed_in());
    let mut setup = picked();
    both("users", &mut setup);
    both("target_product", &mut { setup.clone().tap_back() });
    both("summary", &mut checked());
    both("place", &mut at_the_place());
    let mut written = at_the_place();
    enter(&mut written);
    let _ = update(&mut written, Action::Written("/home/ann/.config/skuferry/config.toml".into()));
    both("written", &mut written);
}

/// A page back, for pages that are passed by on the way.
trait TapBack {
    fn tap_back(self) -> Self;
}

impl TapBack for Setup {
    fn tap_back(mut self) -> Self {
        assert_eq!(press(&mut self, KeyCode::Esc), []);
        self
    }
}

#[test]
fn pages_that_ask_wait_or_tell_at_two_sizes() {
    let mut search = signed_in();
    press(&mut search, KeyCode::Char('/'));
    type_in(&mut search, "e3");
    both("search", &mut search);

    let mut nothing = search.clone();
    type_in(&mut nothing, "x");
    both("search_nothing", &mut nothing);

    let mut code = filled();
    enter(&mut code);
    both("signing_in", &mut code);
    let until = now() + SignedDuration::from_secs(890);
    let page = "https://microsoft.com/devicelogin".into();
    let _ = update(&mut code, Action::Prompted(Prompt::DeviceCode { code: "FRWQDE7YL".into(), page, until }));
    both("device_code", &mut code);
    for opened in [true, false] {
        let address = format!("https://login.microsoftonline.com/contoso.onmicrosoft.com/{}", "a1".repeat(120));
        let _ = update(&mut code, Action::Prompted(Prompt::Browser { address, port: 49_152, opened }));
        both(if opened { "browser_opened" } else { "browser_by_hand" }, &mut code);
    }

    let mut host = filled();
    enter(&mut host);
    let secret = "access tokens for your tenant".into();
    let _ = update(&mut host, Action::HostAsked { host: "graph.example".into(), key: "graph_url".into(), secret });
    both("host", &mut host);

    let mut refused = filled();
    enter(&mut refused);
    let trouble = Trouble {
        what: "signing in failed".into(),
        why: "the client secret has expired. AADSTS7000222: The provided client secret keys are expired.".into(),
        action: "In the app registration, Certificates & secrets: make a new client secret.".into(),
    };
    let _ = update(&mut refused, Action::Failed(trouble));
    both("refused", &mut refused);

    let mut pilot = picked();
    pilot.users.kind = UsersKind::Pilot;
    enter(&mut pilot);
    let _ = update(&mut pilot, Action::Pasted("adelev@contoso.com\nalexw@contoso.com\nnobody\n".into()));
    both("pilot", &mut pilot);

    let mut replace = at_the_place();
    enter(&mut replace);
    let _ = update(&mut replace, Action::Exists(vec!["/home/ann/.config/skuferry/config.toml".into()]));
    both("replace", &mut replace);
}

#[test]
fn every_page_can_be_left_and_gone_back_to_with_all_that_was_entered() {
    let mut setup = at_the_place();
    type_in(&mut setup, ".new");
    let draft = setup.draft().unwrap();
    let back =
        [Step::Summary, Step::Users, Step::TargetProduct, Step::Target, Step::Source, Step::SignIn, Step::SignIn];
    for step in back {
        assert_eq!(press(&mut setup, KeyCode::Esc), []);
        assert_eq!(setup.step, step);
        assert_eq!(setup.draft().unwrap(), draft, "{step:?}");
    }
    // Nothing is asked of the tenant again, as nothing was changed.
    for step in [Step::Source, Step::Target, Step::TargetProduct, Step::Users, Step::Summary, Step::Place] {
        assert_eq!(enter(&mut setup), [], "{step:?}");
        assert_eq!(setup.step, step);
    }
    assert_eq!(setup.draft().unwrap(), draft);
    let place = PathBuf::from("/home/ann/.config/skuferry/config.toml.new");
    assert_eq!(enter(&mut setup), [Effect::Write { draft, path: place, replaces: false }]);
}

#[test]
fn what_is_under_way_can_be_given_up_and_its_answer_counts_no_more() {
    let mut setup = filled();
    enter(&mut setup);
    assert_eq!(press(&mut setup, KeyCode::Esc), [Effect::Cancel]);
    assert_eq!(update(&mut setup, Action::SignedIn(Box::new(tenant()))), []);
    assert!(setup.tenant.is_none() && setup.step == Step::SignIn);
    assert!(shown(&mut setup, 80, 24).contains("contoso.onmicrosoft.com"), "what was entered is still there");
}

#[test]
fn q_and_ctrl_c_leave_and_nothing_is_written() {
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    for mut setup in [begun(true), begun(false), filled(), signed_in(), picked(), checked(), at_the_place()] {
        let step = setup.step;
        assert_eq!(update(&mut setup, Action::Key(ctrl_c)), [Effect::End(End::Left)], "{step:?}");
    }
    for mut setup in [begun(true), begun(false), signed_in(), picked(), checked()] {
        let step = setup.step;
        assert_eq!(press(&mut setup, KeyCode::Char('q')), [Effect::End(End::Left)], "{step:?}");
    }
    let mut place = at_the_place();
    assert_eq!(press(&mut place, KeyCode::Char('q')), [], "a letter, where text is typed");
}

#[test]
fn a_file_is_replaced_only_when_its_name_is_typed() {
    let asked = || {
        let mut setup = at_the_place();
        enter(&mut setup);
        let path = PathBuf::from("/home/ann/.config/skuferry/config.toml");
        assert_eq!(update(&mut setup, Action::Exists(vec![path])), []);
        setup
    };
    for answer in ["", "y", "yes", "config", "config.toml2"] {
        let mut setup = asked();
        type_in(&mut setup, answer);
        assert_eq!(enter(&mut setup), [], "{answer}");
        assert!(setup.question.is_none() && setup.step == Step::Place);
    }
    let mut pasted = asked();
    let _ = update(&mut pasted, Action::Pasted("config.toml".into()));
    assert_eq!(enter(&mut pasted), [], "pasted text is no answer");
    let mut meant = asked();
    type_in(&mut meant, "config.toml");
    assert!(matches!(enter(&mut meant).as_slice(), [Effect::Write { replaces: true, .. }]));
}

#[test]
fn a_host_is_confirmed_by_its_name_and_for_one_purpose() {
    let mut setup = filled();
    enter(&mut setup);
    let asked = || Action::HostAsked { host: "graph.example".into(), key: "graph_url".into(), secret: "tokens".into() };
    let _ = update(&mut setup, asked());
    type_in(&mut setup, "yes");
    assert_eq!(enter(&mut setup), [], "anything else leaves all as it is");
    enter(&mut setup);
    let _ = update(&mut setup, asked());
    type_in(&mut setup, "graph.example");
    let effects = enter(&mut setup);
    let [Effect::SignIn { hosts, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(hosts, &[("graph_url".to_owned(), "graph.example".to_owned())]);
}

#[test]
fn a_value_that_the_file_would_refuse_is_told_before_anything_is_sent() {
    let mut setup = filled();
    setup.form.focus = skuferry::setup::state::FormField::Tenant;
    type_in(&mut setup, "/../x");
    assert_eq!(enter(&mut setup), []);
    let screen = shown(&mut setup, 80, 24);
    assert!(screen.contains("A value cannot be used.") && screen.contains("the tenant's id"), "{screen}");
}

#[test]
fn the_source_cannot_be_the_target_and_another_source_forgets_a_target_that_clashes() {
    let mut setup = picked();
    for _ in 0..2 {
        press(&mut setup, KeyCode::Esc);
    }
    assert_eq!(setup.step, Step::Target);
    press(&mut setup, KeyCode::Up);
    assert_eq!(enter(&mut setup), []);
    assert!(setup.step == Step::Target && setup.trouble.is_some(), "the group that users leave");
    press(&mut setup, KeyCode::Esc);
    press(&mut setup, KeyCode::End);
    enter(&mut setup);
    assert_eq!(setup.step, Step::SourceProduct);
    enter(&mut setup);
    assert!(setup.step == Step::Target && setup.target.end.is_none() && setup.draft().is_none());
}

#[test]
fn another_tenant_forgets_what_was_picked() {
    let mut setup = checked();
    while setup.step != Step::SignIn {
        press(&mut setup, KeyCode::Esc);
    }
    setup.form.focus = skuferry::setup::state::FormField::Tenant;
    type_in(&mut setup, ".example");
    assert!(matches!(enter(&mut setup).as_slice(), [Effect::SignIn { .. }]), "it is another tenant");
    let other = Tenant { groups: vec![group(9, "LIC", &[E1], Some(1))], ..tenant() };
    let _ = update(&mut setup, Action::SignedIn(Box::new(other)));
    assert!(setup.draft().is_none() && setup.summary.is_none());
}

#[test]
fn a_part_number_that_the_tenant_has_twice_is_written_as_an_id() {
    let mut setup = filled();
    enter(&mut setup);
    let mut two = tenant();
    let other = "00000000-0000-0000-0000-0000000000e1";
    two.skus = two.skus.iter().cloned().chain([sku(other, "STANDARDPACK", 9)]).collect();
    let _ = update(&mut setup, Action::SignedIn(Box::new(two)));
    press(&mut setup, KeyCode::Down);
    press(&mut setup, KeyCode::Down);
    enter(&mut setup);
    assert_eq!(setup.source.end.as_ref().unwrap().sku, E1);
}

#[test]
fn a_pilot_list_is_typed_and_pasted_and_taken_back() {
    let mut setup = picked();
    for _ in 0..3 {
        press(&mut setup, KeyCode::Down);
    }
    assert_eq!(setup.users.kind, UsersKind::Pilot);
    enter(&mut setup);
    type_in(&mut setup, "adelev@contoso.com");
    assert_eq!(enter(&mut setup), []);
    type_in(&mut setup, "nobody");
    assert_eq!(enter(&mut setup), []);
    assert!(setup.trouble.is_some(), "no user is called so");
    for _ in 0.."nobody".len() {
        press(&mut setup, KeyCode::Backspace);
    }
    let _ =
        update(&mut setup, Action::Pasted("userPrincipalName,x\nADELEV@contoso.com,1\nalexw@contoso.com,2\n".into()));
    assert_eq!(setup.users.pilot, ["adelev@contoso.com", "alexw@contoso.com"], "each once");
    press(&mut setup, KeyCode::Backspace);
    assert_eq!(setup.users.pilot, ["adelev@contoso.com"]);
    assert!(matches!(enter(&mut setup).as_slice(), [Effect::Check(_)]));
}

/// Text of the tenant's that steers a terminal comes to no screen.
#[test]
fn a_name_that_steers_a_terminal_is_shown_without_what_steers() {
    let mut setup = signed_in();
    press(&mut setup, KeyCode::Down);
    let screen = shown(&mut setup, 120, 40);
    assert!(screen.contains("LIC - E1 (AD)[2J") && !screen.contains('\u{1b}'), "{screen}");
}

#[test]
fn no_size_of_the_terminal_is_too_much() {
    for mut setup in [begun(true), filled(), signed_in(), picked(), checked(), at_the_place()] {
        for (width, height) in [(1, 1), (20, 5), (60, 15), (79, 16), (400, 100)] {
            let _ = shown(&mut setup, width, height);
        }
    }
}
