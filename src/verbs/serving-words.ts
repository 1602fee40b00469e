import { commandInWords } from '../core/text/command-words.ts';
import type { SERVING_VERBS } from '../protocol/serving.ts';
import type { VerbResult } from '../protocol/verbs.ts';
import { lines } from './phrases.ts';

type Words = { readonly [V in keyof typeof SERVING_VERBS]: (result: VerbResult<V>) => string };

/** The results of the verbs that serve models in words, for a person at a terminal. */
export const SERVING_WORDS: Words = {
  serve: ({ plan, serving }) =>
    serving
      ? lines(
          `${plan.modelName} is served by ${plan.serverName} at ${plan.baseURL} (run ${serving.run}${serving.reused ? ', which ran already' : ''}), ready after ${serving.seconds.toFixed(1)} s.`,
          serving.role === null
            ? 'The models of the dataset are as they were.'
            : `It is the ${serving.role} model of the dataset.`,
          `Log: ${serving.logFile}`,
        )
      : lines(
          `${plan.serverName} would serve ${plan.modelName} at ${plan.baseURL}:`,
          ...(plan.converts === undefined ? [] : [`  ${plan.converts} is made ${plan.model} first`]),
          `  ${commandInWords(plan.command, plan.env)}`,
          ...(plan.afterwards === undefined ? [] : [`  ${commandInWords(plan.afterwards)}`]),
        ),
};
