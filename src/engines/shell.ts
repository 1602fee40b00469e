/** A command for a POSIX shell. */
export function quoteCommand(command: readonly string[]): string {
  return command.map(quote).join(' ');
}

/** One argument for a POSIX shell, quoted only where necessary. */
export function quote(argument: string): string {
  // A leading A=B would be an assignment.
  return /^(?!\w+=)[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
