import {
  BEHAVIOURS,
  type Behaviour,
  type Chain,
  type FailedWindow,
  type JudgedSentence,
  type JudgementLine,
  type Span,
} from '../../schemas/index.ts';
import { type JudgeWindow, type NumberedSentence, numberSentences } from './windows.ts';

/** Result of a window: behaviours by sentence number, or the reason of its failure. */
export type WindowResult = { labels: ReadonlyMap<number, readonly Behaviour[]> } | { reason: string };

type Judged = Pick<JudgementLine, 'labels' | 'failed'>;
type Marked = Pick<Chain, 'spans'>;

/** A sentence on which judge and other sources differ; offsets in the chain's text. */
interface Disagreement {
  start: number;
  end: number;
  judge: Behaviour[];
  classifier: Behaviour[];
}

/** Confidence of a judge's label before a calibration: above that of a piece, below that of a person. */
const JUDGE_CONFIDENCE = 0.85;

/** Joins the results of windows; only sentences with a behaviour are listed, in order. */
export function joinWindows(results: readonly { window: JudgeWindow; result: WindowResult }[]): Judged {
  const labels: JudgedSentence[] = [];
  const failed: FailedWindow[] = [];
  for (const { window, result } of results) {
    const [first, last] = [window.asked[0], window.asked.at(-1)];
    if ('reason' in result) {
      if (first && last) {
        // Includes the white space before the first sentence.
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
 * The spans of a judged chain, in order: those of people and pieces, the judge's where none of these has the same behaviour, and in windows
 * that were not judged those of other sources. Consecutive sentences with the same behaviour are one span.
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
    return runs(own).map(([start, end]): Span => {
      // The id depends on the content only, so that a reviewer's act finds the same span after another judgement.
      return { id: `m-${kind}-${start}-${end}`, kind, start, end, source: 'model', confidence: JUDGE_CONFIDENCE };
    });
  });
  return [...kept, ...unjudged, ...judged].sort((a, b) => a.start - b.start || a.end - b.end);
}

/** The chain with the spans of its judgement, if any. */
export function withJudgement<C extends Marked>(chain: C, judgement: Judged | undefined): C {
  return judgement === undefined ? chain : { ...chain, spans: spansWithJudgement(chain.spans, judgement) };
}

/** Judged sentences whose other automatic spans differ from the judge's labels, in order. */
export function disagreements(chain: Pick<Chain, 'text' | 'spans'>, { labels, failed }: Judged): Disagreement[] {
  const detected = chain.spans.filter((span) => span.source !== 'human');
  const judged = labels.flatMap(({ start, end, kinds }) => kinds.map((kind) => ({ kind, start, end })));
  const sentences = numberSentences(chain.text);
  const [byJudge, byOthers] = [kindsOf(sentences, judged), kindsOf(sentences, detected)];
  return sentences
    .map(({ start, end }, i) => ({ start, end, judge: byJudge[i] ?? [], classifier: byOthers[i] ?? [] }))
    .filter(({ judge, classifier }) => judge.join() !== classifier.join())
    .filter((sentence) => !failed.some((window) => covers(window, sentence)));
}

const isKept = ({ source }: Span): boolean => source === 'human' || source === 'piece';

/** The behaviours of each sentence, in the order of BEHAVIOURS. Each span looks only at sentences that it reaches. */
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

/** Index of the first sentence that ends after an offset; the number of sentences if none does. */
function firstBehind(sentences: readonly NumberedSentence[], offset: number): number {
  let low = 0;
  for (let high = sentences.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((sentences[middle]?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Whether a span covers more than half of the sentence: offsets may differ by a word. */
function covers(span: { start: number; end: number }, { start, end }: { start: number; end: number }): boolean {
  return 2 * (Math.min(span.end, end) - Math.max(span.start, start)) > end - start;
}

/** Start and end of each run of consecutive sentences. */
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

/** Joins consecutive failed windows. */
function unjudgedRuns(failed: readonly FailedWindow[]): Range[] {
  const found: (Range & { to: number })[] = [];
  for (const { from, to, start, end } of failed) {
    const last = found.at(-1);
    if (last && from === last.to + 1) Object.assign(last, { to, end });
    else found.push({ start, end, to });
  }
  return found;
}

/** The parts of a span in the ranges; a partial one gets its own id. */
function within(span: Span, ranges: readonly Range[]): Span[] {
  return ranges.flatMap((range) => {
    const [start, end] = [Math.max(span.start, range.start), Math.min(span.end, range.end)];
    if (start >= end) return [];
    const isWhole = start === span.start && end === span.end;
    return [{ ...span, start, end, id: isWhole ? span.id : `${span.id}@${start}` }];
  });
}
