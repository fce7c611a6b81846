//! What the types refuse: each program here must not compile, and stands beside a near twin that does.
//!
//! The code behind `compile_fail` is the reason: `E0423`, `E0451` and `E0624` are privacy, `E0382` is a value used up,
//! `E0277` and `E0599` are a trait or a method that is not there, `E0308` is another type. `tests/it/compile_fail.rs`
//! compiles each program and wants exactly that error.
//!
//! # An operator's yes comes from a question
//!
//! ```
//! use skuferry::domain::approval::{Add, Approval, Proposal};
//! fn answer(question: Proposal<Add>) -> Approval<Add> { question.yes() }
//! ```
//! It cannot be made up:
//! ```compile_fail,E0423
//! use skuferry::domain::approval::{Add, Approval, Proposal};
//! fn forge(question: Proposal<Add>) -> Approval<Add> { Approval(question) }
//! ```
//! nor can the question be made up outside the migration's own logic:
//! ```compile_fail,E0624
//! use skuferry::domain::approval::{Add, Proposal, ShownToOperator};
//! use skuferry::domain::id::UserId;
//! fn forge(users: Vec<UserId>, seen: ShownToOperator) -> Proposal<Add> { Proposal::new(1, 0, todo!(), users, seen) }
//! ```
//! A removal is not approved by a bare yes, but by the number of users:
//! ```
//! use skuferry::domain::approval::{Approval, Proposal, Remove};
//! fn answer(question: Proposal<Remove>) -> Option<Approval<Remove>> { question.typed("20").ok() }
//! ```
//! ```compile_fail,E0599
//! use skuferry::domain::approval::{Approval, Proposal, Remove};
//! fn answer(question: Proposal<Remove>) -> Option<Approval<Remove>> { Some(question.yes()) }
//! ```
//!
//! # An approval is used up, and no file brings one back
//!
//! ```
//! use skuferry::domain::approval::{Add, ShownToOperator};
//! fn copy(seen: &ShownToOperator) -> ShownToOperator { Clone::clone(seen) }
//! fn load(text: &str) -> Option<ShownToOperator> { serde_json::from_str(text).ok() }
//! ```
//! ```compile_fail,E0277
//! use skuferry::domain::approval::{Add, Approval};
//! fn copy(approval: &Approval<Add>) -> Approval<Add> { Clone::clone(approval) }
//! ```
//! ```compile_fail,E0277
//! use skuferry::domain::approval::{Add, Approval};
//! fn load(text: &str) -> Option<Approval<Add>> { serde_json::from_str(text).ok() }
//! ```
//!
//! # A permit is for one kind of write, and a removal needs its proof
//!
//! ```
//! use skuferry::domain::approval::{Add, Permit, Remove};
//! use skuferry::domain::order::{BadDraft, Draft};
//! use skuferry::domain::proof::LastLook;
//! fn add(permit: Permit<Add>) -> Result<Draft<Add>, BadDraft> { Draft::of(vec![permit]) }
//! fn remove(permit: Permit<Remove>, look: LastLook) -> Result<Draft<Remove>, BadDraft> { Draft::of(vec![(permit, look)]) }
//! ```
//! ```compile_fail,E0271
//! use skuferry::domain::approval::{Add, Permit, Remove};
//! use skuferry::domain::order::{BadDraft, Draft};
//! use skuferry::domain::proof::LastLook;
//! fn remove(permit: Permit<Add>, look: LastLook) -> Result<Draft<Remove>, BadDraft> { Draft::of(vec![(permit, look)]) }
//! ```
//! ```compile_fail,E0271
//! use skuferry::domain::approval::{Permit, Remove};
//! use skuferry::domain::order::{BadDraft, Draft};
//! fn remove(permit: Permit<Remove>) -> Result<Draft<Remove>, BadDraft> { Draft::of(vec![permit]) }
//! ```
//! The proof comes from two point reads and cannot be written down by hand:
//! ```compile_fail,E0451
//! use skuferry::domain::{id::UserId, proof::LastLook, standing::Standing, time::Timestamp};
//! use std::marker::PhantomData;
//! fn forge(user: UserId, read_at: Timestamp) -> LastLook {
//!     LastLook { user, standing: Standing::HoldsBoth, read_at, keeps: Default::default(), write: PhantomData }
//! }
//! ```
//!
//! # Nothing is sent before its intent is durable, and nothing twice
//!
//! ```
//! use skuferry::domain::approval::Add;
//! use skuferry::domain::order::{Answer, Draft, IntentLog};
//! use skuferry::graph::Graph;
//! async fn write<L: IntentLog>(graph: &Graph, draft: Draft<Add>, ledger: &mut L) -> Option<Answer<Add>> {
//!     let order = draft.keep(ledger).ok()?.order(ledger).ok()?;
//!     Some(graph.add(order).await)
//! }
//! ```
//! An intent that the disk has not answered for is no order:
//! ```compile_fail,E0308
//! use skuferry::domain::approval::Add;
//! use skuferry::domain::order::{Answer, Draft, IntentLog};
//! use skuferry::graph::Graph;
//! async fn write<L: IntentLog>(graph: &Graph, draft: Draft<Add>, ledger: &mut L) -> Option<Answer<Add>> {
//!     let intent = draft.keep(ledger).ok()?;
//!     Some(graph.add(intent).await)
//! }
//! ```
//! ```compile_fail,E0308
//! use skuferry::domain::approval::Add;
//! use skuferry::domain::order::{Answer, Draft};
//! use skuferry::graph::Graph;
//! async fn write(graph: &Graph, draft: Draft<Add>) -> Option<Answer<Add>> {
//!     Some(graph.add(draft).await)
//! }
//! ```
//! ```compile_fail,E0382
//! use skuferry::domain::approval::Add;
//! use skuferry::domain::order::{Answer, Draft, IntentLog};
//! use skuferry::graph::Graph;
//! async fn write<L: IntentLog>(graph: &Graph, draft: Draft<Add>, ledger: &mut L) -> Option<Answer<Add>> {
//!     let order = draft.keep(ledger).ok()?.order(ledger).ok()?;
//!     graph.add(order).await;
//!     Some(graph.add(order).await)
//! }
//! ```
