import type { Chain, Outcome, OverrideOutcome, PieceName, Problem, Span } from '../model/index.ts';
import type { MergeSource } from '../sampling/index.ts';
import type { ReviewedText } from './select.ts';

/** A run of the assistant's text in Unicode code points, end exclusive: `text[start:end]` in Python. */
export interface ExportedSegment {
  piece: PieceName;
  start: number;
  end: number;
  train: boolean;
}

/** What every row of one chain says, whatever the trainer. */
interface RowFacts {
  id: string;
  problem_id: string;
  /** The gold answer. */
  answer: string;
  class: string | null;
  round: string;
  model: string;
  /** Which kind of training row it is, where the export tells the two apart. */
  source?: MergeSource;
  segments: ExportedSegment[];
  /** The segments joined where neighbours are trained alike: which tokens count in the loss. */
  loss_mask: Omit<ExportedSegment, 'piece'>[];
  spans: Pick<Span, 'kind' | 'start' | 'end' | 'source' | 'confidence'>[];
  /** What reviewers said of the final answer in the place of what grading said of it. */
  overrides: { reviewer: string; outcome: OverrideOutcome; graded: Outcome; reason: string }[];
}

interface Message {
  role: 'user' | 'assistant';
  content: string;
}

export interface ExportedChain {
  promptCompletion: { prompt: Message[]; completion: Message[] } & RowFacts;
  messages: { messages: Message[] } & RowFacts;
  /** Undefined where masked text does not stand only at the beginning: then a prefix cannot carry the mask. */
  prefix:
    | ({ prompt: string; completion: string } & Pick<RowFacts, 'id' | 'problem_id' | 'answer' | 'class'>)
    | undefined;
  /** UTF-16 code units. */
  trained: number;
  masked: number;
}

/**
 * The rows of one chain; `marked`: its id, problem and source in a set that tells the two kinds of rows apart. Offsets are counted in code points, since the programs that read them index text that way; half a surrogate pair, which
 * no UTF-8 file can hold, becomes U+FFFD.
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
    ...(marked ? { source: marked.source } : {}),
    segments,
    loss_mask: maskRuns(segments),
    spans: review.spans.map(({ kind, start, end, source, confidence }) => ({
      ...{ kind, start: at(start), end: at(end), source, confidence },
    })),
    overrides: review.overrides.map(({ reviewer, outcome, reason }) => ({
      ...{ reviewer: wellFormed(reviewer), outcome, graded: chain.verdict.outcome, reason: wellFormed(reason) },
    })),
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

/** Neighbouring segments that are trained alike, as one run. */
function maskRuns(segments: readonly ExportedSegment[]): RowFacts['loss_mask'] {
  const runs: RowFacts['loss_mask'] = [];
  for (const { start, end, train } of segments) {
    const last = runs.at(-1);
    if (last && last.train === train && last.end === start) last.end = end;
    else runs.push({ start, end, train });
  }
  return runs;
}

/** The mask in the only form that every trainer knows: masked text is prompt, trained text completion, and both joined are the whole. */
function prefixRow(question: string, text: string, review: ReviewedText, facts: RowFacts): ExportedChain['prefix'] {
  const segments = review.segments.filter((segment) => segment.end > segment.start);
  const first = segments.findIndex((segment) => segment.train);
  if (first === -1 || segments.slice(first).some((segment) => !segment.train)) return undefined;
  const cut = segments[first]?.start ?? 0;
  const { id, problem_id, answer, class: chainClass } = facts;
  const prompt = `${question}\n\n${text.slice(0, cut)}`;
  return { prompt, completion: text.slice(cut), id, problem_id, answer, class: chainClass };
}

/** Maps an offset in UTF-16 code units to one in code points. */
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

function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}
