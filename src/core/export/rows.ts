import { THINK_CLOSE, THINK_OPEN } from '../dataset/thought.ts';
import { defined } from '../defined.ts';
import type { MergeSource } from '../sampling/index.ts';
import {
  type Chain,
  type Outcome,
  type OverrideOutcome,
  type PieceName,
  type Problem,
  parentOf,
  type Segment,
  type Span,
} from '../schemas/index.ts';
import { type Boundary, PLAIN, type Reasoning, type ReasoningForm, thoughtBoundary } from './reasoning.ts';
import type { ReviewedText } from './select.ts';

/** The part of the assistant's message that offsets are on: the thought beside the content, or the content. Absent: the content. */
export type RowPart = 'reasoning' | 'content';

/** Unicode code points of a part, end exclusive: `text[start:end]` in Python. */
interface Place {
  part?: RowPart;
  start: number;
  end: number;
}

/** A part of the assistant's text. */
export interface ExportedSegment extends Place {
  piece: PieceName;
  train: boolean;
}

/** Members of every row of a chain. */
interface RowFacts {
  id: string;
  problem_id: string;
  /** The gold answer. */
  answer: string;
  class: string | null;
  round: string;
  model: string;
  /** Id of the chain that it continues or repairs. */
  parent: string | null;
  /** The kind of training row, if the export separates the two kinds. */
  source?: MergeSource;
  segments: ExportedSegment[];
  /** Neighbouring segments with the same mask joined: the tokens in the loss. */
  loss_mask: Omit<ExportedSegment, 'piece'>[];
  /** A span across thought and answer is one in each. */
  spans: (Omit<Span, 'id'> & Place)[];
  /** Reviewers' outcomes of the final answer that replace that of grading. */
  overrides: { reviewer: string; outcome: OverrideOutcome; graded: Outcome; reason: string }[];
  /** Of all reviewers. */
  tags: string[];
}

interface Message {
  role: 'user' | 'assistant';
  content: string;
  /** The thought, in the form that keeps it under this name. */
  reasoning_content?: string;
  thinking?: string;
}

export interface ExportedChain {
  promptCompletion: { prompt: Message[]; completion: Message[] } & RowFacts;
  messages: { messages: Message[] } & RowFacts;
  /** Undefined if masked text follows trained text, or if the thought has no end: a prefix can't express that. */
  prefix:
    | ({ prompt: string; completion: string } & Pick<RowFacts, 'id' | 'problem_id' | 'answer' | 'class'>)
    | undefined;
  /** UTF-16 code units. */
  trained: number;
  masked: number;
  /** The thought is apart from the answer. */
  apart: boolean;
  /** All of the text is a thought without an end. A text must not be trained on with an end of its message then. */
  unended: boolean;
  /** Where a range of the chain's text is in the message. */
  place(range: Range): Place[];
}

/**
 * The rows of one chain. Offsets are in code points, as programs in Python index text. Lone surrogates, which UTF-8 can't encode, become
 * U+FFFD.
 * @param marked Id and problem as the row has them; source in an export that separates the two kinds of rows.
 * @param reasoning Where the thought goes. A chain without one has the same rows in each form.
 */
export function exportChain(
  chain: Chain,
  problem: Problem,
  review: ReviewedText,
  marked?: { id: string; problem: string; source?: MergeSource },
  reasoning: Reasoning = PLAIN,
): ExportedChain {
  const text = wellFormed(review.text);
  const question = wellFormed(marked?.problem ?? problem.problem);
  const all = covering(review.segments, text.length);
  const boundary = thoughtBoundary(review, chain, reasoning.pieces);
  const { assistant, flat, place, tagged } = laidOut(text, all, reasoning.form, boundary);
  const placed = all.flatMap(({ piece, train, ...range }) => place(range).map((at) => ({ piece, ...at, train })));
  const facts: RowFacts = {
    id: wellFormed(marked?.id ?? chain.id),
    problem_id: wellFormed(problem.id),
    answer: wellFormed(problem.answer),
    class: chain.class ?? null,
    round: wellFormed(chain.round),
    model: wellFormed(chain.model),
    parent: wellFormed(parentOf(chain) ?? '') || null,
    ...defined({ source: marked?.source }),
    segments: placed,
    // Tags belong to no segment.
    loss_mask: maskRuns(tagged ? runsOf(flat) : placed),
    spans: review.spans.flatMap((span) => spansOf(span, place)),
    overrides: review.overrides.map(({ reviewer, outcome, reason }) => {
      return { reviewer: wellFormed(reviewer), outcome, graded: chain.verdict.outcome, reason: wellFormed(reason) };
    }),
    tags: review.tags,
  };
  const unended = boundary?.answerStart === text.length;
  const user: Message = { role: 'user', content: question };
  const lengths = (train: boolean): number =>
    all.reduce((sum, segment) => sum + (segment.train === train ? segment.end - segment.start : 0), 0);
  return {
    promptCompletion: { prompt: [user], completion: [assistant], ...facts },
    messages: { messages: [user, assistant], ...facts },
    prefix: unended ? undefined : prefixRow(question, flat, facts),
    trained: lengths(true),
    masked: lengths(false),
    apart: boundary !== undefined && reasoning.form !== 'plain',
    unended,
    place,
  };
}

/** The rows of a chain in a form without a loss mask: all of its text is trained on. */
export const unmasked = (chain: ExportedChain): ExportedChain => ({
  ...chain,
  trained: chain.trained + chain.masked,
  masked: 0,
});

/**
 * Segments that cover a text in order, none of them empty. Those of chains do. A line that another program wrote may have gaps, which belong to the segment
 * before, and segments that overlap: each ends where the next one starts.
 */
function covering(segments: readonly Segment[], length: number): Segment[] {
  const sorted = [...segments].sort((a, b) => a.start - b.start);
  return sorted.flatMap((segment, at) => {
    const start = at === 0 ? 0 : Math.min(segment.start, length);
    const end = Math.min(sorted[at + 1]?.start ?? length, length);
    return end > start ? [{ ...segment, start, end }] : [];
  });
}

interface Range {
  start: number;
  end: number;
}

/** The assistant's message, its text as one with the mask, and where an offset of the chain's text is in the message. */
interface LaidOut {
  assistant: Message;
  flat: { text: string; train: boolean }[];
  place: (range: Range) => Place[];
  /** The thought is in tags. */
  tagged: boolean;
}

function laidOut(text: string, segments: readonly Segment[], form: ReasoningForm, boundary?: Boundary): LaidOut {
  const at = codePoints(text);
  const cut = (from: number, to: number): LaidOut['flat'] =>
    segments.flatMap(({ start, end, train }) => {
      const part = text.slice(Math.max(start, from), Math.min(end, to));
      return start < to && end > from ? [{ text: part, train }] : [];
    });
  if (boundary === undefined || form === 'plain') {
    const place = ({ start, end }: Range): Place[] => [{ start: at(start), end: at(end) }];
    return { assistant: { role: 'assistant', content: text }, flat: cut(0, text.length), place, tagged: false };
  }
  const { thoughtEnd, answerStart } = boundary;
  const [thought, answer] = [cut(0, thoughtEnd), cut(answerStart, text.length)];
  // A thought that is not trained at all is context, and so are its tags.
  const train = thought.some((part) => part.train);
  // A thought without an answer has not ended.
  const closing = answer.length === 0 ? [] : [{ text: THINK_CLOSE, train }];
  const flat = [{ text: THINK_OPEN, train }, ...thought, ...closing, ...answer];
  const tagged = form === 'tags';
  const zones = [
    { part: 'reasoning' as const, from: 0, to: thoughtEnd, origin: tagged ? THINK_OPEN.length : 0 },
    {
      part: 'content' as const,
      from: answerStart,
      to: text.length,
      origin: (tagged ? THINK_OPEN.length + at(thoughtEnd) + THINK_CLOSE.length : 0) - at(answerStart),
    },
  ];
  const place = ({ start, end }: Range): Place[] => {
    const placed: Place[] = [];
    for (const { part, from, to, origin } of zones) {
      if (start >= to || end <= from) continue;
      const [first, last] = [at(Math.max(start, from)) + origin, at(Math.min(end, to)) + origin];
      placed.push(tagged ? { start: first, end: last } : { part, start: first, end: last });
    }
    return placed;
  };
  const content = tagged ? flat.map((part) => part.text).join('') : text.slice(answerStart);
  const beside = tagged ? {} : { [form]: text.slice(0, thoughtEnd) };
  return { assistant: { role: 'assistant', content, ...beside }, flat, place, tagged };
}

/** A span of the chain's text in the message, with its acts. */
function spansOf(
  { id: _id, start, end, acts, kind, source, confidence, version }: Span,
  place: LaidOut['place'],
): RowFacts['spans'] {
  const placedActs = acts?.flatMap(place);
  return place({ start, end }).map((at) => {
    const own = placedActs?.filter(({ part }) => part === at.part);
    const span: RowFacts['spans'][number] = { kind, ...at, source, confidence };
    if (own) span.acts = own.map((act) => ({ start: act.start, end: act.end }));
    if (version !== undefined) span.version = version;
    return span;
  });
}

/** A text of parts as runs of code points. */
function runsOf(parts: LaidOut['flat']): RowFacts['loss_mask'] {
  const at = codePoints(parts.map(({ text }) => text).join(''));
  let end = 0;
  return parts.map(({ text, train }) => {
    const start = end;
    end += text.length;
    return { start: at(start), end: at(end), train };
  });
}

/** Joins neighbouring segments with the same mask. */
function maskRuns(segments: readonly Omit<ExportedSegment, 'piece'>[]): RowFacts['loss_mask'] {
  const runs: RowFacts['loss_mask'] = [];
  for (const { part, start, end, train } of segments) {
    const last = runs.at(-1);
    if (last && last.part === part && last.train === train && last.end === start) last.end = end;
    else runs.push({ ...defined({ part }), start, end, train });
  }
  return runs;
}

/** The mask in a form for every trainer: masked text is the prompt, trained text the completion. */
function prefixRow(question: string, flat: LaidOut['flat'], facts: RowFacts): ExportedChain['prefix'] {
  // The tag before a masked beginning is in the prompt too.
  const opens = flat[0]?.text === THINK_OPEN && flat[1]?.train === false;
  const first = flat.findIndex(({ train }, index) => train && !(opens && index === 0));
  if (first === -1 || flat.slice(first).some(({ train }) => !train)) return undefined;
  const joined = (parts: LaidOut['flat']): string => parts.map(({ text }) => text).join('');
  const { id, problem_id, answer, class: chainClass } = facts;
  const prompt = `${question}\n\n${joined(flat.slice(0, first))}`;
  return { prompt, completion: joined(flat.slice(first)), id, problem_id, answer, class: chainClass };
}

/** Maps offsets from UTF-16 code units to code points. */
function codePoints(text: string): (offset: number) => number {
  if (!/[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(text)) return (offset) => offset;
  const before = new Uint32Array(text.length + 1);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    before[i] = count;
    const isSecondHalf = i > 0 && isHigh(text.charCodeAt(i - 1)) && isLow(text.charCodeAt(i));
    if (!isSecondHalf) count++;
  }
  before[text.length] = count;
  return (offset) => before[offset] ?? count;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** The text with U+FFFD for lone surrogates, which UTF-8 can't encode. */
export function wellFormed(text: string): string {
  return text.toWellFormed();
}
