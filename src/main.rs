//! The program: parse, run, print what went wrong and what to do, give the exit code.
fn main() {}
