import { PrefixRow } from '../core/training/rows.ts';

/** A row of `train.prefix.jsonl` as two messages: masked text stands at the end of the question. */
export function prefixAsMessages(row: unknown): { messages: { role: 'user' | 'assistant'; content: string }[] } {
  const { prompt, completion } = PrefixRow.parse(row);
  return {
    messages: [
      { role: 'user', content: prompt },
      { role: 'assistant', content: completion },
    ],
  };
}
