import { type FilterInput, type FilterRule, pieceOf } from './rule.ts';

/** Words that show that the text was made from a key, or by pieces. */
const LEAKS =
  /the correct answer is given as|reference (?:answer|solution)|\b(?:gold|ground[- ]truth|expected) answer\b|\banswer key\b|\b(?:answer|solution) 2\b|the (?:answer|solution) provided above/i;

/**
 * No words that give away a key or the making of the chain; and for FT the check does not already state the value of answer[2],
 * which it could only have by solving the problem again the same way.
 */
export const noLeak: FilterRule = {
  id: 'no-leak',
  measure: (input) => {
    const found = LEAKS.exec(input.text)?.[0] ?? statedInCheck(input);
    return {
      passed: found === undefined,
      value: found ?? null,
      threshold: null,
      ...(found === undefined ? {} : { reason: `The text gives itself away: “${found}”.` }),
    };
  },
};

function statedInCheck(input: FilterInput): string | undefined {
  const answer = pieceOf(input, 'answer[2]')?.verdict?.extracted?.trim();
  const check = pieceOf(input, 'check[1]')?.text;
  if (input.class !== 'FT' || !answer || !check) return undefined;
  // Only where it is stated as a result: a value that merely occurs (the 5 of “5 apples”) gives nothing away.
  const escaped = answer.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const stated = new RegExp(
    `(?:answer|result|solution|value)[^.\\n]{0,40}?\\b(?:is|be|equals)[\\s:$(\\\\]{0,12}(?:\\\\boxed\\{)?${escaped}(?![\\w.]*\\d)`,
    'i',
  ).exec(check)?.[0];
  return stated;
}
