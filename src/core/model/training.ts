import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What every supervised trainer has a word for. What only one of them knows is written in its configuration file. */
export const TrainingSettings = z.object({
  epochs: z.number().positive().max(1000).default(2),
  /** Optimiser steps in all, in place of `epochs`. */
  maxSteps: z.number().int().positive().optional(),
  learningRate: z.number().positive().max(1).default(1e-5),
  /** Rows in one forward pass of one device. */
  batchSize: z.number().int().positive().max(4096).default(1),
  /** Forward passes that make one optimiser step. */
  accumulate: z.number().int().positive().max(4096).default(16),
  /** Rank of the LoRA adapter; 0 trains all weights. */
  loraRank: z.number().int().nonnegative().max(1024).default(0),
  /** Tokens of a row, prompt and answer together; from the longest row when absent, so that nothing is cut. */
  maxLength: z.number().int().positive().optional(),
  /** A checkpoint every so many steps; once an epoch when absent. */
  saveSteps: z.number().int().positive().optional(),
  seed: z.number().int().nonnegative().default(42),
  /** `auto`: GPUs where there are any. */
  device: z.enum(['auto', 'cpu', 'gpu']).default('auto'),
});
export type TrainingSettings = z.infer<typeof TrainingSettings>;

/** Lengths of the rows in tokens, prompt and answer together. */
export const RowLengths = z.object({
  /** Counted with the tokenizer and the chat template of the model; else estimated from the texts. */
  exact: z.boolean(),
  rows: count,
  tokens: count,
  /** Tokens that count in the loss. */
  trained: count,
  median: count,
  p99: count,
  longest: count,
  maxLength: count,
  /** Rows longer than `maxLength`: what is beyond it is not trained. */
  cut: count,
  /** Rows of which no token would be trained; they are left out. */
  empty: count,
  /** Rows that have trained tokens, all of them beyond `maxLength`: the cut leaves none, and they are left out too. */
  emptied: count,
});
export type RowLengths = z.infer<typeof RowLengths>;

/** Why a job failed, as far as its last words tell. */
export const JobFailure = z.object({
  kind: z.enum([
    ...['out-of-memory', 'missing-package', 'wrong-version', 'bad-column', 'port-taken', 'wrong-architecture'],
    ...[
      'model-not-found',
      'disk-full',
      'no-gpu',
      'killed',
      'bad-config',
      'no-rows',
      'no-access',
      'diverged',
      'unknown',
    ],
  ] as const),
  message: z.string(),
  advice: z.string(),
});
export type JobFailure = z.infer<typeof JobFailure>;
