//! Lists as people have them: by hand, from the admin centers, from Excel, from PowerShell.

use super::*;
use crate::domain::preflight::PassedBecause;
use proptest::prelude::*;

fn list(text: &str) -> Vec<(usize, String)> {
    read_list(text).unwrap().users.into_iter().map(|one| (one.line, one.given.into())).collect()
}

fn expected(rows: &[(usize, &str)]) -> Vec<(usize, String)> {
    rows.iter().map(|(line, given)| (*line, (*given).to_owned())).collect()
}

#[test]
fn a_plain_list_keeps_the_lines_of_the_file() {
    let text = "\u{feff}# sales\r\n\r\nadelev@contoso.com\r\n  6d325baf-22b7-46fa-a2fc-a2500613ca15  \r\n\t\r\n\"alexw@contoso.com\"";
    assert_eq!(
        list(text),
        expected(&[(3, "adelev@contoso.com"), (4, "6d325baf-22b7-46fa-a2fc-a2500613ca15"), (6, "alexw@contoso.com")])
    );
}

#[test]
fn a_csv_file_is_read_by_its_header() {
    let text = "displayName,UserPrincipalName,id\n\"Vance, Adele\",adelev@contoso.com,1\n\n# gone\nAlex,\"alexw@contoso.com\",2\n,,\nNobody,,3\n";
    assert_eq!(list(text), expected(&[(2, "adelev@contoso.com"), (5, "alexw@contoso.com"), (7, "")]));
}

#[test]
fn excel_and_the_admin_center_are_understood() {
    let text = "\u{feff}Display name;User principal name;City\r\n\"Vance;\r\nAdele\";adelev@contoso.com;Bern\r\nAlex;alexw@contoso.com;Graz\r\n";
    assert_eq!(list(text), expected(&[(2, "adelev@contoso.com"), (4, "alexw@contoso.com")]));
    assert_eq!(list("Id\n1\n2"), expected(&[(2, "1"), (3, "2")]));
    assert_eq!(list("name\tobjectId\nx\t1"), expected(&[(2, "1")]));
}

#[test]
fn a_short_row_stays_in_the_list() {
    assert_eq!(list("name,id\nonly a name\nx,5"), expected(&[(2, ""), (3, "5")]));
}

#[test]
fn what_is_no_list_is_refused() {
    for empty in ["", "\n\n", "# nobody\n", "userPrincipalName\n", "id,name\n\n,\n", "sep=;\n", "version:v1.0\n"] {
        assert_eq!(list(empty), [], "{empty:?}: preflight says that nobody is listed");
    }
    assert_eq!(read_list("\nname,mail\nx,y\n"), Err(ListError::NoColumn { line: 2 }));
}

#[test]
fn ids_names_and_neither_are_told_apart() {
    assert!(matches!(classify("6D325BAF-22B7-46FA-A2FC-A2500613CA15"), Who::Id(_)));
    for upn in [
        "adelev@contoso.com",
        "o'brien@contoso.com",
        "a_b.com#EXT#@contoso.onmicrosoft.com",
        "$x@y.com",
        " trimmed@contoso.com ",
        "jürgen@contoso.com",
    ] {
        assert_eq!(classify(upn), Who::Upn(upn.trim().to_owned()));
    }
    for neither in
        ["", "adelev", "@contoso.com", "adelev@", "a@b@c", "a b@c.com", "a@c .com", "a\u{7}@b.com", "a/b@c.com"]
    {
        assert_eq!(classify(neither), Who::Malformed, "{neither:?}");
    }
}

#[test]
fn a_file_that_is_no_list_is_shown_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.csv");
    std::fs::write(&path, "# people\nname;mail\n").unwrap();
    let error = crate::words::config::why(&load(&path).unwrap_err());
    insta::assert_snapshot!(error.replace(&folder.path().display().to_string(), "…"), @r##"
    …/users.csv:2:1: line 2 looks like a header, and none of its columns is called userPrincipalName or id
      |
    2 | name;mail
      | ^^^^^^^^^
    "##);
}

#[test]
fn windows_powershell_writes_utf_16() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.csv");
    let bytes: Vec<u8> = "\u{feff}adelev@contoso.com\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(load(&path).unwrap().users, [Listed { line: 1, given: "adelev@contoso.com".into() }]);
    std::fs::write(&path, b"\xff\xfea").unwrap();
    assert!(matches!(load(&path), Err(ConfigError::Unreadable { .. })));
}

/// The rows passed over: line and why.
fn passed(text: &str) -> Vec<(usize, PassedBecause)> {
    read_list(text).unwrap().passed_over.into_iter().map(|row| (row.line, row.because)).collect()
}

const ADELE: &str = "adelev@contoso.com";
const ALEX: &str = "alexw@contoso.com";

#[test]
fn a_row_that_begins_with_a_hash_and_holds_a_name_is_no_comment() {
    let helpdesk = "#helpdesk@contoso.com";
    assert_eq!(list(&format!("{ADELE}\r\n{helpdesk}\r\n")), expected(&[(1, ADELE), (2, helpdesk)]));
    let text = format!("UserPrincipalName,DisplayName\n{ADELE},Adele\n{helpdesk},Helpdesk\n");
    assert_eq!(list(&text), expected(&[(2, ADELE), (3, helpdesk)]));
    let text = format!("DisplayName,UserPrincipalName\nAdele Vance,{ADELE}\n#1 Helpdesk,{helpdesk}\n");
    assert_eq!(list(&text), expected(&[(2, ADELE), (3, helpdesk)]));
    let text = format!("#,UserPrincipalName\n1,{ADELE}\n#2,{ALEX}\n");
    assert_eq!(list(&text), expected(&[(2, ADELE), (3, ALEX)]));
    // Who was commented out is shown as blocked rather than guessed at.
    assert_eq!(list(&format!("# {ADELE}\n{ALEX}\n")), expected(&[(1, "# adelev@contoso.com"), (2, ALEX)]));
    assert_eq!(passed(&format!("# wave 1\n{ADELE}\n#\n")), [(1, PassedBecause::Comment), (3, PassedBecause::Comment)]);
}

#[test]
fn lists_of_the_admin_centers_and_of_excel_are_read() {
    let two = [(3, ADELE), (4, ALEX)];
    for (text, users) in [
        (
            "sep=;\r\nDisplay name;User principal name\r\nAdele;adelev@contoso.com\r\nAlex;alexw@contoso.com\r\n",
            &two[..],
        ),
        ("sep=,\r\nUser principal name\r\nadelev@contoso.com\r\nalexw@contoso.com\r\n", &two),
        (
            "version:v1.0,,\nName [displayName] Required,User name [userPrincipalName] Required,Initial password \
             [passwordProfile] Required\nAdele,adelev@contoso.com,x\nAlex,alexw@contoso.com,x\n",
            &two,
        ),
        (
            "version:v1.0\nMember object ID or user principal name [memberObjectIdOrUpn] Required\nExample: \
             9832aad8-e4fe-496b-a604-95c6eF01ae75\nadelev@contoso.com\n22222222-2222-4222-8222-222222222222\n",
            &[(4, ADELE), (5, "22222222-2222-4222-8222-222222222222")],
        ),
        (
            "Name [displayName] Required,User name [userPrincipalName] Required\nExample: Chris Green,chris@contoso.com\n\
             Adele,adelev@contoso.com\nAlex,alexw@contoso.com\n",
            &two,
        ),
        ("Username,First name\n\nadelev@contoso.com,Adele\nalexw@contoso.com,Alex\n", &two),
        ("User\u{a0}principal\u{a0}name,Display\u{a0}name\r\nadelev@contoso.com\u{a0},Adele\r\n", &[(2, ADELE)]),
        ("UserPrincipalName,Groups (a;b;c;d;e)\r\nadelev@contoso.com,x;y;z\r\n", &[(2, ADELE)]),
        ("adelev@contoso.com,\r\nalexw@contoso.com,\r\n", &[(1, ADELE), (2, ALEX)]),
        ("\u{feff}adelev@contoso.com\r\n\u{feff}alexw@contoso.com\r\n", &[(1, ADELE), (2, ALEX)]),
        ("adelev@contoso.com\ralexw@contoso.com\r", &[(1, ADELE), (2, ALEX)]),
        ("UPN\nadelev@contoso.com\nalexw@contoso.com,,\n", &[(2, ADELE), (3, ALEX)]),
        ("DisplayName,UPN\nAdele,adelev@contoso.com\n", &[(2, ADELE)]),
        ("Adele,adelev@contoso.com,E1\nAlex,alexw@contoso.com,E1\n", &[(1, ADELE), (2, ALEX)]),
        ("#TYPE Microsoft.Graph.User\n\"UserPrincipalName\"\n\"adelev@contoso.com\"\n", &[(3, ADELE)]),
        (
            "AAD Object ID,Name\n11111111-1111-4111-8111-111111111111,x\n",
            &[(2, "11111111-1111-4111-8111-111111111111")],
        ),
        ("Nome principal do utilizador;Nome\nadelev@contoso.com;Adele\n", &[(2, ADELE)]),
    ] {
        assert_eq!(list(text), expected(users), "{text}");
    }
}

#[test]
fn a_nested_group_in_an_export_of_members_is_listed_by_its_id() {
    let text = "id,userPrincipalName,displayName,objectType\n1,adelev@contoso.com,Adele,User\n\
                9a9a9a9a-0000-4000-8000-000000000001,,Nested,Group\n";
    assert_eq!(list(text), expected(&[(2, ADELE), (3, "9a9a9a9a-0000-4000-8000-000000000001")]));
}

#[test]
fn a_table_of_powershell_is_read_by_its_columns() {
    let one =
        "\n\u{1b}[32;1mUserPrincipalName  \u{1b}[0m\n\u{1b}[32;1m-----------------  \u{1b}[0m\nadelev@contoso.com\n\n";
    assert_eq!(list(one), expected(&[(4, ADELE)]));
    let two = "\nDisplayName  UserPrincipalName  Id\n-----------  -----------------  --\nAdele Vance  adelev@contoso.com  7\n\
               J\u{fc}rgen       alexw@contoso.com   8\n";
    assert_eq!(list(two), expected(&[(4, ADELE), (5, ALEX)]));
    assert_eq!(list("Who\n---\nadelev@contoso.com\n"), expected(&[(3, ADELE)]));
    assert_eq!(read_list("Name  Mail\n----  ----\nx     y\n"), Err(ListError::NoColumn { line: 1 }));
}

#[test]
fn a_header_that_nobody_knows_is_named() {
    let list = read_list("Mitarbeiter\nadelev@contoso.com\n").unwrap();
    assert_eq!(list.users.len(), 1);
    assert_eq!(
        crate::words::preflight::passed_over(&list.passed_over[0]),
        "line 1 looks like a header: \"Mitarbeiter\""
    );
    // Without a user after it, or with an @ in it, it may as well be a slip of the finger.
    assert_eq!(read_list("adelev\nalexw\n").unwrap().users.len(), 2);
    assert_eq!(read_list("adelev@\nalexw@contoso.com\n").unwrap().users.len(), 2);
    let two = "adelev@contoso.com;alexw@contoso.com\n";
    assert_eq!(read_list(two), Err(ListError::SeveralUsers { line: 1 }));
}

#[test]
fn a_header_that_comes_again_and_an_example_are_named() {
    let text = "UPN,Name\nadelev@contoso.com,Adele\nUPN,Name\nalexw@contoso.com,Alex\n";
    assert_eq!((list(text).len(), passed(text)), (2, vec![(3, PassedBecause::HeaderAgain)]));
    let text = "version:v1.0\nUser name [userPrincipalName] Required\nExample: chris@contoso.com\n";
    assert_eq!((list(text).len(), passed(text)), (0, vec![(3, PassedBecause::Example)]));
}

#[test]
fn a_quote_never_takes_rows_in() {
    for text in [
        "UPN,Name\nadelev@contoso.com,\"Adele\nalexw@contoso.com,Alex\n",
        "UPN,Name\nadelev@contoso.com,\"Adele\nalexw@contoso.com,\"Alex\n",
        "UPN,Name\nadelev@contoso.com,\"Adele\nalexw\n",
    ] {
        assert_eq!(read_list(text), Err(ListError::OpenQuote { line: 2 }), "{text}");
    }
    assert_eq!(list("UPN\n\"adelev@contoso.com\nalexw@contoso.com\n").len(), 2);
}

#[test]
fn a_hundred_thousand_rows_are_read_in_one_pass() {
    let rows = (0..100_000).map(|number| format!("\"User, {number}\",user{number}@contoso.com,Sales\n"));
    let text = format!("Display name,User principal name,Department\n{}", rows.collect::<String>());
    let list = read_list(&text).unwrap();
    assert_eq!((list.users.len(), list.passed_over.len()), (100_000, 0));
    assert_eq!(list.users[99_999], Listed { line: 100_001, given: "user99999@contoso.com".into() });
}

fn a_line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..1000).prop_map(|number| format!("user{number}@contoso.com")),
        1 => (0..1000).prop_map(|number| format!("#user{number}@contoso.com,x")),
        1 => (0..1000).prop_map(|number| format!("Somebody;user{number}@contoso.com;00000000-0000-4000-8000-000000000001")),
        1 => (0..1000).prop_map(|number| format!("\"Some, body\",\"user{number}@contoso.com\"")),
        1 => (0..1000).prop_map(|number| format!("Example: user{number}@contoso.com")),
        3 => prop::sample::select(vec![
            "", " ", ",,", "# note", "#", "\"", "a,\"b", "\"x", "x\"", "sep=;", "version:v1.0", "-----", "--- ---", "UPN",
            "Name,UPN", "Name;User principal name", "id", "Mail,Name", "Name [displayName] Required,[userPrincipalName]",
        ])
        .prop_map(ToOwned::to_owned),
        1 => "[ -~\t\u{a0}\u{feff}]{0,24}",
    ]
}

proptest! {
    /// Every line is a user, part of the header, blank, or named; and one that holds a user is a row of a user.
    #[test]
    fn no_line_is_lost(lines in prop::collection::vec(a_line(), 0..12), end in prop::sample::select(vec!["\n", "\r\n", "\r"])) {
        let text = text::cleaned(&(lines.join(end) + end));
        if let Ok(rows) = rows::read(&text) {
            let mut next = 1;
            for row in &rows {
                prop_assert_eq!(row.line, next);
                next += row.lines;
                let holds = row.text.split([' ', ',', ';', '"', '\t', '\n']).any(|word| classify(word) != Who::Malformed);
                match row.kind {
                    Kind::Blank => prop_assert!(row.text.chars().all(|c| c.is_whitespace() || ",;|\"".contains(c)), "{:?}", row),
                    Kind::Header | Kind::PassedOver(_) => {
                        prop_assert!(!holds || row.kind == Kind::PassedOver(PassedBecause::Example), "{:?}", row);
                    }
                    Kind::User(_) => {}
                }
            }
            prop_assert_eq!(next, text.matches('\n').count().max(1) + 1);
            let list = read_list(&text).unwrap();
            let named = rows.iter().filter(|row| matches!(row.kind, Kind::User(_) | Kind::PassedOver(_))).count();
            prop_assert_eq!(list.users.len() + list.passed_over.len(), named);
        }
    }
}

#[test]
fn a_name_without_end_is_cut_and_names_nobody() {
    let valid = "adelev@contoso.com";
    for long in
        [format!("{valid}{}", "\u{301}".repeat(60_000)), format!("{}@c.com", "a".repeat(5_000)), "a@c".repeat(900)]
    {
        let list = read_list(&format!("{valid}\n{long}\n")).unwrap();
        let given: Vec<_> = list.users.iter().map(|user| user.given.as_str()).collect();
        assert_eq!((given.len(), given[0]), (2, valid));
        assert!(given[1].chars().count() <= 1_025 && classify(given[1]) == Who::Malformed, "{}", given[1].len());
    }
}

/// Found by the fuzzer: a cell of the column is empty in a row that says something else.
#[test]
fn a_row_that_says_something_without_a_name_stays_with_its_line() {
    let list = read_list("userPrincipalName\tid\nadelev@contoso.com\t\n \t \tsomething\n").unwrap();
    let told: Vec<_> = list.users.iter().map(|user| (user.line, classify(&user.given) == Who::Malformed)).collect();
    assert_eq!(told, [(2, false), (3, true)]);
}
