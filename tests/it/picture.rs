//! A frame as an SVG picture: words stay text, frames and bars are drawn, so that they meet in every font.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::buffer::Cell;
use ratatui::style::Color;
use ratatui::style::Modifier;

/// A cell in pixels; the letters are 15 pixels high, of which a monospaced one takes 0.6 in width.
const WIDTH: usize = 9;
const HEIGHT: usize = 20;
const MARGIN: usize = 14;

const INK: &str = "#d7dae0";
const GROUND: &str = "#16181d";

/// The frame as a picture, with a title for those who cannot see it.
pub(crate) fn svg(screen: &Buffer, title: &str) -> String {
    let columns = usize::from(screen.area.width);
    let rows: Vec<_> = screen.content.chunks(columns).collect();
    let (width, height) = (columns * WIDTH + 2 * MARGIN, rows.len() * HEIGHT + 2 * MARGIN);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" xml:space=\"preserve\" font-size=\"15\" font-family=\"ui-monospace, 'SF Mono', Menlo, Consolas, \
         'DejaVu Sans Mono', 'Liberation Mono', monospace\">\n<title>{}</title>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"{GROUND}\"/>\n",
        escaped(title)
    );
    for (row, cells) in rows.iter().enumerate() {
        let y = MARGIN + row * HEIGHT;
        each(cells, |one, next| one.bg == next.bg, |x, run| ground(&mut out, x, y, run));
        let alike = |one: &Cell, next: &Cell| ink(one) == ink(next) && shape(one) == shape(next) && joins(one);
        each(cells, alike, |x, run| draw(&mut out, x, y, run));
    }
    out.push_str("</svg>\n");
    out
}

fn each(cells: &[Cell], alike: impl Fn(&Cell, &Cell) -> bool, mut draw: impl FnMut(usize, &[Cell])) {
    let mut x = MARGIN;
    for run in cells.chunk_by(alike) {
        draw(x, run);
        x += run.len() * WIDTH;
    }
}

/// What a cell is drawn as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Words,
    Mark,
    Across,
    /// A line through these halves of the cell.
    Line(&'static str),
    /// A filled part, from the bottom left: width of 9, height of 20, opacity.
    Block(usize, usize, &'static str),
}

fn shape(cell: &Cell) -> Shape {
    match cell.symbol() {
        "─" => Shape::Across,
        "│" => Shape::Line("M4.5 0v20"),
        "┌" => Shape::Line("M9 10h-4.5v10"),
        "┐" => Shape::Line("M0 10h4.5v10"),
        "└" => Shape::Line("M9 10h-4.5v-10"),
        "┘" => Shape::Line("M0 10h4.5v-10"),
        "█" | "▇" => Shape::Block(9, 14, "1"),
        "░" => Shape::Block(9, 14, "0.55"),
        "▌" => Shape::Block(4, 20, "1"),
        "▁" => Shape::Block(9, 2, "1"),
        "▂" => Shape::Block(9, 4, "1"),
        "▃" => Shape::Block(9, 6, "1"),
        "▄" => Shape::Block(9, 8, "1"),
        "▅" => Shape::Block(9, 10, "1"),
        "▆" => Shape::Block(9, 12, "1"),
        symbol if symbol.is_ascii() => Shape::Words,
        _ => Shape::Mark,
    }
}

/// Whether the next cell of the same shape and look is drawn in one piece with this one.
fn joins(cell: &Cell) -> bool {
    match shape(cell) {
        Shape::Words | Shape::Across => true,
        Shape::Block(width, ..) => width == WIDTH,
        Shape::Mark | Shape::Line(_) => false,
    }
}

fn ink(cell: &Cell) -> (Color, Modifier) {
    (cell.fg, cell.modifier)
}

fn ground(out: &mut String, x: usize, y: usize, run: &[Cell]) {
    if let Some(colour) = hex(run[0].bg) {
        let width = run.len() * WIDTH;
        let _ = writeln!(out, r#"<rect x="{x}" y="{y}" width="{width}" height="{HEIGHT}" fill="{colour}"/>"#);
    }
}

fn draw(out: &mut String, x: usize, y: usize, run: &[Cell]) {
    let cell = &run[0];
    let width = run.len() * WIDTH;
    let ink = hex(cell.fg).unwrap_or_else(|| INK.to_owned());
    let _ = match shape(cell) {
        Shape::Words | Shape::Mark => return words(out, x, y, run, &ink),
        Shape::Across => writeln!(out, r#"<path d="M{x} {}h{width}" stroke="{ink}"/>"#, y + 10),
        Shape::Line(path) => {
            writeln!(out, r#"<path d="{path}" transform="translate({x} {y})" fill="none" stroke="{ink}"/>"#)
        }
        Shape::Block(part, high, opacity) => {
            let (wide, foot) = (width / WIDTH * part, if high == HEIGHT { 0 } else { 3 });
            let top = y + HEIGHT - foot - high;
            let area = format!(r#"x="{x}" y="{top}" width="{wide}" height="{high}""#);
            writeln!(out, r#"<rect {area} fill="{ink}" fill-opacity="{opacity}"/>"#)
        }
    };
}

fn words(out: &mut String, x: usize, y: usize, run: &[Cell], ink: &str) {
    let weight = if run[0].modifier.contains(Modifier::BOLD) { r#" font-weight="bold""# } else { "" };
    let look = format!(r#"y="{}" fill="{ink}"{weight}"#, y + 15);
    if shape(&run[0]) == Shape::Mark {
        // It may come from another font, with another width: its middle is what counts.
        let middle = format!(r#"x="{}.5" text-anchor="middle""#, x + WIDTH / 2);
        let _ = writeln!(out, "<text {middle} {look}>{}</text>", escaped(run[0].symbol()));
        return;
    }
    let text: String = run.iter().map(Cell::symbol).collect();
    let words = text.trim_end();
    let before = words.len() - words.trim_start().len();
    // Each letter has its place, so that columns stand in every font.
    let places: Vec<_> = (before..words.len()).map(|letter| (x + letter * WIDTH).to_string()).collect();
    if !places.is_empty() {
        // A browser makes one space of many, whose places are then the wrong letters'; these it leaves.
        let kept = escaped(&words[before..]).replace(' ', "\u{a0}");
        let _ = writeln!(out, r#"<text x="{}" {look}>{kept}</text>"#, places.join(" "));
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A colour of the 256, as a browser writes it; none is the picture's own.
fn hex(colour: Color) -> Option<String> {
    let (red, green, blue) = match colour {
        Color::Reset => return None,
        Color::Indexed(grey @ 232..) => {
            let level = 8 + 10 * (grey - 232);
            (level, level, level)
        }
        Color::Indexed(cube @ 16..) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let place = cube - 16;
            (level(place / 36), level(place / 6 % 6), level(place % 6))
        }
        other => panic!("the dark theme has no {other:?}"),
    };
    Some(format!("#{red:02x}{green:02x}{blue:02x}"))
}
