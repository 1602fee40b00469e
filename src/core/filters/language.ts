import { keepLast } from '../keep-last.ts';
import { findCode } from '../text/code.ts';
import { formatCount, plural } from '../text/format.ts';
import { findMaths } from '../text/maths.ts';
import { at } from './places.ts';
import type { FilterRule } from './rule.ts';

/** Scripts that are distinguished; those used together count as one. */
const SCRIPTS = {
  Latin: /\p{Script=Latin}/u,
  Cyrillic: /\p{Script=Cyrillic}/u,
  Greek: /\p{Script=Greek}/u,
  Han: /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u,
  Hangul: /\p{Script=Hangul}/u,
  Arabic: /\p{Script=Arabic}/u,
  Hebrew: /\p{Script=Hebrew}/u,
  Devanagari: /\p{Script=Devanagari}/u,
  Bengali: /\p{Script=Bengali}/u,
  Thai: /\p{Script=Thai}/u,
} as const;
type Script = keyof typeof SCRIPTS;

/** Scripts without spaces count each character as a word. */
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{M}])+/gu;
/** The same for texts of ASCII alone, of which most are. */
const ASCII_WORD = /[A-Za-z]+/g;
const ASCII = /^[\0-\x7f]*$/;
/** Shorter Latin and Greek words are variables and functions in every language. */
const SHORTEST = 4;
/** Minimum number of words for a measurement. */
const FEWEST = 5;

/** A word outside maths and code. */
interface Word {
  script: Script | 'other';
  start: number;
  end: number;
}

/** Languages with the same script are not distinguished. */
export const language: FilterRule = {
  id: 'language',
  asks: 'The words of the text, without formulas and code, are in the script of the problem (Latin, Cyrillic, Han …).',
  thresholds: ['minLanguage'],
  measure: ({ text, problem }, { minLanguage }) => {
    const script = problem === undefined ? undefined : scriptOfProblem(problem);
    // All words of such a text are in its script: a few show that there are enough.
    const isSame = script === 'Latin' && ASCII.test(text);
    const words = wordsOf(text, isSame ? FEWEST : Number.POSITIVE_INFINITY);
    if (script === undefined || words.length < FEWEST) return undefined;
    const foreign = words.filter((word) => word.script !== script);
    const value = Math.round((1 - foreign.length / words.length) * 1000) / 1000;
    if (value >= minLanguage) return { passed: true, value, threshold: minLanguage };
    const other = mainScript(foreign) ?? 'another';
    const reason = `The problem is written in ${script} script; ${formatCount(foreign.length)} of ${plural(words.length, 'word is', 'words are')} in ${other} script.`;
    return { passed: false, value, threshold: minLanguage, reason, ...at(joined(foreign)) };
  },
};

/** The samples of a problem have the same. */
const scriptOfProblem = keepLast((problem: string) => mainScript(wordsOf(problem)));

/** The words outside of maths and code, `most` at most. */
function wordsOf(text: string, most = Number.POSITIVE_INFINITY): Word[] {
  const masked = [...findMaths(text), ...findCode(text)].sort((a, b) => a.start - b.start);
  let next = 0;
  const words: Word[] = [];
  const isAscii = ASCII.test(text);
  for (const { 0: word, index } of text.matchAll(isAscii ? ASCII_WORD : WORD)) {
    if (words.length >= most) break;
    while ((masked[next]?.end ?? text.length + 1) <= index) next += 1;
    if ((masked[next]?.start ?? text.length) <= index) continue;
    const script = isAscii ? 'Latin' : scriptOf(word);
    const short = word.length < SHORTEST && (script === 'Latin' || script === 'Greek');
    // A command outside maths is not a word.
    if (!short && text.charAt(index - 1) !== '\\') words.push({ script, start: index, end: index + word.length });
  }
  return words;
}

function scriptOf(word: string): Word['script'] {
  // Most words are decided by one letter.
  if (word.charCodeAt(0) < 128) return 'Latin';
  for (const [script, pattern] of Object.entries(SCRIPTS)) if (pattern.test(word)) return script as Script;
  return 'other';
}

/** The script of most words; undefined without known ones. */
function mainScript(words: readonly Word[]): Script | undefined {
  const counts = new Map<Script, number>();
  for (const { script } of words) if (script !== 'other') counts.set(script, (counts.get(script) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** Joins neighbouring words to one place. */
function joined(words: readonly Word[]): { start: number; end: number }[] {
  const places: { start: number; end: number }[] = [];
  for (const { start, end } of words) {
    const last = places.at(-1);
    if (last && start - last.end <= 2) last.end = end;
    else places.push({ start, end });
  }
  return places;
}
