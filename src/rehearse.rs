//! A copy of a tenant for a rehearsal: what a migration meets, read and never written, as a tenant file of the simulator.
//!
//! [`read()`] asks Graph, [`anonymous()`] takes names and ids out, [`Trouble`] adds what may go wrong, [`tenant_file`] writes the
//! text that `sim --tenant` takes. `assets/sim/tenant-as-read.toml` shows the keys that such a file has beside those of
//! the other examples.

mod anonymous;
mod copy;
mod latencies;
mod read;
mod text;
mod toml_text;
mod trouble;
mod words;

pub use anonymous::Pseudonyms;
pub use anonymous::anonymous;
pub use copy::CopiedGroup;
pub use copy::CopiedUser;
pub use copy::TenantCopy;
pub use copy::Unread;
pub use latencies::Latencies;
pub use read::NoCopy;
pub use read::read;
pub use text::tenant_file;
pub use trouble::Trouble;
pub use words::no_copy;
pub use words::unread;
