/** A command as a POSIX shell reads it back, word by word. */
export function shellWords(command: readonly string[]): string {
  return command.map(quoted).join(' ');
}

/** One word of POSIX sh, quoted only where it must be. */
export function quoted(word: string): string {
  // A first word such as A=B would be an assignment.
  return /^(?!\w+=)[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
