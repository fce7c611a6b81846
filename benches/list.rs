//! What it takes to read a list of 100,000 users, as CSV and with one user a line.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::fmt::Write;
use std::time::Instant;

use skuferry::config::users::read_list;

const USERS: usize = 100_000;

fn main() {
    let mut csv = String::from("Display name,User principal name,Department\n");
    let mut plain = String::new();
    for number in 0..USERS {
        writeln!(csv, "\"User, {number}\",user{number}@contoso.com,Sales").unwrap();
        writeln!(plain, "user{number}@contoso.com").unwrap();
    }
    for (form, text) in [("CSV", csv), ("one a line", plain)] {
        let began = Instant::now();
        let list = read_list(&text).unwrap();
        assert_eq!(list.users.len(), USERS);
        println!("{USERS} users, {form}: {:.2?}", began.elapsed());
    }
}
