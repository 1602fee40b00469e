import { HashTable } from './hashes.ts';
import type { List, ScannedSentence } from './scan.ts';

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
  /** Latest sentence that was asked about it. */
  met: number;
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

const NOTHING: readonly never[] = [];

/** Remembers numbers, formulas and candidates of a text, sentence by sentence. */
export class Memory {
  readonly #numbers = new Map<number, NumberRecord>();
  readonly #formulas = new HashTable();
  readonly #words = new HashTable();
  readonly #candidates = new Map<string, { strong: boolean; first: number }>();
  readonly #knowsProblem: boolean;
  /** Of the telling numbers of the sentence, each once; used again for the next one. */
  readonly #records: NumberRecord[] = [];
  /** For every sentence so far: 0, but while they are counted. */
  readonly #votes: number[] = [];
  #answer: StatedValue | undefined;
  #answerAt = Number.NEGATIVE_INFINITY;
  #candidateAt = Number.NEGATIVE_INFINITY;
  #answers = 0;
  #previousMatch = Number.NEGATIVE_INFINITY;

  /** `given`: the numbers of the problem, if its text is known. */
  constructor(given: readonly number[] | undefined) {
    this.#knowsProblem = given !== undefined;
    for (const value of given ?? []) {
      const result = Number.POSITIVE_INFINITY;
      this.#numbers.set(value, { first: -OLD, met: -OLD, result, given: true, places: [] });
    }
  }

  /** What sentence `index` brings back; then it is remembered itself. Sentences must come in order, none left out. */
  meet(index: number, sentence: ScannedSentence, stated: readonly StatedValue[]): Recall {
    this.#votes.push(0);
    const known = this.#meetNumbers(index, sentence);
    const results = this.#meetResults(index, sentence);
    const { share: together, place } = this.#together(index);
    const aligned = place >= 0 && place > this.#previousMatch && place - this.#previousMatch <= OLD;
    this.#previousMatch = place >= 0 ? place : Number.NEGATIVE_INFINITY;
    const answer = this.#answerAt < index ? this.#answer : undefined;
    const earlier = stated.length === 0 ? NOTHING : stated.map((value) => this.#candidates.get(keyOf(value)));
    const words = remember(this.#words, sentence.wordShingles, index);
    const recall = {
      telling: known.telling,
      newShare: known.telling === 0 ? 0 : known.fresh / known.telling,
      givenShare: known.telling === 0 ? 0 : known.given / known.telling,
      allOld: known.telling >= 2 && known.old === known.telling,
      resultOld: results.old,
      resultGiven: known.telling >= 2 && results.given,
      resultNew: results.fresh,
      formulaReplay: remember(this.#formulas, sentence.formulaShingles, index).old,
      wordReplay: words.old,
      openingReplay: words.opening,
      together,
      aligned,
      answerBack: answer !== undefined && holds(sentence, answer),
      candidateBack: known.candidate,
      statesAnswerAgain: stated.some((value) => this.#answer !== undefined && keyOf(value) === keyOf(this.#answer)),
      statesCandidateAgain: earlier.some((candidate) => candidate !== undefined && candidate.first <= index - OLD),
      statesOther: this.#answers > 0 && stated.some((value, i) => value.strong && earlier[i] === undefined),
      answerAge: index - this.#answerAt,
      candidateAge: index - this.#candidateAt,
      answers: this.#answers,
    };
    this.#rememberNumbers(index, sentence);
    this.#rememberStated(index, stated);
    return recall;
  }

  /** Finds the records of the telling numbers, new ones for numbers that nobody has seen, and counts what is known of them. */
  #meetNumbers(
    index: number,
    { numbers }: ScannedSentence,
  ): { telling: number; fresh: number; given: number; old: number; candidate: boolean } {
    const records = this.#records;
    records.length = 0;
    let [fresh, given, old] = [0, 0, 0];
    let candidate = false;
    for (let i = 0; i < numbers.length; i += 1) {
      const value = numbers[i] ?? 0;
      if (!telling(value)) continue;
      const record = this.#record(index, value);
      if (record.met === index) continue;
      record.met = index;
      records.push(record);
      if (record.first === index) fresh += 1;
      if (record.first <= index - OLD) old += 1;
      if (record.given) given += 1;
      else if (record.result <= index - OLD) candidate = true;
    }
    return { telling: records.length, fresh, given, old, candidate };
  }

  /** What is known of the telling results of a sentence, whose numbers have been met. */
  #meetResults(index: number, { results }: ScannedSentence): { old: boolean; given: boolean; fresh: boolean } {
    let [old, given, fresh] = [false, false, false];
    for (let i = 0; i < results.length; i += 1) {
      const value = results[i] ?? 0;
      if (!telling(value)) continue;
      const record = this.#record(index, value);
      if (record.result <= index - OLD) old = true;
      if (record.given) given = true;
      if (record.first === index) fresh = true;
    }
    return { old, given, fresh };
  }

  /** The earlier sentence that shares most of the numbers, and which share. */
  #together(index: number): { share: number; place: number } {
    const [records, votes] = [this.#records, this.#votes];
    let share = 0;
    let place = -1;
    if (records.length < 2) return { share, place };
    for (const { places } of records) {
      for (const at of places) {
        if (at > index - OLD) continue;
        const count = (votes[at] ?? 0) + 1;
        votes[at] = count;
        if (count >= 2 && count / records.length >= share) {
          share = count / records.length;
          place = at;
        }
      }
    }
    for (const { places } of records) for (const at of places) votes[at] = 0;
    return { share, place };
  }

  #rememberNumbers(index: number, { results }: ScannedSentence): void {
    for (const record of this.#records) {
      if (!this.#knowsProblem && index < OPENING && record.first === index) record.given = true;
      record.places.push(index);
      if (record.places.length > PLACES) record.places.shift();
    }
    for (const value of results) if (telling(value)) this.#result(index, value);
  }

  #rememberStated(index: number, stated: readonly StatedValue[]): void {
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
      record = { first: index, met: -OLD, result: Number.POSITIVE_INFINITY, given: false, places: [] };
      this.#numbers.set(value, record);
    }
    return record;
  }

  #result(index: number, value: number): void {
    const record = this.#record(index, value);
    record.result = Math.min(record.result, index);
  }
}

/** Remembers the shingles of sentence `index`. Which share of them stood at least three sentences earlier, and which in the first sentences. */
function remember(seen: HashTable, { items, size }: List, index: number): { old: number; opening: number } {
  if (size === 0) return NO_REPLAY;
  let [old, opening] = [0, 0];
  for (let i = 0; i < size; i += 1) {
    const first = seen.keep(items[i] ?? 0, index);
    if (first <= index - OLD) old += 1;
    if (first < OPENING_WORDS) opening += 1;
  }
  return { old: old / size, opening: index < OPENING_WORDS ? 0 : opening / size };
}

const NO_REPLAY = { old: 0, opening: 0 };

const keyOf = (value: StatedValue): string => value.numbers.join(' ');

/** All numbers of the value stand in the sentence. A value without telling numbers is never found back: 0, 1 and 2 stand everywhere. */
function holds(sentence: ScannedSentence, value: StatedValue): boolean {
  return value.numbers.some(telling) && value.numbers.every((number) => sentence.numbers.includes(number));
}
