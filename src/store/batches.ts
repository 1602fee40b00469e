import { randomUUID } from 'node:crypto';
import { chainWarnings } from '../core/export/warnings.ts';
import {
  type BatchAct,
  type BatchChain,
  type BatchPlan,
  batchActs,
  planBatch,
  reverseBatch,
} from '../core/review/batch.ts';
import type { DatasetIndex } from './chain-index/dataset-index.ts';
import type { Dataset } from './dataset.ts';

/** The plan of one reviewer's act on these chains. Chains that no longer exist, and repeated ones, are ignored. */
export function planReview(
  index: DatasetIndex,
  act: BatchAct,
  chainIds: Iterable<string>,
  reviewer: string,
): BatchPlan {
  return planBatch(
    act,
    [...new Set(chainIds)].flatMap((id) => batchChain(index, id, reviewer) ?? []),
  );
}

function batchChain(index: DatasetIndex, chainId: string, reviewer: string): BatchChain | undefined {
  // Members only: a whole row costs much more, and there may be a million chains.
  const { chainTable } = index;
  const at = chainTable.find(chainId);
  if (at < 0) return undefined;
  const { rows } = chainTable;
  const review = index.review(chainId).reviewers.get(reviewer);
  return {
    chainId,
    decision: review?.decision ?? 'pending',
    tags: review?.tags ?? [],
    hasNote: review?.note !== undefined,
    assigned: review?.assigned,
    warnings: chainWarnings({
      outcome: rows.value(at, 'outcome'),
      ended: rows.value(at, 'ended'),
      // A chain over the quota is filtered out too.
      failed: chainTable.isOverQuota(at) ? ['quota'] : rows.value(at, 'failed'),
      override: review?.override,
      findings: index.findings(chainId),
    }),
    isUngraded: false,
  };
}

/** Writes an act on several chains. @returns the id of the batch. @throws StoreError as Dataset.appendReviews, and then nothing of it counts */
export async function writeBatch(
  dataset: Dataset,
  act: BatchAct,
  chainIds: readonly string[],
  reviewer: string,
): Promise<string> {
  const acts = batchActs(act, chainIds, stampOf(reviewer));
  await dataset.appendReviews(acts);
  await dataset.refresh();
  return acts[0]?.batch?.id ?? '';
}

/**
 * Undoes a batch of the reviewer, or restores it.
 * @returns the number of chains that it changed, and of those that it kept since they were changed later
 */
export async function reverseReview(
  dataset: Dataset,
  how: 'undo' | 'redo',
  batch: string,
  reviewer: string,
): Promise<{ changed: number; kept: number }> {
  await dataset.refresh();
  const { index } = dataset;
  const done = index.batchActs(batch, reviewer).map(({ chainId, id }) => {
    const review = index.review(chainId).reviewers.get(reviewer);
    return { chainId, id, next: how === 'undo' ? review?.undoable : review?.redoable };
  });
  const { acts, kept } = reverseBatch(how, done, stampOf(reviewer));
  await dataset.appendReviews(acts);
  await dataset.refresh();
  return { changed: acts.length, kept };
}

function stampOf(reviewer: string) {
  return { id: () => randomUUID(), at: new Date().toISOString(), reviewer };
}
