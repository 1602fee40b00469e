import type { DialogueSettings, Expectation } from '../model/index.ts';

/**
 * What a round over `problems` problems asks for. Least: the first answers and, in separate calls, the last ones, when no pair is worth
 * a check. Most: every try of every piece. In a true dialogue the later answers hang on a first answer, so they are asked once per chain.
 */
export function expectation(problems: number, settings: DialogueSettings): Expectation {
  const { tries, keepPerProblem: chains, asking, turns } = settings;
  const later = turns - 1;
  const isSeparate = asking === 'separate';
  const answersMin = tries.answer1 + (isSeparate ? tries.answer2 : 0);
  const answers = tries.answer1 + later * tries.answer2 * (isSeparate ? 1 : chains);
  const checks = chains * later * tries.check;
  const summaries = chains * tries.summary;
  const tokens =
    answers * settings.answer.maxTokens + checks * settings.check.maxTokens + summaries * settings.summary.maxTokens;
  return {
    requestsMin: problems * answersMin,
    requestsMax: problems * (answers + checks + summaries),
    tokensMax: problems * tokens,
  };
}
