// Sets of numbers by name: `\mathbb{Z}^+` is “all positive integers”.

const SYMBOLS: readonly (readonly [RegExp, string])[] = [
  [/^\\mathbb\{Z\}$/, 'integers'],
  [/^\\mathbb\{Z\}(?:\^\{?[+*]?\+\}?|_\{?(?:\+|>0|\\ge1)\}?)$/, 'positive integers'],
  [/^\\mathbb\{N\}(?:\^\{?(?:\+|\*|\\cdot)\}?|_\{?(?:\+|>0|1)\}?)$/, 'positive integers'],
  [/^\\mathbb\{(?:N|Z)\}_\{?(?:0|\\ge0)\}?$/, 'nonnegative integers'],
  [/^\\mathbb\{N\}$/, 'natural'],
  [/^\\mathbb\{Q\}$/, 'rational'],
  [/^\\mathbb\{Q\}(?:\^|_)\{?\+\}?$/, 'positive rational'],
  [/^\\mathbb\{C\}$/, 'complex'],
];
const ADJECTIVES =
  /^(?:positive|negative|nonnegative|nonzero|rational|irrational|complex|natural|even|odd|prime|composite|square|perfect|whole)$/;
const FILLERS = /^(?:all|any|every|each|the|set|of|is|are|an?|be|must|can|number|value|such|that|these|those)s?$/;

/** The letter that a text is about: `n \\in \\mathbb{N}`, `p is prime`. */
const SUBJECT = /^([A-Za-z])\s*(?:\\in|(?:is|are|must|can)\b)/;

/** The one name of a set of numbers in words or signs; undefined for other texts. */
function nameOf(form: string): string | undefined {
  const bare = form.replace(/^[A-Za-z]\s*\\in\s*/, '').replace(/\s+/g, '');
  const symbol = SYMBOLS.find(([sign]) => sign.test(bare))?.[1];
  if (symbol !== undefined) return symbol;
  if (!/^[A-Za-z][A-Za-z -]{2,60}$/.test(form)) return undefined;
  const words = form
    .toLowerCase()
    .replace(/non-(?=negative|zero)/g, 'non')
    .split(/[\s-]+/);
  const names = words.filter((word) => word.length > 1 && !FILLERS.test(word)).map((word) => word.replace(/s$/, ''));
  if (names.length === 0 || !names.every((word) => ADJECTIVES.test(word) || word === 'integer')) return undefined;
  // Even, odd and prime numbers are integers.
  const implied = names.some((word) => /^(?:even|odd|prime|composite)$/.test(word));
  const kept = [...new Set(names)].filter((word) => !(implied && word === 'integer')).sort();
  return kept
    .map((word) => (word === 'integer' ? 'integers' : word))
    .join(' ')
    .replace('integers positive', 'positive integers')
    .replace('integers nonnegative', 'nonnegative integers');
}

/** Whether both name the same set of numbers. Whether 0 is natural is a convention. */
export function sameNumberSet(gold: string, prediction: string): boolean {
  const [a, b] = [nameOf(gold), nameOf(prediction)];
  if (a === undefined || b === undefined) return false;
  const [x, y] = [gold, prediction].map((form) => SUBJECT.exec(form)?.[1]);
  if (x !== undefined && y !== undefined && x !== y) return false;
  const natural = (name: string) => ['natural', 'positive integers', 'nonnegative integers'].includes(name);
  return a === b || ((a === 'natural' || b === 'natural') && natural(a) && natural(b));
}
