//! `/_sim`: the handles by which a test or a rehearsal steers the tenant.
//!
//! `GET operations`, all that the tenant answers; `GET log?after=N` and `DELETE log`; `GET state`; `GET clock` and `POST clock`
//! with any of `advance` (`"90s"` or seconds), `freeze` and `speed`; `PUT faults` with TOML or JSON, and `DELETE faults`, which
//! ends faults and events alike. None needs a token, and none is in the log.
use serde_json::{Value, json};

use crate::sim::answer::Answer;
use crate::sim::ask::{Ask, pairs};
use crate::sim::behaviour::Behaviour;
use crate::sim::length::Length;
use crate::sim::route::operations;
use crate::sim::state;
use crate::sim::world::World;

/// Answers what lies under `/_sim`; none if the path does not.
pub(crate) fn answer(world: &mut World, ask: &Ask) -> Option<Answer> {
    let path = ask.path.strip_prefix("/_sim/")?;
    world.catch_up();
    Some(match (ask.method.as_str(), path) {
        ("GET", "log") => {
            let after = pairs(&ask.query).find(|(name, _)| name == "after").and_then(|(_, value)| value.parse().ok());
            plain(json!(world.log.after(after.unwrap_or(0))))
        }
        ("DELETE", "log") => {
            world.log.clear();
            Answer::no_content()
        }
        ("PUT", "faults") => match set_faults(world, &String::from_utf8_lossy(&ask.body)) {
            Ok(()) => Answer::no_content(),
            Err(message) => refused(&message),
        },
        ("DELETE", "faults") => match set_faults(world, "") {
            Ok(()) => Answer::no_content(),
            Err(message) => refused(&message),
        },
        ("GET", "operations") => plain(operations().collect()),
        ("GET", "state") => plain(state::state(world)),
        ("GET", "clock") => plain(clock(world)),
        ("POST", "clock") => match steer(world, &ask.body) {
            Ok(()) => plain(clock(world)),
            Err(message) => refused(&message),
        },
        _ => refused("there is no such handle under /_sim with this verb"),
    })
}

/// Makes the tenant behave as a text says, TOML or JSON.
pub(crate) fn set_faults(world: &mut World, text: &str) -> Result<(), String> {
    world.catch_up();
    let wish = Behaviour::read(text)?;
    world.behave(&wish).map_err(|wrong| wrong.tell(text))
}

fn plain(body: Value) -> Answer {
    Answer::ok(body)
}

fn refused(message: &str) -> Answer {
    Answer::json(400, json!({ "error": message }))
}

fn clock(world: &World) -> Value {
    json!({
        "now": world.clock.now().to_string(),
        "speed": world.clock.speed(),
        "frozen": world.clock.frozen(),
        "pending": world.queue.len(),
    })
}

/// `{"advance": "90s" | seconds, "freeze": bool, "speed": x}`, each optional, done in the order speed, freeze, advance.
fn steer(world: &mut World, body: &[u8]) -> Result<(), String> {
    let wish: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let fields = wish.as_object().ok_or("expected an object")?;
    if let Some(unknown) = fields.keys().find(|name| !["advance", "freeze", "speed"].contains(&name.as_str())) {
        return Err(format!("unknown key `{unknown}`, expected advance, freeze or speed"));
    }
    let speed = match fields.get("speed") {
        None => None,
        Some(speed) => Some(speed.as_f64().filter(|speed| *speed > 0.0).ok_or("speed must be a number above 0")?),
    };
    let freeze = match fields.get("freeze") {
        None => None,
        Some(freeze) => Some(freeze.as_bool().ok_or("freeze must be true or false")?),
    };
    let advance = fields
        .get("advance")
        .map(|by| serde_json::from_value::<Length>(by.clone()))
        .transpose()
        .map_err(|error| error.to_string())?;
    if let Some(speed) = speed {
        world.clock.set_speed(speed);
    }
    if let Some(freeze) = freeze {
        world.clock.set_frozen(freeze);
    }
    if let Some(Length(by)) = advance {
        world.clock.advance(by);
    }
    world.catch_up();
    Ok(())
}
