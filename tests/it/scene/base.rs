//! A run that preflight has looked at, and the screen on it: what the benches need too.

use jiff::tz::TimeZone;
use skuferry::domain::event::Event;
use skuferry::domain::event::RunInfo;
use skuferry::domain::exclusion::Disproved;
use skuferry::domain::exclusion::Listed as PairListed;
use skuferry::domain::exclusion::Pair;
use skuferry::domain::id::GroupId;
use skuferry::domain::id::RunId;
use skuferry::domain::id::SkuId;
use skuferry::domain::id::UserId;
use skuferry::domain::license::Assignment;
use skuferry::domain::license::AssignmentState;
use skuferry::domain::license::ChangeTimes;
use skuferry::domain::license::LicenseError;
use skuferry::domain::license::Licenses;
use skuferry::domain::license::UserFacts;
use skuferry::domain::migration::Migration;
use skuferry::domain::plan_families::PlanChange;
use skuferry::domain::plan_families::PlanChanges;
use skuferry::domain::preflight::Listed;
use skuferry::domain::preflight::Preflight;
use skuferry::domain::preflight::Problem;
use skuferry::domain::preflight::ProblemCode;
use skuferry::domain::preflight::RULES;
use skuferry::domain::preflight::Seats;
use skuferry::domain::preflight::UserCheck;
use skuferry::domain::route::Route;
use skuferry::domain::route::Scenario;
use skuferry::domain::route::ScenarioChoice;
use skuferry::domain::route::Side;
use skuferry::domain::settings::Settings;
use skuferry::domain::sku::PrepaidUnits;
use skuferry::domain::sku::Sku;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;
use skuferry::domain::time::Timestamp;
use skuferry::engine::snapshot::Activity;
use skuferry::engine::snapshot::Connection;
use skuferry::engine::snapshot::Snapshot;
use skuferry::engine::timeline::Older;
use skuferry::graph::SignInState;
use skuferry::tui::Theme;
use skuferry::tui::model::Model;
use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use uuid::Uuid;

const NAMES: [&str; 20] = [
    "adelev",
    "alexw",
    "diegos",
    "gradya",
    "henriettam",
    "isaiahl",
    "johannal",
    "jonis",
    "leeg",
    "lidiah",
    "lynner",
    "meganb",
    "miriamg",
    "nestorw",
    "pattif",
    "pradeepg",
    "ramonaw",
    "rosav",
    "samirk",
    "tamaraj",
];

/// A run under construction, with the snapshot that shows it.
pub(crate) struct Scene {
    pub(crate) now: Timestamp,
    pub(crate) snapshot: Snapshot,
}

/// The user at a place of the list, counted from 0.
pub(crate) fn id(place: usize) -> UserId {
    UserId(Uuid::from_u128(0x1000 + place as u128))
}

pub(crate) fn name(place: usize) -> String {
    match place / NAMES.len() {
        0 => format!("{}@contoso.com", NAMES[place]),
        round => format!("{}{round}@contoso.com", NAMES[place % NAMES.len()]),
    }
}

pub(crate) fn route() -> Route {
    let side = |group: &str, group_name: &str, sku: &str, sku_name: &str, part: &str| Side {
        group: GroupId(group.parse().unwrap()),
        group_name: group_name.into(),
        sku: SkuId(sku.parse().unwrap()),
        sku_name: sku_name.into(),
        part_number: part.into(),
        moved_by: skuferry::domain::route::MovedBy::Skuferry,
    };
    Route {
        source: side(
            "b82c04f0-ce30-4ff1-bac7-735d92d83036",
            "Lic-E1",
            "18181a46-0d4e-45cd-891e-60aabd171b4e",
            "Office 365 E1",
            "STANDARDPACK",
        ),
        target: side(
            "bcf279d1-5ad5-46a5-b469-4b8a552aa2fe",
            "Lic-E3",
            "6fd2c87f-b296-42f0-b197-1e91e994b900",
            "Office 365 E3",
            "ENTERPRISEPACK",
        ),
    }
}

pub(crate) fn visio() -> SkuId {
    SkuId("c5928f49-12ba-48f7-ada3-0d743a3601d5".parse().unwrap())
}

/// The check of a ready user.
pub(crate) fn ready(place: usize) -> UserCheck {
    UserCheck {
        listed: Listed { line: place + 1, given: name(place).into() },
        id: Some(id(place)),
        upn: Some(name(place).into()),
        display_name: None,
        usage_location: None,
        reasons: Vec::new(),
    }
}

pub(crate) fn preflight(users: Vec<UserCheck>) -> Preflight {
    let needed = i64::try_from(users.iter().filter(|user| user.is_ready()).count()).unwrap();
    let pair = |one: &str, other: &str| Pair {
        one: one.into(),
        other: other.into(),
        set: "sharepoint-online".into(),
        listed: PairListed::Both,
    };
    let plan = |family: &str, from: Option<&str>, to: Option<&str>| PlanChange {
        family: family.into(),
        from: from.map(Into::into),
        to: to.map(Into::into),
        core: None,
    };
    Preflight {
        route: route(),
        scenario: Scenario::Conflicting,
        predicted: Scenario::Conflicting,
        pairs: vec![pair("SHAREPOINTSTANDARD", "SHAREPOINTENTERPRISE")],
        seats: Seats { available: 61, needed },
        products: Vec::new(),
        problems: vec![Problem {
            code: ProblemCode::LosesOtherSku,
            detail: "Lic-E1 also assigns VISIOCLIENT: users lose it with the group".into(),
            warning: true,
        }],
        users,
        plans: PlanChanges {
            replaced: vec![
                plan("Exchange Online", Some("EXCHANGE_S_STANDARD"), Some("EXCHANGE_S_ENTERPRISE")),
                plan("SharePoint", Some("SHAREPOINTSTANDARD"), Some("SHAREPOINTENTERPRISE")),
                plan("Sway", Some("SWAY"), Some("SWAY")),
            ],
            lower: vec![plan("Whiteboard", Some("WHITEBOARD_PLAN2"), Some("WHITEBOARD_PLAN1"))],
            gone: vec![plan("Nucleus", Some("Nucleus"), None)],
            new: vec![plan("Microsoft 365 Apps", None, Some("OFFICESUBSCRIPTION"))],
        },
        exclusions: Vec::new(),
        also_lost: vec![visio()],
        disproved: Disproved::default(),
        held: Vec::new(),
        source_products: Vec::new(),
        target_products: Vec::new(),
        advice: Vec::new(),
        pilot: Vec::new(),
        rules: RULES,
    }
}

impl Scene {
    /// A run that has only begun: preflight is reading.
    pub(crate) fn begun() -> Self {
        let run = RunInfo {
            id: RunId(Uuid::from_u128(0x0199_1b2c_3d4e_7f60_8a1b_2c3d_4e5f_6071)),
            name: "E1 to E3".into(),
            tenant: "contoso.onmicrosoft.com".into(),
            tenant_id: None,
            graph_url: None,
            route: route(),
            choice: ScenarioChoice::Auto,
            settings: Settings { batch_size: 20, batches_under_way: 1, ..Settings::default() },
            version: "0.1.0".into(),
            config: None,
            rehearsal: false,
        };
        let by = "megan.bowen@contoso.com".to_owned();
        let event = Event::RunStarted { run: Box::new(run), by: by.clone() };
        let now: Timestamp = "2026-08-24T14:20:00Z".parse().unwrap();
        let sku = Sku {
            id: visio(),
            part_number: "VISIOCLIENT".into(),
            for_users: true,
            capability: "Enabled".into(),
            prepaid: PrepaidUnits::default(),
            consumed: 0,
            plans: Vec::new(),
        };
        let sides = [route().source, route().target];
        let snapshot = Snapshot {
            revision: 1,
            run: Migration::start(now, &event).unwrap(),
            gates: Vec::new(),
            facts: imbl::Vector::new(),
            skus: Arc::new([sku].into_iter().collect()),
            group_names: Arc::new(HashMap::from(sides.map(|side| (side.group, side.group_name)))),
            tenant: Some("Contoso".into()),
            operator: by,
            free_seats: None,
            activity: Activity::Checking,
            connection: Connection::Connected,
            token_ends: None,
            next_poll: None,
            paused: false,
            interval: SignedDuration::from_secs(30),
            read_only: None,
            fault: None,
            survey: None,
            older: Older::default(),
            events: VecDeque::from([(now, Arc::new(event))]),
            sign_in: SignInState::Good,
            window_opens: None,
        };
        Self { now, snapshot }
    }

    /// Preflight looked at these users.
    pub(crate) fn checked(preflight: Preflight) -> Self {
        let mut scene = Self::begun();
        scene.later(4);
        scene.snapshot.activity = Activity::Idle;
        scene.snapshot.free_seats = Some(preflight.seats.available);
        let held = |check: &UserCheck| check.id.map(|id| Arc::new(facts(id, check.listed.given.to_string(), None)));
        scene.snapshot.facts = preflight.users.iter().map(held).collect();
        scene.event(Event::Checked { preflight: Box::new(preflight) });
        scene
    }

    /// Time goes by.
    pub(crate) fn later(&mut self, seconds: i64) -> &mut Self {
        self.now += SignedDuration::from_secs(seconds);
        self
    }

    /// Something happens.
    pub(crate) fn event(&mut self, event: Event) -> &mut Self {
        if let Event::RemoveIntended { batch, users } | Event::DirectIntended { batch, users } = &event {
            self.proven(*batch, users);
        }
        self.snapshot.run.apply(self.now, &event).unwrap_or_else(|why| panic!("{why}"));
        self.snapshot.events.push_back((self.now, Arc::new(event)));
        self.snapshot.revision += 1;
        self
    }

    /// No license is taken away without a proof just before.
    fn proven(&mut self, batch: usize, users: &[UserId]) {
        let shown = |id: &UserId| self.snapshot.run.user(*id)?.standing.clone();
        let proof = |id: &UserId| (*id, shown(id).unwrap_or(Standing::HoldsBoth), self.now);
        let event = Event::Proven { batch, users: users.iter().map(proof).collect(), keeps: Vec::new() };
        self.event(event);
    }

    pub(crate) fn shared(&self) -> Arc<Snapshot> {
        Arc::new(self.snapshot.clone())
    }

    /// The screen as it opens on this scene.
    pub(crate) fn model(&self) -> Model {
        let mut model = Model::new(self.shared(), self.now, TimeZone::UTC, Theme::Dark);
        model.again = Some(format!("skuferry run --resume {}", self.snapshot.run.run.id));
        model
    }
}

/// What Graph would say of a user who stands there.
pub(crate) fn facts(id: UserId, upn: String, standing: Option<&Standing>) -> UserFacts {
    let route = route();
    let entry = |side: &Side, state, error| Assignment {
        sku: side.sku,
        group: Some(side.group),
        state,
        error,
        disabled_plans: Vec::new(),
    };
    let source = entry(&route.source, AssignmentState::Active, None);
    let target = entry(&route.target, AssignmentState::Active, None);
    let failed = |error| entry(&route.target, AssignmentState::Error, Some(error));
    let states = match standing {
        None | Some(Standing::OnSource | Standing::Missing) => vec![source],
        Some(Standing::HoldsBoth | Standing::SourceLingers(_)) => vec![source, target],
        Some(Standing::ExpectedConflict) => vec![source, failed(LicenseError::MutuallyExclusiveViolation)],
        Some(Standing::Stuck(_)) => vec![source, failed(LicenseError::CountViolation)],
        Some(Standing::Migrated | Standing::LostPart(_)) => vec![target],
        Some(Standing::Unlicensed) => vec![failed(LicenseError::CountViolation)],
    };
    let other = Assignment { sku: visio(), ..entry(&route.source, AssignmentState::Active, None) };
    let states: Vec<_> = states.into_iter().chain([other]).collect();
    let assigned = states.iter().filter(|entry| entry.is_held()).map(|entry| entry.sku).collect();
    UserFacts {
        id,
        upn: upn.into(),
        display_name: None,
        changed: ChangeTimes::default(),
        licenses: Arc::new(Licenses {
            enabled: Some(true),
            guest: Some(false),
            usage_location: Some("DE".into()),
            assigned,
            states,
        }),
    }
}
