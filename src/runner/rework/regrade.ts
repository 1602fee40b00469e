import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { defined } from '../../core/defined.ts';
import type { DecidingModel, GradingInfo, GradingPolicy, GradingRow, Verdict } from '../../core/schemas/index.ts';
import { plural } from '../../core/text/format.ts';
import { GradingPool } from '../../grading/pool.ts';
import type { RegradeResult } from '../../protocol/rework.ts';
import {
  appendGradingRows,
  createGrading,
  gradingRows,
  listGradings,
  resumeGrading,
  writeGrading,
} from '../../store/gradings.ts';
import type { Dataset } from '../../store/index.ts';
import { fileHash } from '../../system/regular-file.ts';
import { type ReworkContext, withLocks } from './chosen-rounds.ts';
import { type Overrule, RoundRegrader } from './regrade-round.ts';
import { isGraderFailure, RegradeTally } from './regrade-tally.ts';

/** Milliseconds between two reports of progress. */
const EVERY_MS = 100;

export interface Regrading {
  /** From `chosenRounds`. */
  readonly rounds: readonly string[];
  readonly policy: GradingPolicy;
  /** Only these chains and their calls; undefined: all. */
  readonly chains: readonly string[] | undefined;
  /** Write the new verdicts into the rounds. */
  readonly apply: boolean;
  /** Threads; one for each core when undefined. */
  readonly workers: number | undefined;
  /** Version of Longhand. */
  readonly version: string;
  /** Overrules the stored verdicts, which are then not graded again. */
  readonly judge?: { readonly model: DecidingModel; readonly overrule: Overrule };
}

/**
 * Grades the stored answers and chains again, without a model. The results are first written to a folder under `gradings/`.
 * @throws StoreError `locked` with `apply` when a round is running.
 */
export function regradeRounds(dataset: Dataset, regrading: Regrading, context: ReworkContext): Promise<RegradeResult> {
  const work = () => regrade(dataset, regrading, context);
  return regrading.apply ? withLocks(dataset, regrading.rounds, work) : work();
}

async function regrade(
  dataset: Dataset,
  { rounds, policy, chains, apply, workers = availableParallelism(), version, judge }: Regrading,
  { distFolder, signal, log, progress }: ReworkContext,
): Promise<RegradeResult> {
  const began = performance.now();
  const workerPath = join(distFolder, 'grading-worker.mjs');
  const kind = {
    policy,
    grader: { longhand: version, worker: (await fileHash(workerPath)).slice(0, 16) },
    ...defined({ judge: judge?.model }),
    rounds: [...rounds],
    ...(chains && { chains: [...chains] }),
    applied: apply,
  };
  const { folder, info, lock, known, written, first } = await begin(dataset, kind, log);
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
    progress({ done: seen, total: Math.max(total, seen), unit: 'chains', message: plural(answers, 'answer') });
  };
  const pool = new GradingPool({ workerPath, workers });
  try {
    for (const round of rounds) {
      const options = {
        dataset,
        pool,
        policy,
        chains: chains && new Set(chains),
        apply,
        ...defined({ overrule: judge?.overrule }),
      };
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
    applied: apply,
    ...tally.counts,
    reused: tally.reused,
    missing: tally.missing.size,
    seconds: (performance.now() - began) / 1000,
  };
}

type Kind = Omit<GradingInfo, 'version' | 'createdAt' | 'finishedAt' | 'counts'>;

/**
 * Starts a new grading, or resumes the last one if it is of the same kind and was stopped. It comes with the verdicts of earlier gradings with the
 * same policy and grader.
 */
async function begin(dataset: Dataset, kind: Kind, log: (text: string) => void) {
  const known = new Map<string, Verdict>();
  const written = new Set<string>();
  const first = new Map<string, GradingRow>();
  const stored = await listGradings(dataset.folder);
  const alike = stored.filter(({ info }) =>
    isDeepStrictEqual([info.policy, info.grader, info.judge], [kind.policy, kind.grader, kind.judge]),
  );
  // A later grading without --apply does not prevent resuming one with --apply.
  const last = stored.findLast(({ info }) => info.applied || !kind.applied);
  const unfinished = last && last.info.finishedAt === undefined && isDeepStrictEqual(kindOf(last.info), kind);
  const stopped = unfinished ? await resumeGrading(dataset.folder, last.folder) : undefined;
  try {
    for (const { folder } of alike) {
      for await (const row of gradingRows(folder, log)) {
        if (row.kind === 'answer' && !isGraderFailure(row.new)) known.set(row.hash, row.new);
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

function kindOf({ policy, grader, judge, rounds, chains, applied }: GradingInfo): Kind {
  return { policy, grader, rounds, ...defined({ chains, judge }), applied };
}

/** The row with the old values from the first row of the same id: a resumed grading with --apply would find its own verdicts. */
function sinceBegin(row: GradingRow, first: GradingRow | undefined): GradingRow {
  if (row.kind === 'answer') return first ? { ...row, old: first.old } : row;
  if (first?.kind !== 'chain') return row;
  const { old, oldClass, oldPassed } = first;
  return { ...row, old, oldClass, oldPassed };
}

function idOf({ kind, id }: GradingRow): string {
  return `${kind} ${id}`;
}

/** Identifies a written row. */
function markOf(row: GradingRow): string {
  return `${idOf(row)} ${row.kind === 'answer' ? row.hash : row.newPassed} ${row.new.outcome}`;
}
