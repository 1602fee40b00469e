import { unboxed } from '../dialogue/assemble.ts';
import type { Segment, StepPlace } from '../schemas/index.ts';
import { type Continued, type Cut, joinContinuation } from './cut.ts';
import type { StepPosterior } from './step-search.ts';

/** What a chain is repaired with: a reply to the text before its wrong part, which has not seen that part. */
export interface Repair {
  /** The text before the wrong part, as it was continued. */
  cut: Cut;
  /** The wrong part, in UTF-16 code units of the text that is repaired; it starts after the cut, with white space between at most. */
  wrong: StepPlace;
  /** The sentence that turns away from the wrong part. */
  turn: string;
  reply: { text: string; reasoning?: string | undefined };
}

const PARAGRAPH = '\n\n';

/**
 * A chain with a real error and a real recovery: the text up to the wrong part and with it, a turn, and the continuation of the text before it. The wrong part
 * keeps its piece and is not trained; the turn and the rest are `continuation`. Boxes before the turn are removed, as in a dialogue.
 * @throws RangeError for a wrong part that does not follow the cut.
 */
export function repairedChain(
  { text, segments }: { text: string; segments: readonly Segment[] },
  { cut, wrong, turn, reply }: Repair,
): Continued {
  const gap = text.slice(cut.text.length, wrong.start);
  if (wrong.start < cut.text.length || wrong.end <= wrong.start || gap.trim() !== '')
    throw new RangeError('The wrong part does not follow the kept text.');
  // A chain that is wrong from its first step has no kept thought; the new one may still think before it answers.
  const inThought = cut.inThought || (cut.text === '' && (reply.reasoning ?? '').trim() !== '');
  const parts = upToWrong(segments, wrong);
  const before = withoutBoxes(text.slice(0, wrong.end), inThought ? parts.map(asThought) : parts);
  const thought = inThought ? 0 : unboxed(text.slice(0, cut.thought)).length;
  const between = gap === '' ? PARAGRAPH : gap;
  const turned = (body: string): string => {
    const space = /^\s*/.exec(body)?.[0].includes('\n') === true ? PARAGRAPH : ' ';
    return `${between}${turn}${space}${body.trimStart()}`;
  };
  const isApart = inThought && reply.reasoning !== undefined;
  return joinContinuation(
    { ...before, inThought, thought, prefix: '' },
    isApart ? { text: reply.text, reasoning: turned(reply.reasoning ?? '') } : { text: turned(joinedReply(reply)) },
  );
}

const joinedReply = ({ text, reasoning }: Repair['reply']): string => `${reasoning ?? ''}${text}`;

/** The answer follows the repaired thought, so what is before it is no answer. */
const asThought = (segment: Segment): Segment =>
  segment.piece === 'response' || segment.piece === 'summary' ? { ...segment, piece: 'trace' } : segment;

/** The segments up to the end of the wrong part, split where it begins. White space before it belongs to what it follows. */
function upToWrong(segments: readonly Segment[], { start, end }: StepPlace): Segment[] {
  return segments
    .filter((segment) => segment.start < end)
    .flatMap((segment) => {
      const to = Math.min(segment.end, end);
      const kept = { ...segment, end: Math.min(to, start) };
      const wrong = { ...segment, start: Math.max(segment.start, start), end: to, train: false };
      return [kept, wrong].filter((part) => part.end > part.start);
    });
}

/** Each segment without boxes; one that is empty without them is removed. */
function withoutBoxes(text: string, segments: readonly Segment[]): { text: string; segments: Segment[] } {
  if (!text.includes('box')) return { text, segments: [...segments] };
  let whole = '';
  const kept: Segment[] = [];
  for (const segment of segments) {
    const start = whole.length;
    whole += unboxed(text.slice(segment.start, segment.end));
    if (whole.length > start) kept.push({ ...segment, start, end: whole.length });
  }
  return { text: whole, segments: kept };
}

/**
 * The steps that a search names as wrong: the likeliest first wrong step, with the likelier neighbour as long as they are less probable than `certainty` together.
 * Numbers from 1, both included; undefined when even both neighbours are not enough, or success does not collapse.
 * @param certainty probability that the first wrong step is one of them, 0 to 1
 */
export function wrongSteps(
  { step, chances, collapses }: StepPosterior,
  certainty: number,
): { from: number; to: number; within: number } | undefined {
  if (step === undefined || !collapses) return undefined;
  const chance = (number: number): number => (number < 1 || number >= chances.length ? 0 : (chances[number - 1] ?? 0));
  let [from, to, within] = [step, step, chance(step)];
  const likelierFirst = [step - 1, step + 1].sort((a, b) => chance(b) - chance(a));
  for (const neighbour of likelierFirst) {
    if (within >= certainty) break;
    from = Math.min(from, Math.max(1, neighbour));
    to = Math.max(to, Math.min(chances.length - 1, neighbour));
    within += chance(neighbour);
  }
  return within >= certainty ? { from, to, within } : undefined;
}

/**
 * All steps after a place from which a continuation ended right: where it is not known which of them is wrong, one is, since the chain is. The last place that is
 * before the first wrong step with a probability of at least `certainty` is taken.
 * @param rightFrom numbers of kept steps, from 0, after which a continuation ended right
 */
export function wrongRest(
  { chances }: Pick<StepPosterior, 'chances'>,
  rightFrom: readonly number[],
  certainty: number,
): { from: number; to: number; within: number } | undefined {
  const steps = chances.length - 1;
  const sum = (from: number): number => chances.slice(from, steps).reduce((total, chance) => total + chance, 0);
  for (const kept of [...rightFrom].sort((a, b) => b - a)) {
    const within = sum(kept) / sum(0);
    if (kept < steps && within >= certainty) return { from: kept + 1, to: steps, within: Math.min(1, within) };
  }
  return undefined;
}
