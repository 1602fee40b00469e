import { z } from 'zod';
import type { PairForm } from './form.ts';
import { Message } from './parts.ts';

/** Rows of TRL's DPOTrainer (Rafailov et al. 2023, arXiv 2305.18290) and ORPOTrainer (Hong et al. 2024, arXiv 2403.07691). */
export const dpo: PairForm = {
  id: 'dpo',
  title: 'DPO and ORPO',
  summary: 'Two answers to one problem a row: one to prefer, one not.',
  about:
    'Every row has `id`, `problem_id`, `answer` (the gold answer), and `chosen_id` and `rejected_id`: the chains of the two answers. They are the same where a reviewer’s text is paired with the text before the edit.',
  unit: 'pair',
  takes: 'labelled',
  mask: 'none',
  files: [
    {
      name: 'train.dpo.jsonl',
      config: 'dpo',
      holds: '`prompt`, `chosen` and `rejected`, each a list of messages',
      row: z.object({
        prompt: z.array(Message),
        chosen: z.array(Message),
        rejected: z.array(Message),
        id: z.string(),
        problem_id: z.string(),
        answer: z.string(),
        chosen_id: z.string(),
        rejected_id: z.string(),
      }),
    },
  ],
  rows: ({ promptCompletion: right, unended }, { promptCompletion: wrong }) => [
    // Trainers end each message. The end of a rejected one is not learned.
    unended
      ? undefined
      : {
          prompt: right.prompt,
          chosen: right.completion,
          rejected: wrong.completion,
          id: `${right.id} > ${wrong.id}`,
          problem_id: right.problem_id,
          answer: right.answer,
          chosen_id: right.id,
          rejected_id: wrong.id,
        },
  ],
};
