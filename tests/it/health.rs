//! How the connection fares, on the right of the first line: each state by a mark and a word, and over the wire.

use skuferry::clock::Clock;
use skuferry::clock::SystemClock;
use skuferry::domain::fault::Fault;
use skuferry::domain::fault::FaultKind;
use skuferry::domain::throttle::Limit;
use skuferry::domain::time::SignedDuration;
use skuferry::engine::snapshot::Connection;
use skuferry::sim::Options;
use skuferry::tui::Theme;

use crate::driver::Rig;
use crate::scene;
use crate::screens::frame;
use crate::screens::text;

/// The first line with this connection, so many columns wide; it is 14:27:35 then.
fn head(connection: Connection, width: u16) -> String {
    let mut scene = scene::verifying();
    scene.snapshot.connection = connection;
    let mut model = scene.model();
    model.theme = Theme::None;
    text(&frame(&mut model, width, 40).0).lines().next().unwrap().to_owned()
}

#[test]
fn each_state_has_a_mark_and_a_word_and_no_need_of_colour() {
    let now = scene::verifying().now;
    let ago = |seconds| now - SignedDuration::from_secs(seconds);
    let until = now + SignedDuration::from_secs(30);
    let fault = |kind| Fault::new(kind, "why");
    let time = |at: jiff::Timestamp| at.strftime("%H:%M:%S").to_string();
    let cases = [
        (Connection::Connecting, "○ connecting".to_owned(), "○ connecting".to_owned()),
        (Connection::Connected, "● connected".into(), "● connected".into()),
        (
            Connection::Slow { last_answer: Some(ago(42)), waiting_since: ago(7) },
            "▲ slow, last answer 42s ago".into(),
            "▲ slow, ".into(),
        ),
        (
            Connection::Slow { last_answer: None, waiting_since: ago(7) },
            "▲ slow, no answer 7s".into(),
            "▲ slow, no answer 7s".into(),
        ),
        (
            Connection::Slowed { limit: Limit::Writes, used: Some(120), until, asked: None },
            format!("▲ writes throttled until {}  120 % used", time(until)),
            format!("throttled until {}", time(until)),
        ),
        (
            Connection::Slowed { limit: Limit::Both, used: None, until, asked: None },
            format!("▲ reads and writes throttled until {}", time(until)),
            format!("throttled until {}", time(until)),
        ),
        (
            Connection::Cautious { limit: Limit::Reads, used: Some(85), until },
            format!("● reads slower until {}  85 % used", time(until)),
            format!("slower until {}", time(until)),
        ),
        (
            Connection::Failing { since: ago(75), fault: fault(FaultKind::Unreachable) },
            format!("✖ offline since {}, 1m 15s", time(ago(75))),
            "✖ offline ".into(),
        ),
        (
            Connection::Failing { since: ago(75), fault: fault(FaultKind::Service) },
            format!("✖ no good answer since {}, 1m 15s", time(ago(75))),
            "✖ no ".into(),
        ),
    ];
    for (connection, wide, narrow) in cases {
        let shown = head(connection.clone(), 160);
        assert!(shown.contains(&wide), "{wide}\n{shown}");
        // At 80 columns fewer words tell it, and it is never left out.
        let shown = head(connection, 80);
        assert!(shown.contains(&narrow), "{narrow}\n{shown}");
    }
}

#[test]
fn a_token_that_ends_is_told_with_the_key_that_renews_it() {
    let mut scene = scene::verifying();
    scene.snapshot.token_ends = Some("2026-08-24T14:40:00Z".parse().unwrap());
    for width in [80, 120] {
        let shown = text(&frame(&mut scene.model(), width, 24).0);
        let line = shown.lines().next().unwrap();
        assert!(line.contains("▲ token ends 14:40:00 · L") && line.contains("● connected"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn throttled_reads_are_told_with_their_limit_and_its_end() {
    let mut rig = Rig::open(Options { users: 4, seed: 5, ..Options::default() }, |_| {}).await;
    rig.operate("additions are verified", |shot| shot.survey.is_some()).await;
    rig.sim
        .set_faults("[[fault]]\non = \"GET /**\"\nin_batch = false\nfirst = 1\nanswer = 429\nretry_after = 4\n")
        .unwrap();
    let shot = rig.wait("throttled", |shot| matches!(shot.connection, Connection::Slowed { .. })).await;
    let Connection::Slowed { limit, asked, .. } = shot.connection else { unreachable!() };
    assert_eq!((limit, asked), (Limit::Reads, None));
    rig.wait("connected again", |shot| shot.connection == Connection::Connected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_breaks_is_offline_since_then_and_connected_again_after() {
    let mut rig = Rig::open(Options { users: 4, seed: 5, ..Options::default() }, |_| {}).await;
    rig.operate("additions are verified", |shot| shot.survey.is_some()).await;
    let before = SystemClock.now();
    rig.sim.set_faults("[[fault]]\non = \"* /**\"\ndrop = true\n").unwrap();
    let shot = rig.wait("offline", |shot| matches!(shot.connection, Connection::Failing { .. })).await;
    let Connection::Failing { since, fault } = &shot.connection else { unreachable!() };
    assert!(*since >= before && fault.kind == FaultKind::Unreachable, "{since} {fault:?}");
    rig.sim.set_faults("").unwrap();
    rig.wait("connected again", |shot| shot.connection == Connection::Connected).await;
}
