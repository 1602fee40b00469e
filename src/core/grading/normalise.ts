import type { GradingPolicy } from '../schemas/index.ts';
import { closingBrace } from './brackets.ts';
import { spellCalendar } from './calendar.ts';
import { spellChinese } from './chinese.ts';
import { type Conditional, splitCondition } from './condition.ts';
import { spellInequalities } from './inequality-words.ts';
import { dropDollars } from './money.ts';
import { toLatex } from './notation.ts';
import { fractionText } from './rational.ts';
import { infixToPrefix, outwardBrackets, spellNumbers, spellParameter, spellSexagesimal } from './spelling.ts';
import { unicodeToLatex } from './unicode.ts';
import { beforeMeasure, isUnit, isUnitLetter, markUnits, readCompound } from './units/index.ts';

/** Longer answers are not rewritten: the rules below are for answers, and their cost grows with the length. */
export const MAX_ANSWER_LENGTH = 4_000;

/** Replaces `\name{inside}` with the result of `rewrite(inside)`, for every name; an unclosed group is unchanged. */
function rewriteGroups(text: string, name: RegExp, rewrite: (inside: string, name: string) => string): string {
  let out = '';
  let from = 0;
  for (const match of text.matchAll(name)) {
    if (match.index < from) continue;
    const open = match.index + match[0].length - 1;
    const end = closingBrace(text, open);
    if (end < 0) break;
    out += text.slice(from, match.index) + rewrite(text.slice(open + 1, end - 1), match[1] ?? '');
    from = end;
  }
  return out + text.slice(from);
}

/** A line break `\\\\` is matched too, so that `\\\\\\,` is a break and a space. */
const SPACING =
  /\\\\|\\(?:[,;:!> ]|quad(?![a-zA-Z])|qquad(?![a-zA-Z])|thinspace|enspace|hspace\*?\{[^{}]*\}|phantom\{[^{}]*\})/g;
const DECORATION =
  /\\(?:left|right|displaystyle|textstyle|scriptstyle|tiny|small|normalsize|large|Large|LARGE|huge|Huge|limits|nolimits|bigl|bigr|Bigl|Bigr|biggl|biggr|Biggl|Biggr|big|Big|bigg|Bigg|mathrm|mathit|mathbf|boldsymbol|bf|rm|it|mathop|operatorname\*?)(?![a-zA-Z])/g;
/** Commands with a simpler spelling. */
const RENAMED: Readonly<Record<string, string>> = {
  dfrac: '\\frac',
  tfrac: '\\frac',
  cfrac: '\\frac',
  dbinom: '\\binom',
  tbinom: '\\binom',
  leq: '\\le',
  leqslant: '\\le',
  geq: '\\ge',
  geqslant: '\\ge',
  neq: '\\ne',
  lt: '<',
  gt: '>',
  varnothing: '\\emptyset',
  ast: '\\cdot',
  ldots: '\\dots',
  cdots: '\\dots',
  overrightarrow: '\\vec',
  Z: '\\mathbb{Z}',
  R: '\\mathbb{R}',
  arctg: '\\arctan',
  tg: '\\tan',
  ctg: '\\cot',
  lbrace: '\\{',
  rbrace: '\\}',
  langle: '(',
  rangle: ')',
  lbrack: '[',
  rbrack: ']',
  vert: '|',
  mid: '|',
  triangle: 'triangle ',
};

function renameCommands(text: string): string {
  return text
    .replace(/\\mathbb\s*([A-Z])/g, '\\mathbb{$1}')
    .replace(/\\mathcal\s*\{\s*O\s*\}/g, 'O')
    .replace(/\\in\s*([ZQ])(?![A-Za-z])/g, '\\in\\mathbb{$1}')
    .replace(/\\([a-zA-Z]+)/g, (command, name: string) => RENAMED[name] ?? command);
}

const BOX = /\\(boxed|fbox|framebox)\s*\{/g;

/** Removes the words between boxes: `\boxed{1} \text{ for part (a) and } \boxed{2}`. Names (`y =`) stay. */
function betweenBoxes(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(BOX)) {
    const end = closingBrace(text, match.index + match[0].length - 1);
    if (match.index < from || end < 0) continue;
    const between =
      from === 0
        ? text.slice(0, match.index)
        : text.slice(from, match.index).replace(/\\text\s*\{[^{}]*\}|[A-Za-z]{2,}|[-+=&|/~#]{2,}/g, ' ');
    parts.push(between, text.slice(match.index, end));
    from = end;
  }
  return parts.join('') + text.slice(from);
}

/** `\boxed{…}` and similar commands around all or parts of an answer, the delimiters of maths, Markdown emphasis. */
function unwrap(text: string): string {
  let out = text
    .replace(/(?<!\\)\\\\(?=[a-zA-Z()[\]])/g, /\\begin/.test(text) ? '\\\\' : '\\')
    .replace(
      /\\begin\{?(?:boxed|aligned|align\*?|equation\*?|gather\*?)\}?|\\end\{(?:align\*?|aligned|equation\*?|gather\*?)\}/g,
      ' ',
    )
    .replace(/(?<![\w)}\]])\*\*([^*]+)\*\*(?![\w({\\])/g, '$1');
  const boxes = out.match(/\\(?:boxed|fbox)(?![a-zA-Z])/g)?.length ?? 0;
  // Several boxes side by side are several answers, and words between them describe what each counts.
  if (boxes > 1) out = betweenBoxes(out);
  out = rewriteGroups(out, BOX, (inside) => (boxes > 1 ? `${inside} , ` : inside));
  return out.replace(/(?<!\\)\\[()[\]]/g, ' ').replace(/(?<!\\)\$+/g, (sign) => (sign.length > 1 ? ' ' : '$'));
}

/** `\color{red}{5}`, `\textcolor{red}{5}`, `\underline{5}`, `\tag{1}`: formatting is not part of an answer, nor is the bar of a segment. */
function dropColour(text: string): string {
  return text
    .replace(/\\(?:text)?color\s*\{[^{}]{0,30}\}/g, ' ')
    .replace(/\\(?:tag|label)\*?\s*\{[^{}]{0,60}\}/g, ' ')
    .replace(/\\(?:underline|underbrace)(?![a-zA-Z])/g, ' ')
    .replace(/\\overline\s*\{\s*([A-Z]{2})\s*\}/g, ' $1');
}

const JOINING = /^[\s,;.]*(?:and|or|und|et|和|或|及)[\s,;.]*$/i;

/** `\text{…}`: a joining word becomes a comma, anything else plain words. */
function openText(text: string): string {
  return rewriteGroups(
    text.replace(
      /\\frac\s*\{\s*\\(?:text|mathrm)\{([^{}]*)\}\s*\}\s*\{\s*\\(?:text|mathrm)\{([^{}]*)\}\s*\}/g,
      ' $1/$2 ',
    ),
    /\\(text|textbf|textit|textrm|textnormal|mbox|hbox|mathrm|mathbf|mathit|mathsf|operatorname|emph)\s*\{/g,
    (inside, name) => {
      if (JOINING.test(inside)) return ',';
      if (inside.trim() === '') return ' ';
      return name.startsWith('math') || name === 'operatorname' ? ` ${inside}` : ` ${inside} `;
    },
  );
}

/** The bracket of a pair or set right before or after a run of numbers. */
const OPENING = /(?:[([]|\\\{|^\$?\{)\s*$/;
const CLOSING = /^\s*(?:\\right\s*)?(?:[)\]]|\\\}|\}$)/;

function thousands(text: string, policy: GradingPolicy): string {
  const joined = text.replace(/(\d)\s*(?:\{\s*,\s*\}|,\\!)\s*(?=\d{3})/g, '$1');
  if (policy.thousands === 'keep') return joined;
  return joined
    .replace(
      /(?<![\d.]|\d,)(\d{1,3})((?:,\d{3})+)(?!\d|,\d|\.\d+,\d)/g,
      (whole, head: string, tail: string, at: number) => {
        // `(12,102)` is a pair, and `\{100,200\}` a set.
        const bracketed = OPENING.test(joined.slice(0, at)) && CLOSING.test(joined.slice(at + whole.length));
        return bracketed || head.startsWith('0') ? whole : head + tail.replace(/,/g, '');
      },
    )
    .replace(
      /(?<![\d.,])(\d{1,3})((?:(?:\\,|\\ |\s|_)\d{3})+)(?![\d])/g,
      (_, head: string, tail: string) => head + tail.replace(/\D/g, ''),
    );
}

function percent(text: string, policy: GradingPolicy): string {
  const marked = text.replace(/\\%|\b(?:percent(?:age)?(?:\s+points?)?|pct)\b/gi, '%').replace(/\s*%/g, '%');
  if (policy.percent === 'require') return marked;
  if (policy.percent === 'ignore') return marked.replace(/%/g, ' ');
  return marked.replace(/((?:\\frac\{[^{}]*\}\{[^{}]*\}|[\d.])+)%/g, '(($1)/100)');
}

const DEGREES = /\^\s*\{?\s*\\(?:circ|degree)\s*\}?|\s*\\(?:degrees?|circ)(?![a-zA-Z])/g;
/** A value, then words up to the end, perhaps with an exponent: `15 square cm`, `10 m/s`, `3 cm^{2}`. */
const COUNTED = /^(.*?[\d)}.]|.*\\pi)\s*([A-Za-z\u4e00-\u9fff][A-Za-z\u4e00-\u9fff.\s/]*(?:\^?\s*\{?\d\}?)?)$/su;
/** `2x cm`: a variable, then one word. */
const AFTER_LETTER = /^(.*(?<![A-Za-z\\])[A-Za-z])\s+([A-Za-z]{2,}\s*(?:\^?\s*\{?\d\}?)?)$/s;
const NOT_UNITS =
  /^(?:or|if|when|where|for|base|million|billion|trillion|thousand|hundred|sin|cos|tan|cot|sec|csc|log|ln|exp|pi|sqrt|mod|to|is|are|be|thus|so|infty|inf|max|min)$/i;

/** `5 kg \cdot m^2` and `5 (minutes)` with their units as plain words, where units do not count. */
function unitProducts(text: string): string {
  const open = text.replace(/\(\s*(?:in\s+)?([A-Za-z][A-Za-z\s/]{1,40})\)\s*$/, (whole, words: string) =>
    isUnits(words.trim()) ? ` ${words}` : whole,
  );
  return open.replace(/([A-Za-z]{1,3})\s*\\cdot\s*([A-Za-z]{1,3})(?![A-Za-z])/g, (whole, a: string, b: string) => {
    const known = [a, b].map((word) => (word.length > 1 ? isUnit(word) : isUnitLetter(word)));
    return known[0] && known[1] && a.length + b.length > 2 ? `${a}/${b}` : whole;
  });
}

/** Units after a value: removes words after a value, or marks them in one spelling if the policy uses units. */
function units(text: string, policy: GradingPolicy): string {
  if (policy.units !== 'ignore')
    return markUnits(text.replace(DEGREES, '\\degree '), policy.units === 'convert', counted);
  const measured = beforeMeasure(text);
  const bare = measured === undefined || isCompound(measured) ? text : measured;
  const degrees = unitProducts(bare).replace(DEGREES, '\\degree ');
  const keepDegrees = /sin|cos|tan|cot|sec|csc|cis/.test(degrees);
  const plain = (keepDegrees ? degrees : degrees.replace(/\\degree\s*[CF]?\b/g, ' ')).trim();
  // `2 h 30 min` is one amount, in the last unit.
  const compound = readCompound(plain);
  if (compound) return fractionText(compound.value);
  return counted(plain)?.value ?? plain;
}

/** A value and the words after it that are a unit, or name what was counted. */
function counted(text: string): { value: string; tail: string } | undefined {
  for (const pattern of [COUNTED, AFTER_LETTER]) {
    const [, value = '', tail = ''] = pattern.exec(text) ?? [];
    if (value === '' || isCompound(value)) continue;
    if (isUnits(tail) || isCounted(value, tail)) return { value, tail };
  }
  return undefined;
}

/** `5 cm 3` of `5 cm 3 mm`: removing only the last unit would leave an invalid text. */
function isCompound(value: string): boolean {
  const unit = /\d\s*([A-Za-z]{1,12})\s*\d[\d.]*$/.exec(value)?.[1];
  return unit !== undefined && (isUnit(unit) || isUnitLetter(unit));
}

function wordsOf(tail: string): string[] {
  const words = tail.replace(/\^?\s*\{?\d\}?$/, '').split(/[\s./]+/);
  return words.filter((word) => word !== '');
}

/** Words that include a unit. A single letter is one only in a quotient (`m/s`); elsewhere it may be a variable. */
function isUnits(tail: string): boolean {
  if (/^[\u4e00-\u9fff]/.test(tail) || /^in\.?\s*(?:\^?\s*\{?[23]\}?)?$/i.test(tail)) return true;
  const words = wordsOf(tail);
  const letter = (word: string) => word.length === 1 && isUnitLetter(word) && tail.includes('/');
  return (
    words.some((word) => letter(word) || isUnit(word)) &&
    words.every((word) => word.length > 1 || letter(word) || word === 'a')
  );
}

/** Plain words after a plain number (`5 apples`, `17 any text`) name what was counted. */
function isCounted(value: string, tail: string): boolean {
  const words = wordsOf(tail);
  const named = (words[0]?.length ?? 0) > 2 || words[0] === 'of';
  const plain = words.length <= 12 && words.every((word) => /^[A-Za-z]{2,}$/.test(word) && !NOT_UNITS.test(word));
  return /\d[)}]?$/.test(value) && words[0] !== 'and' && named && plain;
}

/** `7th`, `the 7^{th} floor`. */
const ORDINAL =
  /^\s*(?:the\s+)?(\d+)\s*(?:\^\s*\{?\s*)?(?:st|nd|rd|th)\s*\}?\s*((?!of\b)[a-z]{3,15}(?:\s[a-z]{3,15})?)?\s*$/;

/** Thousands, mixed numbers, ordinals, times of day. */
function numbers(text: string, policy: GradingPolicy): string {
  return thousands(text, policy)
    .replace(/(?<![\d.\w])(\d+) +(\d+)\/(\d+)(?![\d.])/g, '$1\\frac{$2}{$3}')
    .replace(ORDINAL, policy.units === 'ignore' ? '$1' : '$1 $2')
    .replace(/\b([ap])\.\s?m\b/gi, '$1m');
}

/** `The answer is` inside a box. */
const LEAD = /^\s*(?:(?:the\s+)?(?:final\s+)?answer\s*(?:is|:)\s*:?|(?:最终)?(?:答案|结果)\s*(?:是|为)?\s*:?)\s*/i;
/** The name of a curve before its equation: `l: x + y = 3`, `the line y = x`. */
const CURVE =
  /^\s*(?:(?:the\s+)?(?:line|curve|circle|plane|parabola|ellipse|hyperbola|equation)\s*:?\s+(?=[^=]*[a-z][^=]*=)|[a-zA-Z]\s*:\s*(?=[^:=]*[a-z][^:=]*=[^=:]*$))/;
/** The numbers for which an equation holds, if that is all numbers, and the declaration of a constant. */
const FOR_ALL =
  /[\s,;(]*(?:(?:for\s+(?:all|every|any)|\\forall)\s*(?:real\s+(?:numbers?\s+)?)?[a-z](?:\s*\\in\s*(?:\\mathbb\{R\}|R))?|for\s+(?:some|any)\s+(?:real\s+)?constant\s+[a-zA-Z])\s*\)?\s*\.?\s*$/;
/** `a_n = 2n - 1 (n \in \mathbb{N}^*)`: the range of an index is not part of the formula of a sequence. */
const COUNTING =
  /^(\s*[A-Za-z]\s*(?:_\s*\{?\s*|\(\s*)([a-z])\s*[})]?\s*=.*?)\s*[,;(\s]\s*(?:for\s+|where\s+)?\2\s*\\in\s*(?:(?:\\mathbb\s*\{?\s*N\s*\}?|N)\s*(?:[\^_]\s*\{?\s*(?:\*|\+|\\cdot)\s*\}?)?|(?:\\mathbb\s*\{?\s*Z\s*\}?|Z)\s*[\^_]\s*\{?\s*\+\s*\}?)\s*\)?\s*\.?\s*$/s;
/** `Yes, it is.` and `Yes, because …` mean yes. */
const BECAUSE = /^\s*(yes|no)\s*,\s*(?:it|they|because|since)\b(?!.*\b(?:yes|no|but|maybe|perhaps|unless|if)\b).*$/is;
/** Comments on the value before them. */
const REMARK = /\s*\((?:since|because|as|i\.e|where|approx)[^()]*\)\s*$/i;

/** `\pmod 7`, `(mod 7)`, `\bmod{7}` after a residue. */
const MODULO = /\s*\(?\s*\\?(?:pmod|bmod|mod)\s*\{?\s*(\d{1,40}|[a-z])\s*\}?\s*\)?/g;

/** Removes punctuation, quotes, emphasis and spaces around an answer, but not a point before a digit. */
function trimMarks(text: string): string {
  // A name of a programming language, not a word in bold.
  if (/^__[a-z]{4,40}__$/.test(text)) return text;
  return text
    .replace(/^(?:[\s,;:*_`"“”„]|\.(?!\d)|\\")+/, '')
    .replace(/(?<![\s,;:.*_`"“”\\])(?:[\s,;:.*_`"“”]|\\")+$/, '');
}

/** Spaces matter only between two letters or two digits. */
function tidy(text: string): string {
  return text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/ /g, (space, at: number, whole: string) => {
      const around = (whole[at - 1] ?? '') + (whole[at + 1] ?? '');
      return /^(?:[a-zA-Z]{2}|\d{2})$/.test(around) ? space : '';
    })
    .replace(/,(?:\s*,)+/g, ',');
}

const WHOLE_NUMBER = /^(?:0|-?[1-9]\d{0,11})$/;

/** Whether a text is digits alone: it is its own normal form, and has one reading. Most answers are, and all rules take half a millisecond. */
export function isWholeNumber(text: string): boolean {
  return WHOLE_NUMBER.test(text);
}

/**
 * The normal form of an answer: one spelling of fractions, brackets, spaces, signs, thousands, money, units and percent by policy.
 * Two answers with the same normal form are equal; shapes are read from this form. Text over MAX_ANSWER_LENGTH code units is
 * returned trimmed, otherwise unchanged.
 */
export function normaliseAnswer(answer: string, policy: GradingPolicy): string {
  if (isWholeNumber(answer)) return answer;
  if (answer.length > MAX_ANSWER_LENGTH) return answer.trim();
  return spelled(opened(answer, policy), policy);
}

/** The normal forms of an answer and of the condition after it, such as `for x \ne 1`; undefined if there is none. */
export function normaliseConditional(answer: string, policy: GradingPolicy): Conditional | undefined {
  if (answer.length > MAX_ANSWER_LENGTH) return undefined;
  const split = splitCondition(opened(answer, policy));
  return split && { answer: spelled(split.answer, policy), condition: spelled(split.condition, policy) };
}

/** An answer without its wrappers, as plain LaTeX. */
function opened(answer: string, policy: GradingPolicy): string {
  let text = unicodeToLatex(
    toLatex(answer)
      .replace(/[\s~]{2,}/g, ' ')
      .replace(/<\|[^|<>]{0,40}\|>/g, ' '),
  );
  text = unwrap(text);
  text = infixToPrefix(renameCommands(dropColour(text)));
  text = thousands(text.replace(/,\s*\\!\s*(?=\d{3})/g, '{,}').replace(/\\!/g, ''), policy);
  text = dropDollars(text, policy);
  text = text.replace(SPACING, (space) => (space === '\\\\' ? space : ' ')).replace(/~/g, ' ');
  text = openText(text).replace(DECORATION, ' ');
  return text
    .replace(/\\+\s*$/, '')
    .replace(/(?<!\\)\\(?=\s)/g, ' ')
    .replace(REMARK, '')
    .replace(BECAUSE, '$1')
    .replace(LEAD, '')
    .replace(CURVE, '');
}

/** One spelling of numbers, units, words and marks. */
function spelled(opened: string, policy: GradingPolicy): string {
  let text = opened;
  if (/[=\d]/.test(text)) text = text.replace(FOR_ALL, '').replace(COUNTING, '$1');
  text = spellInequalities(text);
  const when = spellCalendar(text.trim().replace(/[,;.]+$/, ''));
  if (when !== undefined) return when;
  text = text.replace(/(?<=[\w)}])\s*(?:或者?|以?及|和|且)\s*(?=[-\w\\({])/g, ',');
  text = spellSexagesimal(spellChinese(text, isUnit), policy.units === 'convert');
  text = outwardBrackets(spellParameter(spellNumbers(text)));
  // Before the units, since a mark after a unit would hide it; and after, since a unit hides the marks before it.
  text = trimMarks(units(trimMarks(numbers(percent(text, policy), policy)), policy));
  text = text
    .replace(/\s*(?:,\s*)?(?<![a-zA-Z\\])(?:and|or)(?![a-zA-Z])\s*/g, ',')
    .replace(/(?<=[)\]])\s*U\s*(?=[([])/g, '\\cup ')
    .replace(/(?<=[\d)}])\s*(?:and|or)\s*(?=[\\\d({A-Za-z-])/g, ',');
  text = text.replace(/(?<![A-Za-z\\])(?:inf|infinity)(?![A-Za-z])/gi, '\\infty ');
  if (/\\equiv|mod/.test(text)) text = text.replace(MODULO, '\\pmod{$1}');
  return trimMarks(tidy(text.replace(/<=|=</g, '\\le ').replace(/>=/g, '\\ge ').replace(/!=/g, '\\ne ')));
}
