import { splitSentences } from '../../behaviours/sentences.ts';
import { BEHAVIOURS, type Behaviour, type Chain, type JudgementLine, type Span } from '../../schemas/index.ts';
import { AutomaticSource, type Marks } from './model.ts';

export interface FrameSentence {
  chainId: string;
  hash: string;
  start: number;
  end: number;
  marks: Marks;
  /** Not marked, but one of the two sentences before or after is: missed ones are likely here. */
  near: boolean;
}

/** The marks of an automatic source on a chain's text. */
export interface Reading {
  detector: AutomaticSource;
  spans: readonly Pick<Span, 'kind' | 'start' | 'end'>[];
  /** Parts that it has not read. */
  unread?: readonly { start: number; end: number }[];
}

/** Maximum distance in sentences. */
const NEAR = 2;

/** The readings of a chain: of the current classifier (`offline`), of the other automatic sources of its spans, and of a judge if it was judged. */
export function readingsOf(
  { spans }: Pick<Chain, 'spans'>,
  offline: Reading,
  judgement?: Pick<JudgementLine, 'labels' | 'failed'>,
): Reading[] {
  const stored = AutomaticSource.options
    .filter((detector) => detector !== offline.detector && (judgement === undefined || detector !== 'model'))
    .map((detector) => ({ detector, spans: spans.filter(({ source }) => source === detector) }))
    .filter((reading) => reading.spans.length > 0);
  return [...stored, offline, ...(judgement === undefined ? [] : [judgeReading(judgement)])];
}

function judgeReading({ labels, failed }: Pick<JudgementLine, 'labels' | 'failed'>): Reading {
  const spans = labels.flatMap(({ start, end, kinds }) => kinds.map((kind) => ({ kind, start, end })));
  return { detector: 'model', spans, unread: failed };
}

/** The sentences of a chain with their marks by source. `hash` is of the chain's text. */
export function frameSentences(
  { id, text }: Pick<Chain, 'id' | 'text'>,
  hash: string,
  readings: readonly Reading[],
): FrameSentence[] {
  const sentences = splitSentences(text)
    .filter(({ start, textEnd }) => textEnd > start)
    .map(({ start, textEnd }) => ({ start, end: textEnd }));
  const marks = sentences.map(({ start, end }): Marks => {
    const read = readings.filter(({ unread }) => !unread?.some((gap) => gap.start < end && gap.end > start));
    return Object.fromEntries(read.map(({ detector, spans }) => [detector, kindsOf(spans, start, end)]));
  });
  const marked = marks.map(isMarked);
  return sentences.map(({ start, end }, at) => ({
    chainId: id,
    hash,
    start,
    end,
    marks: marks[at] ?? {},
    near: !marked[at] && marked.slice(Math.max(0, at - NEAR), at + NEAR + 1).includes(true),
  }));
}

export function isMarked(marks: Marks): boolean {
  return Object.values(marks).some((kinds) => kinds !== undefined && kinds.length > 0);
}

/** The behaviours that a span shares with a sentence: by half of the sentence, or by half of the span, which may be a clause. */
export function kindsOf(spans: Reading['spans'], start: number, end: number): Behaviour[] {
  const hits = spans.filter((span) => {
    const common = Math.min(span.end, end) - Math.max(span.start, start);
    return common > 0 && common * 2 >= Math.min(end - start, span.end - span.start);
  });
  return BEHAVIOURS.filter((kind) => hits.some((span) => span.kind === kind));
}
