/** What a check says of the answer that it checked. */
export type CheckVerdict = 'correct' | 'wrong';

const VERDICT_LINE =
  /^[ \t>*_#-]*(?:final )?(?:verdict|conclusion)[*_ \t]*[:：][*_ \t]*[“"'`]*(?:the (?:answer|solution|first answer) is )?(not correct|incorrect|correct|wrong|right|true|false)\b.*$/gim;

const RIGHT = new Set(['correct', 'right', 'true']);

/** The verdict on the check's last verdict line (`Verdict: correct` or `Verdict: wrong`), undefined when there is none. */
export function checkVerdict(check: string): CheckVerdict | undefined {
  const last = [...check.matchAll(VERDICT_LINE)].at(-1)?.[1]?.toLowerCase();
  if (last === undefined) return undefined;
  return RIGHT.has(last) ? 'correct' : 'wrong';
}

/** The same marker in the middle of a line: `so it fails. Verdict: wrong`. */
const VERDICT_WORDS =
  /[ \t]{0,3}(?:\*\*|__)?\b(?:my |the )?(?:final )?verdict(?:\*\*|__)?[ \t]{0,3}[:：][ \t]{0,3}(?:\*\*|__)?[ \t]{0,3}(?:(?:the |my )?(?:answer|solution|first answer) is )?(?:not correct|incorrect|correct|wrong|right|true|false)\b(?:\*\*|__)?[.!]?/gi;
/** Of a marker inside a marker only its name goes: nobody but an attacker nests them. */
const VERDICT_NAME = /\bverdict(?=[ \t]{0,3}[:：])/gi;

/** The text without its verdicts: a marker for the program, not a sentence of the chain of thought. */
export function withoutVerdicts(text: string): string {
  const once = text.replace(VERDICT_LINE, '').replace(VERDICT_WORDS, '');
  return once.search(VERDICT_WORDS) < 0 ? once : once.replace(VERDICT_NAME, '');
}
