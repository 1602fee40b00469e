import type { DialogueSettings, Expectation } from '../model/index.ts';

/**
 * What a round over `problems` problems asks for. Least: only the answers, when no pair is worth a check. Most: every try
 * of every chain. In a true dialogue the second answers hang on a first answer, so they are asked once per chain.
 */
export function expectation(problems: number, settings: DialogueSettings): Expectation {
  const { tries, keepPerProblem, asking } = settings;
  const perChain = { answers: asking === 'dialogue' ? tries.answer2 : 0, rest: tries.check + tries.summary };
  const answers = tries.answer1 + (asking === 'separate' ? tries.answer2 : 0);
  const requestsMax = answers + keepPerProblem * (perChain.answers + perChain.rest);
  const tokensMax =
    (answers + keepPerProblem * perChain.answers) * settings.answer.maxTokens +
    keepPerProblem * (tries.check * settings.check.maxTokens + tries.summary * settings.summary.maxTokens);
  return {
    requestsMin: problems * answers,
    requestsMax: problems * requestsMax,
    tokensMax: problems * tokensMax,
  };
}
