//! How a simulated tenant is asked for, and why it may not come.
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Which two licenses the tenant is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scenario {
    /// Office 365 E1 to Office 365 E3 with Enterprise Mobility + Security E3: the SharePoint plans exclude each other.
    #[default]
    Conflicting,
    /// Office 365 E3 to Office 365 E5 with Enterprise Mobility + Security E5: all can be active at once.
    NonConflicting,
}

impl Scenario {
    /// The part numbers of source and target.
    pub(crate) fn parts(self) -> (&'static str, &'static str) {
        match self {
            Self::Conflicting => ("STANDARDPACK", "ENTERPRISEPACK"),
            Self::NonConflicting => ("ENTERPRISEPACK", "ENTERPRISEPREMIUM"),
        }
    }

    /// The part number of what the target group assigns beside the target, as real ones do.
    pub(crate) fn companion(self) -> &'static str {
        match self {
            Self::Conflicting => "EMS",
            Self::NonConflicting => "EMSPREMIUM",
        }
    }

    /// A name for the migration.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Conflicting => "E1 to E3",
            Self::NonConflicting => "E3 to E5",
        }
    }
}

/// What a simulated tenant should be like.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; loopback only. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Which licenses it is about.
    pub scenario: Scenario,
    /// How many users are on the list to be migrated.
    pub users: usize,
    /// The same seed makes the same tenant, and the same run if asked the same.
    pub seed: u64,
    /// How many times as fast as real time the tenant lives.
    pub speed: f64,
    /// The text of a tenant file, instead of the seeded tenant.
    pub tenant: Option<String>,
    /// Speak https, and write the certificate that clients must trust to this file, as PEM.
    pub tls: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            scenario: Scenario::default(),
            users: 1000,
            seed: 1,
            speed: 1.0,
            tenant: None,
            tls: None,
        }
    }
}

/// Why a simulated tenant did not start or did not take an order.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// Asked to listen where others could reach it.
    #[error("the simulated tenant listens on loopback only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The speed is not a number above zero.
    #[error("the speed must be a number above 0, not {0}")]
    Speed(f64),
    /// The address could not be taken.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// There is no certificate to speak https with.
    #[error("https cannot be served: {0}")]
    Tls(String),
    /// A tenant file or a set of faults that cannot be read.
    #[error("{0}")]
    Text(String),
    /// A file could not be written.
    #[error("cannot write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
