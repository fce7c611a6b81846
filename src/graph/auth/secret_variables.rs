//! The variables of the environment that secrets come from, and that no program of others is started with.

/// A client secret.
pub const CLIENT_SECRET: &str = "SKUFERRY_CLIENT_SECRET";
/// An access token.
pub const ACCESS_TOKEN: &str = "SKUFERRY_ACCESS_TOKEN";
/// All of them.
pub(super) const SECRET_VARIABLES: [&str; 2] = [CLIENT_SECRET, ACCESS_TOKEN];

/// Starts a program without what is meant for skuferry alone.
pub fn without_secrets(command: &mut std::process::Command) {
    for secret in SECRET_VARIABLES {
        command.env_remove(secret);
    }
}
