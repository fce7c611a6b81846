//! Rectangles for a size.

use ratatui::layout::Constraint;
use ratatui::layout::Layout;
use ratatui::layout::Rect;

/// The least width and height on which everything can be read.
pub const LEAST: (u16, u16) = (60, 15);
/// The view keeps this many lines, whatever else there is to say.
pub const LEAST_BODY: u16 = 5;
/// A dialog in fewer lines is hard to read.
pub const LEAST_DIALOG: u16 = 14;
/// From this width on the selected user stands beside the list.
pub const WIDE: u16 = 140;

/// Where everything stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Areas {
    /// Who, from where to where.
    pub header: Rect,
    /// The phases.
    pub stepper: Rect,
    /// The bar.
    pub progress: Rect,
    /// The open view.
    pub body: Rect,
    /// Faults and notices.
    pub status: Rect,
    /// What waits for the operator.
    pub sentence: Rect,
    /// Keys.
    pub hints: Rect,
}

/// Whether the screen cannot be read at this size.
pub fn is_too_small(area: Rect) -> bool {
    area.width < LEAST.0 || area.height < LEAST.1
}

impl Areas {
    /// Cuts the screen, given how many lines the parts need that are not always one line high.
    pub fn cut(area: Rect, stepper: usize, status: usize, sentence: usize) -> Self {
        let lines = |count: usize| Constraint::Length(u16::try_from(count).unwrap_or(u16::MAX));
        let one = Constraint::Length(1);
        let rows = [one, lines(stepper), one, Constraint::Min(LEAST_BODY), lines(status), lines(sentence), one];
        let [header, stepper, progress, body, status, sentence, hints] = area.layout(&Layout::vertical(rows));
        Self { header, stepper, progress, body, status, sentence, hints }
    }
}

/// The list and, where there is room beside it, the selected user.
pub fn list_and_detail(body: Rect) -> (Rect, Option<Rect>) {
    if body.width < WIDE {
        return (body, None);
    }
    let detail = (body.width * 36 / 100).clamp(38, 64);
    let [list, detail] = body.layout(&Layout::horizontal([Constraint::Fill(1), Constraint::Length(detail)]));
    (list, Some(detail))
}
