import { GROUP_NAMES, GROUPS_OF_WORD, PAIRS_BY_END } from './lexicon.ts';
import known from './phrases.json' with { type: 'json' };
import type { Sentence } from './sentences.ts';

/** What one sentence is made of. Everything that the features want to know of a text is read in one pass over it. */
export interface ScannedSentence {
  /** For every word group (lexicon.ts): 0 when absent, else 1 + the place of its first word. */
  groups: Uint8Array;
  /** The groups that are present, in the order in which they were met. */
  met: number[];
  /** Common words and pairs of words that stand in it: places in phrases.json, each once. */
  phrases: number[];
  words: number;
  /** Values of the numbers, in order; indices and numbers inside names (`x_1`, `x2`) are not among them. */
  numbers: number[];
  /** Numbers that stand right behind an equals sign. */
  results: number[];
  equalities: number;
  /** `≠`, `<`, `>`, `≤`, `≥` and their commands. */
  comparisons: number;
  questions: number;
  /** Semicolons: the steps of a plan are often told apart by them. */
  semicolons: number;
  /** Share of the characters that belong to numbers, signs, single letters and commands: 0 to 1. */
  formulaShare: number;
  /** Hashes of three mathematical tokens in a row. */
  formulaShingles: number[];
  /** Hashes of four words in a row. */
  wordShingles: number[];
  /** First character that is not white space, and the last one, as UTF-16 code units. */
  firstCode: number;
  lastCode: number;
  boxed: boolean;
  length: number;
}

/** Places beyond this count as this one, so that a place fits a byte. */
const LAST_PLACE = 250;
const LONG_AGO = -1_000;
const NO_GROUPS: readonly number[] = [];
const NO_PAIRS: (typeof PAIRS_BY_END)[number] = [];
/** Words and formula shingles of a sentence beyond this many are not kept: a table of ten thousand cells is no better known. */
const MOST_SHINGLES = 200;

const COMPARISON_COMMANDS = new Set(['ne', 'neq', 'le', 'leq', 'ge', 'geq', 'lt', 'gt', 'nless', 'ngeq']);
const EQUALITY_COMMANDS = new Set(['approx', 'equiv', 'simeq', 'cong']);

const code = (character: string): number => character.charCodeAt(0);
const [ZERO, NINE, DOT, COMMA, BACKSLASH] = [code('0'), code('9'), code('.'), code(','), code('\\')];
const [APOSTROPHE, CURLY_APOSTROPHE, HYPHEN, UNDERSCORE] = [code("'"), code('’'), code('-'), code('_')];
const SEMICOLON = code(';');
const [EQUALS, ALMOST_EQUAL, QUESTION, FULL_QUESTION] = [code('='), code('≈'), code('?'), code('？')];

const isDigit = (unit: number): boolean => unit >= ZERO && unit <= NINE;
const isLetter = (unit: number): boolean =>
  (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 0xc0 && unit < 0x2000 && unit !== 0xd7);
const isSpace = (unit: number): boolean => unit === 32 || (unit >= 9 && unit <= 13) || unit === 0xa0;
const SIGNS = new Set([...'+-*/^×·÷−<>≤≥≠=≈√²³()'].map(code));
const COMPARISONS = new Set([...'<>≤≥≠'].map(code));

/** Scans the sentences of a text, which must be in order. Linear in the length of the text. */
export function scanSentences(text: string, sentences: readonly Sentence[]): ScannedSentence[] {
  return sentences.map((sentence) => new SentenceScanner(text, sentence.start, sentence.textEnd).scan());
}

class SentenceScanner {
  readonly #text: string;
  readonly #end: number;
  readonly #out: ScannedSentence;
  readonly #last: Int16Array;
  #at: number;
  #formulaCharacters = 0;
  #formula1 = 0;
  #formula2 = 0;
  #formulaRun = 0;
  #word1 = 0;
  #word2 = 0;
  #word3 = 0;
  #afterEquals = false;
  /** Hash of the word right before, 0 behind a mark, number or letter. */
  #previous = 0;

  constructor(text: string, start: number, end: number) {
    this.#text = text;
    this.#at = start;
    this.#end = end;
    this.#last = LAST.fill(LONG_AGO);
    this.#out = {
      groups: new Uint8Array(GROUP_NAMES.length),
      met: [],
      phrases: [],
      words: 0,
      numbers: [],
      results: [],
      equalities: 0,
      comparisons: 0,
      questions: 0,
      semicolons: 0,
      formulaShare: 0,
      formulaShingles: [],
      wordShingles: [],
      firstCode: text.charCodeAt(start),
      lastCode: text.charCodeAt(Math.max(start, end - 1)),
      boxed: false,
      length: end - start,
    };
  }

  scan(): ScannedSentence {
    const text = this.#text;
    while (this.#at < this.#end) {
      const unit = text.charCodeAt(this.#at);
      if (isLetter(unit)) this.#word();
      else if (isDigit(unit)) this.#number();
      else if (unit === BACKSLASH) this.#command();
      else this.#mark(unit);
    }
    if (this.#out.length > 0) this.#out.formulaShare = Math.min(1, this.#formulaCharacters / this.#out.length);
    return this.#out;
  }

  #word(): void {
    const text = this.#text;
    const start = this.#at;
    let end = start + 1;
    while (end < this.#end) {
      const unit = text.charCodeAt(end);
      const joins = unit === APOSTROPHE || unit === CURLY_APOSTROPHE || unit === HYPHEN;
      if (!isLetter(unit) && !(joins && end + 1 < this.#end && isLetter(text.charCodeAt(end + 1)))) break;
      end += 1;
    }
    this.#at = end;
    this.#afterEquals = false;
    const length = end - start;
    const word = text.slice(start, end).toLowerCase();
    if (length === 1 && word !== 'a' && word !== 'i') {
      // A letter of a formula; digits behind it are its index.
      while (this.#at < this.#end && (isDigit(text.charCodeAt(this.#at)) || text.charCodeAt(this.#at) === UNDERSCORE)) {
        this.#at += 1;
      }
      this.#formula(text.charCodeAt(start), this.#at - start);
      return;
    }
    const place = this.#out.words;
    this.#out.words += 1;
    const groups = GROUPS_OF_WORD.get(word) ?? NO_GROUPS;
    for (let i = 0; i < groups.length; i += 1) this.#meet(groups[i] ?? 0, place);
    const hash = hashOf(word);
    this.#shingleWord(hash);
    this.#phrase(hash);
    if (this.#previous !== 0) this.#phrase(mix(this.#previous, hash));
    this.#previous = hash;
  }

  #phrase(hash: number): void {
    const phrase = PHRASES.get(hash);
    if (phrase !== undefined && !this.#out.phrases.includes(phrase)) this.#out.phrases.push(phrase);
  }

  /** Notes a group at a place, and the pairs that it completes. */
  #meet(group: number, place: number): void {
    if (this.#out.groups[group] === 0) {
      this.#out.groups[group] = Math.min(place, LAST_PLACE) + 1;
      this.#out.met.push(group);
    }
    this.#last[group] = place;
    const pairs = PAIRS_BY_END[group] ?? NO_PAIRS;
    for (let i = 0; i < pairs.length; i += 1) {
      const pair = pairs[i];
      if (pair && place - (this.#last[pair[0]] ?? LONG_AGO) - 1 <= pair[1]) this.#meet(pair[2], place);
    }
  }

  #number(): void {
    const text = this.#text;
    const start = this.#at;
    const before = start > 0 ? text.charCodeAt(start - 1) : 0;
    let end = start + 1;
    let commas = false;
    while (end < this.#end) {
      const unit = text.charCodeAt(end);
      if (isDigit(unit)) end += 1;
      else if (unit === DOT && isDigit(text.charCodeAt(end + 1))) end += 2;
      else if (unit === COMMA && thousands(text, end)) {
        commas = true;
        end += 4;
      } else break;
    }
    this.#at = end;
    const digits = text.slice(start, end);
    const value = Number(commas ? digits.replaceAll(',', '') : digits);
    this.#formula(hashOf(digits), end - start);
    if (before === UNDERSCORE || !Number.isFinite(value)) return;
    this.#out.numbers.push(value);
    if (this.#afterEquals) this.#out.results.push(value);
    this.#afterEquals = false;
  }

  #command(): void {
    const text = this.#text;
    const start = this.#at;
    let end = start + 1;
    while (end < this.#end && isLetter(text.charCodeAt(end))) end += 1;
    if (end === start + 1) {
      this.#at = end + 1;
      return;
    }
    this.#at = end;
    const name = text.slice(start + 1, end);
    if (name === 'boxed') this.#out.boxed = true;
    else if (name === 'text' || name === 'left' || name === 'right' || name === 'quad') return;
    if (EQUALITY_COMMANDS.has(name)) this.#equality();
    else if (COMPARISON_COMMANDS.has(name)) this.#out.comparisons += 1;
    this.#formula(hashOf(name), end - start);
  }

  #mark(unit: number): void {
    this.#at += 1;
    if (!isSpace(unit)) this.#previous = 0;
    if (unit === EQUALS || unit === ALMOST_EQUAL) {
      this.#equality();
      this.#formula(EQUALS, 1);
    } else if (SIGNS.has(unit)) {
      if (COMPARISONS.has(unit)) this.#out.comparisons += 1;
      // Parentheses are prose as often as formula; a sign of a number follows its equals sign.
      this.#formulaCharacters += 1;
      if (unit !== HYPHEN && unit !== code('−')) this.#afterEquals = false;
      if (this.#formulaRun > 0) this.#formula(unit, 0);
    } else if (unit === QUESTION || unit === FULL_QUESTION) this.#out.questions += 1;
    else if (unit === SEMICOLON) this.#out.semicolons += 1;
    else if (!isSpace(unit) && unit !== code('$') && unit !== code('{')) this.#afterEquals = false;
  }

  #equality(): void {
    this.#out.equalities += 1;
    this.#afterEquals = true;
  }

  #formula(hash: number, characters: number): void {
    this.#previous = 0;
    this.#formulaCharacters += characters;
    this.#formulaRun += 1;
    const shingles = this.#out.formulaShingles;
    if (this.#formulaRun >= 3 && shingles.length < MOST_SHINGLES)
      shingles.push(mix(mix(this.#formula1, this.#formula2), hash));
    this.#formula1 = this.#formula2;
    this.#formula2 = hash;
  }

  #shingleWord(hash: number): void {
    const shingles = this.#out.wordShingles;
    if (this.#out.words >= 4 && shingles.length < MOST_SHINGLES)
      shingles.push(mix(mix(mix(this.#word1, this.#word2), this.#word3), hash));
    this.#word1 = this.#word2;
    this.#word2 = this.#word3;
    this.#word3 = hash;
  }
}

/** Shared by all sentences: last place of every group, one sentence at a time. */
const LAST = new Int16Array(GROUP_NAMES.length);

/** Three digits and no fourth one behind the comma. */
function thousands(text: string, comma: number): boolean {
  return (
    isDigit(text.charCodeAt(comma + 1)) &&
    isDigit(text.charCodeAt(comma + 2)) &&
    isDigit(text.charCodeAt(comma + 3)) &&
    !isDigit(text.charCodeAt(comma + 4))
  );
}

function mix(a: number, b: number): number {
  return Math.imul(a ^ (b + 0x9e3779b9 + (a << 6) + (a >>> 2)), 0x85ebca6b) | 0;
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function hashOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < word.length; i += 1) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** The words and pairs of words that most texts share, whatever they solve and whoever wrote them. */
export const PHRASE_NAMES: readonly string[] = known;

/** Place of a phrase by the hash of its word, or of its two words. */
const PHRASES: ReadonlyMap<number, number> = new Map(
  PHRASE_NAMES.map((phrase, place) => {
    const [first = '', second] = phrase.split(' ');
    return [second === undefined ? hashOf(first) : mix(hashOf(first), hashOf(second)), place];
  }),
);
