import { join } from 'node:path';
import { DatasetSettings, withJudgePricesMoved } from '../core/model/index.ts';
import { StoreError } from './errors.ts';
import { messageOf, readText, writeAtomic } from './files.ts';

/** Its presence makes a folder a dataset. */
export const SETTINGS_FILE = 'longhand.json';

const MEND = 'Correct it by hand, or restore it from git or a backup.';

/** Settings of every earlier Longhand. */
const StoredSettings: Parser<DatasetSettings> = {
  safeParse: (value) => DatasetSettings.safeParse(withJudgePricesMoved(value)),
};

/** Throws StoreError `not-a-dataset`, `bad-settings` or `newer-version`. */
export async function readSettings(root: string): Promise<DatasetSettings> {
  const path = join(root, SETTINGS_FILE);
  const text = await readText(path);
  if (text === undefined) {
    throw new StoreError(
      'not-a-dataset',
      `${root} is no dataset: it has no ${SETTINGS_FILE}.`,
      'Make it one with “longhand init”.',
    );
  }
  const version = (parseJson(path, text, 'bad-settings') as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > 1) {
    const written = `${path} was written by a newer Longhand (version ${version}).`;
    throw new StoreError('newer-version', written, 'Update Longhand.');
  }
  return parseFile(path, text, StoredSettings, 'bad-settings');
}

export function writeSettings(root: string, settings: DatasetSettings): Promise<void> {
  return writeJson(join(root, SETTINGS_FILE), settings);
}

export function writeJson(path: string, value: unknown): Promise<void> {
  return writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** The part of a zod schema that reading needs. */
export interface Parser<T> {
  safeParse(value: unknown): { data?: T; error?: { issues: { path: PropertyKey[]; message: string }[] } };
}

/** The content of a JSON file through its schema; every issue is named in the error. */
export function parseFile<T>(path: string, text: string, schema: Parser<T>, problem: 'bad-settings' | 'bad-plan'): T {
  const { data, error } = schema.safeParse(parseJson(path, text, problem));
  if (data !== undefined) return data;
  const issues = (error?.issues ?? []).map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
  throw new StoreError(problem, `${path} does not fit: ${issues.join('; ')}.`, MEND);
}

function parseJson(path: string, text: string, problem: 'bad-settings' | 'bad-plan'): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new StoreError(problem, `${path} is not valid JSON: ${messageOf(error)}.`, MEND);
  }
}
