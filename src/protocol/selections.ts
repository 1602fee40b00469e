import { z } from 'zod';
import { FilterId, GgufType, RequestedSettings, ServerId } from '../core/schemas/index.ts';
import { ArmName, SelectionsPlan } from '../core/selections/index.ts';
import { dataset, flag, flags, responseSettings } from './arguments.ts';
import { ExportArgs } from './export.ts';
import { settingFlags, TrainArgs } from './training.ts';

const query = z.string().max(10_000).optional();
const count = z.number().int().nonnegative();

/** How trained models are served. Programs come from flags and settings only: a dataset never names one. */
const ServingProgram = z.object({
  serverPython: flag(z.string().min(1).optional(), 'interpreter that converts models for the server', {
    value: 'FILE',
  }),
  serverProgram: flag(z.array(z.string().min(1)).optional(), 'program of the server and its first arguments', {
    value: 'WORDS',
  }),
  serverArgs: flag(z.array(z.string().min(1)).optional(), 'more arguments of the server', { value: 'WORDS' }),
  serverType: flag(GgufType.optional(), 'of a GGUF file that is made (default q8_0)', {
    value: 'TYPE',
  }),
});

/** What a comparison is planned from. */
export const CompareSelectionsArgs = z.object({
  dataset,
  a: flag(query, 'the chains of selection A, in the query language', { value: 'QUERY' }),
  b: flag(query, 'the chains of selection B', { value: 'QUERY' }),
  filter: flag(FilterId.optional(), 'in place of both: A passes all filters, and B all except this one', {
    value: 'ID',
  }),
  control: flag(query, 'random rows of these chains, union (of A and B, the default) or none', { value: 'QUERY' }),
  unmasked: flag(z.array(z.enum(['a', 'b', 'control'])).optional(), 'arms that are trained on masked text too', {
    value: 'ARMS',
  }),
  shareOf: flag(query, 'chains of which the selections have a share each, such as class = FT', { value: 'QUERY' }),
  shareA: z.number().min(0).max(1).optional().describe('share of those chains in A, 0 to 1'),
  shareB: z.number().min(0).max(1).optional().describe('share of those chains in B, 0 to 1'),
  selected: flag(
    z.array(z.enum(['a', 'b'])).optional(),
    'selections limited to what an export of passed chains selects: quotas, decisions and one selection over all rounds',
    { value: 'ARMS' },
  ),
  base: z.boolean().optional().describe('evaluate the base model too'),
  basePrompt: flag(z.string().min(1).optional(), 'evaluate the base model with this prompt of a response too', {
    value: 'FILE',
  }),
  against: flag(ArmName.exclude(['a']).optional(), 'what A is compared with first: b, control, base or prompted', {
    value: 'ARM',
  }),
  rows: count.min(1).optional().describe('rows of an arm at most'),
  tolerance: z.number().min(0).max(1).optional().describe('accepted difference of tokens between arms (default 0.02)'),
  sameProblems: z.boolean().optional().describe('each arm has the same number of rows of each problem'),
  keepAll: flag(
    z.enum(['a', 'b']).optional(),
    'all chains of this selection are rows; the other arms have as many, of the same problems as far as they reach',
    { value: 'ARM' },
  ),
  marker: ExportArgs.shape.marker,
  problems: flag(
    z.array(z.string().min(1)).min(1).optional(),
    'held-out problems: files, or sets on the hub as hf:OWNER/NAME; the first is the question',
    { value: 'FILES' },
  ),
  limit: z.number().int().positive().optional().describe('limit of held-out problems of each set'),
  k: z.number().int().min(1).max(1024).optional().describe('answers per problem and seed (default 2)'),
  seeds: z
    .array(count.max(0xffff_ffff))
    .min(1)
    .max(100)
    .optional()
    .describe('of rows, trainings and answers (default 1,2,3)'),
  passRate: flag(z.number().min(0).max(1).optional(), 'pass rate of the base model, where no evaluation shows it', {
    value: 'SHARE',
  }),
  ...responseSettings,
  ...TrainArgs.pick({
    trainer: true,
    model: true,
    config: true,
    program: true,
    engine: true,
    resources: true,
  }).shape,
  /** Its seeds are those of the comparison. */
  settings: flags(RequestedSettings.omit({ seed: true }).strict().optional(), settingFlags),
  server: flag(ServerId.optional(), 'starter (the default), transformers, vllm, sglang, llama.cpp or ollama', {
    value: 'NAME',
  }),
  serving: ServingProgram.optional(),
  name: z.string().optional().describe('name of the comparison'),
  id: flag(
    SelectionsPlan.shape.id.optional(),
    'in the names of its exports and runs, 8 hex digits; random when absent',
    {
      value: 'ID',
    },
  ),
  resume: flag(
    z.string().min(1).optional(),
    'resume this comparison; give --config and the flags of programs and resources again',
    {
      value: 'NAME',
    },
  ),
  show: flag(z.string().min(1).optional(), 'show the plan and result of this comparison, and run nothing', {
    value: 'NAME',
  }),
  cancel: flag(z.string().min(1).optional(), 'cancel this comparison, which another process runs', { value: 'NAME' }),
  plan: z.boolean().optional().describe('show rows, tokens, cost and power, and run nothing'),
  anyway: z.boolean().optional().describe('run although a check found an error'),
});
export type CompareSelectionsArgs = z.infer<typeof CompareSelectionsArgs>;

/** Why a comparison ended before its end, in `failure.json`. */
export const ComparisonFailure = z.object({ message: z.string(), advice: z.string() });

/** How far a comparison is. */
export const ComparisonProgress = z.object({
  /** A process runs it now. */
  isRunning: z.boolean(),
  /** Finished steps, and all. */
  steps: z.object({ done: z.number().int().nonnegative(), total: z.number().int().nonnegative() }),
  /** Why it ended before its end. */
  failure: ComparisonFailure.optional(),
});
export type ComparisonProgress = z.infer<typeof ComparisonProgress>;
