import type { FilterRule } from './rule.ts';

const CHARACTERS_PER_TOKEN = 4;

/** Problem and chain fit into what the model to be trained can read, with a margin for its chat template. */
export const context: FilterRule = {
  id: 'context',
  asks: 'Problem and text together fit the context of the model to be trained, with a margin for its chat template.',
  thresholds: ['contextTokens', 'contextMargin'],
  measure: ({ text, problem, tokens }, { contextTokens, contextMargin }) => {
    const own = tokens && !tokens.estimated ? tokens.count : text.length / CHARACTERS_PER_TOKEN;
    const value = Math.ceil(own + (problem?.length ?? 0) / CHARACTERS_PER_TOKEN);
    const threshold = Math.floor(contextTokens * (1 - contextMargin));
    const passed = value <= threshold;
    const about = tokens && !tokens.estimated ? '' : 'about ';
    const reason = `Problem and text have ${about}${value} tokens; ${threshold} of ${contextTokens} are free for them.`;
    return { passed, value, threshold, ...(passed ? {} : { reason }) };
  },
};
