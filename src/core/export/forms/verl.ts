import { z } from 'zod';
import { wellFormed } from '../rows.ts';
import type { ProblemForm } from './form.ts';
import { ProblemFacts, problemFacts, questionOf } from './problems.ts';

/** verl chooses the reward by this name: the last boxed answer is compared with `ground_truth` (verl/utils/reward_score). */
const DATA_SOURCE = 'lighteval/MATH';

/** Rows of verl's RLHFDataset (https://github.com/verl-project/verl). */
export const verl: ProblemForm = {
  id: 'verl',
  title: 'RLVR (verl)',
  summary: 'One problem a row as Parquet, with the reward of verl for answers in a box.',
  about:
    '`data_source` chooses the reward of verl, and is not the source of the problem. `extra_info` has `split`, `index` and `id`, and about the problem `level`, `topic`, `source`, `licence`, the mean `pass_rate` of the model with its 90 % interval (`pass_rate_low`, `pass_rate_high`; null without graded samples), graded `samples`, `correct` ones and `triage`.',
  unit: 'problem',
  takes: 'problems',
  mask: 'none',
  formats: 'parquet',
  files: [
    {
      name: 'train.verl.jsonl',
      config: 'verl',
      holds: '`data_source`, `prompt`, `ability`, `reward_model` and `extra_info`',
      row: z.object({
        data_source: z.literal(DATA_SOURCE),
        prompt: z.array(z.object({ role: z.literal('user'), content: z.string() })).length(1),
        ability: z.literal('math'),
        reward_model: z.object({ style: z.literal('rule'), ground_truth: z.string() }),
        extra_info: z.object({
          split: z.literal('train'),
          index: z.number().int().nonnegative(),
          id: z.string(),
          ...ProblemFacts.shape,
        }),
      }),
    },
  ],
  rows: (known, index) => [
    {
      data_source: DATA_SOURCE,
      prompt: [{ role: 'user', content: questionOf(known) }],
      ability: 'math',
      reward_model: { style: 'rule', ground_truth: wellFormed(known.problem.answer) },
      extra_info: { split: 'train', index, id: wellFormed(known.problem.id), ...problemFacts(known) },
    },
  ],
};
