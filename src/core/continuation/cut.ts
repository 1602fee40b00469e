import { THINK_CLOSE, THINK_OPEN } from '../dataset/thought.ts';
import { thoughtBoundary } from '../export/reasoning.ts';
import type { Chain, Segment, StepPlace } from '../schemas/index.ts';
import { trimEndOf } from '../text/trim-end.ts';

/** A chain cut at a place: what is kept of it, and what a model continues. */
export interface Cut {
  /** The kept text. */
  text: string;
  segments: Segment[];
  /** Length of the kept thought, with the white space after it; 0 where thought and answer are not apart. */
  thought: number;
  /** The place is inside the thought, before the answer. */
  inThought: boolean;
  /** The kept text as a model writes it, with `<think>` around the thought. */
  prefix: string;
}

/** What a chain's text is made of. */
interface Parts {
  text: string;
  segments: readonly Segment[];
}

const CLOSING_TAG = THINK_CLOSE.trim();
/** Between thought and answer in the text of a chain. */
const GAP = '\n\n';

/**
 * Keeps the text before a place. Spaces before it are left to the model: its tokens begin with them.
 * @param at code unit of the text; 0 keeps nothing.
 * @param chain whose text it is, before edits
 * @throws RangeError for a place outside of the text.
 */
export function cutChain(
  { text: whole, segments }: Parts,
  at: number,
  chain: Pick<Chain, 'text' | 'pieces'> = { text: '', pieces: [] },
): Cut {
  if (at < 0 || at > whole.length) throw new RangeError(`The place ${at} is outside of the text.`);
  const text = trimEndOf(whole.slice(0, at), ' \t');
  const thought = thoughtBoundary({ text: whole, segments }, chain, 'answer')?.answerStart ?? 0;
  // At the end of a thought without an answer, the thought is continued.
  const inThought = text !== '' && (text.length < thought || thought === whole.length);
  return {
    text,
    segments: upTo(segments, text.length),
    thought: Math.min(thought, text.length),
    inThought,
    prefix: prefixOf(text, thought, inThought),
  };
}

/** What is kept of a text, by number of kept steps: from nothing to all steps but the last. @throws RangeError as cutChain */
export function cutsAfterSteps(
  text: Parts,
  steps: readonly Pick<StepPlace, 'end'>[],
  chain: Pick<Chain, 'text' | 'pieces'>,
): Cut[] {
  return [0, ...steps.slice(0, -1).map(({ end }) => end)].map((at) => cutChain(text, at, chain));
}

function upTo(segments: readonly Segment[], length: number): Segment[] {
  return segments
    .filter(({ start }) => start < length)
    .map((segment) => ({ ...segment, end: Math.min(segment.end, length) }));
}

function prefixOf(text: string, thought: number, inThought: boolean): string {
  if (thought === 0 || text === '') return text;
  if (inThought) return `${THINK_OPEN}${text}`;
  return `${THINK_OPEN}${text.slice(0, thought).trimEnd()}${THINK_CLOSE}${text.slice(thought)}`;
}

/** A reply that continues a cut chain. A server may have taken the thought out of its text. */
interface Reply {
  text: string;
  reasoning?: string | undefined;
}

/** A chain that was continued. The new segments are trained; the first of them is `continuation`. */
export interface Continued {
  text: string;
  segments: Segment[];
  /** Thought and answer for grading; a thought that does not end has an empty answer. */
  thought?: string;
  answer: string;
}

/** Joins the kept text with what a model wrote after it. Nothing is put between them. */
export function joinContinuation(cut: Cut, reply: Reply): Continued {
  const { text: kept, thought } = cut;
  // From the start, a reply has a thought of its own.
  const inThought = cut.inThought || (kept === '' && (reply.reasoning ?? '').trim() !== '');
  if (!inThought) {
    const text = `${kept}${reply.reasoning ?? ''}${reply.text}`.trimEnd();
    // Without it, nothing would show where the thought ends.
    const piece = thought > 0 && thought === kept.length ? 'response' : 'continuation';
    return {
      text,
      segments: withNew(cut, text.length, [[piece, text.length]]),
      ...(thought > 0 && { thought: text.slice(0, thought).trimEnd() }),
      answer: text.slice(thought),
    };
  }
  const [rest, answer] = partedRest(reply);
  const whole = `${kept}${rest}`.trimEnd();
  const text = answer === '' ? whole : `${whole}${GAP}${answer}`;
  const start = answer === '' ? text.length : whole.length + GAP.length;
  const pieces = [['continuation', start] as const, ['response', text.length] as const];
  return { text, segments: withNew(cut, text.length, pieces), thought: whole, answer };
}

/** The rest of a thought, and the answer after it. */
function partedRest({ text, reasoning }: Reply): [rest: string, answer: string] {
  if (reasoning !== undefined) return [reasoning, text.replace(CLOSING_TAG, '').trim()];
  const close = text.indexOf(CLOSING_TAG);
  return close === -1 ? [text, ''] : [text.slice(0, close), text.slice(close + CLOSING_TAG.length).trim()];
}

/** What a model has written in all: the prefix of its request and its reply, with `<think>` around the thought. */
export function writtenText(prefix: string, { text, reasoning }: Reply): string {
  if (reasoning === undefined) return prefix === '' ? text.trimStart() : `${prefix}${text}`;
  const isOpen = prefix === '' || (prefix.startsWith(THINK_OPEN) && !prefix.includes(CLOSING_TAG));
  if (!isOpen) return `${prefix}${reasoning}${text}`;
  return `${prefix === '' ? THINK_OPEN : prefix}${reasoning.trimEnd()}${THINK_CLOSE}${text.trimStart()}`;
}

function withNew(
  { text: { length }, segments }: Cut,
  end: number,
  pieces: readonly (readonly [piece: 'continuation' | 'response', end: number])[],
): Segment[] {
  const all = upTo(segments, end);
  let start = Math.min(length, end);
  for (const [piece, to] of pieces) {
    if (to > start) all.push({ piece, start, end: to, train: true });
    start = Math.max(start, to);
  }
  return all;
}
