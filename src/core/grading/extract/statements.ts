import { readChoice } from '../shapes/choice.ts';
import { type ExtractedAnswer, found } from './found.ts';
import { readPhrase } from './phrase.ts';
import type { Region } from './thought.ts';

/** `<answer>5</answer>`, `[ANSWER] 5 [/ANSWER]`, `{"answer": 5}`. */
const TAG =
  /<answer>([^<]{1,2000})<\/answer>|\[answer\]([^[]{1,2000})\[\/answer\]|"(?:final_?)?answer"\s{0,5}:\s{0,5}(?:"((?:[^"\\\n]|\\.){1,400})"|(-?[\d.]{1,40}))/gi;
const CUE =
  /\banswer\b[\s*_]{0,4}(?:(?:to|of|for)\s[^.\n:]{1,80}?\s)?(?:(?:is|are|was|should be|must be|would be|will be|equals|=)(?![a-z])(?:\s{1,8}(?:therefore|thus|simply|just|then|for sure|exactly|approximately))?\s{0,8}:?|:|：|(?=\s{0,8}\$*\s{0,8}[-+−]?[\d\\(]))[\s*_]{0,6}|\bans\b\s?[.:=]\s{0,8}|\b(?:correct|right|best)\s(?:option|choice)\s{0,8}(?:is|:)[\s*_]{0,6}|\b(?:option|choice)\s{1,8}(?=\(?[A-J]\)?\s{1,8}is\s{1,8}(?:the\s{1,8})?(?:correct|right|answer))|(?:答案(?:是|为|：|:)*|故?选择?(?:项|：|:)*(?=\s{0,8}\(?[A-J])|答え(?:は|：|:)|r[ée]ponse(?:\sfinale)?\s{0,8}(?:est|:)|resp(?:uesta|osta)(?:\sfinal)?\s{0,8}(?:es|é|:)|risposta(?:\sfinale)?\s{0,8}(?:è|:)|antwort\s{0,8}(?:ist|lautet|:)|ответ\s{0,8}:?)\s{0,8}/giu;
const FINAL =
  /\bfinal\s{1,8}answer\b[\s*_]{0,4}(?:(?:is|should be|must be|=)(?![a-z])\s{0,8}:?|:|：)[\s*_]{0,6}(?!not\b)/gi;
const HASH = /^[ \t]*#{4}[ \t]*(\S.*)$/gm;
/** A text that loops contains “the answer is” thousands of times; the last ones count. */
const MAX_CUES = 40;

/** The last `<answer>`, else the value after the last “answer is” or “Answer:”, else the last `#### 18`. */
export function lastStatement(text: string, region: Region): ExtractedAnswer | undefined {
  const part = text.slice(region.start, region.end);
  const tag = [...part.matchAll(TAG)].at(-1);
  const inside = tag?.slice(1).find((group) => group !== undefined);
  if (tag !== undefined && inside !== undefined && inside.trim() !== '') {
    const start = region.start + tag.index + tag[0].lastIndexOf(inside);
    return found(text, start, start + inside.length, 'answer-is');
  }
  const cues = [...part.matchAll(CUE)].slice(-MAX_CUES).reverse();
  for (const cue of cues) {
    const answer = readPhrase(text, region.start + cue.index + cue[0].length, region.end, 'answer-is');
    if (answer !== undefined) return answer;
  }
  const hash = [...part.matchAll(HASH)].at(-1);
  if (hash?.[1] === undefined) return undefined;
  const start = region.start + hash.index + hash[0].length - hash[1].length;
  return found(text, start, start + hash[1].length, 'hash');
}

/** A value, perhaps with a unit, and not a phrase such as “a positive integer”. */
function isValue(answer: string): boolean {
  if (answer.length > 100 || !/\d|\\(?!boxed|fbox)[a-z]/.test(answer) || /\\(?:boxed|fbox)/.test(answer)) return false;
  return (answer.replace(/\\[a-zA-Z]+/g, ' ').match(/[A-Za-z]{3,}/g)?.length ?? 0) <= 2;
}

/**
 * “The final answer is 12” after the last box of a response, if it gives a value. A letter in a box is kept: the text after it may be the
 * text of that choice.
 */
export function laterStatement(text: string, region: Region, box: ExtractedAnswer): ExtractedAnswer | undefined {
  const cue = [...text.slice(region.start, region.end).matchAll(FINAL)].at(-1);
  if (cue === undefined || readChoice(box.answer) !== undefined) return undefined;
  const answer = readPhrase(text, region.start + cue.index + cue[0].length, region.end, 'answer-is');
  return answer !== undefined && isValue(answer.answer) ? answer : undefined;
}
