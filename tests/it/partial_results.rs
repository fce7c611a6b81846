//! Writes that fail in part: the culprit is found, the rest proceed, and nothing uncertain is repeated.

use skuferry::domain::event::Event;
use skuferry::domain::outcome::Outcome;
use skuferry::domain::questions::PendingQuestion;
use skuferry::sim::LogEntry;
use skuferry::sim::Options;

use crate::driver::Rig;
use crate::witness;
use crate::witness::Written;

const USERS: usize = 20;

/// Twenty users without difficulties, added by one request.
async fn twenty() -> Rig {
    with(USERS, "").await
}

/// So many users without difficulties and these others, twenty in all.
async fn with(easy: usize, others: &str) -> Rig {
    let tenant = format!(
        "[tenant]\nname = \"Contoso\"\ndomain = \"contoso.com\"\n\
         [migration.source]\ngroup = \"LIC E1\"\nsku = \"STANDARDPACK\"\n\
         [migration.target]\ngroup = \"LIC E3\"\nsku = \"ENTERPRISEPACK\"\n\
         [[sku]]\npart = \"STANDARDPACK\"\nseats = 50\n[[sku]]\npart = \"ENTERPRISEPACK\"\nseats = 50\n\
         [[group]]\nname = \"LIC E1\"\nlicenses = [\"STANDARDPACK\"]\n\
         [[group]]\nname = \"LIC E3\"\nlicenses = [\"ENTERPRISEPACK\"]\n\
         {others}\
         [[users]]\ncount = {easy}\ngroups = [\"LIC E1\"]\nlisted = true\n"
    );
    let mut rig =
        Rig::open(Options { tenant: Some(tenant), ..Options::default() }, |settings| settings.canary = USERS).await;
    rig.wait_for(PendingQuestion::Add(USERS)).await;
    rig
}

fn requests(written: &[Written]) -> usize {
    let mut numbers: Vec<u64> = written.iter().filter(|write| write.added).map(|write| write.number).collect();
    numbers.dedup();
    numbers.len()
}

fn upn(rig: &Rig, place: usize) -> String {
    rig.truth(rig.planned()[place])["userPrincipalName"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_deleted_user_of_twenty_is_found_in_few_requests_and_the_rest_are_added() {
    for place in [0, 13, 19] {
        let mut rig = twenty().await;
        let culprit = rig.planned()[place];
        rig.sim.set_faults(&format!("[[event]]\ndelete_user = \"{}\"\n", upn(&rig, place))).unwrap();
        let question = rig.ask().await.unwrap();
        rig.yes(question);
        let shot =
            rig.wait("asked again", |shot| shot.run.active().filter(|user| user.add.is_done()).count() == 19).await;
        rig.wait_for(PendingQuestion::Add(1)).await;
        let fault = shot.run.user(culprit).map(|user| user.add.fault().is_some() || user.add.is_open());
        assert_eq!(fault, Some(true), "{}", rig.tale());
        let written = witness::writes(&rig);
        // Halved until one is left: two requests a level, 20, 10, 5, 3 or 2, 2 or 1, 1.
        assert!(requests(&written) <= 11, "{} requests", requests(&written));
        let passed = written.iter().filter(|write| write.status == 204).count();
        assert_eq!(passed, 19);
        witness::check(&rig);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_already_there_are_successes_once_read_back() {
    let mut rig = twenty().await;
    let group = rig.run.route.target.group;
    let there = [3, 4, 17].map(|at| {
        let upn = upn(&rig, at);
        format!("[[event]]\nadd = {{ user = \"{upn}\", group = \"{group}\" }}\n")
    });
    rig.sim.set_faults(&there.concat()).unwrap();
    rig.finish().await;
    let written = witness::writes(&rig);
    assert_eq!(written.iter().filter(|write| write.added && write.status == 204).count(), 17);
    let found = rig.journal().iter().filter(|(_, event)| matches!(event, Event::AddReadBack { .. })).count();
    assert_eq!(found, 3, "{}", rig.tale());
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_refused_for_haste_wait_for_the_longest_that_one_of_them_asks_for() {
    let mut rig = twenty().await;
    rig.operate("a removal waits", |shot| {
        skuferry::domain::questions::pending_question(&shot.run) == Ok(PendingQuestion::Remove(USERS))
    })
    .await;
    let fault = |nth: u8, seconds: u8| {
        format!("[[fault]]\non = \"DELETE /groups/**\"\nnth = {nth}\nanswer = 429\nretry_after = {seconds}\n")
    };
    rig.sim.set_faults(&(fault(2, 1) + &fault(5, 3) + &fault(9, 1))).unwrap();
    rig.finish().await;
    let log = rig.sim.log();
    let removals: Vec<&LogEntry> = log.iter().filter(|entry| entry.method == "DELETE").collect();
    assert_eq!(removals.iter().map(|entry| entry.status).filter(|status| *status == 429).count(), 3);
    assert_eq!(removals.len(), USERS + 3, "who was removed is not removed again");
    assert!(removals.iter().all(|entry| !entry.early), "one left before its time");
    let again: Vec<u64> = removals[USERS..].iter().filter_map(|entry| entry.outer.or(Some(entry.number))).collect();
    assert!(again.windows(2).all(|pair| pair[0] == pair[1]), "they are repeated together: {again:?}");
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_for_another_write_keeps_the_order() {
    let mut rig = twenty().await;
    rig.sim.set_faults("[[fault]]\non = \"PATCH /groups/*\"\nfirst = 2\nanswer = 409\n").unwrap();
    rig.finish().await;
    let written: Vec<Written> = witness::writes(&rig).into_iter().filter(|write| write.added).collect();
    let of = |chunk: &[Written]| chunk.iter().map(|write| write.user).collect::<Vec<_>>();
    let tries: Vec<_> = written.chunks(USERS).map(of).collect();
    assert_eq!(tries.len(), 3, "{}", rig.tale());
    assert!(tries.iter().all(|users| *users == tries[0]));
    witness::check(&rig);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_writes_are_asked_about_and_never_repeated() {
    for fault in
        ["drop = true\ncommit = true", "answer = 503\ncommit = true", "answer = 500\nbody = \"empty\"\ncommit = true"]
    {
        let mut rig = twenty().await;
        let on = |verb: &str| format!("[[fault]]\non = \"{verb}\"\nfirst = 1\n{fault}\n");
        rig.sim.set_faults(&(on("PATCH /groups/*") + &on("DELETE /groups/**"))).unwrap();
        rig.finish().await;
        let written = witness::writes(&rig);
        assert_eq!(written.len(), 2 * USERS, "{fault}: {}", rig.tale());
        let lost = |event: &Event| {
            matches!(
                event,
                Event::AddSettled { outcome: Outcome::Lost(_), .. }
                    | Event::RemoveSettled { outcome: Outcome::Lost(_), .. }
            )
        };
        assert!(rig.journal().iter().any(|(_, event)| lost(event)));
        // Between the lost write and whatever is written next the tenant is asked.
        let log = rig.sim.log();
        let first = written[0].number;
        let next = written.iter().map(|write| write.number).find(|number| *number > first).unwrap();
        let asked =
            log.iter().any(|entry| entry.number > first && entry.number < next && entry.path.contains("/memberOf"));
        assert!(asked, "{fault}");
        witness::check(&rig);
    }
}

/// What Graph may answer to every attempt at one user, such as a guest, in the words of a missing permission.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_of_twenty_who_may_not_be_added_is_refused_by_name_and_the_rest_are_added() {
    let guest = "[[user]]\nupn = \"visitor\"\nguest = true\nadd_refused = true\ngroups = [\"LIC E1\"]\nlisted = true\n";
    let mut rig = with(USERS - 1, guest).await;
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    let shot = rig.wait("added", |shot| shot.run.active().filter(|user| user.add.is_done()).count() == 19).await;
    rig.wait_for(PendingQuestion::Add(1)).await;
    assert!(shot.run.halted.is_none(), "{}", rig.tale());
    let shot = rig.snapshot();
    let refused: Vec<_> =
        shot.run.active().filter_map(|user| user.add.fault()).map(skuferry::words::fault::fault).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].starts_with("Graph refuses this for this user, though not for others: "), "{refused:?}");
    assert!(!refused[0].contains("Needed"), "{refused:?}");
    assert!(requests(&witness::writes(&rig)) <= 12, "{}", rig.tale());
    witness::check(&rig);
}

/// A token that may add single members and not several at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_several_may_not_be_added_at_once_each_is_added_alone() {
    let mut rig = twenty().await;
    rig.sim.set_faults("[sign_in]\nbinds_members = false\n").unwrap();
    let question = rig.ask().await.unwrap();
    rig.yes(question);
    let shot = rig.wait("added", |shot| shot.run.active().filter(|user| user.add.is_done()).count() == USERS).await;
    assert!(shot.run.halted.is_none(), "{}", rig.tale());
    witness::check(&rig);
}
