import { z } from 'zod';
import { EndpointCheck, ModelRef, ModelRole, Prices, PromptSet } from '../../core/schemas/index.ts';
import { dataset, flag, flags, model, positional } from '../../protocol/arguments.ts';
import { readModel, readOptionalModel } from '../arguments.ts';
import { UsageError } from '../context.ts';
import { defineVerb } from '../define.ts';

const price = (what: string) => ({
  value: 'PRICE',
  help: `of a million ${what} tokens, in the currency you are billed in`,
});

/** Verbs about models, their endpoints and their prices. */
export const modelVerbs = {
  model: defineVerb({
    summary:
      'Set the base or the fine-tuned model of a dataset: an OpenAI-compatible URL and a model name, or the starter model',
    args: z.object({
      dataset,
      model,
      role: ModelRole.optional().describe('base (writes the chains; the default) or fine-tuned'),
      promptSet: flag(PromptSet.optional(), 'full, or small for small models', { name: 'prompts', value: 'SET' }),
      /** In place of a model. Rounds that the fine-tuned model made stay unchanged. */
      remove: z.boolean().optional().describe('with --role fine-tuned: remove this model from the dataset'),
    }),
    /** `model` is null where it was removed. */
    result: z.object({ model: ModelRef.nullable(), role: ModelRole, promptSet: PromptSet }),
    read: (given, verb) => {
      if (given.remove !== true || given.model !== undefined || given.starter !== undefined) readModel(given, verb);
    },
    load: () => import('./model.ts'),
  }),
  prices: defineVerb({
    summary: 'Show what the models of a dataset cost per million tokens, or set the prices of one',
    args: z.object({
      dataset,
      model,
      role: ModelRole.optional().describe('base or fine-tuned, in place of the address and name of a model'),
      prices: flags(Prices.optional(), { prompt: price('prompt'), completion: price('completion') }),
      remove: z.boolean().optional().describe('delete the prices of the model'),
    }),
    result: z.object({
      models: z.array(
        z.object({
          /** Host and port, or `starter`. */
          host: z.string(),
          model: z.string(),
          /** `base`, `fine-tuned`, `judge`; none for a model that only has prices. */
          uses: z.array(z.string()),
          /** null: unknown. */
          prices: Prices.nullable(),
        }),
      ),
    }),
    read: readPrices,
    load: () => import('./prices.ts'),
  }),
  'key-hosts': defineVerb({
    summary: 'List the hosts to which the key in LONGHAND_API_KEY may go, confirm a host, or remove it',
    args: z.object({
      /** Without a scheme: https, or this machine. */
      add: flag(z.string().min(1).optional(), 'send the key to this host: host, host:port or URL', { value: 'HOST' }),
      remove: flag(z.string().min(1).optional(), 'no longer send the key to this host', { value: 'HOST' }),
    }),
    result: z.object({ hosts: z.array(z.string()) }),
    load: () => import('./key-hosts.ts'),
  }),
  'check-endpoint': defineVerb({
    summary: 'Check with a few small calls what a model at an endpoint supports',
    args: z.object({
      dataset,
      /** In place of the dataset's model of `role`. */
      model,
      role: ModelRole.optional().describe('base (the default) or fine-tuned'),
    }),
    result: EndpointCheck,
    read: readOptionalModel,
    load: () => import('./check-endpoint.ts'),
  }),
  starter: defineVerb({
    summary: 'Install, start or stop the starter model, or show its status',
    args: z.object({
      what: positional(z.enum(['install', 'start', 'stop', 'status']), 'what to do'),
      model: flag(z.string().optional(), 'id in the starter catalogue; its first model when absent', { value: 'ID' }),
    }),
    result: z.object({
      model: z.string(),
      installed: z.boolean(),
      running: z.boolean(),
      pid: z.number().int().optional(),
      port: z.number().int().optional(),
      logFile: z.string(),
    }),
    load: () => import('./starter.ts'),
  }),
};

function readPrices(given: Record<string, unknown>, verb: string): void {
  readOptionalModel(given, verb);
  const {
    model: ref,
    role,
    prices,
    remove,
  } = given as {
    model?: object;
    role?: string;
    prices?: object;
    remove?: boolean;
  };
  const refuse = (message: string): never => {
    throw new UsageError(message, verb);
  };
  if (prices !== undefined && !('prompt' in prices && 'completion' in prices)) {
    refuse('--prompt and --completion go together.');
  }
  if (prices !== undefined && remove) refuse('Give prices or --remove, not both.');
  if (ref !== undefined && role !== undefined) refuse('Give --role or a model, not both.');
  const changes = prices !== undefined || remove === true;
  if (changes !== (ref !== undefined || role !== undefined)) {
    refuse('A model (--role, --starter, or --url and --model) goes with prices or --remove.');
  }
}
