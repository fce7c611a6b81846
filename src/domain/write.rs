//! The four kinds of write, and the one table of how a write for one user goes on: live and when a journal is read back.

use crate::domain::approval::Add;
use crate::domain::approval::Direct;
use crate::domain::approval::Permit;
use crate::domain::approval::Remove;
use crate::domain::approval::Reprocess;
use crate::domain::fault::Fault;
use crate::domain::fault::FaultKind;
use crate::domain::fault::FaultMessage;
use crate::domain::outcome::Outcome;
use crate::domain::proof::LastLook;
use crate::domain::read_back::ReadBack;
use crate::domain::time::Timestamp;
use crate::domain::work::Work;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WriteKind {
    /// An addition to the group that users go to.
    Add,
    /// A removal from the group that users leave.
    Remove,
    /// Having GBL look at users again.
    Reprocess,
    /// Taking a directly assigned license off.
    Direct,
}

impl WriteKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Add, Self::Remove, Self::Reprocess, Self::Direct];

    /// The work that it is, where it has to wait.
    pub fn work(self) -> Work {
        match self {
            Self::Add => Work::Addition,
            Self::Remove => Work::Removal,
            Self::Reprocess => Work::Reprocess,
            Self::Direct => Work::DirectLicense,
        }
    }

    /// Whether it changes who is in a group, so that reading the group tells what became of it.
    pub fn is_membership(self) -> bool {
        matches!(self, Self::Add | Self::Remove)
    }

    /// Whether it takes a license away, so that each user needs a proof (rule 3).
    pub fn needs_proof(self) -> bool {
        matches!(self, Self::Remove | Self::Direct)
    }
}

/// The kind of write that a proposal, an approval, a permit, a draft or an order is for: [`Add`], [`Remove`],
/// [`Reprocess`] and [`Direct`], and nothing else.
pub trait Marker: sealed::Sealed + Sized + Send + 'static {
    /// The kind as a value.
    const KIND: WriteKind;
    /// What a draft needs for each user: a permit, and where a license is taken away its proof.
    type Grounds: Grounds<Self>;
}

/// What allows one user's write.
pub trait Grounds<W>: sealed::Sealed {
    /// The permit.
    fn permit(&self) -> &Permit<W>;
    /// When the last read behind the proof began; `None` when the write needs none.
    fn read_at(&self) -> Option<Timestamp>;
    /// Until when the write may leave; `None` when it needs no proof.
    fn good_until(&self) -> Option<Timestamp>;
    /// Whether permit and proof are of the same user.
    fn agree(&self) -> bool;
}

impl Marker for Add {
    const KIND: WriteKind = WriteKind::Add;
    type Grounds = Permit<Self>;
}

impl Marker for Remove {
    const KIND: WriteKind = WriteKind::Remove;
    type Grounds = (Permit<Self>, LastLook<Self>);
}

impl Marker for Reprocess {
    const KIND: WriteKind = WriteKind::Reprocess;
    type Grounds = Permit<Self>;
}

impl Marker for Direct {
    const KIND: WriteKind = WriteKind::Direct;
    type Grounds = (Permit<Self>, LastLook<Self>);
}

impl<W> Grounds<W> for Permit<W> {
    fn permit(&self) -> &Permit<W> {
        self
    }

    fn read_at(&self) -> Option<Timestamp> {
        None
    }

    fn good_until(&self) -> Option<Timestamp> {
        None
    }

    fn agree(&self) -> bool {
        true
    }
}

impl<W> Grounds<W> for (Permit<W>, LastLook<W>) {
    fn permit(&self) -> &Permit<W> {
        &self.0
    }

    fn read_at(&self) -> Option<Timestamp> {
        Some(self.1.read_at())
    }

    fn good_until(&self) -> Option<Timestamp> {
        Some(self.1.good_until())
    }

    fn agree(&self) -> bool {
        self.0.user() == self.1.user()
    }
}

mod sealed {
    use crate::domain::approval::Add;
    use crate::domain::approval::Direct;
    use crate::domain::approval::Permit;
    use crate::domain::approval::Remove;
    use crate::domain::approval::Reprocess;
    use crate::domain::proof::LastLook;

    pub trait Sealed {}

    impl Sealed for Add {}
    impl Sealed for Remove {}
    impl Sealed for Reprocess {}
    impl Sealed for Direct {}
    impl<W> Sealed for Permit<W> {}
    impl<W> Sealed for (Permit<W>, LastLook<W>) {}
}

/// How far one write for one user has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Write {
    /// Nothing was sent.
    #[default]
    None,
    /// The intent is durable; the request may be on its way, or may have died with the program.
    Intended(Timestamp),
    /// Acknowledged, or found in effect when asked.
    Done(Timestamp),
    /// It surely did not happen.
    Failed(Timestamp, Box<Fault>),
    /// Nobody knows whether it happened; reality has to be asked.
    Lost(Timestamp, Box<Fault>),
    /// A worklist names them, and others may act on it at any time.
    Listed(Timestamp),
    /// The worklist that named them was withdrawn or replaced; others may still act on a copy.
    Delisted(Timestamp),
}

/// How far a write has come, without its times and faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteState {
    /// Nothing was sent.
    NotBegun,
    /// The intent is durable.
    UnderWay,
    /// Acknowledged.
    Done,
    /// It surely did not happen.
    Failed,
    /// Nobody knows whether it happened.
    Unknown,
    /// On a worklist for others.
    Listed,
    /// On a worklist that is not in force any more.
    Delisted,
}

/// What happens to one user's write.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// It is about to leave.
    Intended,
    /// The answer, or that it was not sent.
    Settled(&'a Outcome),
    /// What a read said of a write that nobody had answered for.
    ReadBack(ReadBack),
    /// Somebody else made it undone, in these words.
    Undone(&'a Fault),
    /// A worklist names them for others to act on.
    Listed,
    /// That worklist is not in force any more.
    Delisted,
    /// Others did it unasked: on no worklist, or before it was proven safe.
    DoneByOthers,
}

impl Write {
    /// The state after a step, or `None` for a step that cannot follow: a bug live, a broken journal on resume, never a
    /// guess.
    #[must_use]
    pub fn after(&self, kind: WriteKind, step: Step<'_>, at: Timestamp) -> Option<Self> {
        Some(match (self, step) {
            (Self::None | Self::Failed(..), Step::Intended) => Self::Intended(at),
            // Nobody reads these two back: asked for again, the one does no harm, and the other is proven anew.
            (Self::Intended(_) | Self::Done(_) | Self::Lost(..), Step::Intended) if !kind.is_membership() => {
                Self::Intended(at)
            }
            (Self::Intended(_), Step::Settled(Outcome::Done)) => Self::Done(at),
            (Self::Intended(_), Step::Settled(Outcome::Failed(fault))) => Self::Failed(at, Box::new(fault.clone())),
            (Self::Intended(_), Step::Settled(Outcome::Lost(fault))) => Self::Lost(at, Box::new(fault.clone())),
            // An intent may have outlived its process, so that no answer ever comes.
            (Self::Intended(_) | Self::Lost(..), Step::ReadBack(found)) if kind.is_membership() => match found {
                ReadBack::InEffect => Self::Done(at),
                ReadBack::NotInEffect => {
                    Self::Failed(at, Box::new(Fault::new(FaultKind::Refused, FaultMessage::NotInEffect)))
                }
            },
            (Self::Done(_), Step::Undone(fault)) if kind.is_membership() => Self::Failed(at, Box::new(fault.clone())),
            (Self::None | Self::Failed(..) | Self::Delisted(_), Step::Listed) if kind.is_membership() => {
                Self::Listed(at)
            }
            (Self::Listed(_), Step::Delisted) if kind.is_membership() => Self::Delisted(at),
            // Who is not seen moved yet may be at any time: nothing is concluded from that.
            (Self::Listed(_) | Self::Delisted(_), Step::ReadBack(ReadBack::InEffect))
            | (Self::None | Self::Failed(..) | Self::Listed(_) | Self::Delisted(_), Step::DoneByOthers)
                if kind.is_membership() =>
            {
                Self::Done(at)
            }
            (
                Self::None
                | Self::Intended(_)
                | Self::Done(_)
                | Self::Failed(..)
                | Self::Lost(..)
                | Self::Listed(_)
                | Self::Delisted(_),
                Step::Intended
                | Step::Settled(_)
                | Step::ReadBack(_)
                | Step::Undone(_)
                | Step::Listed
                | Step::Delisted
                | Step::DoneByOthers,
            ) => return None,
        })
    }

    /// Whether it took effect.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Whether nobody knows what became of it.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Intended(_) | Self::Lost(..))
    }

    /// Whether a worklist in force names them.
    pub fn is_listed(&self) -> bool {
        matches!(self, Self::Listed(_))
    }

    /// Whether a worklist names or has named them, so that others may act on it or on a copy.
    pub fn may_be_done_by_others(&self) -> bool {
        matches!(self, Self::Listed(_) | Self::Delisted(_))
    }

    /// When it last changed.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::None => None,
            Self::Intended(at)
            | Self::Done(at)
            | Self::Failed(at, _)
            | Self::Lost(at, _)
            | Self::Listed(at)
            | Self::Delisted(at) => Some(*at),
        }
    }

    /// What went wrong, when something did.
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Failed(_, fault) | Self::Lost(_, fault) => Some(fault),
            Self::None | Self::Intended(_) | Self::Done(_) | Self::Listed(_) | Self::Delisted(_) => None,
        }
    }

    /// The state alone, for what cannot follow it.
    pub(in crate::domain) fn state(&self) -> WriteState {
        match self {
            Self::None => WriteState::NotBegun,
            Self::Intended(_) => WriteState::UnderWay,
            Self::Done(_) => WriteState::Done,
            Self::Failed(..) => WriteState::Failed,
            Self::Lost(..) => WriteState::Unknown,
            Self::Listed(_) => WriteState::Listed,
            Self::Delisted(_) => WriteState::Delisted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table: the states and steps by name, and where each pair leads; a dot is what cannot follow.
    fn table(kind: WriteKind) -> String {
        let (before, now) = (Timestamp::UNIX_EPOCH, Timestamp::from_second(60).unwrap());
        let fault = Fault::new(FaultKind::Service, "bad gateway");
        let states = [
            Write::None,
            Write::Intended(before),
            Write::Done(before),
            Write::Failed(before, Box::new(fault.clone())),
            Write::Lost(before, Box::new(fault.clone())),
            Write::Listed(before),
            Write::Delisted(before),
        ];
        let outcomes = [Outcome::Done, Outcome::Failed(fault.clone()), Outcome::Lost(fault.clone())];
        let mut steps = vec![Step::Intended];
        steps.extend(outcomes.iter().map(Step::Settled));
        steps.extend([ReadBack::InEffect, ReadBack::NotInEffect].map(Step::ReadBack));
        steps.push(Step::Undone(&fault));
        steps.extend([Step::Listed, Step::Delisted, Step::DoneByOthers]);
        let row = |state: &Write| {
            let cells = steps.iter().map(|step| {
                let next = state.after(kind, *step, now);
                assert!(next.as_ref().is_none_or(|next| next.at() == Some(now)));
                next.map_or(".".to_owned(), |next| format!("{:?}", next.state()))
            });
            format!("{:?}: {}\n", state.state(), cells.collect::<Vec<_>>().join(" | "))
        };
        states.iter().map(row).collect()
    }

    #[test]
    fn a_membership_is_written_once_until_its_outcome_is_known() {
        for kind in [WriteKind::Add, WriteKind::Remove] {
            insta::allow_duplicates! {
                insta::assert_snapshot!(table(kind), @r"
                NotBegun: UnderWay | . | . | . | . | . | . | Listed | . | Done
                UnderWay: . | Done | Failed | Unknown | Done | Failed | . | . | . | .
                Done: . | . | . | . | . | . | Failed | . | . | .
                Failed: UnderWay | . | . | . | . | . | . | Listed | . | Done
                Unknown: . | . | . | . | Done | Failed | . | . | . | .
                Listed: . | . | . | . | Done | . | . | . | Delisted | Done
                Delisted: . | . | . | . | Done | . | . | Listed | . | Done
                ");
            }
        }
    }

    #[test]
    fn a_write_to_licenses_may_be_asked_for_again_and_is_never_read_back() {
        for kind in [WriteKind::Reprocess, WriteKind::Direct] {
            insta::allow_duplicates! {
                insta::assert_snapshot!(table(kind), @r"
                NotBegun: UnderWay | . | . | . | . | . | . | . | . | .
                UnderWay: UnderWay | Done | Failed | Unknown | . | . | . | . | . | .
                Done: UnderWay | . | . | . | . | . | . | . | . | .
                Failed: UnderWay | . | . | . | . | . | . | . | . | .
                Unknown: UnderWay | . | . | . | . | . | . | . | . | .
                Listed: . | . | . | . | . | . | . | . | . | .
                Delisted: . | . | . | . | . | . | . | . | . | .
                ");
            }
        }
    }
}
