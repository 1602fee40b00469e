import { minimise } from './minimise.ts';

/** Sentences in a row, and for each how far it carries the kind: 0, 1, or between. */
export interface WordExample {
  sentences: readonly string[];
  labels: ArrayLike<number>;
}

/** A baseline from words alone: logistic regression over words and word pairs of the sentence and of its two neighbours. */
export interface WordModel {
  vocabulary: ReadonlyMap<string, number>;
  weights: Float64Array;
}

const SEEN_AT_LEAST = 3;
const PENALTY = 1;
const STEPS = 60;

/** Trains the baseline. Words seen fewer than three times are left out; both classes weigh the same. */
export function fitWords(examples: readonly WordExample[]): WordModel {
  const grams = examples.map(({ sentences }) => gramsOf(sentences));
  const counts = new Map<string, number>();
  for (const gram of grams.flat(2)) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  const kept = [...counts].filter(([, count]) => count >= SEEN_AT_LEAST).map(([gram]) => gram);
  const vocabulary = new Map(kept.sort().map((gram, id) => [gram, id + 1]));
  const rows = grams.flat().map((list) => idsOf(list, vocabulary));
  const labels = Float64Array.from(examples.flatMap((example) => Array.from(example.labels)));
  const positive = labels.reduce((sum, label) => sum + label, 0);
  const share = Math.max(1, positive) / labels.length;
  const weights = minimise(
    (at) => {
      const gradient = at.map((weight, id) => (id === 0 ? 0 : PENALTY * weight));
      let loss = at.reduce((sum, weight, id) => sum + (id === 0 ? 0 : (PENALTY / 2) * weight * weight), 0);
      for (const [i, row] of rows.entries()) {
        const label = labels[i] ?? 0;
        const z = row.reduce((sum, id) => sum + (at[id] ?? 0), 0);
        const p = 1 / (1 + Math.exp(-z));
        const [up, down] = [label * (0.5 / share), (1 - label) * (0.5 / (1 - share))];
        loss += up * Math.log1p(Math.exp(-z)) + down * Math.log1p(Math.exp(z));
        for (const id of row) gradient[id] = (gradient[id] ?? 0) + (down * p - up * (1 - p));
      }
      return [loss, gradient];
    },
    new Float64Array(vocabulary.size + 1),
    STEPS,
  );
  return { vocabulary, weights };
}

/** Probability of the kind for each sentence of a row. */
export function predictWords({ vocabulary, weights }: WordModel, sentences: readonly string[]): Float64Array {
  return Float64Array.from(gramsOf(sentences), (list) => {
    const z = idsOf(list, vocabulary).reduce((sum, id) => sum + (weights[id] ?? 0), 0);
    return 1 / (1 + Math.exp(-z));
  });
}

function idsOf(grams: readonly string[], vocabulary: ReadonlyMap<string, number>): number[] {
  return [0, ...new Set(grams.map((gram) => vocabulary.get(gram) ?? 0).filter((id) => id > 0))];
}

function gramsOf(sentences: readonly string[]): string[][] {
  const own = sentences.map((sentence) => {
    const words = sentence.toLowerCase().match(/[a-z']+|\d+|[^\sa-z\d]/g) ?? [];
    return [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)];
  });
  return own.map((grams, i) => [
    ...grams,
    ...(own[i - 1] ?? []).map((gram) => `before ${gram}`),
    ...(own[i + 1] ?? []).map((gram) => `after ${gram}`),
  ]);
}
