import { defined } from '../defined.ts';
import type { MergeSource } from '../sampling/index.ts';
import type { Chain, Outcome, OverrideOutcome, PieceName, Problem, Span } from '../schemas/index.ts';
import type { ReviewedText } from './select.ts';

/** A part of the assistant's text in Unicode code points, end exclusive: `text[start:end]` in Python. */
export interface ExportedSegment {
  piece: PieceName;
  start: number;
  end: number;
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
  /** The kind of training row, if the export separates the two kinds. */
  source?: MergeSource;
  segments: ExportedSegment[];
  /** Neighbouring segments with the same mask joined: the tokens in the loss. */
  loss_mask: Omit<ExportedSegment, 'piece'>[];
  spans: Omit<Span, 'id'>[];
  /** Reviewers' outcomes of the final answer that replace that of grading. */
  overrides: { reviewer: string; outcome: OverrideOutcome; graded: Outcome; reason: string }[];
}

interface Message {
  role: 'user' | 'assistant';
  content: string;
}

export interface ExportedChain {
  promptCompletion: { prompt: Message[]; completion: Message[] } & RowFacts;
  messages: { messages: Message[] } & RowFacts;
  /** Undefined if masked text follows trained text: a prefix can't express that mask. */
  prefix:
    | ({ prompt: string; completion: string } & Pick<RowFacts, 'id' | 'problem_id' | 'answer' | 'class'>)
    | undefined;
  /** UTF-16 code units. */
  trained: number;
  masked: number;
}

/**
 * The rows of one chain. Offsets are in code points, as programs in Python index text. Lone surrogates, which UTF-8 can't encode, become
 * U+FFFD.
 * @param marked Id, problem and source in an export that separates the two kinds of rows.
 */
export function exportChain(
  chain: Chain,
  problem: Problem,
  review: ReviewedText,
  marked?: { id: string; problem: string; source: MergeSource },
): ExportedChain {
  const text = wellFormed(review.text);
  const question = wellFormed(marked?.problem ?? problem.problem);
  const at = codePoints(text);
  const segments = review.segments
    .filter((segment) => segment.end > segment.start)
    .map(({ piece, start, end, train }) => ({ piece, start: at(start), end: at(end), train }));
  const facts: RowFacts = {
    id: marked?.id ?? chain.id,
    problem_id: problem.id,
    answer: wellFormed(problem.answer),
    class: chain.class ?? null,
    round: chain.round,
    model: chain.model,
    ...defined({ source: marked?.source }),
    segments,
    loss_mask: maskRuns(segments),
    spans: review.spans.map(({ kind, start, end, source, confidence, acts, version }) => {
      const placed = acts?.map((act) => ({ start: at(act.start), end: at(act.end) }));
      return { kind, start: at(start), end: at(end), source, confidence, ...defined({ acts: placed, version }) };
    }),
    overrides: review.overrides.map(({ reviewer, outcome, reason }) => {
      return { reviewer: wellFormed(reviewer), outcome, graded: chain.verdict.outcome, reason: wellFormed(reason) };
    }),
  };
  const user: Message = { role: 'user', content: question };
  const assistant: Message = { role: 'assistant', content: text };
  const lengths = (train: boolean): number =>
    review.segments.reduce((sum, segment) => sum + (segment.train === train ? segment.end - segment.start : 0), 0);
  return {
    promptCompletion: { prompt: [user], completion: [assistant], ...facts },
    messages: { messages: [user, assistant], ...facts },
    prefix: prefixRow(question, text, review, facts),
    trained: lengths(true),
    masked: lengths(false),
  };
}

/** Joins neighbouring segments with the same mask. */
function maskRuns(segments: readonly ExportedSegment[]): RowFacts['loss_mask'] {
  const runs: RowFacts['loss_mask'] = [];
  for (const { start, end, train } of segments) {
    const last = runs.at(-1);
    if (last && last.train === train && last.end === start) last.end = end;
    else runs.push({ start, end, train });
  }
  return runs;
}

/** The mask in a form for every trainer: masked text is the prompt, trained text the completion. */
function prefixRow(question: string, text: string, review: ReviewedText, facts: RowFacts): ExportedChain['prefix'] {
  const segments = review.segments.filter((segment) => segment.end > segment.start);
  const first = segments.findIndex((segment) => segment.train);
  if (first === -1 || segments.slice(first).some((segment) => !segment.train)) return undefined;
  const end = segments[first]?.start ?? 0;
  const { id, problem_id, answer, class: chainClass } = facts;
  const prompt = `${question}\n\n${text.slice(0, end)}`;
  return { prompt, completion: text.slice(end), id, problem_id, answer, class: chainClass };
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
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}
