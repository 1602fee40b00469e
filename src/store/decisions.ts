import { defined } from '../core/defined.ts';
import { combineDecisions, combineOverrides } from '../core/export/select.ts';
import type { ChoiceField, NumberField } from '../core/query/fields.ts';
import { changedSteps, firstWrongStep, type StepMark } from '../core/review/steps.ts';
import type { Decision, OverrideOutcome } from '../core/schemas/index.ts';
import type { ActRow } from './chain-index/rows.ts';

/** One reviewer's decision on a chain, and its time; `at` is absent while pending. */
export interface ReviewerDecision<Act = ActRow> {
  decision: Decision;
  at?: string;
  /** Overrides the grader's verdict on the final answer. */
  override?: OverrideOutcome;
  /** The text was edited. */
  edited?: true;
  /** The act of the last note. */
  note?: Act;
  tags?: readonly string[];
  /** Whom the reviewer has assigned the chain to. */
  assigned?: string;
  /** What the reviewer labelled of the steps; absent without a label. */
  steps?: StepsReview;
  /** Ids of the acts that an undo and a redo would reverse, if all acts fit the text. */
  undoable?: string;
  redoable?: string;
}

/** `wrong`: a step is labelled bad. `right`: no step is wrong. `some`: some steps are labelled, and none is bad. */
export type StepsReview = 'wrong' | 'right' | 'some';
/** The review of a chain by all its reviewers. */
export interface ChainReview<Act = ActRow> {
  /** Of all reviewers together. */
  decision: Decision;
  /** The reviewers' verdict on the final answer; absent when the grader's verdict applies. */
  override?: OverrideOutcome;
  reviewers: ReadonlyMap<string, ReviewerDecision<Act>>;
}

const DECISIONS: Partial<Record<ActRow['act'], Decision>> = {
  accept: 'accepted',
  reject: 'rejected',
  skip: 'skipped',
};

/** What of an act decides. */
type DecidingAct = Pick<ActRow, 'id' | 'at' | 'act' | 'target' | 'outcome' | 'tag' | 'to' | 'steps'>;

/**
 * Decision and override from the acts of one reviewer on one chain in file order, as `foldActs` of core/review computes them. The index has no texts, so edits
 * and labels are not checked against them.
 */
export function foldDecision<Act extends DecidingAct>(acts: readonly Act[]): ReviewerDecision<Act> {
  const done: Act[] = [];
  const undone: Act[] = [];
  for (const act of acts) {
    if (act.act === 'undo' || act.act === 'redo') {
      const [from, to] = act.act === 'undo' ? [done, undone] : [undone, done];
      const last = from.at(-1);
      if (last === undefined || last.id !== act.target) continue;
      from.pop();
      to.push(last);
    } else {
      done.push(act);
      undone.length = 0;
    }
  }
  const last = done.findLast((act) => DECISIONS[act.act] !== undefined);
  const decision = last && DECISIONS[last.act];
  const edited = done.some((act) => act.act === 'edit') ? (true as const) : undefined;
  const note = done.findLast((act) => act.act === 'note');
  const override = done.findLast((act) => act.act === 'override')?.outcome;
  return {
    ...(last && decision ? { decision, at: last.at } : { decision: 'pending' }),
    ...defined({ override, edited, note, tags: tagsOf(done), steps: stepsOf(done) }),
    ...defined({
      assigned: done.findLast((act) => act.act === 'assign')?.to || undefined,
      undoable: done.at(-1)?.id,
      redoable: undone.at(-1)?.id,
    }),
  };
}

/** The tags in the order of the acts; undefined without one. */
function tagsOf(done: readonly DecidingAct[]): readonly string[] | undefined {
  const tags = new Set<string>();
  for (const { act, tag } of done) {
    if (tag === undefined) continue;
    tags.delete(tag);
    if (act === 'tag') tags.add(tag);
  }
  return tags.size === 0 ? undefined : [...tags];
}

/** What the labels of the steps amount to. Without texts, no step is implied to be good. */
function stepsOf(done: readonly DecidingAct[]): StepsReview | undefined {
  let marks: StepMark[] = [];
  let isRight = false;
  for (const { steps } of done) {
    if (steps === undefined) continue;
    marks = changedSteps(marks, steps, () => []) ?? marks;
    if ('place' in steps) isRight = steps.place === 'none';
    else if ('label' in steps && (steps.label ?? 'bad') === 'bad') isRight = false;
  }
  if (firstWrongStep(marks) !== undefined) return 'wrong';
  if (isRight) return 'right';
  return marks.length > 0 ? 'some' : undefined;
}

/** The review of a chain with these acts, each once, in file order. */
export function foldReview<Act extends DecidingAct & { reviewer: string }>(acts: readonly Act[]): ChainReview<Act> {
  const reviewers = new Map<string, ReviewerDecision<Act>>();
  for (const reviewer of new Set(acts.map((act) => act.reviewer)))
    reviewers.set(reviewer, foldDecision(acts.filter((act) => act.reviewer === reviewer)));
  const all = [...reviewers.values()];
  const decision = combineDecisions(all.map(({ decision: one }) => one));
  const override = combineOverrides(all.flatMap(({ override: one }) => one ?? []));
  return { decision, reviewers, ...defined({ override }) };
}

/** The decision of one reviewer, or of all together. */
export function decisionIn(review: ChainReview<unknown>, as: string | undefined): Decision {
  return as === undefined ? review.decision : (review.reviewers.get(as)?.decision ?? 'pending');
}

/** The verdict on the final answer of one reviewer, or of all together; undefined when the grader's applies. */
export function overrideIn(review: ChainReview<unknown>, as: string | undefined): OverrideOutcome | undefined {
  return as === undefined ? review.override : review.reviewers.get(as)?.override;
}

/** Whether one reviewer has edited the text, or any has. */
export function isEditedIn({ reviewers }: ChainReview<unknown>, as: string | undefined): boolean {
  if (as !== undefined) return reviewers.get(as)?.edited ?? false;
  return [...reviewers.values()].some(({ edited }) => edited);
}

/** What one reviewer labelled of the steps, or all together: a wrong step counts most. */
export function stepsIn({ reviewers }: ChainReview<unknown>, as: string | undefined): StepsReview | undefined {
  if (as !== undefined) return reviewers.get(as)?.steps;
  const found = new Set([...reviewers.values()].map(({ steps }) => steps));
  return (['wrong', 'right', 'some'] as const).find((one) => found.has(one));
}

/** The values of a field that depends on reviews; none for another field. `verdict`: of the grader. */
export function reviewValues(
  review: ChainReview<unknown>,
  field: ChoiceField | NumberField,
  as: string | undefined,
  verdict: string,
): readonly string[] {
  const reviewers = [...review.reviewers];
  switch (field) {
    case 'decision':
      return [decisionIn(review, as)];
    case 'edited':
      return [isEditedIn(review, as) ? 'yes' : 'no'];
    case 'overruled': {
      const override = overrideIn(review, as);
      return override === undefined || override === verdict ? [] : [override];
    }
    case 'steps': {
      const steps = stepsIn(review, as);
      return steps === undefined ? [] : [steps];
    }
    case 'tag':
      return [...new Set(reviewers.flatMap(([, { tags }]) => tags ?? []))];
    case 'assigned':
      return [...new Set(reviewers.flatMap(([, { assigned }]) => assigned ?? []))];
    case 'reviewer':
      return reviewers.filter(([, { decision }]) => decision !== 'pending').map(([name]) => name);
    default:
      return [];
  }
}
