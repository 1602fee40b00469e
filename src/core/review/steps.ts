import { z } from 'zod';
import { type Sentence, splitSentences } from '../behaviours/sentences.ts';
import { defined } from '../defined.ts';
import { type ReviewAct, type Segment, STEP_LABELS, StepLabel, StepPlace } from '../schemas/index.ts';
import { mapSpans } from './changes.ts';
import { sentencePlace } from './spans.ts';

/** A labelled step. `implied`: not labelled itself, but before the first wrong step, or of a text without one. */
export const StepMark = StepPlace.extend({ label: StepLabel, implied: z.literal(true).optional() });
export type StepMark = z.infer<typeof StepMark>;

/** What an act changes of the steps: the acts `step`, `first-wrong-step` and `edit`, without texts. */
export const StepChange = z.union([
  StepPlace.extend({ label: StepLabel.nullable() }),
  z.object({ place: z.union([StepPlace, z.literal('none'), z.null()]) }),
  z.object({ changes: z.array(StepPlace.extend({ insert: z.object({ length: z.number().int().nonnegative() }) })) }),
]);
export type StepChange = z.infer<typeof StepChange>;

/** What an act changes of the steps; undefined if nothing. */
export function stepChange(act: ReviewAct): StepChange | undefined {
  switch (act.act) {
    case 'step':
      return { start: act.start, end: act.end, label: act.label };
    case 'first-wrong-step':
      return { place: act.place };
    case 'edit':
      return {
        changes: act.changes.map(({ start, end, insert }) => ({ start, end, insert: { length: insert.length } })),
      };
    default:
      return undefined;
  }
}

/** A displayed formula that is a paragraph of its own. */
const FORMULA = /^(?:\$\$[^$]*\$\$|\\\[[\s\S]*\\\]|\\begin\{([a-z]+\*?)\}[\s\S]*\\end\{\1\})[.,;]?$/;
/** A heading, or a sentence that ends in a colon: what it announces follows. */
const LEAD = /^#{1,6} [^\n]*$|:(?:\*\*|__)?$/;

/**
 * The steps of a text, in order, without the white space around them: its paragraphs; without blank lines, its lines; without line breaks, its
 * sentences. A formula alone belongs to the step before it, a heading or a line that ends in a colon to the step after it. No step reaches into
 * the next piece.
 * @param sentences Those of the text.
 */
export function splitSteps(
  text: string,
  segments: readonly Pick<Segment, 'start'>[],
  sentences: readonly Sentence[] = splitSentences(text),
): StepPlace[] {
  const pieces = new Set<Sentence>();
  const parts = sentences.filter(({ start, textEnd }) => text.slice(start, textEnd).trim() !== '');
  for (const { start } of segments) {
    const first = parts.find((sentence) => sentence.start >= start);
    if (first !== undefined) pieces.add(first);
  }
  const gaps = parts.map(({ start }, index) => (index === 0 ? '' : gapBefore(text, parts[index - 1], start)));
  const breaks = gaps.map((gap) => gap.split('\n').length - 1);
  const inside = breaks.filter((_, index) => index > 0 && !pieces.has(parts[index] as Sentence));
  const needed = Math.min(2, Math.max(0, ...inside));
  const steps: StepPlace[] = [];
  parts.forEach((sentence, index) => {
    const place = sentencePlace(text, sentence);
    const last = steps.at(-1);
    const begins = (breaks[index] ?? 0) >= needed && !isJoined(text, last, place);
    if (last === undefined || pieces.has(sentence) || begins) steps.push(place);
    else last.end = place.end;
  });
  return steps;
}

/** The white space before a sentence, also that which belongs to it. */
function gapBefore(text: string, before: Sentence | undefined, start: number): string {
  return /^\s*/.exec(text.slice(before?.textEnd ?? start, start + 40))?.[0] ?? '';
}

function isJoined(text: string, before: StepPlace | undefined, { start, end }: StepPlace): boolean {
  if (before === undefined) return false;
  const lead = text.slice(Math.max(before.start, before.end - 200), before.end);
  return LEAD.test(lead) || FORMULA.test(text.slice(start, end));
}

const overlap = (a: StepPlace, b: StepPlace): boolean => a.start < b.end && a.end > b.start;

const inOrder = (marks: StepMark[]): StepMark[] => marks.sort((a, b) => a.start - b.start);

/** The first wrong step: the first that is labelled bad. */
export function firstWrongStep(marks: readonly StepMark[] = []): StepPlace | undefined {
  const wrong = marks.find(({ label }) => label === 'bad');
  return wrong && { start: wrong.start, end: wrong.end };
}

/**
 * The labels after a change; undefined if it removes a label that does not exist.
 * @param marks In order and disjoint, as is the result. @param steps The steps of the text, of which some become implied ones.
 */
export function changedSteps(
  marks: readonly StepMark[],
  change: StepChange,
  steps: () => readonly StepPlace[],
): StepMark[] | undefined {
  if ('changes' in change) return mapSpans(marks, change.changes);
  if ('label' in change) return labelled(marks, change);
  const { place } = change;
  const own = marks.filter(({ implied }) => implied !== true);
  if (place === null) {
    const wrong = own.find(({ label }) => label === 'bad');
    const kept = own.filter((mark) => mark !== wrong);
    return kept.length < marks.length ? kept : undefined;
  }
  const end = place === 'none' ? Number.POSITIVE_INFINITY : place.start;
  const kept = own.filter(({ start, label }) => start >= end || label !== 'bad');
  const rest = place === 'none' ? kept : (labelled(kept, { ...place, label: 'bad' }) ?? kept);
  const implied = labelledSteps(steps(), rest)
    .filter((step) => step.end <= end && step.label === undefined)
    .map(({ start, end: to }): StepMark => ({ start, end: to, label: 'good', implied: true }));
  return inOrder([...rest, ...implied]);
}

/** The labels with another one. Steps after a wrong one are not implied to be good. */
function labelled(
  marks: readonly StepMark[],
  { start, end, label }: StepPlace & { label: StepLabel | null },
): StepMark[] | undefined {
  const others = marks.filter((mark) => !overlap(mark, { start, end }));
  if (label === null) return others.length < marks.length ? others : undefined;
  const kept = label === 'bad' ? others.filter((mark) => mark.implied !== true || mark.start < start) : others;
  return inOrder([...kept, { start, end, label }]);
}

/** From the least to the most careful. */
const CARE = ['implied', ...STEP_LABELS] as const;

const careOf = ({ label, implied }: StepMark): number => CARE.indexOf(implied === true ? 'implied' : label);

/** The labels of several reviewers of one text: of labels that overlap, the most careful one counts, as for decisions. */
export function combineSteps(reviews: Iterable<readonly StepMark[]>): StepMark[] {
  const marks = [...reviews].flat().sort((a, b) => careOf(b) - careOf(a) || a.start - b.start || a.end - b.end);
  const combined: StepMark[] = [];
  for (const mark of marks) if (!combined.some((other) => overlap(mark, other))) combined.push(mark);
  return inOrder(combined);
}

/** A step with its label, if it has one. */
export interface LabelledStep extends StepPlace {
  label?: StepLabel;
  implied?: true;
}

/** All steps with their labels. Where an edit made one of several, the most careful label counts. @param marks In order and disjoint. */
export function labelledSteps(steps: readonly StepPlace[], marks: readonly StepMark[] = []): LabelledStep[] {
  let first = 0;
  return steps.map(({ start, end }) => {
    while ((marks[first]?.end ?? Number.POSITIVE_INFINITY) <= start) first += 1;
    let found: StepMark | undefined;
    for (let index = first; (marks[index]?.start ?? end) < end; index += 1) {
      const mark = marks[index];
      if (mark !== undefined && (found === undefined || careOf(mark) > careOf(found))) found = mark;
    }
    return { start, end, ...defined({ label: found?.label, implied: found?.implied }) };
  });
}
