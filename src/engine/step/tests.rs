//! The table of cases of the next step.
