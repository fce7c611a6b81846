//! What the files of a worklist say: a table for whoever moves users by hand or by a script, a snippet for the directory that
//! a synced group comes from, and what a dynamic group's rule asks for.
//!
//! Names come from outside. In the snippet each stands in single quotes and nowhere else, so that PowerShell expands nothing
//! in it (Microsoft Learn, "About quoting rules"); a name that could end its line or its quotes is left out of the snippet.

use crate::domain::id::UserId;
use crate::domain::text::cell;
use crate::domain::text::clean;
use crate::domain::text::steers;
use crate::domain::time::Timestamp;
use crate::domain::worklist::Issued;
use crate::domain::worklist::WorklistEnd;
use crate::domain::worklist::WorklistKind;
use crate::domain::worklist::rule::wanted;

/// A user by the names that others know them by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserNames {
    /// The user.
    pub id: UserId,
    /// The sign-in name.
    pub upn: String,
    /// `onPremisesSamAccountName`, for a user who is synced.
    pub sam: Option<String>,
    /// `onPremisesDistinguishedName`, for a user who is synced.
    pub distinguished: Option<String>,
    /// `onPremisesDomainName`, for a user who is synced.
    pub domain: Option<String>,
}

/// A group by what others need to know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupNames {
    /// The display name.
    pub name: String,
    /// Whether its members come from an on-premises directory.
    pub synced: bool,
    /// `onPremisesSamAccountName`, for a group that is synced.
    pub sam: Option<String>,
    /// `onPremisesDomainName`, for a group that is synced.
    pub domain: Option<String>,
    /// The membership rule of a dynamic group.
    pub rule: Option<String>,
}

/// All that the files of one worklist are made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The group.
    pub group: GroupNames,
    /// The users, in any order; who is not among them is shown by id alone.
    pub users: Vec<UserNames>,
}

/// The files of a worklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The table.
    pub table: String,
    /// The snippet, for a group that is synced.
    pub snippet: Option<String>,
    /// What the rule asks for, for a dynamic group.
    pub rule: Option<String>,
}

/// The columns of the table.
pub const COLUMNS: [&str; 13] = [
    "userPrincipalName",
    "id",
    "onPremisesSamAccountName",
    "onPremisesDistinguishedName",
    "onPremisesDomainName",
    "task",
    "group",
    "groupId",
    "worklist",
    "batch",
    "provenAt",
    "writtenAt",
    "validUntil",
];

/// The columns of the table that takes the place of one that is not in force any more.
pub const ENDED_COLUMNS: [&str; 4] = ["notInForce", "why", "since", "worklist"];

impl Sheet {
    /// The files as they are written `now`.
    pub fn files(&self, list: &Issued, now: Timestamp) -> Files {
        Files {
            table: self.table(list, now),
            snippet: self.group.synced.then(|| self.snippet(list, now)),
            rule: self.group.rule.as_deref().map(|rule| rule_text(rule, list)),
        }
    }

    fn names(&self, user: UserId) -> Option<&UserNames> {
        self.users.iter().find(|names| names.id == user)
    }

    fn table(&self, list: &Issued, now: Timestamp) -> String {
        let until = list.kind.good_until(now).map_or_else(String::new, |until| until.to_string());
        let mut rows = vec![COLUMNS.map(str::to_owned).to_vec()];
        for (user, proven) in &list.users {
            let names = self.names(*user);
            let told = |of: fn(&UserNames) -> Option<&str>| names.and_then(of).map_or_else(String::new, cell);
            rows.push(vec![
                told(|names| Some(&names.upn)),
                user.to_string(),
                told(|names| names.sam.as_deref()),
                told(|names| names.distinguished.as_deref()),
                told(|names| names.domain.as_deref()),
                list.kind.word().to_owned(),
                cell(&self.group.name),
                list.group.to_string(),
                list.number.to_string(),
                (list.batch + 1).to_string(),
                proven.map_or_else(String::new, |at| at.to_string()),
                now.to_string(),
                until.clone(),
            ]);
        }
        csv_text(&rows)
    }

    fn snippet(&self, list: &Issued, now: Timestamp) -> String {
        let mut lines = vec![
            format!("# skuferry worklist {}, batch {}: {}", list.number, list.batch + 1, list.kind.word()),
            format!("# Group: {}", clean(&self.group.name)),
            format!("# Written: {now}"),
        ];
        if let Some(until) = list.kind.good_until(now) {
            let age = format!(
                "if ([DateTimeOffset]::UtcNow -gt [DateTimeOffset]::FromUnixTimeSeconds({})) {{",
                until.as_second()
            );
            lines.push(format!("{age} throw 'This worklist is stale. Ask for a new one in skuferry.' }}"));
        }
        // A display name could be the account name of another group, and an account name is one of its own domain only.
        let group = self.group.sam.as_deref().and_then(quoted);
        let server =
            self.group.domain.as_deref().and_then(quoted).map_or_else(String::new, |name| format!(" -Server {name}"));
        for (user, _) in &list.users {
            let member = self.names(*user).and_then(|names| {
                let same = names.domain.is_some() && names.domain == self.group.domain;
                let sam = names.sam.as_deref().filter(|_| same).and_then(quoted);
                names.distinguished.as_deref().and_then(quoted).or(sam)
            });
            lines.push(match (&group, member, list.kind) {
                (Some(group), Some(member), WorklistKind::Add) => {
                    format!("Add-ADGroupMember -Identity {group} -Members {member}{server}")
                }
                (Some(group), Some(member), WorklistKind::Remove) => {
                    format!("Remove-ADGroupMember -Identity {group} -Members {member}{server} -Confirm:$false")
                }
                // An id has nothing that PowerShell could read.
                (None, _, _) | (_, None, _) => format!("# By hand, no name for the directory is known: {user}"),
            });
        }
        // Windows PowerShell takes a file without the mark for another encoding, and a quote in it for another character.
        format!("\u{feff}{}\r\n", lines.join("\r\n"))
    }
}

/// What takes the place of the files of a worklist that is not in force any more. Nobody is named.
pub fn ended(list: &Issued, at: Timestamp, why: WorklistEnd) -> Files {
    let row = ["yes".into(), why.word().to_owned(), at.to_string(), list.number.to_string()].to_vec();
    let said = format!("Worklist {} is not in force any more since {at} ({}).", list.number, why.word());
    Files {
        table: csv_text(&[ENDED_COLUMNS.map(str::to_owned).to_vec(), row]),
        snippet: Some(format!("\u{feff}throw '{said}'\r\n")),
        rule: Some(format!("{said}\n")),
    }
}

fn rule_text(rule: &str, list: &Issued) -> String {
    let asked = match (wanted(rule), list.kind) {
        (Some(one), WorklistKind::Add) => format!("Each user of the table gets {} = {}", one.attribute, one.value),
        (Some(one), WorklistKind::Remove) => {
            format!("Each user of the table gets another {} than {}", one.attribute, one.value)
        }
        (None, _) => "The rule is not a single comparison: what it asks of a user has to be read from it.".to_owned(),
    };
    format!("Rule: {}\n{}\n", clean(rule), clean(&asked))
}

/// A name as PowerShell reads it unchanged: in single quotes, each quote in it doubled, the typographic ones too, which it
/// takes for quotes. `None` for a name that steers, as no line could hold it.
fn quoted(name: &str) -> Option<String> {
    if name.is_empty() || name.chars().any(steers) {
        return None;
    }
    let mut text = String::from("'");
    for char in name.chars() {
        text.push(char);
        if matches!(char, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            text.push(char);
        }
    }
    text.push('\'');
    Some(text)
}

fn csv_text(rows: &[Vec<String>]) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail, and every row of a table is as long as its first.
        let _ = writer.write_record(row);
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::GroupId;
    use crate::domain::route::Direction;
    use crate::domain::testing::user_id;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn list(kind: WorklistKind, users: u128) -> Issued {
        let proven = (kind == WorklistKind::Remove).then_some(Timestamp::UNIX_EPOCH);
        Issued {
            number: 3,
            batch: 0,
            direction: Direction::Forward,
            kind,
            group: GroupId(Uuid::from_u128(9)),
            file: "/data/x.csv".into(),
            users: (1..=users).map(|id| (user_id(id), proven)).collect(),
        }
    }

    fn sheet(name: &str) -> Sheet {
        let names = UserNames {
            id: user_id(1),
            upn: format!("{name}@contoso.com"),
            sam: Some(name.into()),
            distinguished: Some(format!("CN={name},DC=contoso")),
            domain: Some("contoso.com".into()),
        };
        let group = GroupNames {
            name: name.into(),
            synced: true,
            sam: Some(name.into()),
            domain: Some(name.into()),
            rule: None,
        };
        Sheet { group, users: vec![names] }
    }

    #[test]
    fn a_snippet_to_remove_names_each_user_and_refuses_to_run_late() {
        let files = sheet("adele o'neil").files(&list(WorklistKind::Remove, 2), Timestamp::from_second(60).unwrap());
        insta::assert_snapshot!(files.snippet.unwrap().replace('\r', "").trim_start_matches('\u{feff}'), @r"
        # skuferry worklist 3, batch 1: remove
        # Group: adele o'neil
        # Written: 1970-01-01T00:01:00Z
        if ([DateTimeOffset]::UtcNow -gt [DateTimeOffset]::FromUnixTimeSeconds(960)) { throw 'This worklist is stale. Ask for a new one in skuferry.' }
        Remove-ADGroupMember -Identity 'adele o''neil' -Members 'CN=adele o''neil,DC=contoso' -Server 'adele o''neil' -Confirm:$false
        # By hand, no name for the directory is known: 00000000-0000-0000-0000-000000000002
        ");
        insta::assert_snapshot!(files.table.replace('\r', ""), @r#"
        userPrincipalName,id,onPremisesSamAccountName,onPremisesDistinguishedName,onPremisesDomainName,task,group,groupId,worklist,batch,provenAt,writtenAt,validUntil
        adele o'neil@contoso.com,00000000-0000-0000-0000-000000000001,adele o'neil,"CN=adele o'neil,DC=contoso",contoso.com,remove,adele o'neil,00000000-0000-0000-0000-000000000009,3,1,1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,1970-01-01T00:16:00Z
        ,00000000-0000-0000-0000-000000000002,,,,remove,adele o'neil,00000000-0000-0000-0000-000000000009,3,1,1970-01-01T00:00:00Z,1970-01-01T00:01:00Z,1970-01-01T00:16:00Z
        "#);
    }

    /// An account name is one of its own domain only, and a display name could be the account name of another group.
    #[test]
    fn what_could_name_somebody_else_is_left_to_be_done_by_hand() {
        let text = |sheet: &Sheet| sheet.files(&list(WorklistKind::Remove, 1), Timestamp::UNIX_EPOCH).snippet.unwrap();
        let mut one = sheet("adele");
        one.users[0].distinguished = None;
        one.group.domain = Some("contoso.com".into());
        assert!(text(&one).contains("-Members 'adele'"), "{}", text(&one));
        for domain in [None, Some("fabrikam.com".to_owned())] {
            one.users[0].domain = domain;
            assert!(!text(&one).contains("Remove-ADGroupMember") && text(&one).contains("By hand"), "{}", text(&one));
        }
        let mut unnamed = sheet("adele");
        unnamed.group.sam = None;
        assert!(!text(&unnamed).contains("Remove-ADGroupMember"), "{}", text(&unnamed));
    }

    #[test]
    fn what_has_ended_names_nobody_and_runs_nothing() {
        let files = ended(&list(WorklistKind::Remove, 2), Timestamp::UNIX_EPOCH, WorklistEnd::Stale);
        assert!(!files.table.contains(&user_id(1).to_string()) && !files.table.contains("userPrincipalName"));
        insta::assert_snapshot!(files.table.replace('\r', ""), @r"
        notInForce,why,since,worklist
        yes,stale,1970-01-01T00:00:00Z,3
        ");
        insta::assert_snapshot!(
            files.snippet.unwrap().replace('\r', "").trim_start_matches('\u{feff}'),
            @"throw 'Worklist 3 is not in force any more since 1970-01-01T00:00:00Z (stale).'"
        );
    }

    #[test]
    fn a_rule_is_shown_with_what_it_asks_for_or_that_it_is_not_understood() {
        let of = |rule: &str, kind| {
            let group = GroupNames { rule: Some(rule.into()), ..GroupNames::default() };
            Sheet { group, users: Vec::new() }.files(&list(kind, 1), Timestamp::UNIX_EPOCH)
        };
        let simple = of(r#"(user.department -eq "Sales")"#, WorklistKind::Add);
        assert_eq!(simple.snippet, None);
        assert_eq!(
            simple.rule.unwrap(),
            "Rule: (user.department -eq \"Sales\")\nEach user of the table gets department = Sales\n"
        );
        let away = of(r#"(user.department -eq "Sales")"#, WorklistKind::Remove);
        assert!(away.rule.unwrap().contains("another department than Sales"));
        let hard = of("user.a -eq \"x\"\r\n-or user.b -eq \"y\"", WorklistKind::Add).rule.unwrap();
        assert!(hard.starts_with("Rule: user.a -eq \"x\" -or user.b") && hard.contains("not a single comparison"));
    }

    /// Reads a line as PowerShell reads it: plain words, and texts in single quotes with quotes doubled.
    fn words(line: &str) -> Vec<String> {
        let quote = |char: char| matches!(char, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}');
        let (mut words, mut chars) = (Vec::new(), line.chars().peekable());
        while let Some(char) = chars.next() {
            if char == ' ' {
                continue;
            }
            let mut word = String::new();
            if quote(char) {
                loop {
                    let next = chars.next().expect("a text ends on its line");
                    if quote(next) {
                        if chars.peek().is_some_and(|next| quote(*next)) {
                            chars.next();
                        } else {
                            break;
                        }
                    }
                    word.push(next);
                }
            } else {
                word.push(char);
                while let Some(next) = chars.next_if(|next| *next != ' ') {
                    assert!(!quote(next), "a quote inside a word: {line}");
                    word.push(next);
                }
            }
            words.push(word);
        }
        words
    }

    proptest! {
        #[test]
        fn no_name_leaves_its_quotes_its_line_or_its_cell(
            name in prop_oneof![any::<String>(), "['‘’‚‛\"`$(){};#\\r\\n a-z]{0,12}"],
            remove in any::<bool>(),
        ) {
            let kind = if remove { WorklistKind::Remove } else { WorklistKind::Add };
            let files = sheet(&name).files(&list(kind, 1), Timestamp::UNIX_EPOCH);
            let snippet = files.snippet.unwrap();
            let lines: Vec<&str> = snippet.trim_start_matches('\u{feff}').split("\r\n").collect();
            prop_assert_eq!(lines.len(), if remove { 6 } else { 5 });
            for line in &lines {
                prop_assert!(!line.chars().any(steers), "{}", line);
            }
            let last = lines[lines.len() - 2];
            if last.starts_with('#') {
                prop_assert!(name.is_empty() || name.chars().any(steers));
            } else {
                let words = words(last);
                prop_assert_eq!(&words[2], &name);
                prop_assert_eq!(&words[4], &format!("CN={name},DC=contoso"));
                prop_assert_eq!(&words[6], &name);
                prop_assert_eq!(words.len(), if remove { 8 } else { 7 });
            }
            let mut reader = csv::Reader::from_reader(files.table.as_bytes());
            let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
            prop_assert_eq!(rows.len(), 1);
            for value in &rows[0] {
                prop_assert!(!value.starts_with(['=', '+', '-', '@']) && !value.chars().any(char::is_control));
            }
        }
    }
}
