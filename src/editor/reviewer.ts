import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setting } from './context.ts';
import { chooseReviewer } from './reviewer-name.ts';

/** The name under which acts are recorded: the setting, else Git's `user.name`, else the account. */
export async function reviewer(): Promise<string> {
  const home = homedir();
  const xdg = process.env.XDG_CONFIG_HOME || join(home, '.config');
  const files = [join(home, '.gitconfig'), join(xdg, 'git', 'config'), '/etc/gitconfig'];
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
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
