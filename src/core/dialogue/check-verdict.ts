type CheckVerdict = 'correct' | 'wrong';

const VERDICT_LINE =
  /^[ \t>*_#-]*(?:final )?(?:verdict|conclusion)[*_ \t]*[:：][*_ \t]*[“"'`]*(?:the (?:answer|solution|first answer) is )?(not correct|incorrect|correct|wrong|right|true|false)\b.*$/gim;

const RIGHT = new Set(['correct', 'right', 'true']);

/** The verdict on the last verdict line of a check (`Verdict: correct` or `Verdict: wrong`); undefined without one. */
export function checkVerdict(check: string): CheckVerdict | undefined {
  const last = [...check.matchAll(VERDICT_LINE)].at(-1)?.[1]?.toLowerCase();
  if (last === undefined) return undefined;
  return RIGHT.has(last) ? 'correct' : 'wrong';
}

/** A verdict inside a line: `so it fails. Verdict: wrong`. */
const VERDICT_WORDS =
  /[ \t]{0,3}(?:\*\*|__)?\b(?:my |the )?(?:final )?verdict(?:\*\*|__)?[ \t]{0,3}[:：][ \t]{0,3}(?:\*\*|__)?[ \t]{0,3}(?:(?:the |my )?(?:answer|solution|first answer) is )?(?:not correct|incorrect|correct|wrong|right|true|false)\b(?:\*\*|__)?[.!]?/gi;
/** Nested verdicts occur only in hostile texts; only their name is removed. */
const VERDICT_NAME = /\bverdict(?=[ \t]{0,3}[:：])/gi;

/** The text without verdicts, which are for the program and not part of the chain of thought. */
export function withoutVerdicts(text: string): string {
  const once = text.replace(VERDICT_LINE, '').replace(VERDICT_WORDS, '');
  return once.search(VERDICT_WORDS) < 0 ? once : once.replace(VERDICT_NAME, '');
}
