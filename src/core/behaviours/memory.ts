import type { ScannedSentence } from './scan.ts';

/** What a sentence brings back of the sentences before it. Shares are 0 to 1, ages in sentences. */
export interface Recall {
  /** Of the telling numbers (not 0, 1, 2) of the sentence: how many, which share was never seen, which share is of the problem. */
  telling: number;
  newShare: number;
  givenShare: number;
  /** At least two telling numbers, and all of them stood three or more sentences earlier. */
  allOld: boolean;
  /** A result of an equality (telling) that was a result or candidate at least three sentences earlier, a number of the problem, or unheard of. */
  resultOld: boolean;
  resultGiven: boolean;
  resultNew: boolean;
  /** Share of the formula shingles, and of the word shingles, that stood at least three sentences earlier. */
  formulaReplay: number;
  wordReplay: number;
  /** Share of the word shingles that stood in the first sentences: the question, told again. */
  openingReplay: number;
  /** Largest share of the telling numbers that stood together in one sentence, three or more before; 0 with fewer than two. */
  together: number;
  /** The sentence and the one before it bring back two sentences that stood close to each other: a derivation is gone through again. */
  aligned: boolean;
  /** The value of the answer that stands is here; of any earlier candidate. */
  answerBack: boolean;
  candidateBack: boolean;
  /** The sentence states a candidate: the same as the answer that stands, as any earlier one, or another one. */
  statesAnswerAgain: boolean;
  statesCandidateAgain: boolean;
  statesOther: boolean;
  /** Sentences since an answer was stated (`Infinity`: none yet), since any candidate was. */
  answerAge: number;
  candidateAge: number;
  /** How many different answers were stated before. */
  answers: number;
}

/** A candidate answer of a sentence, reduced to its numbers. */
export interface StatedValue {
  numbers: readonly number[];
  /** Boxed, or called the answer; otherwise it merely ends a conclusion. */
  strong: boolean;
}

interface NumberRecord {
  first: number;
  /** First sentence in which it was the result of an equality or a candidate. */
  result: number;
  given: boolean;
  /** Latest sentences with it, newest last. */
  places: number[];
}

/** Numbers that every text is full of tell nothing when they come back. */
const telling = (value: number): boolean => !(Number.isInteger(value) && value <= 2);
/** Sentences that are nearer are the same breath: a number repeated there is carried on, not brought back. */
const OLD = 3;
const PLACES = 6;
/** Without the problem's text, the numbers of the first sentences stand for its numbers: nearly every trace begins by repeating it. */
const OPENING = 5;
/** The question is told within this many sentences. */
const OPENING_WORDS = 8;

/** Remembers numbers, formulas and candidates of a text, sentence by sentence. */
export class Memory {
  readonly #numbers = new Map<number, NumberRecord>();
  readonly #formulas = new Map<number, number>();
  readonly #words = new Map<number, number>();
  readonly #candidates = new Map<string, { strong: boolean; first: number }>();
  readonly #knowsProblem: boolean;
  #answer: StatedValue | undefined;
  #answerAt = Number.NEGATIVE_INFINITY;
  #candidateAt = Number.NEGATIVE_INFINITY;
  #answers = 0;
  #previousMatch = Number.NEGATIVE_INFINITY;

  /** `given`: the numbers of the problem, if its text is known. */
  constructor(given: readonly number[] | undefined) {
    this.#knowsProblem = given !== undefined;
    for (const value of given ?? []) {
      this.#numbers.set(value, { first: -OLD, result: Number.POSITIVE_INFINITY, given: true, places: [] });
    }
  }

  /** What sentence `index` brings back; then it is remembered itself. Sentences must come in order. */
  meet(index: number, sentence: ScannedSentence, stated: readonly StatedValue[]): Recall {
    const recall = this.#recall(index, sentence, stated);
    this.#remember(index, sentence, stated);
    return recall;
  }

  #recall(index: number, sentence: ScannedSentence, stated: readonly StatedValue[]): Recall {
    const values = [...new Set(sentence.numbers.filter(telling))];
    const records = values.map((value) => this.#numbers.get(value));
    const old = records.filter((record) => record !== undefined && record.first <= index - OLD);
    const { share: together, place } = this.#together(index, records);
    const aligned = place >= 0 && place > this.#previousMatch && place - this.#previousMatch <= OLD;
    this.#previousMatch = place >= 0 ? place : Number.NEGATIVE_INFINITY;
    const results = sentence.results.filter(telling).map((value) => this.#numbers.get(value));
    const answerBack = this.#answer !== undefined && this.#answerAt < index && holds(sentence, this.#answer);
    const earlier = stated.map((value) => this.#candidates.get(keyOf(value)));
    return {
      telling: values.length,
      newShare: values.length === 0 ? 0 : records.filter((record) => record === undefined).length / values.length,
      givenShare: values.length === 0 ? 0 : records.filter((record) => record?.given).length / values.length,
      allOld: values.length >= 2 && old.length === values.length,
      resultOld: results.some((record) => record !== undefined && record.result <= index - OLD),
      resultGiven: values.length >= 2 && results.some((record) => record?.given === true),
      resultNew: results.some((record) => record === undefined),
      formulaReplay: replay(this.#formulas, sentence.formulaShingles, index),
      wordReplay: replay(this.#words, sentence.wordShingles, index),
      openingReplay: index < OPENING_WORDS ? 0 : replay(this.#words, sentence.wordShingles, OPENING_WORDS + OLD - 1),
      together,
      aligned,
      answerBack,
      candidateBack: records.some((record) => record !== undefined && record.result <= index - OLD && !record.given),
      statesAnswerAgain: stated.some((value) => this.#answer !== undefined && keyOf(value) === keyOf(this.#answer)),
      statesCandidateAgain: earlier.some((candidate) => candidate !== undefined && candidate.first <= index - OLD),
      statesOther: this.#answers > 0 && stated.some((value, i) => value.strong && earlier[i] === undefined),
      answerAge: index - this.#answerAt,
      candidateAge: index - this.#candidateAt,
      answers: this.#answers,
    };
  }

  /** The earlier sentence that shares most of the numbers, and which share. */
  #together(index: number, records: readonly (NumberRecord | undefined)[]): { share: number; place: number } {
    let share = 0;
    let place = -1;
    if (records.length < 2) return { share, place };
    const votes = new Map<number, number>();
    for (const record of records) {
      for (const at of record?.places ?? []) {
        if (at > index - OLD) continue;
        const count = (votes.get(at) ?? 0) + 1;
        votes.set(at, count);
        if (count >= 2 && count / records.length >= share) {
          share = count / records.length;
          place = at;
        }
      }
    }
    return { share, place };
  }

  #remember(index: number, sentence: ScannedSentence, stated: readonly StatedValue[]): void {
    for (const value of sentence.numbers) {
      if (!telling(value)) continue;
      const record = this.#record(index, value);
      if (!this.#knowsProblem && index < OPENING && record.first === index) record.given = true;
      if (record.places.at(-1) !== index) record.places.push(index);
      if (record.places.length > PLACES) record.places.shift();
    }
    for (const value of sentence.results) {
      if (telling(value)) this.#result(index, value);
    }
    for (const shingle of sentence.formulaShingles)
      if (!this.#formulas.has(shingle)) this.#formulas.set(shingle, index);
    for (const shingle of sentence.wordShingles) if (!this.#words.has(shingle)) this.#words.set(shingle, index);
    for (const value of stated) {
      const key = keyOf(value);
      const known = this.#candidates.get(key);
      if (known === undefined) this.#candidates.set(key, { strong: value.strong, first: index });
      this.#candidateAt = index;
      for (const number of value.numbers) if (telling(number)) this.#result(index, number);
      if (!value.strong) continue;
      if (known?.strong !== true) this.#answers += 1;
      if (known !== undefined) known.strong = true;
      this.#answer = value;
      this.#answerAt = index;
    }
  }

  #record(index: number, value: number): NumberRecord {
    let record = this.#numbers.get(value);
    if (record === undefined) {
      record = { first: index, result: Number.POSITIVE_INFINITY, given: false, places: [] };
      this.#numbers.set(value, record);
    }
    return record;
  }

  #result(index: number, value: number): void {
    const record = this.#record(index, value);
    record.result = Math.min(record.result, index);
  }
}

function replay(seen: ReadonlyMap<number, number>, shingles: readonly number[], index: number): number {
  if (shingles.length === 0) return 0;
  let old = 0;
  for (const shingle of shingles) if ((seen.get(shingle) ?? index) <= index - OLD) old += 1;
  return old / shingles.length;
}

const keyOf = (value: StatedValue): string => value.numbers.join(' ');

/** All numbers of the value stand in the sentence. A value without telling numbers is never found back: 0, 1 and 2 stand everywhere. */
function holds(sentence: ScannedSentence, value: StatedValue): boolean {
  return value.numbers.some(telling) && value.numbers.every((number) => sentence.numbers.includes(number));
}
