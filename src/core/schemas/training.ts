import { z } from 'zod';

const count = z.number().int().nonnegative();

/** What a training optimises: supervised fine-tuning, DPO on pairs, or KTO on labelled answers. */
export const Objective = z.enum(['sft', 'dpo', 'kto']);
export type Objective = z.infer<typeof Objective>;

const settings = {
  epochs: z.number().positive().max(1000),
  /** Optimiser steps, instead of `epochs`. */
  maxSteps: z.number().int().positive(),
  learningRate: z.number().positive().max(1),
  /** Rows in one forward pass of one device. */
  batchSize: z.number().int().positive().max(4096),
  /** Forward passes per optimiser step. */
  accumulate: z.number().int().positive().max(4096),
  /** Rank of the LoRA adapter; 0 trains all weights. */
  loraRank: z.number().int().nonnegative().max(1024),
  /** Maximum tokens of a row with prompt and answer; from the longest row if absent, so that nothing is truncated. */
  maxLength: z.number().int().positive(),
  /** Steps between checkpoints; one per epoch if absent. */
  saveSteps: z.number().int().positive(),
  seed: z.number().int().nonnegative(),
  /** `auto`: GPUs if available. */
  device: z.enum(['auto', 'cpu', 'gpu']),
};

/** What a person requests; defaults depend on the objective. */
export const RequestedSettings = z.object(settings).partial();

/** Settings that all trainers have; others are in a trainer's configuration file. */
export const TrainingSettings = RequestedSettings.extend({
  epochs: settings.epochs.default(2),
  learningRate: settings.learningRate.default(1e-5),
  batchSize: settings.batchSize.default(1),
  accumulate: settings.accumulate.default(16),
  loraRank: settings.loraRank.default(0),
  seed: settings.seed.default(42),
  device: settings.device.default('auto'),
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
