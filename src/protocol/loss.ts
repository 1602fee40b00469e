import { z } from 'zod';

const count = z.number().int().nonnegative();

/** How trainings went, as numbers, picture and table; part of VERBS. */
export const LOSS = {
  summary: 'Say how the loss of trainings went, and save it as a picture or a table',
  args: z.object({
    dataset: z.string().min(1),
    /** The newest training when absent. */
    runs: z.array(z.string().min(1)).min(1).optional(),
    /** Path of an SVG that is written: loss, learning rate and gradient norm by step, the runs over each other. */
    svg: z.string().min(1).optional(),
    /** Path of a CSV that is written: a line for each step that a trainer told of. */
    csv: z.string().min(1).optional(),
  }),
  result: z.object({
    runs: z.array(
      z.object({
        run: z.string(),
        /** Steps that the trainer told a loss of; nothing is made up for the others. */
        points: count,
        step: count.optional(),
        total: count.optional(),
        first: z.number().optional(),
        last: z.number().optional(),
        /** The running average at the last step. */
        smoothed: z.number().optional(),
        /** Steps of those that are there still. */
        checkpoints: z.array(count),
        /** Steps from which later attempts went on. */
        resumes: z.array(count),
      }),
    ),
    svg: z.string().optional(),
    csv: z.string().optional(),
  }),
} as const;
