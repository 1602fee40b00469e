/** Words without case, punctuation and commands; a single letter keeps its case, since it may be a variable. */
function plainWords(text: string): string {
  const bare = text
    .replace(/\\[a-zA-Z]+/g, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  return bare.length === 1 ? bare : bare.toLowerCase();
}

const MEANINGS: readonly (readonly [meaning: Meaning, said: RegExp])[] = [
  [
    'nothing',
    /^(?:there (?:is|are) )?(?:no (?:such )?(?:real |integer |possible |valid )?(?:solutions?|roots?|values?|answers?|numbers?|x)(?: exists?)?|none|(?:the )?empty set|the equation has no (?:real )?solutions?)$|^(?:无解|没有解|无实数解|空集)$/,
  ],
  ['does not exist', /^(?:the limit )?(?:dne|does(?: not|n t) exist|不存在)$/],
  ['undefined', /^(?:is |it is )?(?:undefined|not defined|未定义)$/],
  [
    'infinitely many',
    /^(?:there are )?(?:infinitely many(?: solutions)?|infinite(?: number of)? solutions|无穷多个?解?|无数个?解?)$/,
  ],
  [
    'everything',
    /^(?:x is )?(?:all|any|every)(?: the)? reals?(?: numbers?| values?| x)?(?: of x)?$|^(?:全体实数|所有实数|任意实数)$/,
  ],
];

/** The meaning of an answer in words, independent of its wording. */
export type Meaning = 'nothing' | 'does not exist' | 'undefined' | 'infinitely many' | 'everything';

/** The meaning of `no solution`, `DNE`, `all real numbers` and the like; undefined for all other texts. */
export function meaningOf(text: string): Meaning | undefined {
  if (text.length > 60 || !/^[\p{L}\s.,;'’!?-]+$/u.test(text)) return undefined;
  const words = plainWords(text);
  return MEANINGS.find(([, said]) => said.test(words))?.[0];
}

/** A sign before a short name; before a word, it is a dash. */
const SIGNED = /^-[A-Za-z]{1,3}(?![A-Za-z])/;

/** `an ellipse` is `ellipse`; a single `a` may be a variable. */
function withoutArticle(words: string): string {
  return words.replace(/^(?:an?|the) (?=\p{L}{2})|^on (?=[a-z]{3,6}day$)/u, '');
}

/** Spaces matter only between two digits: `1 2` is not 12. */
function withoutSpaces(text: string): string {
  return text.replace(/(?<!\d)\s|\s(?!\d)/g, '');
}

function isShort(text: string): boolean {
  return plainWords(text).length <= 3;
}

/** A short name may be a formula, where case and marks count; `Yes` and `Tom` are words. */
function sameShort(gold: string, prediction: string): boolean {
  const [a, b] = [gold, prediction].map((text) => text.replace(/[\s.,;"]/g, ''));
  if (a === undefined || b === undefined || a === b) return a === b;
  const word = /^(?:yes|no|odd)[!?]?$/i.test(a) || [a, b].every((name) => /^[A-Z]?[a-z]{2}$/.test(name));
  return word && plainWords(a).toLowerCase() === plainWords(b).toLowerCase();
}

/** Equal words. Texts of signs only must be identical. */
export function equalTexts(gold: string, prediction: string): boolean {
  if (gold === prediction) return true;
  // Words keep their meaning with punctuation around them; numbers and formulas do not.
  if (/[^\p{L}\s.,;'’"!?-]/u.test(gold + prediction)) return withoutSpaces(gold) === withoutSpaces(prediction);
  if (SIGNED.test(gold) !== SIGNED.test(prediction)) return false;
  // `y'` and `n!` are not `y` and `n` with punctuation.
  const [a, b] = [withoutArticle(plainWords(gold)), withoutArticle(plainWords(prediction))];
  if (isShort(gold) || isShort(prediction))
    return (
      sameShort(gold, prediction) ||
      (/ /.test(a + b) && /^\p{Lu}\p{Ll}/u.test(gold) && core(a) === core(b)) ||
      (/条件/.test(a + b) && core(a) === core(b))
    );
  return a !== '' && (a === b || core(a) === core(b));
}

/** What an answer is about, where the question names it already: `the series converges`. */
const ABOUT =
  /^(?:the |this |a |it |they )?(?:given )?(?:(?:improper )?(?:series|sequence|integral|function|limit|matrix|system|vectors?|set|curve|graph|conic|shape|figure|angle|lines?|map|operator|argument|relation|it|they|statement|claim|answer|result) )?(?:is |are |will be )?(?:an? )?(?=\p{L})/u;
/** What the kind of an answer adds to its name: `isosceles triangle`, `Bob wins`. */
const KIND =
  / (?:triangles?|wins?|will win|won|has a winning strategy|always wins|can win|function|lines?|series|of them)$|条件$/u;
const SYNONYMS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:does not converge|not convergent|divergent|diverge)\b/g, 'diverges'],
  [/\b(?:convergent|converge)\b/g, 'converges'],
  [/^neither(?: even nor odd| odd nor even| of (?:them|these|the two))$/, 'neither'],
  [/\b(?:all|every|each|any) (?=\p{L}{3})/gu, ''],
];

/** The words of an answer without what only repeats the question. */
function core(text: string): string {
  const said = SYNONYMS.reduce((words, [form, word]) => words.replace(form, word), text);
  const kept = said.replace(ABOUT, '').replace(KIND, '');
  return kept.length > 2 || /[\u4e00-\u9fff]/.test(kept) ? kept : said;
}

/** A gold that can't be compared reliably: prose of many words, or LaTeX that can't be parsed. */
export function isUnreadable(gold: string): boolean {
  return /[\\{}^]/.test(gold) || isProse(gold);
}

/** Prose of many words: a solution or a remark, not an answer. */
export function isProse(text: string): boolean {
  return (text.replace(/\\[a-zA-Z]+/g, ' ').match(/[A-Za-z]{2,}/g)?.length ?? 0) > 12;
}
