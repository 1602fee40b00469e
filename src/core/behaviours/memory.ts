import { HashTable } from './hashes.ts';
import type { List, ScannedSentence } from './scan.ts';

/** What a sentence repeats from earlier ones. Shares are 0 to 1, ages in sentences. */
export interface Recall {
  /** Significant numbers (not 0, 1, 2) of the sentence: their count, the share of new ones, the share of the problem's. */
  significant: number;
  newShare: number;
  givenShare: number;
  /** At least two significant numbers, all of which occurred three or more sentences earlier. */
  allOld: boolean;
  /** A significant result of an equality that was a result or candidate at least three sentences earlier; is in the problem; is new. */
  resultOld: boolean;
  resultGiven: boolean;
  resultNew: boolean;
  /** Share of formula shingles and of word shingles that occurred at least three sentences earlier. */
  formulaReplay: number;
  wordReplay: number;
  /** Share of word shingles that occurred in the first sentences: the question is repeated. */
  openingReplay: number;
  /** Largest share of the significant numbers that occurred in one sentence, three or more before; 0 with fewer than two. */
  together: number;
  /** This sentence and the one before it repeat two neighbouring sentences: a derivation is repeated. */
  aligned: boolean;
  /** Contains the value of the latest answer; of any earlier candidate. */
  answerBack: boolean;
  candidateBack: boolean;
  /** States a candidate: equal to the latest answer, to any earlier one, or a new one. */
  statesAnswerAgain: boolean;
  statesCandidateAgain: boolean;
  statesOther: boolean;
  /** Sentences since an answer was stated (`Infinity`: never), and since any candidate was. */
  answerAge: number;
  candidateAge: number;
  /** Number of different answers stated before. */
  answers: number;
}

/** A candidate answer of a sentence as its numbers. */
export interface StatedValue {
  numbers: readonly number[];
  /** Boxed or called the answer; otherwise it only ends a conclusion. */
  strong: boolean;
}

interface NumberRecord {
  first: number;
  /** Latest sentence that looked it up. */
  met: number;
  /** First sentence in which it was the result of an equality or a candidate. */
  result: number;
  given: boolean;
  /** Latest sentences with it, newest last. */
  places: number[];
}

/** 0, 1 and 2 occur in every text, so a repeated one means nothing. */
const significant = (value: number): boolean => !(Number.isInteger(value) && value <= 2);
/** A number repeated after fewer sentences is still in use, not repeated. */
const OLD = 3;
const PLACES = 6;
/** Without the problem's text, the numbers of the first sentences count as given: most traces start by repeating it. */
const OPENING = 5;
/** The question is repeated within this many sentences. */
const OPENING_WORDS = 8;

const NOTHING: readonly never[] = [];

/** Stores numbers, formulas and candidates of a text, sentence by sentence. */
export class Memory {
  readonly #numbers = new Map<number, NumberRecord>();
  readonly #formulas = new HashTable();
  readonly #words = new HashTable();
  readonly #candidates = new Map<string, { strong: boolean; first: number }>();
  readonly #knowsProblem: boolean;
  /** The significant numbers of the sentence, each once; reused for the next sentence. */
  readonly #records: NumberRecord[] = [];
  /** One counter per sentence; all are 0 except during counting. */
  readonly #votes: number[] = [];
  #answer: StatedValue | undefined;
  #answerAt = Number.NEGATIVE_INFINITY;
  #candidateAt = Number.NEGATIVE_INFINITY;
  #answers = 0;
  #previousMatch = Number.NEGATIVE_INFINITY;

  /** @param given The numbers of the problem, if its text is known. */
  constructor(given: readonly number[] | undefined) {
    this.#knowsProblem = given !== undefined;
    for (const value of given ?? []) {
      const result = Number.POSITIVE_INFINITY;
      this.#numbers.set(value, { first: -OLD, met: -OLD, result, given: true, places: [] });
    }
  }

  /** What sentence `index` repeats; then stores the sentence. All sentences must come in order. */
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
      significant: known.significant,
      newShare: known.significant === 0 ? 0 : known.fresh / known.significant,
      givenShare: known.significant === 0 ? 0 : known.given / known.significant,
      allOld: known.significant >= 2 && known.old === known.significant,
      resultOld: results.old,
      resultGiven: known.significant >= 2 && results.given,
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

  /** Finds or creates the records of the significant numbers, and counts them. */
  #meetNumbers(
    index: number,
    { numbers }: ScannedSentence,
  ): { significant: number; fresh: number; given: number; old: number; candidate: boolean } {
    const records = this.#records;
    records.length = 0;
    let [fresh, given, old] = [0, 0, 0];
    let candidate = false;
    for (let i = 0; i < numbers.length; i += 1) {
      const value = numbers[i] ?? 0;
      if (!significant(value)) continue;
      const record = this.#record(index, value);
      if (record.met === index) continue;
      record.met = index;
      records.push(record);
      if (record.first === index) fresh += 1;
      if (record.first <= index - OLD) old += 1;
      if (record.given) given += 1;
      else if (record.result <= index - OLD) candidate = true;
    }
    return { significant: records.length, fresh, given, old, candidate };
  }

  /** What is known about the significant results of a sentence; after #meetNumbers. */
  #meetResults(index: number, { results }: ScannedSentence): { old: boolean; given: boolean; fresh: boolean } {
    let [old, given, fresh] = [false, false, false];
    for (let i = 0; i < results.length; i += 1) {
      const value = results[i] ?? 0;
      if (!significant(value)) continue;
      const record = this.#record(index, value);
      if (record.result <= index - OLD) old = true;
      if (record.given) given = true;
      if (record.first === index) fresh = true;
    }
    return { old, given, fresh };
  }

  /** The earlier sentence that shares most of the numbers, and the share. */
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
    for (const value of results) if (significant(value)) this.#result(index, value);
  }

  #rememberStated(index: number, stated: readonly StatedValue[]): void {
    for (const value of stated) {
      const key = keyOf(value);
      const known = this.#candidates.get(key);
      if (known === undefined) this.#candidates.set(key, { strong: value.strong, first: index });
      this.#candidateAt = index;
      for (const number of value.numbers) if (significant(number)) this.#result(index, number);
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

/** Stores the shingles of sentence `index`; returns the shares that occurred three or more sentences earlier and in the first sentences. */
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

/** Whether all numbers of the value are in the sentence; never for a value of only 0, 1 and 2. */
function holds(sentence: ScannedSentence, value: StatedValue): boolean {
  return value.numbers.some(significant) && value.numbers.every((number) => sentence.numbers.includes(number));
}
