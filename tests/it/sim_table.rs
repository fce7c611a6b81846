//! `sim_table/*.toml`, row by row: what is asked of the simulated tenant and what it answers.
use serde::Deserialize;
use serde_json::Value;

use crate::sim_kit::Kit;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    row: Vec<Row>,
}

/// One row. The tenant is a fresh one each time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// The section of the licensing reference that says so.
    section: String,
    what: String,
    #[serde(default)]
    before: Vec<Step>,
    ask: String,
    #[serde(default)]
    headers: toml::Table,
    #[serde(default)]
    send: Option<toml::Value>,
    status: u16,
    #[serde(default)]
    says: Option<toml::Value>,
    #[serde(default)]
    lacks: Vec<String>,
    #[serde(default)]
    bears: toml::Table,
}

/// What happens before a row: a request that must succeed, time, or faults.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    ask: Option<String>,
    #[serde(default)]
    send: Option<toml::Value>,
    #[serde(default)]
    advance: Option<u64>,
    #[serde(default)]
    faults: Option<String>,
}

fn rows() -> Vec<Row> {
    let texts = [
        include_str!("sim_table/reads.toml"),
        include_str!("sim_table/writes.toml"),
        include_str!("sim_table/licensing.toml"),
        include_str!("sim_table/around.toml"),
    ];
    texts.into_iter().flat_map(|text| toml::from_str::<Table>(text).unwrap().row).collect()
}

/// Whether a request is the operation that a line such as `GET /users/{}/licenseDetails` means. An action and a cast go by
/// short names as well.
fn means(ask: &str, operation: &str) -> bool {
    let ((verb, path), (wanted, pattern)) = (ask.split_once(' ').unwrap(), operation.split_once(' ').unwrap());
    let path = path.strip_prefix("/v1.0").unwrap_or_default().split('?').next().unwrap();
    let path = path.replace("('", "/").replace("')", "").replace("()", "").replace("/graph.", "/microsoft.graph.");
    let (path, pattern): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), pattern.split('/').collect());
    let fits =
        |(part, word): (&&str, &&str)| *word == "{}" && !part.starts_with('$') || part.eq_ignore_ascii_case(word);
    verb == wanted && path.len() == pattern.len() && path.iter().zip(&pattern).all(fits)
}

#[tokio::test]
async fn every_operation_of_the_tenant_has_a_row() {
    let kit = Kit::example().await;
    let operations = kit.get("/_sim/operations").await;
    let operations: Vec<&str> = operations.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert!(operations.len() > 80, "{}", operations.len());
    let rows = rows();
    let asked = |operation: &str| {
        // The first that fits is meant: `/users/delta` is no user. What comes before a row must succeed.
        let is = |ask: &str| operations.iter().find(|other| means(ask, other)) == Some(&operation);
        let before = rows.iter().flat_map(|row| &row.before).filter_map(|step| step.ask.as_deref());
        rows.iter().filter(|row| row.status < 300).map(|row| row.ask.as_str()).chain(before).any(is)
    };
    let lacking: Vec<&str> = operations.iter().copied().filter(|operation| !asked(operation)).collect();
    assert!(lacking.is_empty(), "no row that succeeds asks for:\n{}", lacking.join("\n"));
}

#[tokio::test]
async fn the_tenant_answers_as_the_table_says() {
    let rows = rows();
    assert!(rows.len() > 120, "the table has lost rows: {}", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        if let Err(why) = run(&row).await {
            wrong.push(format!("[{}] {}\n  {}\n  {why}", row.section, row.what, row.ask));
        }
    }
    assert!(wrong.is_empty(), "{} rows fail:\n{}", wrong.len(), wrong.join("\n"));
}

async fn run(row: &Row) -> Result<(), String> {
    let kit = Kit::example().await;
    for step in &row.before {
        if let Some(faults) = &step.faults {
            kit.sim.set_faults(&fill(&kit, faults)).map_err(|error| error.to_string())?;
        }
        if let Some(seconds) = step.advance {
            kit.sim.advance(std::time::Duration::from_secs(seconds));
        }
        if let Some(ask) = &step.ask {
            let heard = kit.ask(&fill(&kit, ask), &[], json(&kit, step.send.as_ref()).as_ref()).await;
            if heard.status >= 400 {
                return Err(format!("before it, {ask} was refused: {}", heard.body));
            }
        }
    }
    let headers: Vec<(&str, &str)> =
        row.headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let heard = kit.ask(&fill(&kit, &row.ask), &headers, json(&kit, row.send.as_ref()).as_ref()).await;
    if heard.status != row.status {
        return Err(format!("{} instead of {}: {}", heard.status, row.status, heard.body));
    }
    if let Some(says) = json(&kit, row.says.as_ref()) {
        fits(&says, &heard.body, "").map_err(|why| format!("{why}\n  {}", heard.body))?;
    }
    if let Some(there) = row.lacks.iter().find(|name| heard.body.get(name.as_str()).is_some()) {
        return Err(format!("{there} is there: {}", heard.body));
    }
    for (name, value) in &row.bears {
        let wanted = fill(&kit, value.as_str().unwrap());
        let got = heard.headers.get(name).map_or("", String::as_str);
        if !(wanted == got || (["*", "~"].contains(&wanted.as_str()) && !got.is_empty())) {
            return Err(format!("header {name} is `{got}` instead of `{wanted}`"));
        }
    }
    Ok(())
}

/// `{group:Name}`, `{user:upn}`, `{subscription:PART}` and `{url}` become what they stand for.
fn fill(kit: &Kit, text: &str) -> String {
    let mut out = text.replace("{url}", &kit.sim.url());
    let next = |out: &str| ["{group:", "{user:", "{subscription:"].into_iter().find_map(|mark| out.find(mark));
    while let Some(start) = next(&out) {
        let end = start + out[start..].find('}').unwrap();
        let (kind, name) = out[start + 1..end].split_once(':').unwrap();
        let id = match kind {
            "group" => kit.group(name),
            "user" => kit.user(name),
            _ => kit.subscription(name),
        };
        out.replace_range(start..=end, &id);
    }
    out
}

fn json(kit: &Kit, value: Option<&toml::Value>) -> Option<Value> {
    value.map(|value| {
        // TOML has no null.
        if let Some(text) = value.as_str().and_then(|text| text.strip_prefix("json:")) {
            return serde_json::from_str(text).unwrap();
        }
        let text = fill(kit, &serde_json::to_string(value).unwrap());
        serde_json::from_str(&text).unwrap()
    })
}

/// Whether an answer says at least what is expected: `*` is any value, `~text` any that contains the text, `null` (as text)
/// is null; lists must be as long as expected.
fn fits(expected: &Value, got: &Value, at: &str) -> Result<(), String> {
    let miss = || Err(format!("at {at}: expected {expected}, got {got}"));
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            for (name, expected) in expected {
                fits(expected, got.get(name).unwrap_or(&Value::Null), &format!("{at}/{name}"))?;
            }
            Ok(())
        }
        (Value::Array(expected), Value::Array(got)) => {
            if expected.len() != got.len() {
                return Err(format!("at {at}: expected {} items, got {}", expected.len(), got.len()));
            }
            (0..).zip(expected.iter().zip(got)).try_for_each(|(ix, (expected, got))| {
                let ix: usize = ix;
                fits(expected, got, &format!("{at}/{ix}"))
            })
        }
        (Value::String(any), got) if any == "*" => {
            if got.is_null() {
                miss()
            } else {
                Ok(())
            }
        }
        (Value::String(null), got) if null == "null" => {
            if got.is_null() {
                Ok(())
            } else {
                miss()
            }
        }
        (Value::String(part), got) if part.starts_with('~') => {
            let text = got.as_str().map_or_else(|| got.to_string(), str::to_owned);
            if text.contains(&part[1..]) { Ok(()) } else { miss() }
        }
        (expected, got) => {
            if expected == got {
                Ok(())
            } else {
                miss()
            }
        }
    }
}
