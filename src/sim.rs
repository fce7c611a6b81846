//! The simulated tenant: Microsoft Graph over HTTP on loopback. It imports nothing else of this crate.
