import { keepLast } from '../keep-last.ts';
import type { Outcome } from '../schemas/index.ts';
import { findBoxes } from '../text/boxes.ts';
import { askedFor } from './asked.ts';

/** A value that the text presents as the answer. Offsets are those of the value, in UTF-16 code units. */
export interface CandidateAnswer {
  start: number;
  end: number;
  answer: string;
  /** `stated`: named as the answer or by what is asked. `concluded`: a conclusion with a value that is already boxed or stated. */
  how: 'boxed' | 'stated' | 'concluded';
}

/** A candidate that was compared with the gold answer. */
export interface GradedCandidate extends CandidateAnswer {
  outcome?: Outcome | undefined;
}

/** A value: a formula in delimiters, or a bare number with sign, thousands, decimals, fraction or percent. */
const VALUE = String.raw`(\$\$?[^$\n]{1,120}\$\$?|\\\([^\n]{1,120}?\\\)|\\\[\s{0,4}[^\n]{1,120}?\s{0,4}\\\]|[-−]?\$?(?<!\d)\d+(?:,\d{3})*(?:\.\d+)?(?:\/\d+)?%?)(?!\s*[-+*/^×·=]|\d|\)\^| times\b)`;
const IS = `(?:is|are|equals|be|becomes|comes to|comes out (?:as|to)|must be|=|:)`;
const IS_THE_ANSWER = String.raw` (?:is|as) (?:indeed |therefore |probably )?(?:the|our|my) (?:final |correct )?answer\b`;
/** How a text names its answer, each with the words without which it matches nowhere: to look for a value at every place takes long. */
const STATED = [
  {
    words: /answer|final result/i,
    pattern: String.raw`\b(?:answer|final result)\b[^.\n$\\=:]{0,40}?(?:\b|(?=[=:]))${IS}[\s*:]*(?:therefore |then |thus |simply |just |exactly |indeed |still |also |probably )?(?:\*\*)?${VALUE}`,
  },
  { words: /答案|结果/, pattern: String.raw`(?:答案|结果)(?:就?是|为|：|:|=)\s*${VALUE}` },
  { words: new RegExp(IS_THE_ANSWER, 'i'), pattern: `${VALUE}${IS_THE_ANSWER}` },
];
const patterns = new Map<string, RegExp>();
function patternOf(alternatives: string): RegExp {
  const pattern = patterns.get(alternatives) ?? new RegExp(alternatives, 'gi');
  patterns.set(alternatives, pattern);
  return pattern;
}
const CONCLUDED = new RegExp(
  String.raw`(?:\b(?:so|thus|hence|therefore|which (?:gives|means|is)|giving|we get|I get|that gives|leaves|makes|total of|comes to|is|are|equals)\b|=)[^.\n$\\=]{0,60}?${VALUE}(?=\s*(?:[.,;!\n](?!\d)|\*\*|\\\]|$)|\s+[a-z]+[.,;!\n])`,
  'gi',
);

/**
 * The places where a text presents a value as the answer: boxes; “the answer is …”; the name of what the problem asks for (“the
 * probability is …”, “m + n = …”); and conclusions that end in one of these values or in the gold answer. Ordered and disjoint.
 */
export function findCandidates(text: string, known: { problem?: string; gold?: string } = {}): CandidateAnswer[] {
  return candidatesKnowing(text, known.problem)(known.gold);
}

/** The samples of a problem have the same. */
const askedIn = keepLast((problem: string) => askedFor(problem, VALUE));

/** As findCandidates: the text is read once for several gold answers, or none. */
export function candidatesKnowing(text: string, problem: string | undefined): (gold?: string) => CandidateAnswer[] {
  const sure: CandidateAnswer[] = findBoxes(text).map((box) => ({
    start: box.innerStart,
    end: box.innerEnd,
    answer: text.slice(box.innerStart, box.innerEnd).trim(),
    how: 'boxed',
  }));
  const stated = STATED.filter(({ words }) => words.test(text)).map(({ pattern }) => pattern);
  if (stated.length > 0) collect(text, patternOf(stated.join('|')), 'stated', sure);
  const own = sure.map(({ answer }) => key(answer));
  const asked = problem === undefined ? { named: [], vague: [] } : askedIn(problem);
  for (const pattern of asked.named) collect(text, pattern, 'stated', sure);
  let concluded: { candidate: CandidateAnswer; key: string }[] | undefined;
  return (gold) => {
    const values = new Set(gold ? [...own, key(gold)] : own);
    if (values.size === 0) return disjoint([...sure]);
    concluded ??= concludedIn(text, asked.vague);
    const known = concluded.filter((one) => values.has(one.key)).map(({ candidate }) => candidate);
    return disjoint([...sure, ...known]);
  };
}

function concludedIn(text: string, vague: readonly RegExp[]): { candidate: CandidateAnswer; key: string }[] {
  const concluded: CandidateAnswer[] = [];
  for (const pattern of [CONCLUDED, ...vague]) collect(text, pattern, 'concluded', concluded);
  return concluded.map((candidate) => ({ candidate, key: key(candidate.answer) }));
}

function collect(text: string, pattern: RegExp, how: CandidateAnswer['how'], into: CandidateAnswer[]): void {
  for (const match of text.matchAll(pattern)) {
    const value = match.slice(1).find((group) => group !== undefined);
    if (value === undefined) continue;
    const start = match.index + match[0].lastIndexOf(value);
    into.push({ ...inside(text, start, start + value.length), how });
  }
}

/** In order, without overlaps; of two at one place the more certain is kept. */
function disjoint(found: CandidateAnswer[]): CandidateAnswer[] {
  const rank = { boxed: 0, stated: 1, concluded: 2 };
  found.sort((a, b) => a.start - b.start || rank[a.how] - rank[b.how] || b.end - a.end);
  let reached = -1;
  return found.filter((candidate) => {
    if (candidate.start < reached || candidate.answer === '') return false;
    reached = candidate.end;
    return true;
  });
}

/** The value without its maths delimiters; of an equation, its right side. */
function inside(text: string, start: number, end: number): Omit<CandidateAnswer, 'how'> {
  const value = text.slice(start, end);
  const delimiters = /^(\$\$?|\\\(|\\\[)([\s\S]*?)(\$\$?|\\\)|\\\])$/.exec(value);
  let from = start + (delimiters?.[1]?.length ?? 0);
  const to = end - (delimiters?.[3]?.length ?? 0);
  const equals = text.slice(from, to).lastIndexOf('=');
  if (equals >= 0 && delimiters) from += equals + 1;
  const inner = text.slice(from, to);
  const lead = inner.length - inner.trimStart().length;
  return { start: from + lead, end: from + inner.trimEnd().length, answer: inner.trim() };
}

/** Equal for spellings of one value that differ in spaces, fraction size, thousands separators or currency. Not for grading. */
function key(answer: string): string {
  const bare = answer
    .replace(/\\(?:text|mathrm|textbf|mathbf)\{[^{}]*\}|\\[,;!$]|[\s$]|\{,\}|\.$/g, '')
    .replace(/,(?=\d{3}(?!\d))/g, '')
    .replace(/\\[dt]frac/g, '\\frac');
  const number = Number(bare);
  return bare !== '' && Number.isFinite(number) ? String(number) : bare;
}
