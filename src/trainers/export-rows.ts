import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { chatRow } from '../core/export/forms/index.ts';
import type { Objective } from '../core/schemas/index.ts';
import { estimateRow, type RowTokens } from '../core/training/lengths.ts';
import { maskedParts } from '../core/training/mask.ts';
import { DpoRow, KtoRow, MessagesRow, PrefixRow, ROW_FORMS, thoughtOf } from '../core/training/rows.ts';
import { readdirIfExists, readLines } from '../store/lines/files.ts';
import { plainName } from '../store/names.ts';
import { fileHash } from '../system/regular-file.ts';
import type { RowForm, Trainer } from './trainer.ts';

/** An export for training. */
export interface TrainingExport {
  /** Name of its folder in `exports/`. */
  name: string;
  /** The file of rows: name in the folder, and path. */
  rows: string;
  path: string;
}

const HOW = 'Export a training set first: “Longhand: Export Training Set…”, or longhand export.';

/** An export that a trainer can train on. */
export interface ChosenExport {
  name: string;
  objective: Objective;
  /** The latest export, where the trainer has no rows in it and an older one is taken. */
  newest?: string;
}

/**
 * An export by name, or the latest one with rows for a trainer.
 * @throws UserError `no-export`; StoreError `bad-name`
 */
export async function chooseExport(
  exportsFolder: string,
  trainer: Pick<Trainer, 'title' | 'rows' | 'rendered' | 'objectives'>,
  name?: string,
): Promise<ChosenExport> {
  const { objectives = {}, rendered } = trainer;
  const forms: RowForm[] = [trainer.rows, ...(rendered ? (['messages'] as const) : [])];
  const others = (['dpo', 'kto'] as const).filter((objective) => objectives[objective] !== undefined);
  const [chosen, newest] = await named(exportsFolder, [...forms, ...others], name);
  if (chosen === undefined)
    throw new UserError(
      'no-export',
      `No export has rows for ${trainer.title}: the latest is “${newest}”.`,
      (await hasParquet(join(exportsFolder, newest ?? ''))) ? 'It has Parquet only: export with --files both.' : HOW,
    );
  const objective = (await objectiveIn(join(exportsFolder, chosen))) ?? 'sft';
  return { name: chosen, objective, ...(newest === undefined || newest === chosen ? {} : { newest }) };
}

/** What an export is for, by the files in its folder; undefined where it has no rows to train on. */
export async function objectiveIn(folder: string): Promise<Objective | undefined> {
  for (const objective of ['dpo', 'kto'] as const) if (await hasRows(folder, objective)) return objective;
  for (const form of ['messages', 'prompt_completion', 'prefix'] as const)
    if (await hasRows(folder, form)) return 'sft';
  return undefined;
}

const hasParquet = async (folder: string): Promise<boolean> =>
  (await readdirIfExists(folder)).some((file) => file.endsWith('.parquet'));

async function hasRows(folder: string, form: RowForm): Promise<boolean> {
  return (await stat(join(folder, ROW_FORMS[form])).catch(() => undefined))?.isFile() === true;
}

/**
 * The export of a name, or the latest one with rows in one of the forms; undefined where none has, and the latest of all.
 * @throws UserError `no-export`; StoreError `bad-name`
 */
async function named(
  exportsFolder: string,
  forms: readonly RowForm[],
  name: string | undefined,
): Promise<[chosen: string | undefined, newest: string | undefined]> {
  if (name !== undefined) return [plainName(name, 'an export'), undefined];
  const names = await exportsByTime(exportsFolder);
  if (names.length === 0) throw new UserError('no-export', 'The dataset has no export.', HOW);
  for (const one of names)
    for (const form of forms) if (await hasRows(join(exportsFolder, one), form)) return [one, names[0]];
  return [undefined, names[0]];
}

/**
 * An export by name, or the latest one, with the file of rows in this form.
 * @throws UserError `no-export`; StoreError `bad-name`.
 */
export async function findExport(exportsFolder: string, form: RowForm, name?: string): Promise<TrainingExport> {
  const rows = ROW_FORMS[form];
  const [chosen, newest = ''] = await named(exportsFolder, [form], name);
  if (chosen !== undefined && (await hasRows(join(exportsFolder, chosen), form)))
    return { name: chosen, rows, path: join(exportsFolder, chosen, rows) };
  const names = await exportsByTime(exportsFolder);
  const there = names.length === 0 ? HOW : `Available: ${names.join(', ')}.`;
  throw new UserError('no-export', `The export “${chosen ?? newest}” has no ${rows}.`, there);
}

/** Names of the exports, the latest first. */
async function exportsByTime(folder: string): Promise<string[]> {
  const found: { name: string; at: number }[] = [];
  for (const name of await readdirIfExists(folder)) {
    const manifest = await stat(join(folder, name, 'manifest.json')).catch(() => undefined);
    if (!name.startsWith('.') && manifest !== undefined) found.push({ name, at: manifest.mtimeMs });
  }
  return found.sort((a, b) => b.at - a.at).map(({ name }) => name);
}

export interface ReadRows {
  count: number;
  /** SHA-256 of the file. */
  hash: string;
  /** Estimated by the bytes of the texts. */
  estimated: RowTokens[];
}

/**
 * Reads and validates all rows.
 * @throws UserError `bad-rows` with the first invalid line.
 */
export async function readTrainingRows(
  { path }: Pick<TrainingExport, 'path'>,
  form: RowForm,
  signal: AbortSignal,
): Promise<ReadRows> {
  const estimated: RowTokens[] = [];
  for await (const line of readLines(path, { signal })) {
    if ('error' in line) throw badRow(path, line.line, line.error);
    const row = SCHEMAS[form].safeParse(line.value);
    if (!row.success) throw badRow(path, line.line, row.error.issues[0]?.message ?? 'it has an unknown form');
    estimated.push(longest(row.data.map(estimate)));
  }
  if (estimated.length === 0) {
    throw new UserError('bad-rows', `${path} has no rows.`, 'Export chains that this trainer can use.');
  }
  return { count: estimated.length, hash: await fileHash(path), estimated };
}

/** By form, the conversations of a row with what is trained of them. */
const SCHEMAS = {
  prefix: PrefixRow.transform((row) => [row]),
  messages: MessagesRow.transform((row) => [row]),
  // The same turns, split in two.
  prompt_completion: promptCompletion(),
  kto: KtoRow.transform(({ prompt, completion }) => [{ messages: [...prompt, ...completion] }]),
  dpo: DpoRow.transform(({ prompt, chosen, rejected }) =>
    [chosen, rejected].map((answer) => ({ messages: [...prompt, ...answer] })),
  ),
} as const satisfies Record<RowForm, z.ZodType<(PrefixRow | MessagesRow)[]>>;

/** The conversations of a row; none for a row of another form. */
export function conversationsOf(form: RowForm, value: unknown): MessagesRow[] {
  const rows: readonly (PrefixRow | MessagesRow)[] = SCHEMAS[form].safeParse(value).data ?? [];
  return rows.map((row) => ('completion' in row ? MessagesRow.parse(chatRow(row)) : row));
}

function promptCompletion() {
  const { messages } = MessagesRow.shape;
  return MessagesRow.omit({ messages: true })
    .extend({ prompt: messages, completion: messages })
    .transform(({ prompt, completion, ...row }) => [{ ...row, messages: [...prompt, ...completion] }]);
}

/** Of the conversations of a row, as long as the longest one. */
function longest(conversations: readonly RowTokens[]): RowTokens {
  return {
    tokens: Math.max(...conversations.map(({ tokens }) => tokens)),
    trained: conversations.reduce((sum, { trained }) => sum + trained, 0),
    first: Math.min(...conversations.map(({ first }) => first)),
  };
}

function estimate(row: MessagesRow | PrefixRow): RowTokens {
  if ('completion' in row) {
    const answer = bytesOf(row.completion);
    return estimateRow({ prompt: bytesOf(row.prompt), answer, before: 0, trained: answer });
  }
  const last = row.messages.at(-1);
  const prompt = row.messages.slice(0, -1).reduce((sum, { content }) => sum + bytesOf(content), 0);
  const mask = (of: 'reasoning' | 'content') => row.loss_mask?.filter(({ part = 'content' }) => part === of) ?? [];
  const thought = last ? maskedParts(thoughtOf(last), mask('reasoning')) : [];
  const parts = [...thought, ...maskedParts(last?.content ?? '', mask('content'))];
  const answer = parts.reduce((sum, { text }) => sum + bytesOf(text), 0);
  const trained = parts.reduce((sum, { text, train }) => sum + (train ? bytesOf(text) : 0), 0);
  const before = parts[0]?.train === false ? bytesOf(parts[0].text) : 0;
  return estimateRow({ prompt, answer, before, trained });
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

function badRow(path: string, line: number, reason: string): UserError {
  return new UserError('bad-rows', `Line ${line} of ${path} can't be trained on: ${reason}.`, 'Export it again.');
}
