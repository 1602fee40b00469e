import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { EvaluatedSample } from '../core/evaluation/sample.ts';
import { FORM_FILES, fileOfSet, LEFT_FILE, ROW_SETS } from '../core/export/index.ts';
import { CalibrationAct } from '../core/review/calibration/model.ts';
import {
  GradingRow,
  HostedLine,
  JournalLine,
  JudgeCall,
  Problem,
  ProgressLine,
  RunAttempt,
} from '../core/schemas/index.ts';
import { fileHash, readWholeText } from '../system/regular-file.ts';
import { BenchmarkLine } from './benchmarks.ts';
import { checkedBy, type RowOf } from './chain-index/rows.ts';
import type { Place } from './chain-index/segment.ts';
import { errorCode } from './lines/files.ts';
import { byRoundNumber } from './names.ts';

/** The files of lines of a dataset, relative to it, with `/`. */
export interface DatasetFiles {
  problems: string[];
  chains: string[];
  grades: string[];
  judgements: string[];
  reviews: string[];
  /** Journals, labels and others, of which only the damage is indexed. */
  checked: string[];
  rounds: string[];
}

/** Lists the files; those in folders of rounds and runs may not exist. */
export async function listFiles(root: string): Promise<DatasetFiles> {
  const rounds = (await list(join(root, 'rounds'), (entry) => !entry.isFile())).sort(byRoundNumber);
  const inRounds = (file: string): string[] => rounds.map((round) => `rounds/${round}/${file}`);
  const jsonl = (entry: Dirent): boolean => !entry.isDirectory() && entry.name.endsWith('.jsonl');
  const within = async (folder: string): Promise<string[]> =>
    (await list(join(root, folder), jsonl)).sort().map((name) => `${folder}/${name}`);
  return {
    problems: await within('problems'),
    chains: inRounds('chains.jsonl'),
    grades: inRounds('grades.jsonl'),
    judgements: inRounds('judgements.jsonl'),
    reviews: await within('reviews'),
    checked: await checkedFiles(root, rounds, within),
    rounds,
  };
}

/** Files of rows that an export may have. */
const rowFiles = ROW_SETS.flatMap((set) => FORM_FILES.map((file) => fileOfSet(set, file)));

async function checkedFiles(
  root: string,
  rounds: readonly string[],
  within: (folder: string) => Promise<string[]>,
): Promise<string[]> {
  const below = async (folder: string, files: readonly string[]): Promise<string[]> => {
    const names = await list(join(root, folder), (entry) => !entry.isFile());
    return names.flatMap((name) => files.map((file) => `${folder}/${name}/${file}`));
  };
  return [
    ...rounds.map((round) => `rounds/${round}/journal.jsonl`),
    'judge/journal.jsonl',
    'workbench/journal.jsonl',
    ...(await within('benchmarks')),
    ...(await below('calibrations', ['labels.jsonl'])),
    ...(await below('gradings', ['rows.jsonl'])),
    ...(await below('evaluations', ['problems.jsonl', 'journal.jsonl', 'samples.jsonl'])),
    ...(await below('runs', ['attempts.jsonl', 'hosted.jsonl', 'progress.jsonl'])),
    ...(await below('exports', [...rowFiles, LEFT_FILE])),
  ];
}

/** Schemas of the checked files. */
const CHECKED: readonly [path: RegExp, schema: z.ZodType][] = [
  [/^(?:rounds|evaluations)\/[^/]+\/journal\.jsonl$|^workbench\//, JournalLine],
  [/^judge\//, JudgeCall],
  [/^benchmarks\//, BenchmarkLine],
  [/^calibrations\//, CalibrationAct],
  [/^gradings\//, GradingRow],
  [/^evaluations\/[^/]+\/problems\.jsonl$/, Problem],
  [/^evaluations\//, EvaluatedSample],
  [/^runs\/[^/]+\/attempts\.jsonl$/, RunAttempt],
  [/^runs\/[^/]+\/hosted\.jsonl$/, HostedLine],
  [/^runs\//, ProgressLine],
  // Trainers read the rows with their own schemas.
  [/^exports\//, z.looseObject({})],
];
const CHECKS = CHECKED.map(([path, schema]) => ({ path, check: checkedBy(schema) }));

/** Why a line of a checked file can't be used; undefined for a good one. */
export const rowOfChecked: RowOf<Place> = (value, { file }) => CHECKS.find(({ path }) => path.test(file))?.check(value);

const Manifest = z.object({
  files: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number(), rows: z.number().int().optional() })),
});

/**
 * Number of lines of a file of rows that still is what its export wrote; undefined for another file. Computing its hash takes a third of the time of
 * reading its lines. @param size Of the file, in bytes.
 */
export async function linesAsExported(root: string, file: string, size: number): Promise<number | undefined> {
  if (!file.startsWith('exports/')) return undefined;
  const path = join(root, file);
  try {
    const manifest = await readWholeText(join(dirname(path), 'manifest.json'));
    const entry = Manifest.parse(JSON.parse(manifest)).files[basename(file)];
    if (entry?.rows === undefined || entry.bytes !== size) return undefined;
    return (await fileHash(path)) === entry.sha256 ? entry.rows : undefined;
  } catch {
    // Without a manifest that can be read, the lines are read.
    return undefined;
  }
}

/** Names in a folder without hidden ones, which are temporary files. */
async function list(folder: string, accepts: (entry: Dirent) => boolean): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => !entry.name.startsWith('.') && accepts(entry)).map((entry) => entry.name);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
