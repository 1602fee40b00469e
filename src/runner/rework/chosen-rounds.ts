import { UserError } from '../../core/errors.ts';
import { type Dataset, type Lock, StoreError } from '../../store/index.ts';
import { plainName } from '../../store/names.ts';
import type { RunContext } from '../run-context.ts';

/** The part of a run's context that reworking needs. */
export type ReworkContext = Pick<RunContext, 'signal' | 'log' | 'progress' | 'distFolder'>;

/**
 * The rounds to rework in order: the named ones or all; with `chains`, only the rounds that contain them.
 * @throws StoreError for an unknown round; UserError `round` for an unknown chain.
 */
export async function chosenRounds(
  dataset: Dataset,
  { rounds, chains }: { rounds?: readonly string[] | undefined; chains?: readonly string[] | undefined },
): Promise<string[]> {
  for (const round of rounds ?? []) await dataset.roundPlan(plainName(round, 'a round'));
  const within = chains?.map((id) => {
    const chain = dataset.index.chain(id);
    if (chain) return chain.round;
    throw new UserError(
      'round',
      `The dataset has no chain “${id}”.`,
      'The ids of chains are in rounds/*/chains.jsonl.',
    );
  });
  return (await dataset.rounds()).filter(
    (round) => (rounds?.includes(round) ?? true) && (within?.includes(round) ?? true),
  );
}

/** Runs `work` with the locks of all rounds. @throws StoreError `locked` when a round is running */
export async function withLocks<T>(dataset: Dataset, rounds: readonly string[], work: () => Promise<T>): Promise<T> {
  const locks: Lock[] = [];
  try {
    for (const round of rounds) locks.push(await dataset.lockRound(round));
    // Lines written before the locks were taken.
    await dataset.refresh();
    return await work();
  } finally {
    for (const lock of locks) await lock.release();
  }
}

/** Texts of problems. A missing problem is logged once. */
export class KnownProblems {
  readonly missing = new Set<string>();
  readonly #dataset: Dataset;
  readonly #log: (text: string) => void;
  readonly #texts = new Map<string, string | undefined>();

  constructor(dataset: Dataset, log: (text: string) => void) {
    this.#dataset = dataset;
    this.#log = log;
  }

  async text(id: string): Promise<string | undefined> {
    if (this.#texts.has(id)) return this.#texts.get(id);
    const problem = await this.#dataset.problem(id).catch((error: unknown) => {
      if (!(error instanceof StoreError) || error.kind !== 'unknown-problem') throw error;
      this.#log(`Problem ${id} is no longer in the dataset. Filters that use it do not apply.`);
      this.missing.add(id);
      return undefined;
    });
    this.#texts.set(id, problem?.problem);
    return problem?.problem;
  }
}
