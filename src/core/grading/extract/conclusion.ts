import { type ExtractedAnswer, found } from './found.ts';
import { choiceAt, links, MATHEMATICAL, onlyNumber, readPhrase } from './phrase.ts';

/** Words after a bold value that can end the same sentence. */
const MAX_AFTER = 60;

/** The start of a concluding sentence, in the languages that models answer in. */
const CONCLUDING =
  /^\s*\**(?:therefore|thus|hence|so|in total|altogether|finally|in conclusion|donc|ainsi|finalement|au total|por lo tanto|por tanto|entonces|así que|en total|also|daher|somit|insgesamt|folglich|следовательно|поэтому|итак|таким образом|因此|所以|故|综上|इसलिए|अतः)(?![\p{L}])/iu;
const SENTENCE_END = /(?:[.!?](?=\s|$)|[。！？।])/g;

/** The start of the last sentence of a line. */
function lastSentence(line: string): number {
  const ends = [...line.trimEnd().matchAll(SENTENCE_END)].map((match) => match.index + match[0].length);
  const whole = line.trimEnd().length;
  return ends.filter((end) => end < whole).at(-1) ?? 0;
}

/** A number in such a sentence counts the steps of the text, or describes what is unknown. */
const ABOUT_THE_TEXT =
  /\b(?:steps?|cases?|questions?|equations?|lines?|parts?|pages?|problems?|examples?|options?|attempts?|not|can['’]t|cannot|unsure|maybe|perhaps|if|let|suppose|assume)\b|\?/i;

/** `He has 12 marbles left.`: a plain sentence that can end a solution without a concluding word. */
function isReport(sentence: string): boolean {
  const words = sentence.match(/[A-Za-z]{2,}/g)?.length ?? 0;
  return words >= 3 && words <= 25 && /[.!*]\s*$/.test(sentence) && !ABOUT_THE_TEXT.test(sentence);
}

const SPAN = /\$([^$\n]{1,400})\$|\\\(((?:(?!\\\)).){1,400})\\\)/g;
const JOINING = /^\s*(?:,|;|,?\s*(?:and|or|und|et|ou|y|o|oder)|和|或|、)\s*$/;

/** The last formulas of a line, separated only by “and”, “or” or commas: `$x = 2$ or $x = 3$`. */
function formulaRun(line: string): { start: number; end: number } | undefined {
  const spans = [...line.matchAll(SPAN)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    inside: match[1] ?? match[2] ?? '',
  }));
  const last = spans.at(-1);
  if (last === undefined || line.length - last.end > MAX_AFTER) return undefined;
  let first = spans.length - 1;
  while (first > 0 && JOINING.test(line.slice(spans[first - 1]?.end, spans[first]?.start))) first -= 1;
  const from = spans[first];
  // `Since $a$ and $b$` names things; values have a digit or an equals sign.
  const run = spans.slice(first);
  if (from === undefined || run.length < 2 || !run.every((span) => /[\d=]/.test(span.inside))) return undefined;
  return { start: from.start, end: last.end };
}

/** The statement of a concluding line after its last link, if that is mathematics or a letter. */
export function readConclusion(text: string, start: number, limit: number): ExtractedAnswer | undefined {
  const line = /^[^\n]*/.exec(text.slice(start, Math.min(limit, start + 2_000)))?.[0] ?? '';
  const bold = [...line.matchAll(/(?<![\w)*])\*\*([^*\n]{1,80})\*\*(?![\w(*])/g)].at(-1);
  if (bold?.[1] !== undefined && MATHEMATICAL.test(bold[1]) && line.length - bold.index - bold[0].length <= MAX_AFTER) {
    return found(text, start + bold.index + 2, start + bold.index + 2 + bold[1].length, 'bare');
  }
  const run = formulaRun(line);
  if (run !== undefined) return found(text, start + run.start, start + run.end, 'bare');
  const at = lastSentence(line);
  const concludes = CONCLUDING.test(line.slice(at));
  const stated = linked(text, start, line, limit, concludes ? at : 0);
  if (stated !== undefined) return stated;
  const counts = concludes || isReport(line.slice(at));
  return counts ? onlyNumber(text, start + at, line.slice(at), 'bare') : undefined;
}

/** The mathematics or the letter after the last link of a line, at or after `from`. */
function linked(text: string, start: number, line: string, limit: number, from: number): ExtractedAnswer | undefined {
  for (const link of links(line)) {
    if (link.at < from) return undefined;
    const rest = line.slice(link.at);
    const letter = link.verb ? choiceAt(rest) : null;
    if (!MATHEMATICAL.test(rest) && letter === null) continue;
    const answer = readPhrase(text, start + link.at, Math.min(limit, start + line.length), 'bare');
    if (answer !== undefined && answer.answer.length <= 200) return answer;
  }
  return undefined;
}
