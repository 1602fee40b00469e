import known from '../../../media/behaviours/phrases.json' with { type: 'json' };
import { HASH_START, HashTable, hashNext, hashOf, mix } from './hashes.ts';
import { GROUP_NAMES, GROUPS_OF_WORD, PAIRS_BY_END } from './lexicon.ts';

/** The parts of a sentence that the features use, read in one pass. */
export interface ScannedSentence {
  /** For each word group (lexicon.ts): 0 if absent, else 1 + the place of its first word. */
  groups: Uint8Array;
  /** The groups that occur, in order. */
  met: List;
  /** Common phrases of one to three tokens (`phraseTokens`): their indices in phrases.json, each once. */
  phrases: List;
  words: number;
  /** Values of the numbers in order, without indices and numbers in names (`x_1`, `x2`). */
  numbers: number[];
  /** Numbers right after an equals sign. */
  results: number[];
  equalities: number;
  /** `≠`, `<`, `>`, `≤`, `≥` and their commands. */
  comparisons: number;
  questions: number;
  /** The steps of a plan are often separated by semicolons. */
  semicolons: number;
  /** Share of the characters in numbers, signs, single letters and commands: 0 to 1. */
  formulaShare: number;
  /** Hashes of three consecutive mathematical tokens. */
  formulaShingles: List;
  /** Hashes of four consecutive words. */
  wordShingles: List;
  /** First and last character without white space, as UTF-16 code units. */
  firstCode: number;
  lastCode: number;
  boxed: boolean;
  length: number;
}

/** The first `size` items. The array is reused for every sentence. */
export interface List {
  items: Int32Array;
  size: number;
}

/** Later places count as this one, so that a place fits in a byte. */
const LAST_PLACE = 250;
/** Distance between the word counts of two sentences; no pair spans it. */
const BETWEEN_SENTENCES = 1_000;
const NO_NUMBERS: number[] = [];
const NO_PAIRS: (typeof PAIRS_BY_END)[number] = [];
/** Maximum number of shingles per sentence. */
const MOST_SHINGLES = 200;

const COMPARISON_COMMANDS = new Set(['ne', 'neq', 'le', 'leq', 'ge', 'geq', 'lt', 'gt', 'nless', 'ngeq']);
const EQUALITY_COMMANDS = new Set(['approx', 'equiv', 'simeq', 'cong']);

const code = (character: string): number => character.charCodeAt(0);
const [ZERO, NINE, DOT, COMMA, BACKSLASH] = [code('0'), code('9'), code('.'), code(','), code('\\')];
const [APOSTROPHE, CURLY_APOSTROPHE, HYPHEN, UNDERSCORE] = [code("'"), code('’'), code('-'), code('_')];
const [SEMICOLON, MINUS, DOLLAR, BRACE] = [code(';'), code('−'), code('$'), code('{')];
const [EQUALS, ALMOST_EQUAL, QUESTION, FULL_QUESTION] = [code('='), code('≈'), code('?'), code('？')];

const isDigit = (unit: number): boolean => unit >= ZERO && unit <= NINE;
const isLetter = (unit: number): boolean =>
  (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 0xc0 && unit < 0x2000 && unit !== 0xd7);
const isSpace = (unit: number): boolean => unit === 32 || (unit >= 9 && unit <= 13) || unit === 0xa0;
const SIGNS = new Set([...'+-*/^×·÷−<>≤≥≠=≈√²³()'].map(code));
const COMPARISONS = new Set([...'<>≤≥≠'].map(code));

/** Scans the sentences of a text in order. Takes linear time. */
export class Scanner {
  #text: string;
  readonly #out: ScannedSentence = {
    groups: new Uint8Array(GROUP_NAMES.length),
    met: listOf(GROUP_NAMES.length),
    phrases: listOf(PHRASE_NAMES.length),
    words: 0,
    numbers: NO_NUMBERS,
    results: NO_NUMBERS,
    equalities: 0,
    comparisons: 0,
    questions: 0,
    semicolons: 0,
    formulaShare: 0,
    formulaShingles: listOf(MOST_SHINGLES),
    wordShingles: listOf(MOST_SHINGLES),
    firstCode: 0,
    lastCode: 0,
    boxed: false,
    length: 0,
  };
  /** Last place of every group, and last sentence of every phrase, counted over the text. */
  readonly #last = new Float64Array(GROUP_NAMES.length);
  readonly #phraseAt = new Int32Array(PHRASE_NAMES.length);
  #sentence = 0;
  #firstPlace = 0;
  #end = 0;
  #at = 0;
  #formulaCharacters = 0;
  #formula1 = 0;
  #formula2 = 0;
  #formulaRun = 0;
  #word1 = 0;
  #word2 = 0;
  #word3 = 0;
  #afterEquals = false;
  /** Hashes of the last token of phrases, and of the last two together. */
  #token1 = 0;
  #token2 = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Begins with another text. A new scanner takes longer than a short text. */
  restart(text: string): void {
    this.#text = text;
    this.#last.fill(0);
    this.#phraseAt.fill(0);
    this.#sentence = 0;
    this.#firstPlace = 0;
    this.#out.words = 0;
  }

  #begin(start: number, end: number): void {
    const out = this.#out;
    this.#sentence += 1;
    this.#firstPlace += out.words + BETWEEN_SENTENCES;
    this.#at = start;
    this.#end = end;
    this.#formulaCharacters = 0;
    this.#formula1 = 0;
    this.#formula2 = 0;
    this.#formulaRun = 0;
    this.#word1 = 0;
    this.#word2 = 0;
    this.#word3 = 0;
    this.#afterEquals = false;
    this.#token1 = START;
    this.#token2 = 0;
    for (let i = 0; i < out.met.size; i += 1) out.groups[out.met.items[i] ?? 0] = 0;
    out.met.size = 0;
    out.phrases.size = 0;
    out.words = 0;
    out.numbers = NO_NUMBERS;
    out.results = NO_NUMBERS;
    out.equalities = 0;
    out.comparisons = 0;
    out.questions = 0;
    out.semicolons = 0;
    out.formulaShare = 0;
    out.formulaShingles.size = 0;
    out.wordShingles.size = 0;
    out.firstCode = this.#text.charCodeAt(start);
    out.lastCode = this.#text.charCodeAt(Math.max(start, end - 1));
    out.boxed = false;
    out.length = end - start;
  }

  /** Scans from `start` to `end`. The object is reused for the next sentence, except its numbers and results. */
  scan(start: number, end: number): ScannedSentence {
    this.#begin(start, end);
    const text = this.#text;
    while (this.#at < end) {
      const unit = text.charCodeAt(this.#at);
      if (isLetter(unit)) this.#word();
      else if (isDigit(unit)) this.#number();
      else if (unit === BACKSLASH) this.#command();
      else this.#mark(unit);
    }
    this.#token(END);
    if (this.#out.length > 0) this.#out.formulaShare = Math.min(1, this.#formulaCharacters / this.#out.length);
    return this.#out;
  }

  #word(): void {
    const text = this.#text;
    const start = this.#at;
    let end = start;
    let hash = HASH_START;
    let ascii = true;
    for (; end < this.#end; end += 1) {
      const unit = text.charCodeAt(end);
      if (!isLetter(unit)) {
        const joins = unit === APOSTROPHE || unit === CURLY_APOSTROPHE || unit === HYPHEN;
        if (!(joins && end + 1 < this.#end && isLetter(text.charCodeAt(end + 1)))) break;
      }
      if (unit > 127) ascii = false;
      hash = hashNext(hash, unit >= 65 && unit <= 90 ? unit + 32 : unit);
    }
    this.#at = end;
    this.#afterEquals = false;
    const first = text.charCodeAt(start);
    if (end === start + 1 && !isWordAlone(first)) {
      // A letter of a formula; digits after it are its index.
      while (this.#at < this.#end && (isDigit(text.charCodeAt(this.#at)) || text.charCodeAt(this.#at) === UNDERSCORE)) {
        this.#at += 1;
      }
      this.#formula(first, this.#at - start);
      return;
    }
    if (!ascii) hash = hashOf(text.slice(start, end).toLowerCase());
    const place = this.#out.words;
    this.#out.words += 1;
    const entry = WORDS.get(hash);
    if (entry >= 0) {
      const groups = WORD_GROUP_LISTS[entry] ?? NO_NUMBERS;
      for (let i = 0; i < groups.length; i += 1) this.#meet(groups[i] ?? 0, place);
    }
    this.#shingleWord(hash);
    this.#token(hash);
  }

  /** Meets the phrases that end with a token. */
  #token(hash: number): void {
    const pair = mix(this.#token1, hash);
    if (hash !== END) this.#phrase(hash);
    this.#phrase(pair);
    if (this.#token2 !== 0) this.#phrase(mix(this.#token2, hash));
    this.#token2 = pair;
    this.#token1 = hash;
  }

  #phrase(hash: number): void {
    const phrase = PHRASES.get(hash);
    if (phrase < 0 || this.#phraseAt[phrase] === this.#sentence) return;
    this.#phraseAt[phrase] = this.#sentence;
    append(this.#out.phrases, phrase);
  }

  /** Records a group at a place, and the pairs that it completes. */
  #meet(group: number, place: number): void {
    if (this.#out.groups[group] === 0) {
      this.#out.groups[group] = Math.min(place, LAST_PLACE) + 1;
      append(this.#out.met, group);
    }
    const inText = this.#firstPlace + place;
    this.#last[group] = inText;
    const pairs = PAIRS_BY_END[group] ?? NO_PAIRS;
    for (let i = 0; i < pairs.length; i += 1) {
      const pair = pairs[i];
      if (pair && inText - (this.#last[pair[0]] ?? 0) - 1 <= pair[1]) this.#meet(pair[2], place);
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
    if (this.#out.numbers === NO_NUMBERS) this.#out.numbers = [value];
    else this.#out.numbers.push(value);
    if (this.#afterEquals) {
      if (this.#out.results === NO_NUMBERS) this.#out.results = [value];
      else this.#out.results.push(value);
    }
    this.#afterEquals = false;
  }

  #command(): void {
    const text = this.#text;
    const start = this.#at;
    let end = start + 1;
    if (this.#token1 !== FORMULA) this.#token(FORMULA);
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
    if (isSpace(unit)) return;
    const token = unit < 128 ? (MARK_TOKENS[unit] ?? FORMULA) : FORMULA;
    if (token !== FORMULA || this.#token1 !== FORMULA) this.#token(token);
    if (unit === EQUALS || unit === ALMOST_EQUAL) {
      this.#equality();
      this.#formula(EQUALS, 1);
    } else if (SIGNS.has(unit)) {
      if (COMPARISONS.has(unit)) this.#out.comparisons += 1;
      // Parentheses occur in prose and formulas; a sign of a number may follow its equals sign.
      this.#formulaCharacters += 1;
      if (unit !== HYPHEN && unit !== MINUS) this.#afterEquals = false;
      if (this.#formulaRun > 0) this.#formula(unit, 0);
    } else if (unit === QUESTION || unit === FULL_QUESTION) this.#out.questions += 1;
    else if (unit === SEMICOLON) this.#out.semicolons += 1;
    else if (unit !== DOLLAR && unit !== BRACE) this.#afterEquals = false;
  }

  #equality(): void {
    this.#out.equalities += 1;
    this.#afterEquals = true;
  }

  #formula(hash: number, characters: number): void {
    if (this.#token1 !== FORMULA) this.#token(FORMULA);
    this.#formulaCharacters += characters;
    this.#formulaRun += 1;
    const shingles = this.#out.formulaShingles;
    if (this.#formulaRun >= 3 && shingles.size < MOST_SHINGLES)
      append(shingles, mix(mix(this.#formula1, this.#formula2), hash));
    this.#formula1 = this.#formula2;
    this.#formula2 = hash;
  }

  #shingleWord(hash: number): void {
    const shingles = this.#out.wordShingles;
    if (this.#out.words >= 4 && shingles.size < MOST_SHINGLES)
      append(shingles, mix(mix(mix(this.#word1, this.#word2), this.#word3), hash));
    this.#word1 = this.#word2;
    this.#word2 = this.#word3;
    this.#word3 = hash;
  }
}

function listOf(most: number): List {
  return { items: new Int32Array(most), size: 0 };
}

function append(list: List, item: number): void {
  list.items[list.size] = item;
  list.size += 1;
}

/** “a” and “I”; other single letters belong to formulas. */
function isWordAlone(unit: number): boolean {
  const lower = unit | 32;
  return lower === 97 || lower === 105;
}

/** Three digits, and not a fourth, follow the comma. */
function thousands(text: string, comma: number): boolean {
  return (
    isDigit(text.charCodeAt(comma + 1)) &&
    isDigit(text.charCodeAt(comma + 2)) &&
    isDigit(text.charCodeAt(comma + 3)) &&
    !isDigit(text.charCodeAt(comma + 4))
  );
}

/** Phrases that are common to texts about different problems by different writers. */
export const PHRASE_NAMES: readonly string[] = known;

/** Tokens that are no words: the ends of a sentence, and anything of formulas. */
const [START_TOKEN, END_TOKEN, FORMULA_TOKEN] = ['<s>', '</s>', 'F'] as const;
const [START, END, FORMULA] = [hashOf(START_TOKEN), hashOf(END_TOKEN), hashOf(FORMULA_TOKEN)];
const MARKS = '.,;:?!#';
/** Hash of the token of an ASCII mark; 0 for marks of formulas. */
const MARK_TOKENS = Int32Array.from({ length: 128 }, (_, unit) => {
  const mark = String.fromCharCode(unit);
  return MARKS.includes(mark) ? hashOf(mark) : FORMULA;
});

/**
 * The tokens of a sentence from which phrases are made: words in lower case, marks of sentences, and one `F` for each run of numbers, single
 * letters, commands and other marks. The scanner reads the same without making strings.
 */
function phraseTokens(sentence: string): string[] {
  const tokens: string[] = [START_TOKEN];
  const token =
    /\\(?:[a-zA-Z\u00c0-\u00d6\u00d8-\u1fff]+|[\s\S]?)|(?![aAiI])[a-zA-Z\u00c0-\u00d6\u00d8-\u1fff](?![a-zA-Z\u00c0-\u00d6\u00d8-\u1fff]|['’-][a-zA-Z\u00c0-\u00d6\u00d8-\u1fff])[\d_]*|[a-zA-Z\u00c0-\u00d6\u00d8-\u1fff]+(?:['’-][a-zA-Z\u00c0-\u00d6\u00d8-\u1fff]+)*|\d(?:\d|\.\d|,\d{3}(?!\d))*|[^ \t-\r\xa0]/g;
  for (const [found] of sentence.matchAll(token)) {
    const lower = found.toLowerCase();
    const isWord = /^[a-z\u00c0-\u1fff][^\d_]/.test(lower) || lower === 'a' || lower === 'i';
    const next = isWord || MARKS.includes(lower) ? lower : FORMULA_TOKEN;
    if (next !== FORMULA_TOKEN || tokens.at(-1) !== FORMULA_TOKEN) tokens.push(next);
  }
  return [...tokens, END_TOKEN];
}

/** The phrases of one to three tokens in a sentence. */
export function phrasesIn(sentence: string): Set<string> {
  const tokens = phraseTokens(sentence);
  const found = new Set(tokens.slice(1, -1));
  for (let i = 1; i < tokens.length; i += 1) {
    found.add(`${tokens[i - 1]} ${tokens[i]}`);
    if (i > 1) found.add(`${tokens[i - 2]} ${tokens[i - 1]} ${tokens[i]}`);
  }
  return found;
}

/** Index of a phrase by the hash of its tokens. */
const PHRASES = new HashTable();
for (const [place, phrase] of PHRASE_NAMES.entries()) {
  const [first = 0, ...rest] = phrase.split(' ').map(hashOf);
  PHRASES.keep(rest.reduce(mix, first), place);
}

/** Groups of each word that has some, and their index by the hash of the word. */
const WORD_GROUP_LISTS = [...GROUPS_OF_WORD.values()];
const WORDS = new HashTable();
for (const [place, word] of [...GROUPS_OF_WORD.keys()].entries()) WORDS.keep(hashOf(word), place);
