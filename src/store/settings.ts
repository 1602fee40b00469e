import { join } from 'node:path';
import { messageOf } from '../core/errors.ts';
import { DatasetSettings, withJudgePricesMoved } from '../core/schemas/index.ts';
import { writeAtomic } from '../system/atomic-write.ts';
import { LARGEST_STATE } from '../system/regular-file.ts';
import { StoreError } from './errors.ts';
import { readText } from './lines/files.ts';
import { type Parser, parseJson } from './lines/parse-json.ts';

/** Its presence makes a folder a dataset. */
export const SETTINGS_FILE = 'longhand.json';

const RESTORE = 'Correct it manually, or restore it from git or a backup.';

/** Settings written by any earlier version. */
const StoredSettings: Parser<DatasetSettings> = {
  safeParse: (value) => DatasetSettings.safeParse(withJudgePricesMoved(value)),
};

/** @throws StoreError `not-a-dataset`, `bad-settings` or `newer-version`. */
export async function readSettings(root: string): Promise<DatasetSettings> {
  const path = join(root, SETTINGS_FILE);
  const text = await readText(path, LARGEST_STATE);
  if (text === undefined) {
    throw new StoreError(
      'not-a-dataset',
      `${root} is not a dataset: it has no ${SETTINGS_FILE}.`,
      'Create one with “longhand init”.',
    );
  }
  const version = (readJsonOf(path, text, 'bad-settings') as { version?: unknown } | null)?.version;
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

/** Parses a JSON file with a schema. @throws StoreError `problem` that lists every issue. */
export function parseFile<T>(path: string, text: string, schema: Parser<T>, problem: 'bad-settings' | 'bad-plan'): T {
  const { data, error } = schema.safeParse(readJsonOf(path, text, problem));
  if (data !== undefined) return data;
  const issues = (error?.issues ?? []).map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
  throw new StoreError(problem, `${path} is not valid: ${issues.join('; ')}.`, RESTORE);
}

function readJsonOf(path: string, text: string, problem: 'bad-settings' | 'bad-plan'): unknown {
  try {
    return parseJson(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new StoreError(problem, `${path} is not valid JSON: ${messageOf(error)}.`, RESTORE);
  }
}
