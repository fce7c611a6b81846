//! `man`: the manual page, made from the same declaration as `--help`.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::Cli;
use crate::cli::Context;
use crate::cli::exit::Exit;
use crate::cli::exit::Failure;

/// `skuferry man`: the page of the program, then one of each command, for `man -l` or a file `skuferry.1`.
pub(super) fn man(context: &mut Context<'_>) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    let mut program = Cli::command();
    program.build();
    // Writing to memory does not fail.
    let _ = Man::new(program.clone()).render(&mut page);
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("skuferry-{}", command.get_name());
        let _ = Man::new(command.clone().display_name(name)).render(&mut page);
    }
    context.print_script(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Fine)
}
