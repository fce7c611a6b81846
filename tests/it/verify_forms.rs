//! The forms of a verify pass: each refused in its turn by the tenant, told in words, and chosen anew in the middle of a run.

use std::sync::Arc;

use skuferry::domain::phase::Phase;
use skuferry::domain::read::HowAsked;
use skuferry::domain::read::NotUsed;
use skuferry::domain::read::SurveyForm;
use skuferry::engine::snapshot::Snapshot;
use skuferry::sim::LogEntry;
use skuferry::sim::Options;
use skuferry::tui::keys::Cmd;

use crate::driver::Rig;
use crate::scene;
use crate::screens::frame;
use crate::screens::press;
use crate::screens::text;

const UNCAST: &str = "GET /groups/*/members";
const CAST: &str = "GET /groups/*/members/microsoft.graph.user";
const FILTER: &str = "GET /users";

/// Answers these forms with a status.
fn refused(forms: &[&str], status: u16) -> String {
    forms.iter().map(|on| format!("[[fault]]\non = \"{on}\"\nanswer = {status}\n")).collect::<Vec<_>>().concat()
}

/// Tells no licenses in these forms.
fn null(forms: &[&str]) -> String {
    forms.iter().map(|on| format!("[[fault]]\non = \"{on}\"\nnull_licenses = true\n")).collect::<Vec<_>>().concat()
}

/// The form of a request of the log that a verify pass may have made.
fn form(entry: &LogEntry) -> Option<SurveyForm> {
    let states = entry.path.contains("licenseAssignmentStates");
    let path = entry.path.strip_prefix("/v1.0").unwrap_or(&entry.path);
    match () {
        () if !states => None,
        () if path.contains("/members/microsoft.graph.user?") => Some(SurveyForm::CastPages),
        () if path.contains("/members?") => Some(SurveyForm::MemberPages),
        () if path.starts_with("/users?") => Some(SurveyForm::IdFilters),
        () => Some(SurveyForm::PointReads),
    }
}

/// Runs a migration to its end on a tenant with these faults.
async fn migrated(faults: &str) -> (Rig, Arc<Snapshot>) {
    let mut rig = Rig::open(Options { users: 24, seed: 5, ..Options::default() }, |_| {}).await;
    rig.sim.set_faults(faults).unwrap();
    let shot = rig.operate("the migration is complete", |shot| shot.run.complete).await;
    (rig, shot)
}

fn how(shot: &Snapshot) -> &HowAsked {
    shot.survey.as_deref().expect("a verify pass was made")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_completed_in_whatever_form_the_tenant_answers() {
    use SurveyForm::*;
    let trouble = [(MemberPages, NotUsed::Refused(Some(400))), (CastPages, NotUsed::NullStates)];
    let cases = [
        (String::new(), MemberPages, vec![]),
        (null(&[UNCAST]), CastPages, vec![(MemberPages, NotUsed::NullStates)]),
        (refused(&[UNCAST], 403), CastPages, vec![(MemberPages, NotUsed::NotPermitted)]),
        (refused(&[UNCAST], 400) + &null(&[CAST]), IdFilters, trouble.to_vec()),
        (
            refused(&[UNCAST, FILTER], 400) + &null(&[CAST]),
            PointReads,
            [trouble.to_vec(), vec![(IdFilters, NotUsed::Refused(Some(400)))]].concat(),
        ),
        (
            null(&[UNCAST, CAST, FILTER]),
            PointReads,
            [MemberPages, CastPages, IdFilters].map(|form| (form, NotUsed::NullStates)).to_vec(),
        ),
    ];
    for (faults, expected, why) in cases {
        let (rig, shot) = migrated(&faults).await;
        let asked = how(&shot);
        assert_eq!((asked.form, &asked.not_used), (expected, &why), "{faults}\n{}", rig.tale());
        // 24 users at most: a page costs two units, a filter of 15 one, a point read one.
        let (requests, units) = match expected {
            MemberPages | CastPages => (1..=2, 2..=4),
            IdFilters => (1..=1, 1..=2),
            PointReads => (1..=2, 1..=24),
        };
        assert!(requests.contains(&asked.requests) && units.contains(&asked.units), "{asked:?}");
        for (other, _) in why {
            let met = |entry: &&LogEntry| form(entry) == Some(other) && entry.fault.is_some();
            let asked = rig.sim.log().iter().filter(met).count();
            // Preflight looks for users by filters of its own, twice at most, two for 24 users.
            let most = if other == IdFilters { 3 * 2 } else { 1 };
            assert!((1..=most).contains(&asked), "{other:?} is not asked in again and again: {asked}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_stops_answering_in_the_middle_of_a_run_makes_way_for_the_next() {
    let mut rig = Rig::open(Options { users: 24, seed: 5, ..Options::default() }, |_| {}).await;
    let shot = rig
        .operate("additions are verified", |shot| shot.run.phase() >= Phase::VerifyAdded && shot.survey.is_some())
        .await;
    assert_eq!((how(&shot).form, how(&shot).not_used.len()), (SurveyForm::MemberPages, 0));
    rig.sim.set_faults(&(null(&[UNCAST]) + &refused(&[CAST], 400))).unwrap();
    let shot = rig.wait("filters are used", |shot| how(shot).form == SurveyForm::IdFilters).await;
    assert!(shot.fault.is_none(), "that is no fault of the run: {:?}", shot.fault);
    assert_eq!(
        how(&shot).not_used,
        [(SurveyForm::MemberPages, NotUsed::NullStates), (SurveyForm::CastPages, NotUsed::Refused(Some(400)))]
    );
    // Now the filters stop, and pages are answered again: what is cheapest is found anew.
    rig.sim.set_faults(&refused(&[FILTER], 400)).unwrap();
    let shot = rig.wait("pages are used again", |shot| how(shot).form == SurveyForm::MemberPages).await;
    assert_eq!(how(&shot).not_used, []);
    rig.operate("the migration is complete", |shot| shot.run.complete).await;
}

#[test]
fn the_plan_says_which_form_is_in_use_what_it_cost_and_why_not_another() {
    let mut scene = scene::verifying();
    scene.snapshot.survey = Some(Arc::new(HowAsked {
        form: SurveyForm::IdFilters,
        not_used: vec![
            (SurveyForm::MemberPages, NotUsed::NullStates),
            (SurveyForm::CastPages, NotUsed::Refused(Some(400))),
        ],
        requests: 1,
        units: 14,
    }));
    let mut model = scene.model();
    press(&mut model, &[Cmd::View(4)]);
    let (screen, _) = frame(&mut model, 120, 80);
    let shown = text(&screen);
    for line in [
        "the last pass asked by id filters: 1 request, 14 resource units",
        "why: of the forms that this tenant answers it takes the fewest requests",
        "not by member pages: they do not tell licenses (licenseAssignmentStates is null)",
        "not by member pages cast to users: Microsoft Graph refuses them (400)",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
}
