//! Programs that some tests drive and that a machine may not have. `SKUFERRY_REQUIRE=az,openssl,chromium,tmux` names those whose
//! absence fails the tests: `.ci/run` sets it to what it found.

/// What was found of a program. Where it is missing this says so, and fails the test if the program is required.
#[track_caller]
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
pub(crate) fn found<T>(program: &str, found: Option<T>) -> Option<T> {
    let required = std::env::var("SKUFERRY_REQUIRE").unwrap_or_default();
    if found.is_none() {
        assert_not(&required, program);
        println!("SKIPPED: there is no {program} on this machine");
    }
    found
}

#[track_caller]
fn assert_not(required: &str, program: &str) {
    assert!(!names(required, program), "{program} is missing here, and SKUFERRY_REQUIRE names it");
}

fn names(required: &str, program: &str) -> bool {
    required.split(',').any(|one| one.trim().eq_ignore_ascii_case(program))
}

#[test]
fn a_program_is_required_by_its_whole_name() {
    assert!(names("az, OpenSSL,chromium", "openssl") && names("az", "az"));
    assert!(!names("", "az") && !names("openssl", "az") && !names("azure", "az"));
}

#[test]
#[should_panic(expected = "az is missing here")]
fn a_required_program_that_is_missing_fails_the_test() {
    assert_not("openssl,az", "az");
}

/// A program that is there must be found by the tests that drive it: else they pass without it wherever they run.
#[test]
fn the_programs_of_this_machine_are_found() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |name: &str| std::env::split_paths(&path).any(|folder| folder.join(name).is_file());
    for (name, is_found) in [("openssl", crate::sign_in::has_openssl()), ("az", crate::sign_in::has_az())] {
        assert!(is_found || !there(name), "{name}");
    }
}
