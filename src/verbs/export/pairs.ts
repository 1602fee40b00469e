import {
  type ExportedChain,
  exportChain,
  type LeftReason,
  type Pair,
  type PairChoices,
  type Paired,
  type PairForm,
  pairUp,
  type Tally,
  unmasked,
} from '../../core/export/index.ts';
import { ChainReader } from '../../store/chain-reader.ts';
import type { Dataset } from '../../store/index.ts';
import type { VerbContext } from '../context.ts';
import type { VerbArgs } from '../index.ts';
import { markOf, type SelectedChain } from './candidates.ts';
import type { RowFiles } from './files.ts';
import { reporter } from './progress.ts';
import { isAsChosen, type ReadChain, readChain } from './read-chain.ts';
import type { LaidOutArgs } from './reasoning.ts';

/** Pairs of one problem at most, where nothing else is asked for. */
const PER_PROBLEM = 4;

/** How the rows of this export are paired. */
export function pairChoices({ pairs, pairsPerProblem, seed }: VerbArgs<'export'>): PairChoices {
  return { pairing: pairs ?? 'samples', perProblem: pairsPerProblem ?? PER_PROBLEM, seed: seed ?? 42 };
}

/** The pairs of the chosen chains. */
export function pairsOf({ index }: Dataset, chosen: readonly SelectedChain[], args: VerbArgs<'export'>): Paired {
  const { rows } = index.chainTable;
  const candidates = chosen.map(({ id, problemId, label = true, size, text, position }) => {
    const before = index.isEdited(id) ? rows.value(position, 'trimmed') : undefined;
    return { id, problemId, label, size, text, before };
  });
  return pairUp(candidates, pairChoices(args));
}

/**
 * Writes a row for each pair. Chains that a reviewer decided on for another text make none, and chosen ones without an end.
 * @returns why chains of pairs have no row, by id
 */
export async function writePairs(
  dataset: Dataset,
  { form, output, tally }: { form: PairForm; output: RowFiles; tally: Tally },
  pairs: readonly Pair[],
  args: LaidOutArgs,
  context: VerbContext,
): Promise<Map<string, LeftReason>> {
  const { index } = dataset;
  const report = reporter(context, pairs.length, 'pairs');
  const reader = new ChainReader(dataset);
  const counted = new Set<string>();
  const left = new Map<string, LeftReason>();
  const leave = ({ chosen, rejected }: Pair, reason: LeftReason): void => {
    for (const id of [chosen, rejected]) left.set(id, reason);
  };
  const rowOf = ({ chain, problem, review }: ReadChain): ExportedChain =>
    exportChain(chain, problem, review, markOf(dataset, chain, problem.problem, args), args.layout);
  const count = (read: ReadChain, row: ExportedChain, label: boolean): void => {
    if (!counted.has(read.chain.id)) {
      tally.add(read.chain, read.problem, read.review, unmasked(row), {
        label,
        findings: index.findings(read.chain.id),
      });
      if (read.judgement) tally.judged(read.judgement);
    }
    counted.add(read.chain.id);
  };
  try {
    for (const [done, pair] of pairs.entries()) {
      report(done);
      const right = await readChain(reader, pair.chosen, context.log);
      if (!right || !isAsChosen(right.review.decision, args)) {
        leave(pair, right ? 'not-accepted' : 'no-problem');
        continue;
      }
      const wrong =
        pair.rejected === pair.chosen ? beforeEdit(right) : await readChain(reader, pair.rejected, context.log);
      if (!wrong || (wrong.chain !== right.chain && !isAsChosen(wrong.review.decision, args, false))) {
        leave(pair, 'unpaired');
        continue;
      }
      if (wrong.review.text.trim() === right.review.text.trim()) {
        // An edit since the plan made them equal.
        leave(pair, 'same-text');
        continue;
      }
      const [chosenRow, rejectedRow] = [rowOf(right), rowOf(wrong)];
      const rows = form.rows(chosenRow, rejectedRow);
      if (rows.every((row) => row === undefined)) {
        leave(pair, 'form');
        continue;
      }
      await output.add(rows);
      count(right, chosenRow, true);
      count(wrong, rejectedRow, false);
      tally.addPair();
    }
  } finally {
    await reader.close();
  }
  report(pairs.length);
  for (const id of counted) left.delete(id);
  return left;
}

/** The chain without the edits of its reviewers; undefined if they left the text as it was. */
function beforeEdit({ chain, problem, review }: ReadChain): ReadChain | undefined {
  if (review.text === chain.text) return undefined;
  const { text, segments, spans } = chain;
  return { chain, problem, review: { ...review, text, segments, spans } };
}
