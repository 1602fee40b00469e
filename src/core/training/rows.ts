import { z } from 'zod';
import { EXPORT_FORMS, ROW_FILES } from '../export/forms/index.ts';

/** The files of an export that a training reads, by the form of their rows. */
export const ROW_FORMS = {
  ...ROW_FILES,
  dpo: EXPORT_FORMS.dpo.files[0]?.name ?? '',
  kto: EXPORT_FORMS.kto.files[0]?.name ?? '',
} as const;

const offset = z.number().int().nonnegative();
const Message = z.object({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string(),
  /** The thought before the content, under one of the two names. */
  reasoning_content: z.string().nullish(),
  thinking: z.string().nullish(),
});
const part = z.enum(['reasoning', 'content']).optional();

/** Parts of the assistant's thought or content in Unicode code points, end exclusive; without `part`, of the content. Uncovered text is trained. */
export const LossMask = z.array(z.object({ part, start: offset, end: offset, train: z.boolean() }));
export type LossMask = z.infer<typeof LossMask>;

/** The members of a row of `train.messages.jsonl` that a training reads. */
export const MessagesRow = z.object({
  id: z.string().optional(),
  messages: z.array(Message).min(1),
  segments: z.array(z.object({ piece: z.string(), part, start: offset, end: offset, train: z.boolean() })).optional(),
  loss_mask: LossMask.optional(),
});
export type MessagesRow = z.infer<typeof MessagesRow>;

/** The thought of a message beside its content; empty if it has none. */
export function thoughtOf({ reasoning_content, thinking }: MessagesRow['messages'][number]): string {
  const thought = reasoning_content || thinking || '';
  return thought.trim() === '' ? '' : thought;
}

const Turns = z.array(Message).min(1);

/** The members of a row of `train.dpo.jsonl` that a training reads. */
export const DpoRow = z.object({ id: z.string().optional(), prompt: Turns, chosen: Turns, rejected: Turns });

/** The members of a row of `train.kto.jsonl` that a training reads. */
export const KtoRow = z.object({ id: z.string().optional(), prompt: Turns, completion: Turns, label: z.boolean() });
export type KtoRow = z.infer<typeof KtoRow>;

/** The members of a row of `train.prefix.jsonl` that a training reads. */
export const PrefixRow = z.object({ id: z.string().optional(), prompt: z.string(), completion: z.string() });
export type PrefixRow = z.infer<typeof PrefixRow>;
