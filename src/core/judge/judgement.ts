import {
  BEHAVIOURS,
  type Behaviour,
  type Chain,
  type FailedWindow,
  type JudgedSentence,
  type JudgementLine,
  type Span,
} from '../model/index.ts';
import { type JudgeWindow, type NumberedSentence, numberSentences } from './windows.ts';

/** What came of one window: kinds by sentence number, or why there are none. */
export type WindowResult = { labels: ReadonlyMap<number, readonly Behaviour[]> } | { reason: string };

type Judged = Pick<JudgementLine, 'labels' | 'failed'>;
type Marked = Pick<Chain, 'spans'>;

/** A sentence of which judge and detectors say different things. Offsets on the chain's text. */
export interface Disagreement {
  start: number;
  end: number;
  judge: Behaviour[];
  classifier: Behaviour[];
}

/**
 * How sure a judge's label is before it is measured on a curator's: above a piece's place, below a person. `Longhand: Calibrate
 * Detectors…` tells what it is worth.
 */
const JUDGE_CONFIDENCE = 0.85;

/** Joins what the windows said; a sentence of the result is one that shows a behaviour. In order of the sentences. */
export function joinWindows(results: readonly { window: JudgeWindow; result: WindowResult }[]): Judged {
  const labels: JudgedSentence[] = [];
  const failed: FailedWindow[] = [];
  for (const { window, result } of results) {
    const [first, last] = [window.asked[0], window.asked.at(-1)];
    if ('reason' in result) {
      if (first && last) {
        // From the very beginning: a detector's span may have the white space before the first sentence.
        const start = first.n === 1 ? 0 : first.start;
        failed.push({ from: first.n, to: last.n, start, end: last.end, reason: result.reason });
      }
      continue;
    }
    for (const { n, start, end } of window.asked) {
      const kinds = result.labels.get(n) ?? [];
      if (kinds.length > 0) labels.push({ n, start, end, kinds: [...kinds] });
    }
  }
  return { labels: labels.sort((a, b) => a.n - b.n), failed: failed.sort((a, b) => a.from - b.from) };
}

/**
 * Spans of a chain with its judgement: a person's and the known pieces' stay, and the judge adds nothing where one of them says the
 * same; of the detectors' only what stands in windows that were not judged. Sentences of one kind in a row are one span. In order.
 */
export function spansWithJudgement(spans: readonly Span[], { labels, failed }: Judged): Span[] {
  const kept = spans.filter(isKept);
  const gaps = unjudgedRuns(failed);
  const unjudged = spans.filter((span) => !isKept(span)).flatMap((span) => within(span, gaps));
  const judged = BEHAVIOURS.flatMap((kind) => {
    const known = kept.filter((span) => span.kind === kind);
    const own = labels.filter(
      (sentence) => sentence.kinds.includes(kind) && !known.some((span) => covers(span, sentence)),
    );
    return runs(own).map(
      ([start, end]): Span => ({
        // Made of what it says: a reviewer's act on it finds the same span after the chain was judged again, or none.
        ...{ id: `m-${kind}-${start}-${end}`, kind, start, end },
        ...{ source: 'model', confidence: JUDGE_CONFIDENCE },
      }),
    );
  });
  return [...kept, ...unjudged, ...judged].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The chain as reader and export have it: with the spans of its judgement, where there is one. */
export function withJudgement<C extends Marked>(chain: C, judgement: Judged | undefined): C {
  return judgement === undefined ? chain : { ...chain, spans: spansWithJudgement(chain.spans, judgement) };
}

/** Judged sentences of a chain in which its detectors' spans, pieces included, say something else than the judge. In order. */
export function disagreements(chain: Pick<Chain, 'text' | 'spans'>, { labels, failed }: Judged): Disagreement[] {
  const detected = chain.spans.filter((span) => span.source !== 'human');
  const judged = labels.flatMap(({ start, end, kinds }) => kinds.map((kind) => ({ kind, start, end })));
  const sentences = numberSentences(chain.text);
  const [byJudge, byDetectors] = [kindsOf(sentences, judged), kindsOf(sentences, detected)];
  return sentences
    .map((sentence, i) => ({
      ...{ start: sentence.start, end: sentence.end },
      ...{ judge: byJudge[i] ?? [], classifier: byDetectors[i] ?? [] },
    }))
    .filter(({ judge, classifier }) => judge.join() !== classifier.join())
    .filter((sentence) => !failed.some((window) => covers(window, sentence)));
}

const isKept = ({ source }: Span): boolean => source === 'human' || source === 'piece';

/** The kinds that spans give each sentence, in the order of BEHAVIOURS. Each span looks only at the sentences that it reaches. */
function kindsOf(
  sentences: readonly NumberedSentence[],
  spans: readonly Pick<Span, 'kind' | 'start' | 'end'>[],
): Behaviour[][] {
  const found = sentences.map(() => new Set<Behaviour>());
  for (const span of spans) {
    for (let i = firstBehind(sentences, span.start); (sentences[i]?.start ?? span.end) < span.end; i++) {
      const sentence = sentences[i];
      if (sentence && covers(span, sentence)) found[i]?.add(span.kind);
    }
  }
  return found.map((kinds) => BEHAVIOURS.filter((kind) => kinds.has(kind)));
}

/** Index of the first sentence that ends behind an offset; their number where none does. */
function firstBehind(sentences: readonly NumberedSentence[], offset: number): number {
  let low = 0;
  for (let high = sentences.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((sentences[middle]?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Covers more than half of the sentence: offsets of another splitting may be off by a word. */
function covers(span: { start: number; end: number }, { start, end }: { start: number; end: number }): boolean {
  return 2 * (Math.min(span.end, end) - Math.max(span.start, start)) > end - start;
}

/** Start and end of each run of sentences whose numbers follow each other. */
function runs(sentences: readonly JudgedSentence[]): [number, number][] {
  const found: [number, number][] = [];
  let before = 0;
  for (const { n, start, end } of sentences) {
    const last = found.at(-1);
    if (last && n === before + 1) last[1] = end;
    else found.push([start, end]);
    before = n;
  }
  return found;
}

type Range = Pick<FailedWindow, 'start' | 'end'>;

/** Failed windows in a row are one range. */
function unjudgedRuns(failed: readonly FailedWindow[]): Range[] {
  const found: (Range & { to: number })[] = [];
  for (const { from, to, start, end } of failed) {
    const last = found.at(-1);
    if (last && from === last.to + 1) Object.assign(last, { to, end });
    else found.push({ start, end, to });
  }
  return found;
}

/** What a span has in the ranges; one that is cut gets ids of its own. */
function within(span: Span, ranges: readonly Range[]): Span[] {
  return ranges.flatMap((range) => {
    const [start, end] = [Math.max(span.start, range.start), Math.min(span.end, range.end)];
    if (start >= end) return [];
    const isWhole = start === span.start && end === span.end;
    return [{ ...span, start, end, id: isWhole ? span.id : `${span.id}@${start}` }];
  });
}
