import { type Dataset, type RoundLock, StoreError } from '../store/index.ts';
import { plainName } from '../store/names.ts';
import { VerbError } from './context.ts';

/**
 * The rounds that a verb goes over, in their order: the named ones, or all; of chains that are named, those that hold them.
 * Throws StoreError for a round, VerbError for a chain that the dataset lacks.
 */
export async function chosenRounds(
  dataset: Dataset,
  { rounds, chains }: { rounds?: readonly string[] | undefined; chains?: readonly string[] | undefined },
): Promise<string[]> {
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

/** Runs `work` while this process holds all of the rounds, or none. Throws StoreError `locked` when one of them is being run. */
export async function withLocks<T>(dataset: Dataset, rounds: readonly string[], work: () => Promise<T>): Promise<T> {
  const locks: RoundLock[] = [];
  try {
    for (const round of rounds) locks.push(await dataset.lockRound(round));
    // What was written before the locks were ours.
    await dataset.refresh();
    return await work();
  } finally {
    for (const lock of locks) await lock.release();
  }
}

/** The text of a problem; undefined, and said in the log once, where it is gone from the dataset. */
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
      if (!(error instanceof StoreError) || error.problem !== 'unknown-problem') throw error;
      this.#log(`Problem ${id} is no longer in the dataset; filters that look at it do not apply.`);
      this.missing.add(id);
      return undefined;
    });
    this.#texts.set(id, problem?.problem);
    return problem?.problem;
  }
}
