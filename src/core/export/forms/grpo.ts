import { z } from 'zod';
import { wellFormed } from '../rows.ts';
import type { ProblemForm } from './form.ts';
import { ABOUT_PROBLEMS, ProblemFacts, problemFacts, questionOf } from './problems.ts';

const User = z.object({ role: z.literal('user'), content: z.string() });

/** Rows of TRL's GRPOTrainer: `answer` and the other columns are arguments of its reward functions. */
export const grpo: ProblemForm = {
  id: 'grpo',
  title: 'GRPO (TRL)',
  summary: 'One problem a row, with the answer for a reward function.',
  about: `Every row has \`id\`. ${ABOUT_PROBLEMS}`,
  unit: 'problem',
  takes: 'problems',
  mask: 'none',
  files: [
    {
      name: 'train.grpo.jsonl',
      config: 'grpo',
      holds: '`prompt`, a list of messages, and `answer`',
      row: z.object({ prompt: z.array(User).length(1), answer: z.string(), id: z.string(), ...ProblemFacts.shape }),
    },
  ],
  rows: (known) => [
    {
      prompt: [{ role: 'user', content: questionOf(known) }],
      answer: wellFormed(known.problem.answer),
      id: wellFormed(known.problem.id),
      ...problemFacts(known),
    },
  ],
};
