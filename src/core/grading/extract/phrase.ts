import { isHedged } from '../shapes/choice.ts';
import { type ExtractedAnswer, found } from './found.ts';

const DELIMITED = /^\s*(?:\*\*)?\s*(\$\$|\$|\\\(|\\\[)/;
const CLOSERS: Readonly<Record<string, string>> = { $$: '$$', $: '$', '\\(': '\\)', '\\[': '\\]' };
/** A longer sentence states no answer that can be graded. */
const MAX_PHRASE = 600;

/** How mathematics begins: a digit, a sign, a bracket, a command, a single letter, a function. */
export const MATHEMATICAL =
  /^[\s$*\\()[\]]{0,12}[-+−±(\\[{|√]*\s{0,4}(?:[\d.]|\\[a-z]|[a-z](?![a-z'’])|(?:sin|cos|tan|sqrt|log|ln|pi)\b)/i;

const LINKS =
  /(?<![a-z])(?:is|are|be|was|equals?|therefore|thus|hence|so|result|value|total|sum|comes? (?:out )?to(?: be)?|we get|we find|we have|gives?|it['’]s|i think|choose|pick|increases by|decreases by)(?![a-z])[\s:,]*|=\s*|(?:是|为|等于|得到|共有|共|有|了|：)\s*/giu;

/** The parts of a line after each link (“is”, “=”, “total”), last first. */
export function links(line: string): { at: number; verb: boolean }[] {
  return [...line.slice(0, 2_000).matchAll(LINKS)]
    .map((match) => ({ at: match.index + match[0].length, verb: !match[0].startsWith('=') }))
    .reverse();
}

const CLAUSE =
  /\sand\s+(?:we|it)\s+(?:are|is|have|has|can)\s|\sas\s+(?:the|our)\s|\s(?:because|since|which|whereas|while|if|but)(?:\s|$)|,\s+(?:because|since|which|as|it|so|not|where|when|with|for|attained|achieved|obtained|and (?:it|the|this|that))\s|\s\((?:i\.e|e\.g|approx|about|or )|<\||(?<=\d)\s*\[(?!\s*(?:$|\\))/;
const STOP = /[.!?](?:\*|\s)*$|[.?]\**\s+(?=[\p{Lu}$*(]|\\(?!end\b|\\))|!\**\s+(?=[\p{Lu}$*(])|[。！？।]/u;

const FACTORIAL = /(?:[\d)}]|(?<![A-Za-z])[A-Za-z])$/;

/** Index of the first bracket that closes one from before the line, as in `56 + 11 = 67 ] so`; else Infinity. */
function strayCloser(line: string): number {
  let depth = 0;
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i] ?? '';
    const at = i;
    if (char === '\\' && '()[]{}'.includes(line[i + 1] ?? ' ')) i += 1;
    if ('([{'.includes(line[i] ?? ' ')) depth += 1;
    else if (')]}'.includes(line[i] ?? ' ')) depth -= 1;
    if (depth < 0) return at;
  }
  return Number.POSITIVE_INFINITY;
}

/** Length of the first clause of a line, without its full stop. `5!` at its end is as likely a factorial as an exclamation. */
export function clauseEnd(line: string): number {
  const stop = STOP.exec(line);
  const clause = CLAUSE.exec(line);
  let end = Math.min(stop?.index ?? line.length, clause?.index ?? line.length);
  // A remark inside of `\text{ (approximately)}`.
  if (end === clause?.index) end = line.slice(0, end).replace(/\\text\s*\{$/, '').length;
  end = Math.min(end, strayCloser(line));
  if (stop !== null && end === stop.index && stop[0].startsWith('!') && FACTORIAL.test(line.slice(0, end))) end += 1;
  return end;
}

/** A letter of a multiple choice at the start of a phrase: `D, it can't be A`, `(B) because`. */
const CHOICE =
  /^\s*(?:(?:option|choice)\s+)?(\([A-J]\)|[A-J](?=\s+is\s+(?:the\s+)?(?:correct|right|answer)\b)|[A-J](?=(?!,\s*(?:and\s+|or\s+)?\(?[A-J]\b)[,.;:。]|\s*$|[\u4e00-\u9fff])|[B-HJ](?=\s+(?!and\b|or\b|is\b)[a-z]{2,}))/;

/** The choice at the start of a phrase, unless the words after it retract it or add another. */
export function choiceAt(line: string): RegExpExecArray | null {
  const match = CHOICE.exec(line);
  return match !== null && isHedged(line.slice(match[0].length)) ? null : match;
}

/** Length of the choice at the start of a line; undefined if there is none. */
export function leadingChoice(line: string): number | undefined {
  return choiceAt(line)?.[0].length;
}

/**
 * The answer in a phrase after `from`: a formula in delimiters, a letter, the text after the last “is” of a sentence of prose,
 * the only number of such a sentence, or the whole clause.
 */
export function readPhrase(
  text: string,
  from: number,
  limit: number,
  how: ExtractedAnswer['how'],
): ExtractedAnswer | undefined {
  const rest = text.slice(from, Math.min(limit, from + MAX_PHRASE));
  const formula = delimited(text, from, rest, how);
  if (formula !== undefined) return formula;
  const line = /^\s*[^\n]*/.exec(rest)?.[0] ?? '';
  const letter = choiceAt(line);
  if (letter !== null) {
    const at = from + letter[0].lastIndexOf(letter[1] ?? '');
    return found(text, at, at + (letter[1] ?? '').length, how);
  }
  const clause = line.slice(0, clauseEnd(line));
  if (JUDGEMENT.test(clause.trim())) return undefined;
  const begin = isProse(clause) ? proseStart(clause) : 0;
  if (begin === undefined) return onlyNumber(text, from, clause, how) ?? found(text, from, from + clause.length, how);
  const inner = begin > 0 ? delimited(text, from + begin, rest.slice(begin), how) : undefined;
  const answer = inner ?? found(text, from + begin, from + clause.length, how);
  return answer === undefined || !/[\p{L}\p{N}]/u.test(answer.answer) ? undefined : answer;
}

function delimited(text: string, from: number, rest: string, how: ExtractedAnswer['how']): ExtractedAnswer | undefined {
  const match = DELIMITED.exec(rest);
  const open = match?.[1];
  if (match === null || open === undefined) return undefined;
  const begin = match[0].length;
  const close = rest.indexOf(CLOSERS[open] ?? open, begin);
  if (close <= begin) return undefined;
  const after = /^[^\n]*/.exec(rest.slice(close + open.length))?.[0] ?? '';
  // A single dollar sign may precede money, or a second half of the answer.
  if (open === '$' && !/^[\s*]*(?:[.。,;!](?:\s|\*|$)|$)/.test(after)) return undefined;
  if (/^\s*(?:,|and\b|or\b)\s*(?:and\s+|or\s+)?(?:\$|\\\(|\\\[)/.test(after)) return undefined;
  return found(text, from + begin, from + close, how);
}

/** “The answer is correct” judges an answer and states none. */
const JUDGEMENT =
  /^(?:indeed |also |not |clearly |therefore )*(?:correct|incorrect|right|wrong|reasonable|valid|invalid|consistent|confirmed|verified|the same|given|found|obtained)\b/i;

function isProse(clause: string): boolean {
  if (MATHEMATICAL.test(clause)) return false;
  const words =
    clause.replace(/\$[^$]*\$|\\[a-zA-Z]+/g, ' ').match(/(?<![A-Za-z])[A-Za-z]{2,}|[\u4e00-\u9fff]+/g) ?? [];
  return words.length >= 2 || /[\u4e00-\u9fff]/.test(clause);
}

/** The start of mathematics after the last link of a clause; undefined if there is none. */
function proseStart(clause: string): number | undefined {
  return links(clause).find((link) => MATHEMATICAL.test(clause.slice(link.at)))?.at;
}

function isMoney(clause: string, number: RegExpExecArray): boolean {
  const before = clause.slice(Math.max(0, number.index - 3), number.index);
  const after = clause.slice(number.index + number[0].length, number.index + number[0].length + 3);
  return /[$€£¥]\s*$/.test(before) || /^\s?[$€£¥]/.test(after);
}

/** The only number of a clause, or the only one with a currency sign. */
export function onlyNumber(
  text: string,
  from: number,
  clause: string,
  how: ExtractedAnswer['how'],
): ExtractedAnswer | undefined {
  const numbers = [...clause.matchAll(/(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:\/\d+)?%?(?![\w])/g)];
  // Among several numbers, the one with a currency sign is the answer.
  const paid = numbers.filter((match) => isMoney(clause, match));
  const [number] = numbers.length === 1 ? numbers : paid;
  // `less than 3` is not 3.
  if (number !== undefined && /\b(?:than|than or equal to)[\s$\\(]*$/.test(clause.slice(0, number.index)))
    return undefined;
  if (number === undefined || (numbers.length > 1 && paid.length !== 1)) return undefined;
  return found(text, from + number.index, from + number.index + number[0].replace(/,$/, '').length, how);
}
