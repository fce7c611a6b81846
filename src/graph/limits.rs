//! The largest sizes of what a service may answer (rule 12). All are far above what Microsoft Graph sends.

/// One answer of success, in bytes after decompression. A page of 999 users with many licenses takes about 10 MiB.
pub(in crate::graph) const ANSWER: usize = 64 << 20;
/// The body of a refusal, in bytes. What comes after is not read.
pub(in crate::graph) const ERROR: usize = 64 << 10;
/// The answer of the sign-in, in bytes.
pub(in crate::graph) const SIGN_IN: usize = 256 << 10;
/// Elements on one page, of which 999 are asked for.
pub(in crate::graph) const PAGE: usize = 10_000;
/// Elements of one collection.
pub(in crate::graph) const COLLECTION: usize = 500_000;
/// All pages of one collection, in bytes.
pub(in crate::graph) const COLLECTION_BYTES: usize = 512 << 20;
/// Pages of one collection.
pub(in crate::graph) const PAGES: usize = 5_000;
/// A link to the next page, in bytes.
pub(in crate::graph) const LINK: usize = 8 << 10;
/// Answers in one batch, of which 20 are asked for.
pub(in crate::graph) const BATCH: usize = 100;
/// The headers of one answer in a batch, in bytes.
pub(in crate::graph) const HEADERS: usize = 16 << 10;
/// A name, in characters; a display name has 256 at most, a sign-in name about a thousand ("user resource type").
pub(in crate::graph) const NAME: usize = 1_024;
/// Seats of a product: `licenseUnitsDetail` counts in Int32.
pub(in crate::graph) const SEATS: i64 = i32::MAX as i64;
