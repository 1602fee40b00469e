import { closingBrace } from './brackets.ts';
import { answerRegions, type Region } from './thought.ts';

/** A final answer as it stands: `answer` is `text.slice(start, end)`. */
export interface ExtractedAnswer {
  readonly answer: string;
  readonly start: number;
  readonly end: number;
  readonly how: 'boxed' | 'answer-is' | 'hash' | 'bare';
}

export interface ExtractOptions {
  /** Also take a short text, a last line of nothing but mathematics, or a concluding sentence as the answer. Default false. */
  readonly bare?: boolean;
}

/** A bare answer is one line of at most this many characters. */
const MAX_BARE = 60;

/**
 * Finds the final answer of a response: the last complete `\boxed{}` (or a run of boxes joined by commas or “and”), else what follows the
 * last “answer is” or “Answer:”, else the last `#### 18`. What a closed thought holds counts only when nothing follows it that can be graded; what
 * an unfinished thought holds never counts. Undefined when there is no answer.
 */
export function extractAnswer(text: string, options: ExtractOptions = {}): ExtractedAnswer | undefined {
  for (const region of answerRegions(text)) {
    const found = boxed(text, region) ?? stated(text, region) ?? (options.bare ? bare(text, region) : undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

function taken(text: string, start: number, end: number, how: ExtractedAnswer['how']): ExtractedAnswer | undefined {
  let [from, to] = [start, end];
  while (from < to && /\s/.test(text[from] ?? '')) from += 1;
  while (to > from && /\s/.test(text[to - 1] ?? '')) to -= 1;
  return from === to ? undefined : { answer: text.slice(from, to), start: from, end: to, how };
}

interface Box {
  /** Where the command begins and the box ends; `inside` is its content. */
  readonly start: number;
  readonly end: number;
  readonly inside: Region;
}

const BOX = /\\(?:boxed|fbox)(?![a-zA-Z])\s*|\\begin\{?boxed\}?\s*/g;
/** More boxes than a response has; bounds the work on a text that loops. */
const MAX_BOXES = 2_000;
const JOINED = /^(?:\s|[,;$.]|\\[()[\],;! ]|\\q?quad(?![a-z])|~|and|or|\\text\s*\{\s*(?:,|and|or)\s*\})*$/;

function boxes(text: string, region: Region): Box[] {
  const found: Box[] = [];
  BOX.lastIndex = region.start;
  // A box that does not close makes every later scan as long as the text; one failure ends the search from there on.
  let unclosedFrom = Number.POSITIVE_INFINITY;
  for (let match = BOX.exec(text); match !== null && match.index < region.end; match = BOX.exec(text)) {
    const open = match.index + match[0].length;
    if (text[open] === '{') {
      const end = open < unclosedFrom ? closingBrace(text, open) : -1;
      if (end >= 0 && end <= region.end)
        found.push({ start: match.index, end, inside: { start: open + 1, end: end - 1 } });
      else if (end < 0) unclosedFrom = Math.min(unclosedFrom, open);
      if (end < 0 && found.length === 0 && open > unclosedFrom) break;
    } else if (!match[0].includes('begin')) {
      const bareEnd = /^[^\s${}\\.,;]+/.exec(text.slice(open, Math.min(open + 40, region.end)));
      if (bareEnd !== null) {
        const end = open + bareEnd[0].length;
        found.push({ start: match.index, end, inside: { start: open, end } });
      }
    }
    if (found.length > MAX_BOXES) found.shift();
  }
  return found;
}

function boxed(text: string, region: Region): ExtractedAnswer | undefined {
  const all = boxes(text, region).filter((box, i, list) => {
    const outer = list[i - 1];
    return outer === undefined || box.start >= outer.end;
  });
  const last = all.at(-1);
  if (last === undefined) return undefined;
  let first = all.length - 1;
  for (; first > 0; first -= 1) {
    const [before, here] = [all[first - 1], all[first]];
    const between = text.slice(before?.end, here?.start);
    if (between.length > 40 || !JOINED.test(between) || /[.]\s|\n\s*\n/.test(between)) break;
  }
  const from = all[first];
  if (from === undefined || from === last) return taken(text, last.inside.start, last.inside.end, 'boxed');
  const inside = (box: Box) => text.slice(box.inside.start, box.inside.end).trim();
  // A model that repeats its box means one answer.
  if (all.slice(first).every((box) => inside(box) === inside(last))) {
    return taken(text, last.inside.start, last.inside.end, 'boxed');
  }
  return taken(text, from.start, last.end, 'boxed');
}

const TAG = /<answer>([^<]*)<\/answer>/gi;
const CUE =
  /(?:\b(?:final|correct|right)\s+)?\banswer\b[\s*_]*(?:(?:to|of|for)\s[^.\n:]{1,80}?\s)?(?:(?:is|are|was|should be|must be|would be|will be|equals|=)(?![a-z])(?:\s+(?:therefore|thus|simply|just|then|for sure|exactly|approximately))?\s*:?|:|：|(?=\s+\$?-?[\d\\(]))[\s*_]*|(?:答案(?:是|为|：|:)*|r[ée]ponse\s*(?:est|:)|respuesta\s*(?:es|:)|antwort\s*(?:ist|:)|ответ\s*:?)\s*/giu;
const HASH = /^\s*#{4}\s*(\S.*)$/gm;

function stated(text: string, region: Region): ExtractedAnswer | undefined {
  const part = text.slice(region.start, region.end);
  const tag = [...part.matchAll(TAG)].at(-1);
  if (tag?.[1] !== undefined && tag[1].trim() !== '') {
    const start = region.start + tag.index + tag[0].indexOf('>') + 1;
    return taken(text, start, start + tag[1].length, 'answer-is');
  }
  const cues = [...part.matchAll(CUE)].slice(-40).reverse();
  for (const cue of cues) {
    const found = phrase(text, region.start + cue.index + cue[0].length, region.end, 'answer-is');
    if (found !== undefined) return found;
  }
  const hash = [...part.matchAll(HASH)].at(-1);
  if (hash?.[1] === undefined) return undefined;
  const start = region.start + hash.index + hash[0].length - hash[1].length;
  return taken(text, start, start + hash[1].length, 'hash');
}

const DELIMITED = /^\s*(?:\*\*)?(\$\$|\$|\\\(|\\\[)/;
const CLOSERS: Readonly<Record<string, string>> = { $$: '$$', $: '$', '\\(': '\\)', '\\[': '\\]' };
/** Prose before the value: `The largest $n$ is 34`. */
const LEAD = /^(?:[^$\\\d=]|\$[^$]{1,30}\$|\\\([^)]{1,30}\\\))*?\b(?:is|are|be|equals|was)\s+/i;

/** The answer that begins at `from`: a formula in delimiters, else the words up to the end of the sentence or line. */
function phrase(text: string, from: number, limit: number, how: ExtractedAnswer['how']): ExtractedAnswer | undefined {
  const rest = text.slice(from, Math.min(limit, from + 600));
  const delimited = DELIMITED.exec(rest);
  if (delimited !== null) {
    const open = delimited[1] ?? '';
    const begin = delimited[0].length;
    const close = rest.indexOf(CLOSERS[open] ?? open, begin);
    const after = close < 0 ? '' : (/^[^\n]*/.exec(rest.slice(close + open.length))?.[0] ?? '');
    if (close > begin && /^[\s*]*(?:[.。,;!]|$)/.test(after)) return taken(text, from + begin, from + close, how);
    if (close > begin && open !== '$') return taken(text, from + begin, from + close, how);
  }
  const line = /^\s*[^\n]*/.exec(rest)?.[0] ?? '';
  const lead = LEAD.exec(line)?.[0].length ?? 0;
  const body = line.slice(lead);
  const stop = sentenceEnd(body);
  const found = taken(text, from + lead, from + lead + stop, how);
  return found === undefined || !/[\p{L}\p{N}]/u.test(found.answer) ? undefined : found;
}

/** Length of the first sentence of a line, its full stop and closing emphasis left out. */
function sentenceEnd(line: string): number {
  const stop =
    /[.!?](?=\s|\*|$)(?:\s+(?=\p{Lu}|\$|$)|\**\s*$)|。|\s+(?:because|since|which|as|where)\s|,\s+(?:because|since|which|as|it|so|not)\s|<\|/u.exec(
      line,
    );
  if (stop === null) return line.length;
  // `5!` at the end of a line is a factorial as likely as a shout.
  return stop[0].startsWith('!') && /\d$/.test(line.slice(0, stop.index)) ? stop.index + 1 : stop.index;
}

const CONCLUSION =
  /\b(?:therefore|thus|hence|so|result|value|total|sum|comes out to|comes to|we get|we find|we have|gives|equals|is|are|=)\b[\s:,]*(?:be\s+)?/giu;
const MATHEMATICAL =
  /^[\s$*\\()[\]]*[-+−(\\[{|√]*\s*(?:[\d.]|\\[a-z]|[a-z](?![a-z])|(?:sin|cos|tan|sqrt|log|ln|pi)\b)/i;

function bare(text: string, region: Region): ExtractedAnswer | undefined {
  const part = text.slice(region.start, region.end);
  const trimmed = part.trim();
  const offset = region.start + part.indexOf(trimmed);
  if (trimmed === '') return undefined;
  const oneLine = !trimmed.includes('\n');
  if (oneLine && trimmed.length <= MAX_BARE && !concludes(trimmed))
    return taken(text, offset, offset + trimmed.length, 'bare');
  const display = oneLine ? undefined : lastDisplay(text, region);
  const line = lastLine(trimmed);
  const lineStart = offset + line.start;
  const lastText = trimmed.slice(line.start);
  if (lastText.length <= MAX_BARE && isFormula(lastText))
    return taken(text, lineStart, lineStart + lastText.length, 'bare');
  return conclusion(text, lineStart, region.end, lastText) ?? display;
}

function lastLine(text: string): { start: number } {
  return { start: text.lastIndexOf('\n') + 1 };
}

function concludes(text: string): boolean {
  return /\b(?:therefore|thus|hence|so|result|value|total|we get|comes)\b/i.test(text);
}

/** Nothing but mathematics, perhaps in bold or delimiters, perhaps named: `**V = 32**`. */
function isFormula(text: string): boolean {
  const words = text.replace(/\\[a-zA-Z]+/g, '').match(/[A-Za-z]{3,}/g) ?? [];
  return /[\d\\]/.test(text) && words.every((word) => /^(?:sin|cos|tan|sqrt|log|exp|pi)/.test(word));
}

/** What the last sentence states after its last “is”, “=” or “total”, when that is mathematics. */
function conclusion(text: string, start: number, limit: number, line: string): ExtractedAnswer | undefined {
  if (line.length > 2_000) return undefined;
  for (const cue of [...line.matchAll(CONCLUSION)].reverse()) {
    const from = cue.index + cue[0].length;
    if (!MATHEMATICAL.test(line.slice(from))) continue;
    const found = phrase(text, start + from, limit, 'bare');
    if (found !== undefined && found.answer.length <= 200) return found;
  }
  return undefined;
}

/** The last displayed formula, where only a few closing words follow it. */
function lastDisplay(text: string, region: Region): ExtractedAnswer | undefined {
  const part = text.slice(region.start, region.end);
  const match = [...part.matchAll(/\$\$([^$]{1,400})\$\$|\\\[((?:(?!\\\]).){1,400})\\\]/gs)].at(-1);
  const inside = match?.[1] ?? match?.[2];
  if (match === undefined || inside === undefined) return undefined;
  if (part.slice(match.index + match[0].length).trim().length > MAX_BARE) return undefined;
  const start = region.start + match.index + 2;
  return taken(text, start, start + inside.length, 'bare');
}
