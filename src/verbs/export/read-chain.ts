import { type ReviewedText, reviewedText } from '../../core/export/index.ts';
import type { Chain, Decision, JudgementLine, Problem } from '../../core/schemas/index.ts';
import type { ChainReader } from '../../store/chain-reader.ts';
import { StoreError } from '../../store/index.ts';
import type { VerbContext } from '../context.ts';
import type { VerbArgs } from '../index.ts';

export interface ReadChain {
  chain: Chain;
  problem: Problem;
  review: ReviewedText;
  judgement?: JudgementLine;
}

/** A chain with its problem and reviews; undefined, with a line in the log, where its problem is gone. `labels`: as of `reviewedText`. */
export async function readChain(
  reader: ChainReader,
  id: string,
  log: VerbContext['log'],
  labels = false,
): Promise<ReadChain | undefined> {
  const read = await reader.chain(id);
  const { chain } = read;
  try {
    const problem = await reader.problem(chain.problemId);
    return { ...read, problem, review: reviewedText(chain, await reader.reviewActs(id), labels) };
  } catch (error) {
    if (!(error instanceof StoreError) || error.kind !== 'unknown-problem') throw error;
    log(`Chain ${id} is filtered out: its problem ${chain.problemId} is not in the dataset.`);
    return undefined;
  }
}

/** Whether the decision is the one that it was chosen by. The index knows decisions only; whether an act fits its text is known from the text. */
export function isAsChosen(decision: Decision, { select }: Pick<VerbArgs<'export'>, 'select'>, label = true): boolean {
  return select !== 'accepted' || decision === (label ? 'accepted' : 'rejected');
}
