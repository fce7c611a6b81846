//! The configuration as any text: it is read, or the mistake is placed and shown.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use skuferry::config::Config;

fuzz_target!(|text: &str| match Config::parse(text, Path::new("config.toml")) {
    Ok(config) => {
        // What goes anywhere has an address that is spoken to in the clear on this machine only.
        for url in [config.tenant.graph_url, config.tenant.login_url].into_iter().flatten() {
            assert!(!url.contains('@') && !url.ends_with('/'), "{url}");
        }
    }
    Err(error) => assert!(!error.to_string().is_empty()),
});
