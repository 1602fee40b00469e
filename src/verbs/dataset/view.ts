import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { isHubName } from '../../core/dataset/index.ts';
import { messageOf } from '../../core/errors.ts';
import { plural } from '../../core/text/format.ts';
import { viewAddress } from '../../protocol/view-address.ts';
import { openRowFile } from '../../store/source/row-file.ts';
import { temporaryPath } from '../../system/atomic-write.ts';
import { copyRegular, exists } from '../../system/regular-file.ts';
import { type VerbContext, VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run } from '../index.ts';
import { fetchRows } from '../rows/source.ts';

/** Programs that open an address in VS Code or a program made from it, each with the scheme of its addresses. */
const EDITORS = [
  ['code', 'vscode'],
  ['code-insiders', 'vscode-insiders'],
  ['codium', 'vscodium'],
  ['cursor', 'cursor'],
] as const;
/** Milliseconds; a program that starts an editor returns at once. */
const LIMIT = 30_000;

export const run: Run<'view'> = async ({ file, into = '.', noEditor }, context) => {
  const path = isHubName(file) ? await copyOfSet(file, into, context) : resolve(file);
  // Reports a file that can't be read here, not in another window.
  await (await openRowFile(path)).close();
  if (noEditor) return { file: path };
  const editor = await findEditor(context.env);
  if (editor === undefined) {
    throw new VerbError(
      `No program “code” was found to open ${path}.`,
      'In VS Code, right-click the file, choose Open With… and then Longhand. Or put “code” on the PATH: Shell Command: Install ‘code’ command in PATH.',
    );
  }
  const { program, scheme } = editor;
  try {
    const options = { timeout: LIMIT, signal: context.signal, env: context.env, windowsHide: true };
    await promisify(execFile)(program, ['--open-url', viewAddress(scheme, path)], options);
  } catch (error) {
    throw new VerbError(
      `${program} could not open ${path}: ${messageOf(error)}`,
      'Open the file in VS Code with Open With….',
    );
  }
  return { file: path, program };
};

export const print: Print<'view'> = ({ file, program }) =>
  lines(program === undefined ? `${file} can be opened.` : `Opened ${file} with ${program}.`);

/** Copies the file of a set into a folder, so that its side file is kept too. An existing copy is used. */
async function copyOfSet(named: string, into: string, context: VerbContext): Promise<string> {
  const { origin, files } = await fetchRows(named, context);
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) {
    const paths = origin.files.map(({ path }) => path).join(', ');
    throw new VerbError(`${origin.name} has ${plural(files.length, 'file')}: ${paths}.`, `Name one: ${named}:PATH.`);
  }
  const name = basename(origin.files[0]?.path ?? file);
  const copy = resolve(into, [origin.repo.replace('/', '-'), origin.commit.slice(0, 7), name].join('-'));
  if (!(await exists(copy))) {
    // A copy under its name is whole.
    const draft = temporaryPath(copy);
    await copyRegular(file, draft);
    await rename(draft, copy);
  }
  context.log(`The set is in ${copy}.`);
  return copy;
}

/** The first of the editors on the PATH. */
async function findEditor(env: NodeJS.ProcessEnv): Promise<{ program: string; scheme: string } | undefined> {
  const endings = process.platform === 'win32' ? ['.cmd', '.exe'] : [''];
  for (const [name, scheme] of EDITORS) {
    for (const folder of (env.PATH ?? '').split(delimiter).filter((part) => part !== '')) {
      for (const ending of endings) {
        const program = join(folder, name + ending);
        if (await exists(program, constants.X_OK)) return { program, scheme };
      }
    }
  }
  return undefined;
}
