// Converts notations of one number to the one that the parser reads. All functions work on partial normal forms (see normalise.ts).

const ONES = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ');
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const ZEROS: Readonly<Record<string, number>> = { hundred: 2, thousand: 3, million: 6, billion: 9, trillion: 12 };

/** The value of `five`, `twenty-one`, `one hundred and five`, `three thousand`; undefined for anything else. Case does not matter. */
function spelledNumber(text: string): number | undefined {
  const words = text.toLowerCase().split(/[\s-]+/);
  if (words.length > 12) return undefined;
  let total = 0;
  let group = 0;
  let last = Number.POSITIVE_INFINITY;
  for (const [i, word] of words.entries()) {
    const one = ONES.indexOf(word);
    const ten = TENS.indexOf(word);
    const zeros = ZEROS[word];
    if (word === 'and' && i > 0 && i < words.length - 1 && group >= 100) continue;
    if (zeros !== undefined && group > 0) {
      if (zeros === 2) group *= 100;
      else {
        total += group * 10 ** zeros;
        group = 0;
      }
      last = Number.POSITIVE_INFINITY;
      continue;
    }
    const value = one >= 0 ? one : ten >= 0 ? 20 + 10 * ten : undefined;
    // `two three` is two numbers; `twenty one` and `hundred one` are one.
    if (value === undefined || (last !== Number.POSITIVE_INFINITY && !(last >= 20 && value > 0 && value < 10)))
      return undefined;
    group += value;
    last = value;
  }
  return total + group;
}

/** `five` or `Five apples` starts with the number 5; other texts that start with a number word (`one of them`) are unchanged. */
function leadingWords(text: string): string {
  const match = /^\s*([A-Za-z]+(?:[\s-][A-Za-z]+){0,7})\s*[.!]?\s*$/.exec(text);
  if (match?.[1] === undefined) return text;
  // `two and three` are two numbers, `hundred and two` is one.
  const several = match[1].split(/\s(?:and|or)\s/).map(spelledNumber);
  if (several.length > 1 && spelledNumber(match[1]) === undefined && !several.includes(undefined))
    return several.join(', ');
  const words = match[1].split(/(?=[\s-])/);
  for (let count = words.length; count >= Math.max(1, words.length - 2); count -= 1) {
    const value = spelledNumber(words.slice(0, count).join('').trim());
    const rest = words.slice(count).join('').trim();
    if (value === undefined || /^(?:of|to|or|and|by|more|less|half|way)\b/i.test(rest) || rest.startsWith('-'))
      continue;
    return rest === '' ? String(value) : `${value} ${rest}`;
  }
  return text;
}

const PARTS: Readonly<Record<string, number>> = {
  half: 2,
  third: 3,
  quarter: 4,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  eighth: 8,
  tenth: 10,
};
const PART = /^\s*(an?|[a-z]+)[\s-]+(half|third|quarter|fourth|fifth|sixth|eighth|tenth)s?\s*$/i;

const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(' ');
const ORDINAL = new RegExp(String.raw`^\s*(?:the\s+)?(${ORDINALS.join('|')})\s*\.?\s*$`, 'i');

const WITH_PART = /^\s*(\d{1,9}|[a-z]+(?:[\s-][a-z]+){0,6}?)\s+and\s+(\S.{0,40})$/is;

/** `two thirds`, `one-half`, `three and a half` and `a dozen` as numbers. */
function spelledParts(text: string): string {
  if (/^\s*(?:an?|one)\s+dozen\s*$/i.test(text)) return '12';
  const ordinal = ORDINAL.exec(text)?.[1]?.toLowerCase();
  if (ordinal !== undefined) return String(ORDINALS.indexOf(ordinal) + 1);
  const [, whole = '', share = ''] = WITH_PART.exec(text) ?? [];
  const wholes = whole === '' ? undefined : /\d/.test(whole) ? Number(whole) : spelledNumber(whole);
  const rest = wholes === undefined ? share : spelledParts(share);
  if (rest !== share) return `${wholes}${rest}`;
  const [, count = '', part = ''] = PART.exec(text) ?? [];
  const top = /^an?$/i.test(count) ? 1 : count === '' ? undefined : spelledNumber(count);
  const bottom = PARTS[part.toLowerCase()];
  return top === undefined || bottom === undefined ? text : `\\frac{${top}}{${bottom}}`;
}

const MAGNITUDE = /(?<![\w.])(\d{1,20}(?:\.\d{1,20})?)\s*(hundred|thousand|million|billion|trillion)(?![A-Za-z])/gi;

/** `2.5 million` is 2.5·10^6. */
function magnitudes(text: string): string {
  return text.replace(MAGNITUDE, (_, number: string, word: string) => {
    return `${number}\\cdot10^{${ZEROS[word.toLowerCase()] ?? 0}}`;
  });
}

/** The shortest period at the end of the digits, if it repeats often enough to be unambiguous: `1666`, `121212`. */
function periodOf(digits: string): { once: string; period: string } | undefined {
  for (let length = 1; length <= 6; length += 1) {
    const period = digits.slice(-length);
    const times = length === 1 ? 3 : 2;
    if (digits.length >= length * times && digits.endsWith(period.repeat(times))) {
      let end = digits.length;
      while (end >= length && digits.slice(end - length, end) === period) end -= length;
      return { once: digits.slice(0, end), period };
    }
  }
  return undefined;
}

const DOTS = /(?<![\d.])(\d{0,20})\.(\d{2,60})\s*(?:\.{2,}|\\(?:l|c)?dots(?![A-Za-z]))/g;

/** Converts all notations of a repeating decimal to `0.1\overline{6}`: bars, dots, `0.1(6)`, `0.1666…`. */
function repeating(text: string): string {
  if (!text.includes('.')) return text;
  return text
    .replace(
      /(\.\d{0,60})\\dot\s*\{?(\d)\}?(\d{0,20})\\dot\s*\{?(\d)\}?/g,
      (_, head: string, first: string, middle: string, last: string) => `${head}\\overline{${first}${middle}${last}}`,
    )
    .replace(/(\.\d{0,60})\\(?:bar|dot|overline)\s*(?:\{(\d{1,60})\}|(\d))/g, (_, head: string, a = '', b = '') => {
      return `${head}\\overline{${a}${b}}`;
    })
    .replace(/(?<![\d.])(\d{1,20}\.\d{0,60})\((\d{1,60})\)(?=\s*(?:$|,|\)|\\%|%))/g, '$1\\overline{$2}')
    .replace(DOTS, (whole, before: string, after: string) => {
      const found = periodOf(after);
      return found === undefined ? whole : `${before}.${found.once}\\overline{${found.period}}`;
    });
}

/** `1011_{two}`, `(1011)_2`, `1011 base 2` become `1011_{2}`. */
function bases(text: string): string {
  if (!/_|base/i.test(text)) return text;
  return text
    .replace(/_\s*\{\s*(?:base\s*)?(?:\(\s*)?([A-Za-z]{3,9}|\d{1,2})(?:\s*\))?\s*\}/g, (whole, name: string) => {
      const value = /\d/.test(name) ? Number(name) : spelledNumber(name);
      return value === undefined ? whole : `_{${value}}`;
    })
    .replace(/\(\s*([0-9][0-9A-Z]{0,400})\s*\)(?=_\{?\d)/g, '$1')
    .replace(
      /^\s*([0-9][0-9A-Z]{0,400})\s*\(?\s*(?:in\s+)?base[\s-]*([A-Za-z]+|\d{1,2})\s*\)?\s*$/i,
      (whole, digits, name) => {
        const value = /\d/.test(name) ? Number(name) : spelledNumber(name);
        return value === undefined ? whole : `${digits}_{${value}}`;
      },
    );
}

const HEDGE =
  /^\s*(?:(?:about|approximately|approx\.?|around|roughly|nearly|almost|exactly|only|just|a total of|USD|US\\?\$|EUR|GBP|Rs\.?|INR|RMB|CNY)\s*)+(?=[-+\d\\$(.])/i;

const DEGREE = String.raw`\s*(?:\^\s*\{?\s*\\circ\s*\}?|\\degree(?![A-Za-z]))\s*`;
/** `30^\circ 15'`, `30° 15' 20''`. */
const MINUTES = new RegExp(
  String.raw`(?<![\d.])(\d{1,6})${DEGREE}(\d{1,2}(?:\.\d{1,9})?)\s*'(?!')(?:\s*(\d{1,2}(?:\.\d{1,9})?)\s*(?:''|"))?`,
  'g',
);
/** `5'10"`, feet and inches. */
const FEET = /^\s*(\d{1,4})\s*'\s*(\d{1,2}(?:\.\d{1,9})?)\s*(?:''|")\s*\.?\s*$/;
/** `1h30`, `2:15 hours`. */
const HOURS = /^\s*(\d{1,4})\s*(?:h\s*(\d{2})\s*(?:m|min)?|:\s*(\d{2})\s*(?:h|hrs?|hours?))\s*\.?\s*$/i;

/** Degrees with minutes and seconds of arc as one number of degrees; if units are converted, `5'10"` and `1h30` with names of units. */
export function spellSexagesimal(text: string, converts: boolean): string {
  const degrees = text.replace(MINUTES, (_, whole: string, minutes: string, seconds?: string) => {
    const rest = seconds === undefined ? '' : `+\\frac{${seconds}}{3600}`;
    return `(${whole}+\\frac{${minutes}}{60}${rest})\\degree `;
  });
  if (!converts) return degrees;
  return degrees.replace(FEET, '$1 ft $2 in').replace(HOURS, (_, hours: string, a?: string, b?: string) => {
    return `${hours} h ${a ?? b} min`;
  });
}

/** `negative five`, `minus 5`; a second sign after it is not accepted. */
const BELOW_ZERO = /^\s*(?:negative|minus)\s+(?!negative|minus|-)(\S.*)$/is;

/** One spelling for repeating decimals, magnitudes, number words, numerals with a base, and values after a hedge or currency. */
export function spellNumbers(text: string): string {
  // Most answers are whole numbers, which have one spelling.
  if (/^[-+\s\d]*$/.test(text)) return text;
  const [, below = ''] = BELOW_ZERO.exec(text) ?? [];
  if (below !== '') {
    const spelled = spellNumbers(below).trim();
    return /^(?:\d|\\frac)/.test(spelled) ? `-${spelled}` : text;
  }
  const bare = text
    .replace(HEDGE, '')
    .replace(/^\s*(\d{1,9})\s*to\s*(\d{1,9})\s*$/, '$1:$2')
    .replace(/^\s*(\d{1,9})\s+in\s+(\d{1,9})\s*$/, '\\frac{$1}{$2}');
  return bases(magnitudes(repeating(leadingWords(spelledParts(bare)))));
}

const ANY_INTEGER =
  /[\s,;(]*(?:\b(?:where|with|for|when)\s+)?(?:(?:any|all|every|some|each|an?)\s+)?(?:\b([a-z])\s*(?:(?:is|are|be|=)\s+)?(?:any|an|all)?\s*integers?|\bintegers?\s+([a-z])|([a-z])\s*\\in\s*\{?(?:\\mathbb\s*\{?\s*)?Z\}?\}?)\s*\)?\s*\.?\s*$/;

/** Converts all ways to declare a letter as an integer at the end of an answer to `,k\in\mathbb{Z}`. */
export function spellParameter(text: string): string {
  if (!/integer|\\in/.test(text)) return text;
  return text.replace(ANY_INTEGER, (_, a = '', b = '', c = '') => `,${a}${b}${c}\\in\\mathbb{Z}`);
}

const INFIX = /\\(over|choose|brack|brace)(?![a-zA-Z])/;
const INFIX_NAME: Readonly<Record<string, string>> = { over: '\\frac', choose: '\\binom' };
/** More levels than any answer has; each costs a pass. */
const MAX_INFIX = 20;

/** `{a \over b}` and `{a \choose b}` as `\frac{a}{b}` and `\binom{a}{b}`. */
export function infixToPrefix(text: string): string {
  let out = text;
  for (let i = 0; i < MAX_INFIX; i += 1) {
    const match = INFIX.exec(out);
    const name = INFIX_NAME[match?.[1] ?? ''];
    if (match === null || name === undefined) return out;
    const [from, to] = [groupStart(out, match.index), groupEnd(out, match.index + match[0].length)];
    const [left, right] = [out.slice(from, match.index), out.slice(match.index + match[0].length, to)];
    const inner = `${name}{${left.trim()}}{${right.trim()}}`;
    const braced = out[from - 1] === '{' && out[to] === '}';
    out = braced ? out.slice(0, from - 1) + inner + out.slice(to + 1) : out.slice(0, from) + inner + out.slice(to);
  }
  return out;
}

function groupStart(text: string, at: number): number {
  let depth = 0;
  for (let i = at - 1; i >= 0; i -= 1) {
    if (text[i - 1] === '\\') continue;
    if (text[i] === '}') depth += 1;
    else if (text[i] === '{' && depth === 0) return i + 1;
    else if (text[i] === '{') depth -= 1;
  }
  return 0;
}

function groupEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '{') depth += 1;
    else if (text[i] === '}' && depth === 0) return i;
    else if (text[i] === '}') depth -= 1;
  }
  return text.length;
}

const OUTWARD = /^(\s*(?:[a-z]\s*\\in\s*)?)([[\]])([^[\]]*[,;][^[\]]*)([[\]])(\s*)$/;

/** Half-open intervals in French and German notation, `[1,2[` and `]1,2]`, with round brackets. */
export function outwardBrackets(text: string): string {
  if (!/^[^[]*\]|\[[^\]]*$|\[\s*\\cup|\\cup\s*\]/.test(text)) return text;
  const pieces = text.split('\\cup').map((piece) => {
    const [, name = '', open = '', inside = '', close = '', end = ''] = OUTWARD.exec(piece) ?? [];
    return open === '' ? piece : `${name}${open === '[' ? '[' : '('}${inside}${close === ']' ? ']' : ')'}${end}`;
  });
  return pieces.join('\\cup');
}
