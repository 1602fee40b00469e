import { excerptAt, type RowRule } from '../row.ts';

/** Characters at the start of an answer in which a refusal is found. */
const START = 400;
const REFUSAL = new RegExp(
  [
    String.raw`\b(?:sorry|apologi[sz]e)\b[^.\n]{0,80}\b(?:can['’]?t|cannot|can not|unable|not able|won['’]?t)\b`,
    String.raw`\b(?:I|we)(?: am|['’]m)? (?:cannot|can['’]t|can not|unable to|not able to|won['’]t|will not|must decline to) (?:assist|help|comply|fulfil|fulfill|answer|provide|discuss|continue with|solve)\b`,
    String.raw`\bas an? (?:AI|artificial intelligence|large language)(?: language)?(?: model| assistant)?\b[^.\n]{0,40}\bI\b`,
    String.raw`\bI (?:must|have to) (?:decline|refuse)\b`,
  ].join('|'),
  'i',
);

export const refusal: RowRule = {
  finding: 'refusal',
  find: ({ reply, isStated }) => {
    if (reply === undefined) return undefined;
    if (reply.ended === 'refused') return { reason: 'The model refused to answer, by its finish reason.' };
    if (reply.ended === 'blocked') return { reason: 'The content filter of the provider blocked the reply.' };
    const { answer, thought } = reply.parts;
    const start = (answer === '' ? (thought ?? '') : answer).slice(0, START);
    const match = isStated ? undefined : REFUSAL.exec(start);
    if (!match) return undefined;
    return {
      reason: 'The reply starts with a refusal.',
      excerpt: excerptAt(start, match.index, match.index + match[0].length),
    };
  },
};
