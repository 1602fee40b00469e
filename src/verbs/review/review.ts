import { parseQuery } from '../../core/query/parse.ts';
import { BatchAct, batchActOf, describeBatch } from '../../core/review/batch.ts';
import { plural } from '../../core/text/format.ts';
import { planReview, reverseReview, writeBatch } from '../../store/index.ts';
import { UsageError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run, VerbArgs } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'review'> = (args, { distFolder, log, signal }) => {
  const { dataset: folder, where = '', reviewer, undo, plan: planOnly = false } = args;
  return withDataset(folder, { log, distFolder }, async (dataset) => {
    if (undo !== undefined) return { ...(await reverseReview(dataset, 'undo', undo, reviewer)), undone: true };
    const act = actOf(args);
    const found = await dataset.find(parseQuery(where), { as: reviewer, signal });
    const plan = planReview(
      dataset.index,
      act,
      found.map(({ id }) => id),
      reviewer,
    );
    const description = describeBatch(act, plan);
    if (planOnly || plan.chains.length === 0) return { description, changed: 0, kept: plan.unchanged, undone: false };
    const batch = await writeBatch(dataset, act, plan.chains, reviewer);
    return { description, batch, changed: plan.chains.length, kept: plan.unchanged, undone: false };
  });
};

const WITH_TEXT = ['reject', 'tag', 'untag', 'note', 'assign'] as const;

/** @throws UsageError for a text that is not valid */
function actOf(args: VerbArgs<'review'>): BatchAct {
  const kind = WITH_TEXT.find((one) => args[one] !== undefined) ?? 'accept';
  const { data, error } = BatchAct.safeParse(batchActOf(kind, kind === 'accept' ? '' : (args[kind] ?? '')));
  if (data !== undefined) return data;
  throw new UsageError(`--${kind} is not valid: ${error.issues[0]?.message}.`, 'review');
}

export const print: Print<'review'> = ({ description, batch, changed, kept, undone }) => {
  if (undone) {
    const rest = kept === 0 ? '' : ` ${plural(kept, 'chain was', 'chains were')} changed later and stay as they are.`;
    return lines(`Undone for ${plural(changed, 'chain')}.${rest}`);
  }
  const undo = batch === undefined ? 'Nothing was written.' : `Written. --undo ${batch} undoes all of it.`;
  return lines(description ?? '', undo);
};
