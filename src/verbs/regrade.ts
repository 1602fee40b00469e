import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { resolvePolicy } from '../core/answers/policies.ts';
import type { GradingInfo, GradingPolicy, GradingRow, Verdict } from '../core/model/index.ts';
import { GradingPool } from '../grading/pool.ts';
import type { VerbArgs } from '../protocol/verbs.ts';
import {
  appendGradingRows,
  createGrading,
  gradingRows,
  listGradings,
  resumeGrading,
  writeGrading,
} from '../store/gradings.ts';
import { Dataset } from '../store/index.ts';
import { chosenRounds, withLocks } from './chosen-rounds.ts';
import { type Verb, type VerbContext, VerbError } from './context.ts';
import { policyOf } from './grade-rows.ts';
import { ownVersion } from './own-version.ts';
import { RoundRegrader } from './regrade-round.ts';
import { isTrouble, RegradeTally } from './regrade-tally.ts';

const EVERY_MS = 100;

export const regrade: Verb<'regrade'> = async (args, context) => {
  const dataset = await Dataset.open(args.dataset, { log: context.log });
  try {
    const own = resolvePolicy(dataset.settings.grading);
    const policy = args.policy === undefined ? own : policyOf(args.policy);
    if (typeof policy === 'string') throw new VerbError(policy, 'docs/grading.md shows what each does.');
    const rounds = await chosenRounds(dataset, args);
    const work = () => run(dataset, args, policy, rounds, context);
    const result = await (args.apply ? withLocks(dataset, rounds, work) : work());
    if (args.apply && policy.name !== own.name) {
      context.log(
        `New rounds are still graded by “${own.name}”. “longhand policy DATASET --set …” gives the dataset another policy.`,
      );
    }
    return result;
  } finally {
    await dataset.close();
  }
};

async function run(
  dataset: Dataset,
  { chains, apply, workers = availableParallelism() }: VerbArgs<'regrade'>,
  policy: GradingPolicy,
  rounds: readonly string[],
  { distFolder, signal, log, progress }: VerbContext,
) {
  const began = performance.now();
  const workerPath = join(distFolder, 'grading-worker.mjs');
  const kind = {
    policy,
    grader: { longhand: await ownVersion(distFolder), worker: await hashOf(workerPath) },
    rounds: [...rounds],
    ...(chains ? { chains } : {}),
    applied: apply ?? false,
  };
  const { folder, info, lock, known, written, first } = await begin(dataset, kind);
  const tally = new RegradeTally();
  const total = dataset.index.chains().filter((chain) => rounds.includes(chain.round)).length;
  let shown = 0;
  const record = async (found: readonly GradingRow[]): Promise<void> => {
    const rows = found.map((row) => sinceBegin(row, first.get(idOf(row))));
    for (const row of rows) tally.add(row);
    await appendGradingRows(
      folder,
      rows.filter((row) => !written.has(markOf(row))),
    );
    if (performance.now() - shown < EVERY_MS) return;
    shown = performance.now();
    const { answers, chains: seen } = tally.counts;
    progress({ done: seen, total: Math.max(total, seen), unit: 'chains', message: `${answers} answers` });
  };
  const pool = new GradingPool({ workerPath, workers });
  try {
    for (const round of rounds) {
      const options = { dataset, pool, policy, chains: chains && new Set(chains), apply: apply ?? false };
      const regrader = new RoundRegrader(round, { ...options, tally, known, record, signal, log });
      await regrader.run(await dataset.roundPlan(round));
    }
    await writeGrading(folder, { ...info, finishedAt: new Date().toISOString(), counts: tally.counts });
  } finally {
    await pool.close();
    await lock.release();
  }
  return {
    grading: basename(folder),
    folder,
    policy: policy.name ?? 'default',
    applied: apply ?? false,
    ...tally.counts,
    reused: tally.reused,
    missing: tally.missing.size,
    seconds: (performance.now() - began) / 1000,
  };
}

type Kind = Omit<GradingInfo, 'version' | 'createdAt' | 'finishedAt' | 'counts'>;

/**
 * A new grading, or the last one when it is of the very same kind, was stopped and is held by nobody; with the verdicts that earlier ones by the same policy and grader hold,
 * so that a second run grades only what is new.
 */
async function begin(dataset: Dataset, kind: Kind) {
  const known = new Map<string, Verdict>();
  const written = new Set<string>();
  const first = new Map<string, GradingRow>();
  const stored = await listGradings(dataset.folder);
  const alike = stored.filter(({ info }) => isDeepStrictEqual([info.policy, info.grader], [kind.policy, kind.grader]));
  // What was only looked at since is no reason to begin one with --apply anew.
  const last = stored.findLast(({ info }) => info.applied || !kind.applied);
  const unfinished = last && last.info.finishedAt === undefined && isDeepStrictEqual(kindOf(last.info), kind);
  const stopped = unfinished ? await resumeGrading(dataset.folder, last.folder) : undefined;
  try {
    for (const { folder } of alike) {
      for await (const row of gradingRows(folder)) {
        if (row.kind === 'answer' && !isTrouble(row.new)) known.set(row.hash, row.new);
        if (folder !== stopped?.folder) continue;
        written.add(markOf(row));
        if (!first.has(idOf(row))) first.set(idOf(row), row);
      }
    }
  } catch (error) {
    await stopped?.lock.release();
    throw error;
  }
  if (stopped) return { ...stopped, known, written, first };
  const info: GradingInfo = { version: 1, createdAt: new Date().toISOString(), ...kind };
  return { ...(await createGrading(dataset.folder, info)), known, written, first };
}

function kindOf({ policy, grader, rounds, chains, applied }: GradingInfo): Kind {
  return { policy, grader, rounds, ...(chains ? { chains } : {}), applied };
}

/**
 * The row with what stood there when its grading began, which the first row of the same id says: one with --apply that was stopped finds
 * its own verdicts when it goes on.
 */
function sinceBegin(row: GradingRow, first: GradingRow | undefined): GradingRow {
  if (row.kind === 'answer') return first ? { ...row, old: first.old } : row;
  if (first?.kind !== 'chain') return row;
  const { old, oldClass, oldPassed } = first;
  return { ...row, old, oldClass, oldPassed };
}

function idOf({ kind, id }: GradingRow): string {
  return `${kind} ${id}`;
}

/** Tells a row that is written already from one that says something new. */
function markOf(row: GradingRow): string {
  return `${idOf(row)} ${row.kind === 'answer' ? row.hash : row.newPassed} ${row.new.outcome}`;
}

async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 16);
}
