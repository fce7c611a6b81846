//! Rule 6: nobody loses a license by our hand, and who does stops everything.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use skuferry::domain::event::Event;
use skuferry::domain::id::UserId;
use skuferry::domain::standing::Standing;
use skuferry::domain::time::SignedDuration;

use crate::rules::laws::Case;
use crate::rules::record::Moment;
use crate::rules::record::approved;
use crate::rules::script::Whim;

/// How long after the grace an alarm may take: a verify pass, a tick, and a slow machine.
const LATE: SignedDuration = SignedDuration::from_secs(3);

/// Where nobody else takes licenses, nobody of the run is ever without one.
pub(super) fn nobody_by_our_hand(case: &Case) -> Result<(), String> {
    if !case.record.world.is_kind() {
        return Ok(());
    }
    for user in case.record.end.users.iter().filter(|user| user.batch.is_some()).filter_map(|user| user.id) {
        if let Some((from, lasted)) = case.truth.bare(user).first() {
            return Err(format!("rule 6: {user} was without a license from {from} on, for {lasted:#}"));
        }
    }
    Ok(())
}

/// While anybody is seen without a license no removal is sent; after the grace the alarm rings, and until the operator has
/// acknowledged it and lifted the halt nothing is written or approved. The seconds are counted.
pub(super) fn stopped_and_rung(case: &Case) -> Result<(), String> {
    let record = case.record;
    let mut bare: BTreeSet<UserId> = BTreeSet::new();
    let mut rung: BTreeSet<UserId> = BTreeSet::new();
    let mut ours: BTreeSet<UserId> = BTreeSet::new();
    let (mut alarm, mut halted) = (false, false);
    let inspects = record.world.script.iter().any(|step| matches!(step.whim, Whim::Inspect(_)));
    for moment in record.moments(&case.writes) {
        let event = match moment {
            Moment::Event(_, event) => event,
            // Nothing reads beside a write but what the operator asks for, so that what is known was known when it left.
            Moment::Write(write) if !write.added && !inspects && !bare.is_subset(&rung) => {
                return Err(format!("rule 6: {write:?} while {bare:?} were without a license"));
            }
            Moment::Write(_) => continue,
        };
        match event {
            Event::Observed { users, .. } => {
                for (user, standing) in users {
                    // Who was never written lost the license by other hands, and is blocked.
                    if *standing == Standing::Unlicensed && ours.contains(user) {
                        bare.insert(*user)
                    } else {
                        bare.remove(user)
                    };
                }
            }
            Event::AddSettled { users, .. } => ours.extend(users),
            Event::AlarmRaised { users } => {
                rung.extend(users);
                (alarm, halted) = (true, true);
            }
            Event::AlarmAcknowledged { .. } => alarm = false,
            Event::HaltLifted { .. } => halted = false,
            _ if alarm && approved(event).is_some() => {
                return Err(format!("rule 6: {event:?} while an alarm rang"));
            }
            Event::AddIntended { .. }
            | Event::RemoveIntended { .. }
            | Event::ReprocessIntended { .. }
            | Event::DirectIntended { .. }
                if alarm || halted =>
            {
                return Err(format!("rule 6: {event:?} after an alarm that the operator had not decided about"));
            }
            // After the alarm the operator has decided to go on with users who are without one.
            Event::RemoveIntended { .. } | Event::DirectIntended { .. } if !bare.is_subset(&rung) => {
                return Err(format!("rule 6: {event:?} while {bare:?} were without a license"));
            }
            _ => {}
        }
    }
    if record.end.alarm.is_none() && !rung.is_empty() {
        return Err("rule 6: an alarm was lost".into());
    }
    counted(case)?;
    missed(case, &rung)
}

/// The seconds that the run counts are those between the readings that its journal has.
fn counted(case: &Case) -> Result<(), String> {
    let mut since = BTreeMap::new();
    let mut total: BTreeMap<UserId, SignedDuration> = BTreeMap::new();
    for (at, event) in &case.record.events {
        let Event::Observed { users, .. } = event else { continue };
        for (user, standing) in users {
            if *standing == Standing::Unlicensed {
                since.entry(*user).or_insert(*at);
            } else if let Some(from) = since.remove(user) {
                *total.entry(*user).or_default() += at.duration_since(from).max(SignedDuration::ZERO);
            }
        }
    }
    let now = case.record.events[case.record.events.len() - 1].0;
    for user in &case.record.end.users {
        let Some(id) = user.id else { continue };
        let open =
            since.get(&id).map_or(SignedDuration::ZERO, |from| now.duration_since(*from).max(SignedDuration::ZERO));
        let ours = total.get(&id).copied().unwrap_or_default() + open;
        if user.unlicensed_for(now) != ours {
            return Err(format!(
                "rule 6: {} counts {:#} without a license, not {ours:#}",
                user.upn,
                user.unlicensed_for(now)
            ));
        }
    }
    Ok(())
}

/// Whom the operator has taken out after their removal is not followed once the batch is complete.
///
/// On a tenant that answers, and with a program that runs, who is truly without a license for long is in an alarm.
fn missed(case: &Case, rung: &BTreeSet<UserId>) -> Result<(), String> {
    let world = &case.record.world;
    let away = |whim: &Whim| matches!(whim, Whim::Kill | Whim::KillTorn | Whim::Quit | Whim::Pause | Whim::Jump(_));
    if !world.faults.is_empty() || world.script.iter().any(|step| away(&step.whim)) {
        return Ok(());
    }
    let limit = SignedDuration::from_millis(world.grace) + LATE;
    for user in case.record.end.users.iter().filter(|user| user.remove.is_done()).filter_map(|user| user.id) {
        let spell = case.truth.bare(user).into_iter().find(|(_, lasted)| *lasted > limit);
        if let (Some(spell), false) = (spell, rung.contains(&user)) {
            return Err(format!("rule 6: {user} was without a license ({spell:?}), and no alarm rang"));
        }
    }
    Ok(())
}
