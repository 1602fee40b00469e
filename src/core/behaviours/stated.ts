import type { CandidateAnswer } from './candidates.ts';
import { findEqualities } from './equalities.ts';
import { opener } from './history.ts';
import type { StatedValue } from './memory.ts';
import { type ScannedSentence, scanSentences } from './scan.ts';
import type { Sentence } from './sentences.ts';

const concluding = opener('therefore');

/** The numbers of a text. */
export function numbersOf(text: string): number[] {
  return scanSentences(text, [{ start: 0, end: text.length, textEnd: text.length }]).flatMap(({ numbers }) => numbers);
}

/**
 * The values that each sentence states, as the numbers in them: the candidate answers of the text, in order, which are strong, and the last number of a sentence that
 * draws a conclusion, which is not.
 */
export function statedValues(
  sentences: readonly Sentence[],
  scanned: readonly ScannedSentence[],
  candidates: readonly CandidateAnswer[],
): StatedValue[][] {
  const stated: StatedValue[][] = sentences.map(() => []);
  const place = placesIn(sentences);
  for (const { start, answer } of candidates) {
    const numbers = numbersOf(answer);
    if (numbers.length > 0) stated[place(start)]?.push({ numbers, strong: true });
  }
  for (const [index, sentence] of scanned.entries()) {
    const last = sentence.numbers.at(-1);
    const concludes = sentence.questions === 0 && concluding(sentence) && stated[index]?.length === 0;
    if (last !== undefined && concludes) stated[index]?.push({ numbers: [last], strong: false });
  }
  return stated;
}

/** Whether the equalities of each sentence hold when computed again: 0 none, 1 all hold, -1 one fails. */
export function equalityOutcomes(text: string, sentences: readonly Sentence[]): Int8Array {
  const outcomes = new Int8Array(sentences.length);
  const place = placesIn(sentences);
  for (const { start, holds } of findEqualities(text)) {
    const index = place(start);
    outcomes[index] = holds && outcomes[index] !== -1 ? 1 : -1;
  }
  return outcomes;
}

/** The sentence of an offset; offsets must come in order. */
function placesIn(sentences: readonly Sentence[]): (offset: number) => number {
  let index = 0;
  return (offset) => {
    while (index < sentences.length - 1 && (sentences[index]?.end ?? 0) <= offset) index += 1;
    return index;
  };
}
