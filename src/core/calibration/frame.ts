import { splitSentences } from '../behaviours/sentences.ts';
import { BEHAVIOURS, type Behaviour, type Chain, type JudgementLine, type Span } from '../model/index.ts';
import { Detector, type Marks } from './model.ts';

/** A sentence that can be drawn. */
export interface FrameSentence {
  chainId: string;
  hash: string;
  start: number;
  end: number;
  marks: Marks;
  /** No detector marks it, but one of the two sentences before or behind: where missed ones are likely. */
  near: boolean;
}

/** What a detector says of a chain's text. */
export interface Reading {
  detector: Detector;
  spans: readonly Pick<Span, 'kind' | 'start' | 'end'>[];
  /** Stretches that it has not read: it says nothing of the sentences there. */
  unread?: readonly { start: number; end: number }[];
}

/** A detector that reads any text at any time. */
export interface OfflineDetector {
  detector: Detector;
  mark: (text: string) => Reading['spans'];
}

/** How many sentences around a marked one count as near. */
const NEAR = 2;

/**
 * A reading for each source of the chain's own spans but people, and the judge's where its text was judged. A chain whose spans no
 * detector has set is read by `offline` now.
 */
export function readingsOf(
  { text, spans }: Pick<Chain, 'text' | 'spans'>,
  offline: OfflineDetector,
  judgement?: Pick<JudgementLine, 'labels' | 'failed'>,
): Reading[] {
  const stored = Detector.options
    .filter((detector) => judgement === undefined || detector !== 'model')
    .map((detector) => ({ detector, spans: spans.filter(({ source }) => source === detector) }))
    .filter((reading) => reading.spans.length > 0);
  const own = stored.length > 0 ? stored : [{ detector: offline.detector, spans: offline.mark(text) }];
  return judgement === undefined ? own : [...own, judgeReading(judgement)];
}

function judgeReading({ labels, failed }: Pick<JudgementLine, 'labels' | 'failed'>): Reading {
  const spans = labels.flatMap(({ start, end, kinds }) => kinds.map((kind) => ({ kind, start, end })));
  return { detector: 'model', spans, unread: failed };
}

/** The sentences of a chain with what each detector calls them. `hash` is of the chain's text. */
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

/** Whether any detector marks the sentence with any kind. */
export function isMarked(marks: Marks): boolean {
  return Object.values(marks).some((kinds) => kinds !== undefined && kinds.length > 0);
}

/** A span marks a sentence when it covers half of it, or lies in it by half of its own length: a clause can be the act. */
function kindsOf(spans: Reading['spans'], start: number, end: number): Behaviour[] {
  const hits = spans.filter((span) => {
    const common = Math.min(span.end, end) - Math.max(span.start, start);
    return common > 0 && common * 2 >= Math.min(end - start, span.end - span.start);
  });
  return BEHAVIOURS.filter((kind) => hits.some((span) => span.kind === kind));
}
