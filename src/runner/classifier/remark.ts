import { isDeepStrictEqual } from 'node:util';
import { remarked, versionOf } from '../../core/behaviours/annotate.ts';
import type { Head } from '../../core/behaviours/head/inputs.ts';
import { ACTS_ON_SPANS } from '../../core/review/index.ts';
import type { Chain } from '../../core/schemas/index.ts';
import type { RemarkResult } from '../../protocol/rework.ts';
import type { Dataset } from '../../store/index.ts';
import { KnownProblems, type ReworkContext, withLocks } from '../rework/chosen-rounds.ts';
import { headInUse } from './head.ts';

/** Chains read together. */
const BATCH = 64;
const EVERY_MS = 100;

/**
 * Marks the stored chains again with the classifier in use. Spans of other sources stay, and so does a chain whose spans a reviewer changed. With
 * `apply`, a line for each changed chain is appended; running again after a cancel continues with the others.
 * @throws StoreError `locked` with `apply` when a round is running
 */
export async function remarkRounds(
  dataset: Dataset,
  { rounds, apply }: { rounds: readonly string[]; apply: boolean },
  context: ReworkContext,
): Promise<RemarkResult> {
  const began = performance.now();
  const head = await headInUse(dataset, context.log);
  const problems = new KnownProblems(dataset, context.log);
  const counts = { chains: 0, changed: 0, reviewed: 0, before: 0, after: 0 };
  const work = async (): Promise<void> => {
    const entries = dataset.index.chains().filter((chain) => rounds.includes(chain.round));
    let shown = 0;
    for (const round of rounds) {
      const ids = entries.flatMap((chain) => (chain.round === round ? chain.id : []));
      for (let from = 0; from < ids.length; from += BATCH) {
        context.signal.throwIfAborted();
        const changed: Chain[] = [];
        for (const id of ids.slice(from, from + BATCH)) {
          const chain = await remarkOne(dataset, id, { head, problems, counts });
          // The lines of a renamed or copied round have its old name.
          if (chain !== undefined) changed.push({ ...chain, round });
        }
        if (apply && changed.length > 0) await dataset.appendChains(round, changed);
        if (performance.now() - shown < EVERY_MS) continue;
        shown = performance.now();
        context.progress({ done: counts.chains, total: entries.length, unit: 'chains' });
      }
    }
  };
  await (apply ? withLocks(dataset, rounds, work) : work());
  const seconds = (performance.now() - began) / 1000;
  return { applied: apply, version: versionOf(head), ...counts, missing: problems.missing.size, seconds };
}

interface Remarking {
  head: Head | undefined;
  problems: KnownProblems;
  counts: Pick<RemarkResult, 'chains' | 'changed' | 'reviewed' | 'before' | 'after'>;
}

/** The chain with new marks; undefined when nothing changes. */
async function remarkOne(
  dataset: Dataset,
  id: string,
  { head, problems, counts }: Remarking,
): Promise<Chain | undefined> {
  const chain = await dataset.chain(id);
  const marks = ({ spans }: Pick<Chain, 'spans'>): number =>
    spans.filter(({ source }) => source === 'classifier').length;
  counts.chains += 1;
  counts.before += marks(chain);
  const isReviewed = dataset.index.acts(id).some(({ act }) => ACTS_ON_SPANS.has(act));
  const spans = isReviewed ? chain.spans : remarked(chain, await problems.text(chain.problemId), head);
  counts.after += marks({ spans });
  if (isReviewed) counts.reviewed += 1;
  if (isReviewed || isDeepStrictEqual(spans, chain.spans)) return undefined;
  counts.changed += 1;
  return { ...chain, spans };
}
