import type { CandidateAnswer } from './candidates.ts';
import { findEqualities } from './equalities.ts';
import { opener } from './history.ts';
import type { StatedValue } from './memory.ts';
import { type ScannedSentence, Scanner } from './scan.ts';
import type { Sentence } from './sentences.ts';

const concluding = opener('therefore');

const scanner = new Scanner('');

export function numbersOf(text: string): readonly number[] {
  scanner.restart(text);
  return scanner.scan(0, text.length).numbers;
}

/** The candidate answers that each sentence states, as their numbers; undefined for none. Candidates must be in order. */
export function statedAnswers(
  sentences: readonly Sentence[],
  candidates: readonly CandidateAnswer[],
): (StatedValue[] | undefined)[] {
  const stated: (StatedValue[] | undefined)[] = new Array(sentences.length).fill(undefined);
  const place = placesIn(sentences);
  for (const { start, answer } of candidates) {
    const numbers = numbersOf(answer);
    if (numbers.length === 0) continue;
    const index = place(start);
    const others = stated[index];
    if (others === undefined) stated[index] = [{ numbers, strong: true }];
    else others.push({ numbers, strong: true });
  }
  return stated;
}

const NONE: readonly StatedValue[] = [];

/** The last number of a conclusion, which the sentence states without calling it the answer. */
export function concludedValues(sentence: ScannedSentence): readonly StatedValue[] {
  const last = sentence.questions === 0 && concluding(sentence) ? sentence.numbers.at(-1) : undefined;
  return last === undefined ? NONE : [{ numbers: [last], strong: false }];
}

/** Recomputed equalities of each sentence: 0 none, 1 all hold, -1 one fails. */
export function equalityOutcomes(text: string, sentences: readonly Sentence[]): Int8Array {
  const outcomes = new Int8Array(sentences.length);
  const place = placesIn(sentences);
  for (const { start, holds } of findEqualities(text)) {
    const index = place(start);
    outcomes[index] = holds && outcomes[index] !== -1 ? 1 : -1;
  }
  return outcomes;
}

/** The sentence at an offset; offsets must come in order. */
function placesIn(sentences: readonly Sentence[]): (offset: number) => number {
  let index = 0;
  return (offset) => {
    while (index < sentences.length - 1 && (sentences[index]?.end ?? 0) <= offset) index += 1;
    return index;
  };
}
