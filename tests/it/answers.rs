//! Rule 2: an answer is for the question that was put last, and for users who are still as they were then.

use skuferry::domain::event::Event;
use skuferry::domain::questions::PendingQuestion;
use skuferry::domain::questions::Question;
use skuferry::domain::refusal::Refusal;
use skuferry::domain::standing::Standing;
use skuferry::engine::handle::Command;
use skuferry::engine::handle::Refused;
use skuferry::sim::Options;
use skuferry::words::refusal;

use crate::driver::Rig;
use crate::guards::asked;
use crate::guards::at_the_removal;
use crate::guards::say_yes;
use crate::guards::taken_off;
use crate::guards::with_a_direct_license;

fn approvals(rig: &Rig) -> usize {
    let approved = |event: &Event| {
        matches!(event, Event::AddApproved { .. } | Event::RemoveApproved { .. } | Event::DirectApproved { .. })
    };
    rig.journal().iter().filter(|(_, event)| approved(event)).count()
}

/// Sends an answer that is none any more, and sees that nothing is approved by it. A question of a batch that there is not
/// is put behind it, so that all is heard.
async fn counts_for_nothing(rig: &mut Rig, answer: Command) {
    let before = approvals(rig);
    rig.send(answer);
    let mut refused = rig.put(Command::AskBatch(99)).await.unwrap_err();
    if is_stale(&refused) {
        refused = rig.heard().await.unwrap_err();
    }
    assert!(
        matches!(refused, Refused::ByRun(Refusal::NoBatch | Refusal::Adding(_) | Refusal::Removing(_))),
        "{refused:?}"
    );
    assert_eq!(approvals(rig), before, "{}", rig.tale());
    let stale = [Refusal::Stale, Refusal::StaleRequest].map(|why| refusal::refusal(&why));
    assert!(rig.said.iter().any(|said| stale.iter().any(|stale| said.contains(stale))), "{:?}", rig.said);
}

fn is_stale(refused: &Refused) -> bool {
    matches!(refused, Refused::ByRun(Refusal::Stale | Refusal::StaleRequest))
}

/// What stood beside the first question may be no longer so: the operator has the second before them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_an_older_question_counts_for_nothing() {
    let mut rig = Rig::open(Options { users: 3, seed: 5, ..Options::default() }, |_| {}).await;
    rig.wait_for(PendingQuestion::Add(3)).await;
    let Ok(Question::Add(older)) = rig.ask().await else { panic!("it waits") };
    assert!(matches!(rig.ask().await, Ok(Question::Add(_))));
    counts_for_nothing(&mut rig, Command::Add(older.yes())).await;
    assert_eq!(asked(&rig, "POST", "/members").len() + asked(&rig, "PATCH", "/groups").len(), 0);
    say_yes(&mut rig).await;
    rig.wait("added", |shot| shot.run.active().all(|user| user.add.is_done())).await;
    let (mut rig, _) = at_the_removal(2, |_| {}).await;
    let Ok(Question::Remove(older)) = rig.ask().await else { panic!("it waits") };
    assert!(matches!(rig.ask().await, Ok(Question::Remove(_))));
    counts_for_nothing(&mut rig, Command::Remove(older.typed("2").unwrap())).await;
    assert_eq!(asked(&rig, "DELETE", "/members/").len(), 0, "{}", rig.tale());
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
    counts_for_nothing(&mut rig, Command::Remove(proposal.typed("2").unwrap())).await;
    assert_eq!(asked(&rig, "DELETE", "/members/").len(), 0, "{}", rig.tale());
    // Asked anew, the question is about the other one.
    let Ok(Question::Remove(proposal)) = rig.ask().await else { panic!("one is safe") };
    assert_eq!(proposal.users(), &rig.planned()[..1]);
    rig.send(Command::Remove(proposal.typed("1").unwrap()));
    rig.wait("removed", |shot| shot.run.active().any(|user| user.remove.is_done())).await;
}

/// Each kind of question that can lead to a write has its number compared.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_question_about_licenses_counts_for_nothing_either() {
    let (mut rig, _, one) = with_a_direct_license(|_| {}).await;
    let Ok(Question::Direct(older)) = rig.put(Command::AskDirect(vec![one])).await else { panic!("it waits") };
    rig.put(Command::AskDirect(vec![one])).await.unwrap();
    counts_for_nothing(&mut rig, Command::Direct(older.typed("1").unwrap())).await;
    assert_eq!(taken_off(&rig), 0);
    let question = rig.put(Command::AskDirect(vec![one])).await.unwrap();
    rig.yes(question);
    rig.until("taken off", |rig| taken_off(rig) == 1).await;
}
