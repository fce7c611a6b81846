//! Lists as people have them: by hand, from the admin centers, from Excel.

use super::*;

fn list(text: &str) -> Vec<(usize, String)> {
    read_list(text).unwrap().into_iter().map(|one| (one.line, one.given)).collect()
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
    for empty in ["", "\n\n", "# nobody\n", "userPrincipalName\n", "id,name\n\n,\n"] {
        assert_eq!(read_list(empty), Err(ListError::Empty), "{empty:?}");
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
    let error = load(&path).unwrap_err().to_string();
    insta::assert_snapshot!(error.replace(&folder.path().display().to_string(), "…"), @r##"
    …/users.csv:2:1: the first line has several columns and none is called userPrincipalName or id
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
    assert_eq!(load(&path).unwrap(), [Listed { line: 1, given: "adelev@contoso.com".into() }]);
    std::fs::write(&path, b"\xff\xfea").unwrap();
    assert!(matches!(load(&path), Err(ConfigError::Unreadable { .. })));
}
