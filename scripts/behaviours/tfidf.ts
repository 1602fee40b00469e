import { minimise } from './minimise.ts';

/** Sentences in a row, and the class of each: 0, 1, … */
export interface WordText {
  sentences: readonly string[];
  labels: ArrayLike<number>;
}

/** A baseline from words alone: logistic regression over TF-IDF of words and word pairs of the sentence and of its two neighbours. */
export interface WordModel {
  /** For each word or pair its place and its inverse document frequency. */
  vocabulary: ReadonlyMap<string, readonly [place: number, idf: number]>;
  classes: number;
  /** `classes` weights for each place; those of the bias come first. */
  weights: Float64Array;
}

type Row = readonly (readonly [place: number, value: number])[];

const SEEN_AT_LEAST = 2;
const PENALTY = 0.25;
const STEPS = 40;

/** Trains the baseline. */
export function fitWords(texts: readonly WordText[], classes: number): WordModel {
  const grams = texts.flatMap(({ sentences }) => sentences.map(gramsOf));
  const counts = new Map<string, number>();
  for (const gram of grams.flatMap((list) => [...list.keys()])) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  const kept = [...counts].filter(([, count]) => count >= SEEN_AT_LEAST);
  const vocabulary = new Map(
    kept.map(([gram, count], i) => [gram, [i, Math.log((1 + grams.length) / (1 + count)) + 1] as const]),
  );
  const rows = texts.flatMap(({ sentences }) => rowsOf(sentences, vocabulary));
  const labels = texts.flatMap((text) => Array.from(text.labels));
  const weights = minimise(
    (at) => {
      const gradient = at.map((weight, place) => (place < classes ? 0 : PENALTY * weight));
      let loss = at.reduce((sum, weight, place) => sum + (place < classes ? 0 : (PENALTY / 2) * weight * weight), 0);
      for (const [i, row] of rows.entries()) {
        const shares = softmax(row, at, classes);
        const label = labels[i] ?? 0;
        loss -= Math.log(Math.max(1e-300, shares[label] ?? 0));
        shares[label] = (shares[label] ?? 0) - 1;
        for (const [place, value] of row) {
          for (let c = 0; c < classes; c += 1) {
            const k = place * classes + c;
            gradient[k] = (gradient[k] ?? 0) + value * (shares[c] ?? 0);
          }
        }
      }
      return [loss, gradient];
    },
    new Float64Array((3 * vocabulary.size + 1) * classes),
    STEPS,
  );
  return { vocabulary, classes, weights };
}

/** Probability of each class for each sentence of a row: class `c` of sentence `i` is at `i · classes + c`. */
export function predictWords({ vocabulary, classes, weights }: WordModel, sentences: readonly string[]): Float64Array {
  const result = new Float64Array(sentences.length * classes);
  for (const [i, row] of rowsOf(sentences, vocabulary).entries())
    result.set(softmax(row, weights, classes), i * classes);
  return result;
}

function softmax(row: Row, weights: Float64Array, classes: number): Float64Array {
  const sums = new Float64Array(classes);
  for (const [place, value] of row) {
    for (let c = 0; c < classes; c += 1) sums[c] = (sums[c] ?? 0) + value * (weights[place * classes + c] ?? 0);
  }
  const most = Math.max(...sums);
  const shares = sums.map((sum) => Math.exp(sum - most));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

/** The bias, then the words of the sentence, of the one before and of the one after, each scaled to length 1. */
function rowsOf(sentences: readonly string[], vocabulary: WordModel['vocabulary']): Row[] {
  const own = sentences.map((sentence) => {
    const found = [...gramsOf(sentence)].flatMap(([gram, count]) => {
      const [place, idf] = vocabulary.get(gram) ?? [];
      return place === undefined || idf === undefined ? [] : [[place, (1 + Math.log(count)) * idf] as const];
    });
    const length = Math.sqrt(found.reduce((sum, [, value]) => sum + value * value, 0)) || 1;
    return found.map(([place, value]) => [place, value / length] as const);
  });
  const shifted = (row: Row | undefined, by: number): Row =>
    (row ?? []).map(([place, value]) => [1 + by * vocabulary.size + place, value] as const);
  return own.map((row, i) => [[0, 1], ...shifted(row, 0), ...shifted(own[i - 1], 1), ...shifted(own[i + 1], 2)]);
}

/** Words and marks of a sentence and their pairs, each with its count. */
function gramsOf(sentence: string): Map<string, number> {
  const words = sentence.toLowerCase().match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
  const grams = new Map<string, number>();
  for (const gram of [...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)]) {
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}
