import {
  BEHAVIOURS,
  type Behaviour,
  type Chain,
  type FailedWindow,
  type JudgedSentence,
  type JudgementLine,
  type Span,
} from '../../schemas/index.ts';
import type { BehaviourLabels } from './task.ts';
import { type JudgeWindow, type NumberedSentence, numberSentences } from './windows.ts';

/**
 * Result of a window: labels by sentence number, or the reason of its failure. With a second pass `labels` are those of the second, or of the first
 * with the reason why they are `unconfirmed`.
 */
export type WindowResult<T = BehaviourLabels> =
  | { labels: ReadonlyMap<number, T>; first?: ReadonlyMap<number, T>; unconfirmed?: string }
  | { reason: string };

type Labels = ReadonlyMap<number, BehaviourLabels>;
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
export function joinWindows(
  results: readonly { window: JudgeWindow; result: WindowResult }[],
): Judged & Pick<JudgementLine, 'first' | 'unconfirmed'> {
  const joined = { labels: [] as JudgedSentence[], failed: [] as FailedWindow[] };
  const first: JudgedSentence[] = [];
  const unconfirmed: FailedWindow[] = [];
  let passes = 1;
  for (const { window, result } of results) {
    if ('reason' in result) {
      joined.failed.push(...failedWindow(window, result.reason));
      continue;
    }
    joined.labels.push(...judgedSentences(window, result.labels));
    if (result.unconfirmed !== undefined) unconfirmed.push(...failedWindow(window, result.unconfirmed));
    if (result.first !== undefined) first.push(...judgedSentences(window, result.first));
    if (result.first !== undefined || result.unconfirmed !== undefined) passes = 2;
  }
  joined.labels.sort((a, b) => a.n - b.n);
  joined.failed.sort((a, b) => a.from - b.from);
  return passes === 1 ? joined : { ...joined, first, unconfirmed };
}

function judgedSentences({ asked }: JudgeWindow, labels: Labels): JudgedSentence[] {
  return asked.flatMap(({ n, start, end }) => {
    const { kinds = [], acts = [] } = labels.get(n) ?? {};
    return kinds.length === 0 ? [] : [{ n, start, end, kinds: [...kinds], acts: [...acts] }];
  });
}

/** Includes the white space before the first sentence. */
function failedWindow({ asked }: JudgeWindow, reason: string): FailedWindow[] {
  const [first, last] = [asked[0], asked.at(-1)];
  if (!first || !last) return [];
  return [{ from: first.n, to: last.n, start: first.n === 1 ? 0 : first.start, end: last.end, reason }];
}

/** Labels of two passes over the same sentences, of one behaviour: kept, removed and added by the second, and in neither. */
export type PassCounts = Record<'kept' | 'removed' | 'added' | 'neither', number>;

/** Compares the episodes of the two passes, sentence by sentence, where there was a second; undefined without one. */
export function comparePasses({
  sentences,
  labels,
  first,
  failed,
  unconfirmed = [],
}: Pick<JudgementLine, 'sentences' | 'labels' | 'first' | 'failed' | 'unconfirmed'>):
  | Record<Behaviour, PassCounts>
  | undefined {
  if (first === undefined) return undefined;
  const skipped = [...failed, ...unconfirmed];
  const compared = sentences - skipped.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const isSkipped = (n: number): boolean => skipped.some(({ from, to }) => from <= n && n <= to);
  const withKind = (all: readonly JudgedSentence[], kind: Behaviour): Set<number> =>
    new Set(all.filter(({ n, kinds }) => kinds.includes(kind) && !isSkipped(n)).map(({ n }) => n));
  const counts = BEHAVIOURS.map((kind) => {
    const [before, after] = [withKind(first, kind), withKind(labels, kind)];
    const kept = [...after].filter((n) => before.has(n)).length;
    const [removed, added] = [before.size - kept, after.size - kept];
    return [kind, { kept, removed, added, neither: compared - kept - removed - added }] as const;
  });
  return Object.fromEntries(counts) as Record<Behaviour, PassCounts>;
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
    return runs(own).map((sentences): Span => {
      const [start, end] = [sentences[0]?.start ?? 0, sentences.at(-1)?.end ?? 0];
      const acts = sentences.filter((one) => one.acts?.includes(kind)).map(({ start, end }) => ({ start, end }));
      // The id depends on the content only, so that a reviewer's act finds the same span after another judgement.
      const span = { id: `m-${kind}-${start}-${end}`, kind, start, end, confidence: JUDGE_CONFIDENCE };
      // An episode has an act: a judge that named none was not asked for acts.
      return { ...span, source: 'model', ...(acts.length > 0 && { acts }) };
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
export function kindsOf(
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

/** The runs of consecutive sentences. */
function runs(sentences: readonly JudgedSentence[]): JudgedSentence[][] {
  const found: JudgedSentence[][] = [];
  for (const sentence of sentences) {
    const run = found.at(-1);
    if (run && sentence.n === (run.at(-1)?.n ?? 0) + 1) run.push(sentence);
    else found.push([sentence]);
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
