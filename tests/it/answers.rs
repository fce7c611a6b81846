//! Rule 2: an answer is for the question that was put last, and for users who are still as they were then.

use skuferry::domain::event::Event;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::refusal::Refusal;
use skuferry::domain::standing::Standing;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Refused;
use skuferry::sim::Options;

use crate::driver::Rig;
use crate::guards::asked;
use crate::guards::at_the_removal;

fn is_stale(refused: &Refused) -> bool {
    matches!(refused, Refused::ByRun(Refusal::Stale | Refusal::StaleRequest))
}

fn approvals(rig: &Rig) -> usize {
    let approved = |event: &Event| matches!(event, Event::AddApproved { .. } | Event::RemoveApproved { .. });
    rig.journal().iter().filter(|(_, event)| approved(event)).count()
}

/// What stood beside the first question may be no longer so: the operator has the second before them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_an_older_question_counts_for_nothing() {
    let mut rig = Rig::open(Options { users: 3, seed: 5, ..Options::default() }, |_| {}).await;
    rig.wait_for(PendingQuestion::Add(3)).await;
    let (first, second) = (rig.ask().await.unwrap(), rig.ask().await.unwrap());
    let Question::Add(older) = first else { panic!("{first:?}") };
    assert!(is_stale(&rig.put(Command::Add(older.yes())).await.unwrap_err()));
    assert_eq!(
        (approvals(&rig), asked(&rig, "POST", "/members").len() + asked(&rig, "PATCH", "/groups").len()),
        (0, 0)
    );
    rig.yes(second);
    rig.wait("added", |shot| shot.run.active().all(|user| user.add.is_done())).await;
    let (mut rig, _) = at_the_removal(2, |_| {}).await;
    let (first, second) = (rig.ask().await.unwrap(), rig.ask().await.unwrap());
    let Question::Remove(older) = first else { panic!("{first:?}") };
    assert!(is_stale(&rig.put(Command::Remove(older.typed("2").unwrap())).await.unwrap_err()));
    assert_eq!((approvals(&rig), asked(&rig, "DELETE", "/members/").len()), (1, 0), "{}", rig.tale());
    rig.yes(second);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_went_back_before_the_answer_is_not_approved_with_the_others() {
    let (mut rig, _) = at_the_removal(2, |_| {}).await;
    let Ok(Question::Remove(proposal)) = rig.ask().await else { panic!("it waits") };
    let (user, group) = (rig.planned()[1], rig.run.route.target.group);
    let asleep = "[licensing]\nleast = \"50h\"\ntypical = \"50h\"\nmost = \"50h\"\n";
    rig.sim.set_faults(&format!("{asleep}[[event]]\nlose = {{ user = \"{user}\", group = \"{group}\" }}\n")).unwrap();
    let back = Some(Standing::OnSource);
    rig.wait("went back", |shot| shot.run.user(user).is_some_and(|user| user.standing == back)).await;
    let refused = rig.put(Command::Remove(proposal.typed("2").unwrap())).await.unwrap_err();
    assert!(is_stale(&refused), "{refused:?}");
    assert_eq!((approvals(&rig), asked(&rig, "DELETE", "/members/").len()), (1, 0), "{}", rig.tale());
    // Asked anew, the question is about the other one.
    let Ok(Question::Remove(proposal)) = rig.ask().await else { panic!("one is safe") };
    assert_eq!(proposal.users(), &rig.planned()[..1]);
    rig.send(Command::Remove(proposal.typed("1").unwrap()));
    rig.wait("removed", |shot| shot.run.active().any(|user| user.remove.is_done())).await;
}

/// One question of each kind that can lead to a write has its number compared.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_question_about_licenses_counts_for_nothing_either() {
    let (mut rig, _, one) = crate::guards::with_a_direct_license(|_| {}).await;
    let Ok(Question::Direct(older)) = rig.put(Command::AskDirect(vec![one])).await else { panic!("it waits") };
    let second = rig.put(Command::AskDirect(vec![one])).await.unwrap();
    let refused = rig.put(Command::Direct(older.typed("1").unwrap())).await.unwrap_err();
    assert!(is_stale(&refused), "{refused:?}");
    assert_eq!(crate::guards::taken_off(&rig), 0);
    rig.yes(second);
    rig.finish().await;
    assert_eq!(crate::guards::taken_off(&rig), 1);
}
