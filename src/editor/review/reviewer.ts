import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { LARGEST_STATE, readWholeText } from '../../system/regular-file.ts';
import { setting } from '../context.ts';

/**
 * The name of the reviewer: the setting, else Git's `user.name`, else the account. Reads Git's files instead of running Git, since restricted
 * folders start no process and must use the same name.
 */
export async function reviewer(): Promise<string> {
  const home = homedir();
  const xdg = process.env.XDG_CONFIG_HOME || join(home, '.config');
  const files = [join(home, '.gitconfig'), join(xdg, 'git', 'config'), '/etc/gitconfig'];
  const texts = await Promise.all(files.map((file) => readWholeText(file, LARGEST_STATE).catch(() => '')));
  return chooseReviewer(setting('longhand.reviewer'), texts, accountName());
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // In some containers the user has no entry in the system's list.
    return process.env.USER ?? '';
  }
}

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

/** A value without its comment, quotes and escapes. */
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

/** The first name that is not blank: the setting, the Git configurations in order of precedence, the account. */
export function chooseReviewer(setting: string, gitConfigs: readonly string[], account: string): string {
  const names = [setting, ...gitConfigs.map((text) => gitUserName(text) ?? ''), account];
  return names.map((name) => name.trim()).find((name) => name !== '') ?? 'reviewer';
}
