//! Takes the text of a list apart: each line becomes part of the header, a blank, a user, or a row passed over.

use csv::ReaderBuilder;
use csv::StringRecord;

use crate::config::users::ListError;
use crate::config::users::Who;
use crate::config::users::classify;
use crate::config::users::header;
use crate::domain::preflight::PassedBecause;

/// What stands between cells: Excel writes `;` where the decimal sign is a comma; a copied table has tabs.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How the example rows of the admin centers' templates begin.
const EXAMPLES: [&str; 6] = ["example:", "beispiel:", "exemplo:", "exemple:", "exemple :", "ejemplo:"];

/// What a row is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It says how the others are to be read.
    Header,
    /// Nothing stands in it.
    Blank,
    /// A user, as given.
    User(String),
    /// It names nobody.
    PassedOver(PassedBecause),
}

/// A row of the list, which takes one line or, with line ends inside of quotes, several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// Its first line, counted from 1.
    pub(super) line: usize,
    /// How many lines it takes.
    pub(super) lines: usize,
    /// As it stands there.
    pub(super) text: &'a str,
    /// What it is.
    pub(super) kind: Kind,
}

/// How the rows after the header are read.
enum Form {
    /// Nothing but a user stands in a line.
    Plain { delimiter: u8 },
    /// CSV: the columns that name users, best first.
    Csv { delimiter: u8, columns: Vec<usize> },
    /// Columns of a fixed width, in characters, as `Format-Table` writes them: where each begins and ends.
    Table { columns: Vec<(usize, usize)> },
}

/// What the first lines say of the rest.
struct Opening<'a> {
    form: Form,
    rows: Vec<Row<'a>>,
    /// The header's line; empty without one.
    header: &'a str,
    is_template: bool,
}

/// Takes a text apart whose line ends are all `\n`. The rows cover every line.
pub(super) fn read(text: &str) -> Result<Vec<Row<'_>>, ListError> {
    let lines: Vec<&str> = text.strip_suffix('\n').unwrap_or(text).split('\n').collect();
    let Opening { form, mut rows, header, is_template } = opening(&lines)?;
    let begun: usize = rows.iter().map(|row| row.lines).sum();
    let said = Said { header, is_template };
    match form {
        Form::Csv { delimiter, columns } => {
            let from = lines[..begun].iter().map(|line| line.len() + 1).sum::<usize>().min(text.len());
            records(&text[from..], begun + 1, delimiter, &columns, &said, &mut rows)?;
        }
        Form::Plain { delimiter } => rows.extend(numbered(&lines, begun, |line| {
            said.passed(line, line).unwrap_or_else(|| Kind::User(alone(line, delimiter)))
        })),
        Form::Table { columns } => rows.extend(numbered(&lines, begun, |line| {
            said.passed(line, line).unwrap_or_else(|| {
                let cells: Vec<String> = columns.iter().map(|span| slice(line, *span)).collect();
                let found = best(cells.iter().map(String::as_str)).filter(|cell| !cell.is_empty());
                Kind::User(found.unwrap_or(line.trim()).to_owned())
            })
        })),
    }
    Ok(rows)
}

/// The rows from a line on, each of one line.
fn numbered<'a>(lines: &[&'a str], from: usize, kind: impl Fn(&str) -> Kind) -> Vec<Row<'a>> {
    let rest = lines.iter().enumerate().skip(from);
    rest.map(|(at, text)| Row { line: at + 1, lines: 1, text, kind: kind(text) }).collect()
}

/// What the header tells of the rows after it.
struct Said<'a> {
    header: &'a str,
    is_template: bool,
}

impl Said<'_> {
    /// What a row is that names no user, whatever the form; `first` is its first cell.
    fn passed(&self, row: &str, first: &str) -> Option<Kind> {
        if row.trim().is_empty() {
            return Some(Kind::Blank);
        }
        if self.is_template && is_example(first) {
            return Some(Kind::PassedOver(PassedBecause::Example));
        }
        if row.trim_start().starts_with('#') && names(row).next().is_none() {
            return Some(Kind::PassedOver(PassedBecause::Comment));
        }
        (row == self.header).then_some(Kind::PassedOver(PassedBecause::HeaderAgain))
    }
}

/// Reads the lines before the first user.
fn opening<'a>(lines: &[&'a str]) -> Result<Opening<'a>, ListError> {
    let (mut rows, mut forced, mut is_template) = (Vec::new(), None, false);
    for (at, line) in lines.iter().copied().enumerate() {
        let row = |kind| Row { line: at + 1, lines: 1, text: line, kind };
        let start = line.trim_start().trim_start_matches('"').to_ascii_lowercase();
        if line.trim().is_empty() || is_of_delimiters(line) {
            rows.push(row(Kind::Blank));
        } else if names(line).next().is_some() {
            return headless(lines, at, forced, rows, is_template);
        } else if let Some(delimiter) = separator(line) {
            forced = Some(delimiter);
            rows.push(row(Kind::Header));
        } else if start.starts_with("version:") {
            is_template = true;
            rows.push(row(Kind::Header));
        } else if let Some((delimiter, columns, cells)) = headed(line, forced) {
            rows.push(row(Kind::Header));
            is_template |= header::is_of_template(line);
            let form = match ruler(lines, at + 1) {
                Some((under, spans)) => return table(line, under, &spans, rows, lines, at, is_template),
                None if cells == 1 => Form::Plain { delimiter },
                None => Form::Csv { delimiter, columns },
            };
            return Ok(Opening { form, rows, header: line, is_template });
        } else if start.starts_with("#type ") {
            rows.push(row(Kind::Header));
        } else if line.trim_start().starts_with('#') {
            rows.push(row(Kind::PassedOver(PassedBecause::Comment)));
        } else if let Some((under, spans)) = ruler(lines, at + 1) {
            rows.push(row(Kind::Header));
            return table(line, under, &spans, rows, lines, at, is_template);
        } else {
            return headless(lines, at, forced, rows, is_template);
        }
    }
    Ok(Opening { form: Form::Plain { delimiter: b',' }, rows, header: "", is_template })
}

/// A list whose first row is no header that is known.
fn headless<'a>(
    lines: &[&'a str],
    at: usize,
    forced: Option<u8>,
    mut rows: Vec<Row<'a>>,
    is_template: bool,
) -> Result<Opening<'a>, ListError> {
    let (line, number) = (lines[at], at + 1);
    let known = |cells: &StringRecord| {
        let places = cells.iter().enumerate().filter(|(_, cell)| is_user(cell)).map(|(place, _)| place);
        places.collect::<Vec<_>>()
    };
    let tried = forced.map_or_else(|| DELIMITERS.to_vec(), |one| vec![one]);
    let split = tried.into_iter().map(|delimiter| (delimiter, cells(line, delimiter)));
    let (delimiter, cells) = split
        .max_by_key(|(delimiter, cells)| (known(cells).len(), cells.len(), *delimiter == b','))
        .unwrap_or_default();
    let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    let form = match known(&cells).as_slice() {
        [_] | [] if filled <= 1 => Form::Plain { delimiter },
        [] => return Err(ListError::NoColumn { line: number }),
        [column] => Form::Csv { delimiter, columns: vec![*column] },
        [..] => return Err(ListError::SeveralUsers { line: number }),
    };
    let next = lines[number..].iter().find(|line| !line.trim().is_empty());
    let next_is_user = next.is_some_and(|next| is_user(&alone(next, delimiter)));
    if filled == 1 && next_is_user && !line.contains('@') && !is_user(&alone(line, delimiter)) {
        let kind = Kind::PassedOver(PassedBecause::LooksLikeHeader);
        rows.push(Row { line: number, lines: 1, text: line, kind });
    }
    Ok(Opening { form, rows, header: "", is_template })
}

/// A table with a line of dashes under its header.
fn table<'a>(
    header: &'a str,
    under: usize,
    spans: &[(usize, usize)],
    mut rows: Vec<Row<'a>>,
    lines: &[&'a str],
    at: usize,
    is_template: bool,
) -> Result<Opening<'a>, ListError> {
    let titles: Vec<String> = spans.iter().map(|span| slice(header, *span)).collect();
    let mut columns = header::columns(titles.iter().map(String::as_str));
    if columns.is_empty() && spans.len() == 1 {
        columns.push(0);
    }
    if columns.is_empty() {
        return Err(ListError::NoColumn { line: at + 1 });
    }
    let between = (at + 1..=under).map(|at| (at, if at == under { Kind::Header } else { Kind::Blank }));
    rows.extend(between.map(|(at, kind)| Row { line: at + 1, lines: 1, text: lines[at], kind }));
    let columns = columns.into_iter().map(|column| spans[column]).collect();
    Ok(Opening { form: Form::Table { columns }, rows, header, is_template })
}

/// The next line that is not blank, if it is one of dashes, with the columns that they mark.
fn ruler(lines: &[&str], from: usize) -> Option<(usize, Vec<(usize, usize)>)> {
    let at = (from..lines.len()).find(|at| !lines[*at].trim().is_empty())?;
    let line = lines[at];
    if !line.contains("--") || line.chars().any(|c| c != '-' && c != ' ') {
        return None;
    }
    let begins = |at: usize| line[at..].starts_with('-') && !line[..at].ends_with('-');
    let starts: Vec<usize> = (0..line.len()).filter(|at| begins(*at)).collect();
    let ends = starts.iter().copied().skip(1).chain([usize::MAX]);
    Some((at, starts.iter().copied().zip(ends).collect()))
}

/// The characters of a line in these places, trimmed.
fn slice(line: &str, (from, to): (usize, usize)) -> String {
    trimmed(&line.chars().take(to).skip(from).collect::<String>()).to_owned()
}

/// Reads CSV from a line on.
fn records<'a>(
    text: &'a str,
    mut line: usize,
    delimiter: u8,
    columns: &[usize],
    said: &Said<'_>,
    rows: &mut Vec<Row<'a>>,
) -> Result<(), ListError> {
    let mut reader = reader(text, delimiter);
    let mut record = StringRecord::new();
    let mut at = 0;
    loop {
        let more = reader.read_record(&mut record).map_err(|_| ListError::Row { line })?;
        let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).min(text.len());
        let mut raw = &text[at..end];
        at = end;
        // The reader skips lines in which nothing stands.
        while let Some(rest) = raw.strip_prefix('\n') {
            rows.push(Row { line, lines: 1, text: "", kind: Kind::Blank });
            (line, raw) = (line + 1, rest);
        }
        if !more {
            return Ok(());
        }
        let raw = raw.strip_suffix('\n').unwrap_or(raw);
        let lines = raw.matches('\n').count() + 1;
        if lines > 1 && takes_in_rows(raw, &record) {
            return Err(ListError::OpenQuote { line });
        }
        let kind = if record.iter().all(|cell| cell.trim().is_empty()) {
            Kind::Blank
        } else {
            let named = || best(columns.iter().map(|column| record.get(*column).unwrap_or_default()));
            said.passed(raw, record.get(0).unwrap_or_default())
                .unwrap_or_else(|| Kind::User(named().unwrap_or_default().to_owned()))
        };
        rows.push(Row { line, lines, text: raw, kind });
        line += lines;
    }
}

/// Whether a quote that is never closed, or closed by the next one that opens, has made one row of several.
fn takes_in_rows(raw: &str, record: &StringRecord) -> bool {
    let is_open = raw.matches('"').count() % 2 == 1;
    is_open || record.iter().any(|cell| cell.contains('\n') && names(cell).next().is_some())
}

/// The cell that names a user; else the best column's, whatever stands in it.
fn best<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let mut cells = cells.map(trimmed);
    cells.clone().find(|cell| is_user(cell)).or_else(|| cells.next())
}

/// The user of a line that has nothing else. Where more stands beside them, all of it is given, unless the first cell
/// alone names somebody.
fn alone(line: &str, delimiter: u8) -> String {
    let bare = trimmed(line).trim_end_matches([',', ';', '\t', '|']);
    let bare = bare.strip_prefix('"').and_then(|bare| bare.strip_suffix('"')).map_or(bare, trimmed);
    if is_user(bare) {
        return bare.to_owned();
    }
    let cells = cells(line, delimiter);
    let mut users = cells.iter().map(trimmed).enumerate().filter(|(_, cell)| is_user(cell));
    match (users.next(), users.next()) {
        (Some((0, user)), None) => user.to_owned(),
        _ => trimmed(bare).to_owned(),
    }
}

/// The delimiter with which a line is a header that is known, its columns that name users, and how many it has in all.
fn headed(line: &str, forced: Option<u8>) -> Option<(u8, Vec<usize>, usize)> {
    let tried = forced.map_or_else(|| DELIMITERS.to_vec(), |one| vec![one]);
    let split = tried.into_iter().map(|delimiter| (delimiter, cells(line, delimiter)));
    let known = split.map(|(delimiter, cells)| (delimiter, header::columns(cells.iter()), cells.len()));
    known.filter(|(_, columns, _)| !columns.is_empty()).max_by_key(|(delimiter, _, cells)| (*cells, *delimiter == b','))
}

fn cells(line: &str, delimiter: u8) -> StringRecord {
    reader(line, delimiter).records().next().and_then(Result::ok).unwrap_or_default()
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

/// Excel's first line that says what stands between cells, such as `sep=;`.
fn separator(line: &str) -> Option<u8> {
    let line = line.trim_matches(['"', ' ']);
    let (key, value) = line.split_at_checked(4)?;
    let delimiter =
        value.bytes().next().filter(|one| !one.is_ascii_alphanumeric() && one.is_ascii() && *one != b'"')?;
    // A comma after it comes from saving the file anew.
    let rest = value[1..].trim_matches([',', ';', '\t', ' ']);
    (key.eq_ignore_ascii_case("sep=") && rest.is_empty()).then_some(delimiter)
}

fn is_of_delimiters(line: &str) -> bool {
    line.chars().all(|c| c.is_whitespace() || matches!(c, ',' | ';' | '|'))
}

fn is_example(cell: &str) -> bool {
    let cell = cell.trim_start().trim_start_matches('"').to_lowercase();
    EXAMPLES.iter().any(|word| cell.starts_with(word))
}

/// The names and ids in a text.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let apart =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|' | '"' | '<' | '>' | '(' | ')' | '[' | ']' | ':');
    text.split(apart).map(|word| word.trim_end_matches('.')).filter(|word| is_user(word))
}

fn is_user(text: &str) -> bool {
    !matches!(classify(text), Who::Malformed)
}

/// Without blanks of any kind at its ends, those without a width among them.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}'))
}
