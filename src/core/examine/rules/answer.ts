import { oneLine } from '../../text/format.ts';
import { excerptAt, type ReadRow, type RowRule } from '../row.ts';
import { hideSensitive } from '../sensitive.ts';

const isAnswered = ({ reply }: ReadRow): boolean => reply?.ended === 'answered' && reply.parts.finished !== false;

/** Three words in a row, without digits and commands: the last sentence of a text that is no answer. */
const PROSE = /^[^\d\\]*\p{L}{2,}\s+\p{L}{2,}\s+\p{L}{2,}[^\d\\]*$/u;

/** Whether the reply gives an answer. An answer that is not marked as such must not be prose, unless it is right. */
function hasAnswer({ answer, isStated, verdict }: ReadRow): boolean {
  return answer !== undefined && (isStated || verdict?.outcome === 'correct' || !PROSE.test(answer));
}

export const noAnswer: RowRule = {
  finding: 'no-answer',
  find: (row) => {
    if (row.reply?.ended === 'empty' || (row.reply !== undefined && row.text.trim() === ''))
      return { reason: 'The reply is empty.' };
    if (hasAnswer(row) || !isAnswered(row)) return undefined;
    return { reason: 'No final answer was found.', excerpt: excerptAt(row.text, row.text.length) };
  },
};

export const contradictsGold: RowRule = {
  finding: 'contradicts-gold',
  find: (row) => {
    const { verdict, gold = '', text } = row;
    if (verdict?.outcome !== 'incorrect' || verdict.extracted === undefined || !hasAnswer(row)) return undefined;
    const reason = `The answer is “${oneLine(hideSensitive(verdict.extracted), 60)}”, the gold answer “${oneLine(hideSensitive(gold), 60)}”.`;
    return { reason, excerpt: excerptAt(text, Math.max(0, text.lastIndexOf(verdict.extracted))) };
  },
};

export const goldUnreadable: RowRule = {
  finding: 'gold-unreadable',
  find: ({ verdict, gold = '', reply }) => {
    if (
      verdict === undefined ||
      reply?.ended !== 'answered' ||
      verdict.outcome === 'correct' ||
      verdict.outcome === 'incorrect'
    )
      return undefined;
    return {
      reason: verdict.detail ?? `Grading ended with ${verdict.outcome}.`,
      excerpt: oneLine(hideSensitive(gold), 120),
    };
  },
};
