import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { resolvePolicy } from '../core/answers/policies.ts';
import type { GradingInfo, GradingPolicy, GradingRow, Verdict } from '../core/model/index.ts';
import { GradingPool } from '../grading/pool.ts';
import type { VerbArgs } from '../protocol/verbs.ts';
import { appendGradingRows, createGrading, gradingRows, listGradings, writeGrading } from '../store/gradings.ts';
import { Dataset, type RoundLock } from '../store/index.ts';
import { plainName } from '../store/names.ts';
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
    const locks = args.apply ? await lockAll(dataset, rounds) : [];
    try {
      const result = await run(dataset, args, policy, rounds, context);
      if (args.apply && policy.name !== own.name) {
        context.log(
          `New rounds are still graded by “${own.name}”. “longhand policy DATASET --set …” gives the dataset another policy.`,
        );
      }
      return result;
    } finally {
      for (const lock of locks) await lock.release();
    }
  } finally {
    await dataset.close();
  }
};

/** Throws StoreError for a round, VerbError for a chain that the dataset lacks. */
async function chosenRounds(dataset: Dataset, { rounds, chains }: VerbArgs<'regrade'>): Promise<string[]> {
  for (const round of rounds ?? []) await dataset.roundPlan(plainName(round, 'a round'));
  const within = chains?.map((id) => {
    const chain = dataset.index.chain(id);
    if (chain) return chain.round;
    throw new VerbError(`The dataset has no chain “${id}”.`, 'Ids of chains stand in rounds/*/chains.jsonl.');
  });
  return (await dataset.rounds()).filter(
    (round) => (rounds?.includes(round) ?? true) && (within?.includes(round) ?? true),
  );
}

/** All or none. Throws StoreError `locked` when one of them is being run. */
async function lockAll(dataset: Dataset, rounds: readonly string[]): Promise<RoundLock[]> {
  const locks: RoundLock[] = [];
  try {
    for (const round of rounds) locks.push(await dataset.lockRound(round));
    // What was written before the locks were ours.
    await dataset.refresh();
    return locks;
  } catch (error) {
    for (const lock of locks) await lock.release();
    throw error;
  }
}

async function run(
  dataset: Dataset,
  { chains, apply, workers = availableParallelism() }: VerbArgs<'regrade'>,
  policy: GradingPolicy,
  rounds: readonly string[],
  { distFolder, signal, log, progress }: VerbContext,
) {
  const began = performance.now();
  const workerPath = join(distFolder, 'grading-worker.cjs');
  const kind = {
    policy,
    grader: { longhand: await ownVersion(distFolder), worker: await hashOf(workerPath) },
    rounds: [...rounds],
    ...(chains ? { chains } : {}),
    applied: apply ?? false,
  };
  const { folder, info, known, written } = await begin(dataset, kind);
  const tally = new RegradeTally();
  const total = dataset.index.chains().filter((chain) => rounds.includes(chain.round)).length;
  let shown = 0;
  const record = async (rows: readonly GradingRow[]): Promise<void> => {
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
  } finally {
    await pool.close();
  }
  await writeGrading(folder, { ...info, finishedAt: new Date().toISOString(), counts: tally.counts });
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
 * A new grading, or the last one of the very same kind when it was stopped; with the verdicts that earlier ones by the same policy and grader hold,
 * so that a second run grades only what is new.
 */
async function begin(dataset: Dataset, kind: Kind) {
  const known = new Map<string, Verdict>();
  const written = new Set<string>();
  const stored = await listGradings(dataset.folder);
  const alike = stored.filter(({ info }) => isDeepStrictEqual([info.policy, info.grader], [kind.policy, kind.grader]));
  const last = stored.at(-1);
  const stopped =
    last && last.info.finishedAt === undefined && isDeepStrictEqual(kindOf(last.info), kind) ? last : undefined;
  for (const { folder } of alike) {
    for await (const row of gradingRows(folder)) {
      if (row.kind === 'answer' && !isTrouble(row.new)) known.set(row.hash, row.new);
      if (folder === stopped?.folder) written.add(markOf(row));
    }
  }
  if (stopped) return { ...stopped, known, written };
  const info: GradingInfo = { version: 1, createdAt: new Date().toISOString(), ...kind };
  return { folder: await createGrading(dataset.folder, info), info, known, written };
}

function kindOf({ policy, grader, rounds, chains, applied }: GradingInfo): Kind {
  return { policy, grader, rounds, ...(chains ? { chains } : {}), applied };
}

/** Tells a row that is written already from one that says something new. */
function markOf(row: GradingRow): string {
  const { id, kind } = row;
  return `${kind} ${id} ${kind === 'answer' ? row.hash : row.newPassed} ${row.new.outcome}`;
}

async function hashOf(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 16);
}
