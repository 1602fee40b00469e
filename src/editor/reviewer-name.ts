/**
 * Who reviews, when no setting says so. Git's own command is not asked: reviewing works in restricted folders, where no process is
 * started, and must not come under another name there.
 */

/** `user.name` of one Git configuration file's text; the last one counts, as in Git. Includes are not followed. */
export function gitUserName(config: string): string | undefined {
  let section = '';
  let name: string | undefined;
  for (const raw of config.split(/\r?\n/)) {
    const line = raw.trim();
    const header = /^\[\s*([\w.-]+)\s*(?:"[^"]*")?\s*\]/.exec(line);
    if (header) section = (header[1] ?? '').toLowerCase();
    const entry = section === 'user' ? /^name\s*=\s*(.*)$/i.exec(line) : null;
    if (entry) name = gitValue(entry[1] ?? '') || name;
  }
  return name;
}

/** A value with its comment, quotes and escapes taken off. */
function gitValue(raw: string): string {
  let value = '';
  let quoted = false;
  for (let at = 0; at < raw.length; at++) {
    const char = raw[at] ?? '';
    if (char === '\\') value += raw[++at] ?? '';
    else if (char === '"') quoted = !quoted;
    else if ((char === '#' || char === ';') && !quoted) break;
    else value += char;
  }
  return value.trim();
}

/**
 * The first name that is not blank: the setting, Git's configuration texts in their order (later files win in Git, so pass the
 * most personal first), the account.
 */
export function chooseReviewer(setting: string, gitConfigs: readonly string[], account: string): string {
  const names = [setting, ...gitConfigs.map((text) => gitUserName(text) ?? ''), account];
  return names.map((name) => name.trim()).find((name) => name !== '') ?? 'reviewer';
}
