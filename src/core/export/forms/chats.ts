import { z } from 'zod';
import type { ExportedChain } from '../rows.ts';
import type { ChainForm } from './form.ts';

/** A row of the prefix file: question and answer as one text, with masked text at the end of the question. */
interface Turns {
  prompt: string;
  completion: string;
}

/** Between question and answer of the prefix file is a blank line, which no turn of a chat has. */
const BLANK_LINE = /\n\n$/;

const questionOf = ({ prompt }: Turns): string => prompt.replace(BLANK_LINE, '');

const Chat = z.object({
  messages: z.tuple([
    z.object({ role: z.literal('user'), content: z.string() }),
    z.object({ role: z.literal('assistant'), content: z.string() }),
  ]),
});
type Chat = z.infer<typeof Chat>;

/** Two messages: what OpenAI, Together and Fireworks accept, and LLaMA-Factory with the tags of Longhand's dataset_info.json. */
export function chatRow(turns: Turns): Chat {
  return {
    messages: [
      { role: 'user', content: questionOf(turns) },
      { role: 'assistant', content: turns.completion },
    ],
  };
}

/** A form with one row a chain, of question and answer alone: hosts refuse rows with other members. */
function chatForm(
  { id, title, summary, holds }: Pick<ChainForm, 'id' | 'title' | 'summary'> & { holds: string },
  row: z.ZodType,
  make: (turns: Turns) => object,
): ChainForm {
  return {
    id,
    title,
    summary,
    about: 'Rows have nothing else, because some readers refuse other members.',
    unit: 'chain',
    takes: 'selected',
    mask: 'prefix',
    files: [{ name: `train.${id}.jsonl`, config: id, holds, row }],
    rows: ({ prefix }: ExportedChain) => [prefix && make(prefix)],
  };
}

/** Messages in the form of a host. */
const hostForm = (id: string, title: string): ChainForm =>
  chatForm(
    { id, title, summary: `Chats for fine-tuning by ${title}.`, holds: '`messages`: user, assistant' },
    Chat,
    chatRow,
  );

export const openai = hostForm('openai', 'OpenAI');
export const together = hostForm('together', 'Together');
export const fireworks = hostForm('fireworks', 'Fireworks');

const Alpaca = z.object({ instruction: z.string(), input: z.literal(''), output: z.string() });

/** Rows of Stanford Alpaca (https://github.com/tatsu-lab/stanford_alpaca), the default of LLaMA-Factory. */
export const alpaca = chatForm(
  {
    id: 'alpaca',
    title: 'Alpaca',
    summary: 'Instruction and output, as LLaMA-Factory reads by default.',
    holds: '`instruction`, `input` (empty) and `output`',
  },
  Alpaca,
  (turns): z.infer<typeof Alpaca> => ({ instruction: questionOf(turns), input: '', output: turns.completion }),
);

const Turn = z.object({ from: z.enum(['human', 'gpt']), value: z.string() });
const ShareGpt = z.object({ conversations: z.array(Turn).length(2) });

/** Rows of ShareGPT, as LLaMA-Factory, axolotl and ms-swift read them. */
export const sharegpt = chatForm(
  {
    id: 'sharegpt',
    title: 'ShareGPT',
    summary: 'Conversations of human and gpt.',
    holds: '`conversations`: `from` (human, gpt) and `value`',
  },
  ShareGpt,
  (turns): z.infer<typeof ShareGpt> => ({
    conversations: [
      { from: 'human', value: questionOf(turns) },
      { from: 'gpt', value: turns.completion },
    ],
  }),
);
