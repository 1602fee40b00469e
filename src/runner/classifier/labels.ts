import { scoreSentences } from '../../core/behaviours/classify.ts';
import type { LabelledChain, SentenceLabel } from '../../core/behaviours/head/refit.ts';
import { type Sentence, splitSentences } from '../../core/behaviours/index.ts';
import { foldCalibration } from '../../core/review/calibration/index.ts';
import { ACTS_ON_SPANS, corrections } from '../../core/review/index.ts';
import { withJudgement } from '../../core/review/judge/index.ts';
import { BEHAVIOURS } from '../../core/schemas/index.ts';
import { type Dataset, listCalibrations } from '../../store/index.ts';
import { KnownProblems, type ReworkContext } from '../rework/chosen-rounds.ts';

/** A label at its place in the text. */
type Placed = Omit<SentenceLabel, 'sentence'> & { start: number; end: number };

export interface DatasetLabels {
  chains: LabelledChain[];
  /** Labelled sentences: of calibrations, and corrected in the reader. */
  labels: number;
  corrected: number;
  reviewers: string[];
}

const EVERY_MS = 100;

/**
 * All labels of a dataset by chain, with what the shipped classifier reads there: those of calibrations, and what reviewers set or removed in the
 * reader. A label of a text that has changed is omitted.
 */
export async function datasetLabels(dataset: Dataset, context: ReworkContext): Promise<DatasetLabels> {
  const reviewers = new Set<string>();
  const byChain = new Map<string, Placed[]>();
  const add = (chain: string, reviewer: string, labels: readonly Placed[]): void => {
    if (labels.length === 0) return;
    reviewers.add(reviewer);
    byChain.set(chain, [...(byChain.get(chain) ?? []), ...labels]);
  };
  for (const { plan, acts } of await listCalibrations(dataset, context.log)) {
    for (const [i, label] of foldCalibration(plan, acts).labels) {
      const sentence = plan.sentences[i];
      if (label === 'skipped' || sentence === undefined) continue;
      if (dataset.index.chain(sentence.chainId)?.hash !== sentence.hash) continue;
      const known = Object.fromEntries(BEHAVIOURS.map((kind) => [kind, label.kinds.includes(kind)]));
      const { chainId, start, end } = sentence;
      add(chainId, plan.reviewer, [{ start, end, known, weight: 1, decides: true }]);
    }
  }
  for (const id of dataset.index.reviewed()) {
    const names = new Set(
      dataset.index.acts(id).flatMap(({ act, reviewer }) => (ACTS_ON_SPANS.has(act) ? reviewer : [])),
    );
    if (names.size === 0) continue;
    context.signal.throwIfAborted();
    const chain = withJudgement(await dataset.chain(id), await dataset.judgement(id));
    for (const name of names) {
      const found = corrections(chain, await dataset.reviewActs(id, name));
      add(
        id,
        name,
        found.map((one) => ({ ...one, decides: false })),
      );
    }
  }
  return { ...(await read(dataset, byChain, context)), reviewers: [...reviewers].sort() };
}

/** The chains as the shipped classifier reads them. Their order does not depend on that of the files. */
async function read(
  dataset: Dataset,
  byChain: ReadonlyMap<string, readonly Placed[]>,
  { log, signal, progress }: ReworkContext,
): Promise<Pick<DatasetLabels, 'chains' | 'labels' | 'corrected'>> {
  const problems = new KnownProblems(dataset, log);
  const chains: LabelledChain[] = [];
  let shown = 0;
  for (const id of [...byChain.keys()].sort()) {
    signal.throwIfAborted();
    const { text, segments, origin, problemId } = await dataset.chain(id);
    const problem = await problems.text(problemId);
    const sentences = splitSentences(text);
    const pieces = origin === 'dialogue' || origin === 'handwritten' ? segments : undefined;
    const labels = (byChain.get(id) ?? []).flatMap((label) => onSentence(label, sentences));
    chains.push({ id, scores: scoreSentences(text, sentences, { problem, pieces }), labels });
    if (performance.now() - shown < EVERY_MS) continue;
    shown = performance.now();
    progress({ done: chains.length, total: byChain.size, unit: 'chains' });
  }
  const all = chains.flatMap(({ labels }) => labels);
  const corrected = all.filter(({ decides }) => !decides).length;
  return { chains, labels: all.length - corrected, corrected };
}

/** The label on the sentence that shares most of it; none if the sentence boundaries have changed. */
function onSentence({ start, end, ...label }: Placed, sentences: readonly Sentence[]): SentenceLabel[] {
  const shared = (one: Sentence): number => Math.min(one.textEnd, end) - Math.max(one.start, start);
  const sentence = sentences.findIndex((one) => shared(one) * 2 > end - start);
  return sentence < 0 ? [] : [{ ...label, sentence }];
}
