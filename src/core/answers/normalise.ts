import type { GradingPolicy } from '../model/index.ts';
import { closingBrace } from './brackets.ts';
import { unicodeToLatex } from './unicode.ts';
import { canonicalUnit, isUnit } from './units.ts';

/** Longer answers are not rewritten: the rules below are for answers, and their cost grows with the length. */
export const MAX_ANSWER_LENGTH = 4_000;

/** Replaces `\name{inside}` by what `rewrite` makes of the inside, for every name; a group that never closes is left. */
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

const SPACING =
  /(?<!\\)\\(?:[,;:!> ]|quad(?![a-zA-Z])|qquad(?![a-zA-Z])|thinspace|enspace|hspace\*?\{[^{}]*\}|phantom\{[^{}]*\})/g;
const DECORATION =
  /\\(?:left|right|displaystyle|textstyle|limits|nolimits|bigl|bigr|Bigl|Bigr|biggl|biggr|Biggl|Biggr|big|Big|bigg|Bigg|mathrm|mathit|mathbf|boldsymbol|bf|rm|it|mathop|operatorname\*?)(?![a-zA-Z])/g;
const RENAMED: Readonly<Record<string, string>> = {
  dfrac: 'frac',
  tfrac: 'frac',
  cfrac: 'frac',
  dbinom: 'binom',
  tbinom: 'binom',
  leq: 'le',
  leqslant: 'le',
  geq: 'ge',
  geqslant: 'ge',
  lt: 'lt',
  gt: 'gt',
  neq: 'ne',
  varnothing: 'emptyset',
  ast: 'cdot',
  infin: 'infty',
  arctg: 'arctan',
  tg: 'tan',
  ctg: 'cot',
  lbrace: '{',
  rbrace: '}',
  lbrack: 'lbrack',
  vert: 'vert',
  mid: 'mid',
};

function renameCommands(text: string): string {
  return text.replace(/\\([a-zA-Z]+)/g, (whole, name: string) => {
    const renamed = RENAMED[name];
    if (renamed === undefined) return whole;
    if (renamed === 'lt') return '<';
    if (renamed === 'gt') return '>';
    if (renamed === 'vert' || renamed === 'mid') return '|';
    if (renamed === 'lbrack') return '[';
    return `\\${renamed}`;
  });
}

/** `\boxed{…}` and its kin around all or parts of an answer, the delimiters of maths, Markdown emphasis. */
function unwrap(text: string): string {
  let out = text
    .replace(/(?<!\\)\\\\(?=[a-zA-Z()[\]])/g, /\\begin/.test(text) ? '\\\\' : '\\')
    .replace(
      /\\begin\{?(?:boxed|align\*?|aligned|equation\*?|gather\*?)\}?|\\end\{(?:align\*?|aligned|equation\*?|gather\*?)\}/g,
      ' ',
    )
    .replace(/(?<![\w)}\]])\*\*([^*]+)\*\*(?![\w({\\])/g, '$1')
    .replace(/^[*_`]+(?=[^*_`])|(?<=[^*_`])[*_`]+$/g, '');
  const boxes = out.match(/\\(?:boxed|fbox)(?![a-zA-Z])/g)?.length ?? 0;
  // Several boxes side by side are several answers.
  out = rewriteGroups(out, /\\(boxed|fbox|framebox)\s*\{/g, (inside) => (boxes > 1 ? `${inside} , ` : inside));
  return out.replace(/(?<!\\)\\[()[\]]/g, ' ').replace(/(?<!\\)\$+/g, (sign) => (sign.length > 1 ? ' ' : '$'));
}

/** `$1,000$` are delimiters; `$1,000` and `1,000$` are money. Both leave the same number. */
function dropDollars(text: string, policy: GradingPolicy): string {
  const signs = text.replace(/\\\$/g, '').match(/\$/g)?.length ?? 0;
  const money = policy.units === 'require' ? ' dollar ' : ' ';
  return text
    .replace(/\\\$/g, money)
    .replace(/\$/g, signs % 2 === 1 ? money : ' ')
    .replace(/[€£¥]/g, ' ');
}

const JOINING = /^[\s,;.]*(?:and|or|und|et|和|或|及)[\s,;.]*$/i;

/** `\text{…}`: a joining word becomes a comma, anything else plain words. */
function openText(text: string): string {
  return rewriteGroups(
    text,
    /\\(text|textbf|textit|textrm|textnormal|mbox|hbox|mathrm|mathbf|mathit|mathsf|operatorname|emph)\s*\{/g,
    (inside, name) => {
      if (JOINING.test(inside)) return ',';
      if (inside.trim() === '') return ' ';
      return name.startsWith('math') || name === 'operatorname' ? ` ${inside}` : ` ${inside} `;
    },
  );
}

function thousands(text: string): string {
  const joined = text.replace(/(\d)\s*(?:\{\s*,\s*\}|,\\!)\s*(?=\d{3})/g, '$1');
  return joined
    .replace(/(?<![\d.,])(\d{1,3})((?:,\d{3})+)(?![\d,]|\.\d+,)/g, (whole, head: string, tail: string, at: number) => {
      // `(12,102)` is a pair.
      const bracketed = '(['.includes(joined[at - 1] ?? ' ') && ')]'.includes(joined[at + whole.length] ?? ' ');
      return bracketed || head.startsWith('0') ? whole : head + tail.replace(/,/g, '');
    })
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

/** Units after a value. Under `require` they stay, in one spelling; else words that follow a value go away. */
function units(text: string, policy: GradingPolicy): string {
  const degrees = text
    .replace(/\^\s*\{?\s*\\(?:circ|degree)\s*\}?/g, '\\degree ')
    .replace(/\s*\\(?:degrees?|circ)(?![a-zA-Z])/g, '\\degree ');
  const keepDegrees = policy.units === 'require' || /sin|cos|tan|cot|sec|csc/.test(degrees);
  const plain = keepDegrees ? degrees : degrees.replace(/\\degree\s*[CF]?\b/g, ' ');
  const match =
    /^(.*?[\d)}.]|.*\\pi)\s*((?:(?:per|a|an|of|in|the|each)\s+)*[A-Za-z\u4e00-\u9fff][A-Za-z\u4e00-\u9fff.\s/]*(?:\^?\s*\{?\d\}?)?)$/su.exec(
      plain.trim(),
    );
  if (match === null) return plain;
  const [, value = '', tail = ''] = match;
  const words = tail
    .replace(/\^.*$/, '')
    .split(/[\s./]+/)
    .filter((word) => word !== '' && !/^\d$/.test(word));
  if (
    !words.some((word) => word.length > 1 && isUnit(word)) &&
    !/^[\u4e00-\u9fff]/.test(tail) &&
    !spelled(words, value)
  )
    return plain;
  return policy.units === 'require' ? `${value} ${canonicalUnit(tail)}` : value;
}

const NOT_UNITS =
  /^(?:and|or|if|when|where|for|sin|cos|tan|cot|sec|csc|log|ln|exp|pi|sqrt|mod|to|is|are|be|thus|so|infty|inf|max|min)$/i;

/** Plain words after a plain number (`5 apples`, `17 any text`) name what was counted. */
function spelled(words: string[], value: string): boolean {
  return (
    /\d[)}]?$/.test(value) &&
    words.length <= 12 &&
    (words[0]?.length ?? 0) > 2 &&
    words.every((word) => /^[A-Za-z]{2,}$/.test(word)) &&
    !words.some((word) => NOT_UNITS.test(word))
  );
}

/** Spaces say something only between two letters or two digits. */
function tidy(text: string): string {
  return text
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/ /g, (space, at: number, whole: string) => {
      const around = (whole[at - 1] ?? '') + (whole[at + 1] ?? '');
      return /^(?:[a-zA-Z]{2}|\d{2})$/.test(around) ? space : '';
    })
    .replace(/,(?:\s*,)+/g, ',')
    .replace(/^[,;:.]+(?!\d)|[,;:。]+$|(?<!\.)\.$/g, '')
    .trim();
}

/**
 * The normal form of an answer: one spelling of fractions, brackets, spaces, signs, thousands, money, units and percent by policy.
 * Two answers with the same normal form are the same; the form is what the shapes are read from. Text over MAX_ANSWER_LENGTH code units is
 * returned trimmed, otherwise unchanged.
 */
export function normaliseAnswer(answer: string, policy: GradingPolicy): string {
  if (answer.length > MAX_ANSWER_LENGTH) return answer.trim();
  let text = unicodeToLatex(answer.replace(/<\|[^|<>]{0,40}\|>/g, ' '));
  text = unwrap(text);
  text = renameCommands(text);
  text = thousands(text.replace(/,\s*\\!\s*(?=\d{3})/g, '{,}').replace(/\\!/g, ''));
  text = dropDollars(text, policy);
  text = text.replace(SPACING, ' ').replace(/~/g, ' ');
  text = openText(text).replace(DECORATION, ' ');
  text = text.replace(/\\+\s*$/, '').replace(/(?<!\\)\\(?=\s)/g, ' ');
  text = text
    .replace(/\s*(?:,\s*)?(?<![a-zA-Z\\])(?:and|or)(?![a-zA-Z])\s*/g, ',')
    .replace(/(?<=[\d)}])\s*(?:and|or)\s*(?=[\\\d({A-Za-z-])/g, ',');
  text = percent(text, policy);
  text = units(thousands(text), policy);
  return tidy(text.replace(/<=|=</g, '\\le ').replace(/>=/g, '\\ge ').replace(/!=/g, '\\ne '));
}
