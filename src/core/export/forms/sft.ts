import { z } from 'zod';
import type { ChainForm } from './form.ts';
import { ChainFacts, Message } from './parts.ts';

/** Row files of supervised fine-tuning, by their configuration on the Hugging Face Hub. */
export const ROW_FILES = {
  prompt_completion: 'train.prompt_completion.jsonl',
  messages: 'train.messages.jsonl',
  prefix: 'train.prefix.jsonl',
} as const;

const offset = z.number().int().nonnegative();
/** Without `part`, offsets are on the content. */
const Place = z.object({ part: z.enum(['reasoning', 'content']).optional(), start: offset, end: offset });
const MaskedRow = ChainFacts.extend({
  /** Id of the chain that it continues or repairs. */
  parent: z.string().nullable(),
  /** Only if the export separates the two sources. */
  source: z.string().optional(),
  segments: z.array(Place.extend({ piece: z.string(), train: z.boolean() })),
  loss_mask: z.array(Place.extend({ train: z.boolean() })),
  spans: z.array(
    Place.extend({
      ...{ kind: z.string(), source: z.string(), confidence: z.number() },
      acts: z.array(Place.omit({ part: true })).optional(),
      version: z.string().optional(),
    }),
  ),
  overrides: z.array(z.object({ reviewer: z.string(), outcome: z.string(), graded: z.string(), reason: z.string() })),
  tags: z.array(z.string()),
});

/** Supervised fine-tuning, in three files: see docs/reference/data-format.md. */
export const sft: ChainForm = {
  id: 'sft',
  title: 'Supervised fine-tuning',
  summary: 'The selected chains in three files, with segments and loss mask.',
  about: `Every row has \`id\`, \`problem_id\`, \`answer\` (the gold answer) and \`class\`; the first two files also have \`round\`, \`model\`, \`parent\` (the chain that it continues or repairs), \`segments\`,
\`loss_mask\`, \`spans\`, \`tags\` of all reviewers, and \`overrides\`: the outcomes of reviewers who overruled the grading, with their reasons.`,
  unit: 'chain',
  takes: 'selected',
  mask: 'exact',
  files: [
    {
      name: ROW_FILES.prompt_completion,
      config: 'prompt_completion',
      holds: '`prompt` and `completion`, each a list of messages',
      row: MaskedRow.extend({ prompt: z.array(Message), completion: z.array(Message) }),
    },
    {
      name: ROW_FILES.messages,
      config: 'messages',
      holds: '`messages`: user, assistant',
      row: MaskedRow.extend({ messages: z.array(Message) }),
    },
    {
      name: ROW_FILES.prefix,
      config: 'prefix',
      holds: '`prompt` and `completion` as plain text; masked text is in the prompt',
      row: ChainFacts.pick({ id: true, problem_id: true, answer: true, class: true }).extend({
        prompt: z.string(),
        completion: z.string(),
      }),
    },
  ],
  // As plain text, nothing in a row shows that its thought has no end, and a trainer would end the message.
  rows: ({ promptCompletion, messages, prefix, unended, apart }) =>
    unended && !apart ? [undefined, undefined, undefined] : [promptCompletion, messages, prefix],
};
