import { defined } from '../defined.ts';
import { formatCount, plural } from '../text/format.ts';
import { CHARACTERS_PER_TOKEN, type FilterRule, tokensOf } from './rule.ts';

export const context: FilterRule = {
  id: 'context',
  asks: 'Problem and text together fit the context of the model to be trained, with a margin for its chat template.',
  thresholds: ['contextTokens', 'contextMargin'],
  measure: ({ text, problem, tokens }, { contextTokens, contextMargin }) => {
    const value = Math.ceil(tokensOf({ text, ...defined({ tokens }) }) + (problem?.length ?? 0) / CHARACTERS_PER_TOKEN);
    const threshold = Math.floor(contextTokens * (1 - contextMargin));
    if (value <= threshold) return { passed: true, value, threshold };
    const about = tokens && !tokens.estimated ? '' : 'about ';
    const reason = `Problem and text have ${about}${plural(value, 'token')}; at most ${formatCount(threshold)} of ${formatCount(contextTokens)} are available.`;
    return { passed: false, value, threshold, reason };
  },
};
