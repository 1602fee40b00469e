import { z } from 'zod';

const count = z.number().int().nonnegative();

/** Settings that all supervised trainers have; others are in a trainer's configuration file. */
export const TrainingSettings = z.object({
  epochs: z.number().positive().max(1000).default(2),
  /** Optimiser steps, instead of `epochs`. */
  maxSteps: z.number().int().positive().optional(),
  learningRate: z.number().positive().max(1).default(1e-5),
  /** Rows in one forward pass of one device. */
  batchSize: z.number().int().positive().max(4096).default(1),
  /** Forward passes per optimiser step. */
  accumulate: z.number().int().positive().max(4096).default(16),
  /** Rank of the LoRA adapter; 0 trains all weights. */
  loraRank: z.number().int().nonnegative().max(1024).default(0),
  /** Maximum tokens of a row with prompt and answer; from the longest row if absent, so that nothing is truncated. */
  maxLength: z.number().int().positive().optional(),
  /** Steps between checkpoints; one per epoch if absent. */
  saveSteps: z.number().int().positive().optional(),
  seed: z.number().int().nonnegative().default(42),
  /** `auto`: GPUs if available. */
  device: z.enum(['auto', 'cpu', 'gpu']).default('auto'),
});
export type TrainingSettings = z.infer<typeof TrainingSettings>;

/** Lengths of the rows in tokens, prompt and answer together. */
export const RowLengths = z.object({
  /** Counted with the model's tokenizer and chat template; else estimated. */
  exact: z.boolean(),
  rows: count,
  tokens: count,
  /** Tokens that count in the loss. */
  trained: count,
  median: count,
  p99: count,
  longest: count,
  maxLength: count,
  /** Rows longer than `maxLength`, which are truncated. */
  cut: count,
  /** Rows without trained tokens, which are excluded. */
  empty: count,
  /** Rows whose trained tokens are all beyond `maxLength`; they are excluded too. */
  emptied: count,
});
export type RowLengths = z.infer<typeof RowLengths>;

/** Why a job failed, according to the end of its log. */
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
