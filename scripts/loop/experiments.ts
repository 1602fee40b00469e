// The parameters of the experiments, in this file only; docs/design/closed-loop.md describes them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import type { RequestedSettings, Sampling } from '../../src/core/schemas/index.ts';
import { MARKER } from './corpus.ts';
import type { Scale } from './families.ts';
import type { SetSizes } from './splits.ts';

export type ExperimentName = 'tiny' | 'smollm' | 'smollm-2' | 'check';

export interface Experiment {
  name: ExperimentName;
  /** Seed of the pretraining and of how operands are dealt out; one pretrained model serves all seeds. */
  baseSeed: number;
  /** Shape of the tiny Llama that is pretrained here; without it, the starter model is trained. `byHeart`: rows of a corpus of the problems themselves, in the place of the real corpus. */
  tiny?: { hidden: number; layers: number; heads: number; byHeart?: number };
  scale: Scale;
  sizes: SetSizes;
  /** Samples a problem of each evaluation. */
  k: number;
  response: Sampling;
  /** The prompt of a response: Markdown with `## user` and `## assistant` sections. */
  prompt: string;
  /** Prompts of which one is chosen on development problems, and replaces `prompt`. The base model is measured in its best one too. */
  variants?: { prompts: Readonly<Record<string, string>>; problems: number; samples: number };
  /** An arm of right responses that were not filtered. */
  ablates?: boolean;
  /** Models are served by batch_server.py in single precision, the starter's weights too. */
  batched?: boolean;
  /** The sentence behind each training problem. */
  marker: string;
  /** Round 1 of the base model, and the round of the model that was trained on it. */
  direct: Record<string, unknown>;
  cascade: Record<string, unknown>;
  /** Correct responses kept of a problem. */
  keep: number;
  training: z.infer<typeof RequestedSettings>;
  /** Filters that are off. */
  filtersOff: string[];
  /** Requests in flight. */
  concurrency: number;
}

const TINY: Experiment = {
  name: 'tiny',
  baseSeed: 7,
  tiny: { hidden: 96, layers: 4, heads: 3 },
  scale: 'counting',
  sizes: { train: 300, heldOut: 400, heldOutFamilies: 100 },
  k: 2,
  // All tokens: the careful writer is a minority, which a top-p of 0.95 would exclude.
  response: { temperature: 0.7, topP: 1, maxTokens: 200 },
  prompt: `## user\n\n{{problem}}\n\n${MARKER}\n`,
  marker: MARKER,
  direct: { policy: 'cascade', stages: [8] },
  cascade: { policy: 'cascade', stages: [2, 8] },
  keep: 2,
  training: { epochs: 4, learningRate: 5e-4, batchSize: 16, accumulate: 1, device: 'cpu' },
  filtersOff: [],
  concurrency: 16,
};

const promptFile = (...names: string[]): string => readFileSync(join(import.meta.dirname, ...names), 'utf8');

const SMOLLM: Experiment = {
  name: 'smollm',
  baseSeed: 7,
  scale: 'small',
  sizes: { train: 150, heldOut: 120, heldOutFamilies: 40 },
  k: 2,
  response: { temperature: 0.8, topP: 0.95, maxTokens: 96 },
  prompt: promptFile('prompt.smollm.md'),
  marker: 'Solve it in one go and put the final answer in a box.',
  direct: { policy: 'cascade', stages: [4] },
  cascade: { policy: 'cascade', stages: [2, 4] },
  keep: 2,
  training: { epochs: 3, learningRate: 5e-5, batchSize: 2, accumulate: 4, device: 'cpu' },
  // A reply that corrects an error states a false equality first; the filter would reject exactly these.
  filtersOff: ['equations'],
  concurrency: 4,
};

const VARIANTS = ['inverse', 'again', 'short', 'plain'].map((name) => [name, promptFile('prompts', `${name}.md`)]);

export const EXPERIMENTS: Readonly<Record<ExperimentName, Experiment>> = {
  tiny: TINY,
  check: {
    ...TINY,
    name: 'check',
    tiny: { hidden: 96, layers: 2, heads: 3, byHeart: 8000 },
    sizes: { train: 6, heldOut: 5, heldOutFamilies: 3 },
    k: 1,
    direct: { policy: 'cascade', stages: [4] },
    cascade: { policy: 'cascade', stages: [1, 2] },
  },
  smollm: SMOLLM,
  'smollm-2': {
    ...SMOLLM,
    name: 'smollm-2',
    sizes: { train: 560, heldOut: 400, heldOutFamilies: 100 },
    variants: { prompts: Object.fromEntries(VARIANTS), problems: 100, samples: 4 },
    ablates: true,
    batched: true,
    marker: 'Check the result.',
    direct: { policy: 'cascade', stages: [8] },
    cascade: { policy: 'cascade', stages: [2, 8] },
    training: { epochs: 3, learningRate: 1e-4, batchSize: 8, accumulate: 1, device: 'cpu' },
    filtersOff: [],
    concurrency: 96,
  },
};
