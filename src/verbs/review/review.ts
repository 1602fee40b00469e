import { randomUUID } from 'node:crypto';
import { parseQuery } from '../../core/query/parse.ts';
import { asBatch, BatchAct, batchActOf, describeBatch } from '../../core/review/batch.ts';
import { foldActs, splitSteps } from '../../core/review/index.ts';
import { type ReviewAct, STEP_LABELS, type StepPlace } from '../../core/schemas/index.ts';
import { formatCount, plural } from '../../core/text/format.ts';
import { type Dataset, planReview, reverseReview, writeBatch } from '../../store/index.ts';
import { UsageError, VerbError } from '../context.ts';
import { lines } from '../format.ts';
import type { Print, Run, VerbArgs, VerbResult } from '../index.ts';
import { withDataset } from '../with-dataset.ts';

export const run: Run<'review'> = (args, { distFolder, log, signal }) => {
  const { dataset: folder, where = '', reviewer, undo, plan: planOnly = false } = args;
  return withDataset(folder, { log, distFolder }, async (dataset) => {
    if (undo !== undefined) {
      refuseUndo(dataset, undo, reviewer);
      return { ...(await reverseReview(dataset, 'undo', undo, reviewer)), incorrect: 0, undone: true };
    }
    const found = await dataset.find(parseQuery(where), { as: reviewer, signal });
    if (args.step !== undefined || args.firstWrongStep !== undefined) return reviewStep(dataset, found, args);
    const act = actOf(args);
    const plan = planReview(
      dataset.index,
      act,
      found.map(({ id }) => id),
      reviewer,
    );
    const description = describeBatch(act, plan);
    const { chains, unchanged: kept, incorrect } = plan;
    if (planOnly || chains.length === 0) return { description, changed: 0, kept, incorrect, undone: false };
    const batch = await writeBatch(dataset, act, chains, reviewer);
    return { description, batch, changed: chains.length, kept, incorrect, undone: false };
  });
};

/** @throws VerbError for an act that does not exist, is of another reviewer, or is undone */
function refuseUndo({ index }: Dataset, id: string, reviewer: string): void {
  const acts = index.batchActs(id, reviewer);
  if (acts.length === 0)
    throw new VerbError(
      `No act of ${reviewer} has the ID ${id}.`,
      'longhand review prints the ID when it writes an act.',
    );
  const isUndone = acts.every((act) => index.review(act.chainId).reviewers.get(reviewer)?.redoable === act.id);
  if (isUndone) throw new VerbError(`The act ${id} is undone already.`, 'Nothing is left to undo of it.');
}

/** Labels a step of the only chain. @throws UsageError for several chains, for a step that does not exist, and for a label that does not */
async function reviewStep(
  dataset: Dataset,
  found: Iterable<{ id: string }>,
  args: VerbArgs<'review'>,
): Promise<VerbResult<'review'>> {
  const { reviewer, plan = false } = args;
  const [chainId, ...others] = Array.from(found, ({ id }) => id);
  if (chainId === undefined || others.length > 0) {
    const count = plural(chainId === undefined ? 0 : others.length + 1, 'chain');
    throw new UsageError(`The query matches ${count}, and a step belongs to one. Name it: chain = ID.`, 'review');
  }
  const [chain, acts] = [await dataset.chain(chainId), await dataset.reviewActs(chainId, reviewer)];
  const state = foldActs(chain, acts);
  const { description, payload } = stepAct(splitSteps(state.text, state.segments), args);
  const stamp = { id: randomUUID(), at: new Date().toISOString(), reviewer, chainId };
  const act: ReviewAct = { ...payload, ...stamp };
  if (foldActs(chain, [...acts, act]).undoable !== act.id)
    throw new UsageError('There is no such label to remove.', 'review');
  const result = { description: `${description} in ${chainId}.`, kept: 0, incorrect: 0, undone: false };
  if (plan) return { ...result, changed: 0 };
  const batch = randomUUID();
  await dataset.appendReviews(asBatch([act], batch));
  await dataset.refresh();
  return { ...result, batch, changed: 1 };
}

type StepPayload =
  | Pick<Extract<ReviewAct, { act: 'step' }>, 'act' | 'start' | 'end' | 'label'>
  | Pick<Extract<ReviewAct, { act: 'first-wrong-step' }>, 'act' | 'place'>;

/** @throws UsageError for a step that does not exist */
function stepAct(
  steps: readonly StepPlace[],
  { step, firstWrongStep }: VerbArgs<'review'>,
): { description: string; payload: StepPayload } {
  const placeOf = (number: string): StepPlace => {
    const place = steps[Number(number) - 1];
    if (place !== undefined) return place;
    throw new UsageError(`The chain has ${plural(steps.length, 'step')}, and none has the number ${number}.`, 'review');
  };
  if (step !== undefined) {
    const [number = '', name] = step.split('=');
    const label = STEP_LABELS.find((one) => one === name) ?? null;
    const what = `step ${formatCount(Number(number))} of ${formatCount(steps.length)}`;
    return {
      description: label === null ? `Remove the label of ${what}` : `Label ${what} ${label}`,
      payload: { act: 'step', ...placeOf(number), label },
    };
  }
  const place =
    firstWrongStep === 'none' ? firstWrongStep : firstWrongStep === 'unset' ? null : placeOf(firstWrongStep ?? '');
  const words =
    place === 'none'
      ? 'Mark that no step is wrong'
      : place === null
        ? 'Unmark the first wrong step'
        : `Mark step ${formatCount(Number(firstWrongStep))} of ${formatCount(steps.length)} as the first wrong one`;
  return { description: words, payload: { act: 'first-wrong-step', place } };
}

const WITH_TEXT = ['reject', 'tag', 'untag', 'note', 'assign'] as const;

/** @throws UsageError for a text that is not valid */
function actOf(args: VerbArgs<'review'>): BatchAct {
  const kind = WITH_TEXT.find((one) => args[one] !== undefined) ?? 'accept';
  const { data, error } = BatchAct.safeParse(batchActOf(kind, (kind === 'accept' ? args.reason : args[kind]) ?? ''));
  if (data !== undefined) return data;
  throw new UsageError(`--${kind} is not valid: ${error.issues[0]?.message}.`, 'review');
}

export const print: Print<'review'> = ({ description, batch, changed, kept, incorrect, undone }) => {
  if (undone) {
    const rest = kept === 0 ? '' : ` ${plural(kept, 'chain was', 'chains were')} changed later and stay as they are.`;
    return lines(`Undone for ${plural(changed, 'chain')}.${rest}`);
  }
  const undo = batch === undefined ? 'Nothing was written.' : `Written. --undo ${batch} undoes all of it.`;
  const warning = `Warning: ${plural(incorrect, 'chain')} graded incorrect, and not overruled by you.`;
  return lines(description ?? '', ...(incorrect > 0 ? [warning] : []), undo);
};
