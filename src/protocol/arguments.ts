import { z } from 'zod';
import { defined } from '../core/defined.ts';
import { EngineChoice, ModelRef, ModelRole, Sampling } from '../core/schemas/index.ts';

/** A list is given once, separated by commas or as JSON, or several times. A record is JSON where it begins with a brace, else a name. */
export type FlagKind = 'switch' | 'text' | 'number' | 'list' | 'record';

/** How a field of a verb's arguments is written on the command line, if its schema and name are not enough. */
export interface FlagHint {
  /** Name of the flag without dashes; the field's name in kebab-case when absent. */
  name?: string;
  /** What stands for the value in the help. */
  value?: string;
  /** How the value is parsed, if the schema is not enough. */
  kind?: FlagKind;
  /** The value comes before the flags. */
  positional?: true;
  /** Flags for the parts of a value whose schema describes no parts, by name: a help text, or a hint with one. */
  parts?: Readonly<Record<string, PartFlag | string>>;
}

export interface PartFlag {
  help: string;
  /** Path below the field, empty for the field itself; the flag's name in camelCase when absent. */
  at?: string;
  value?: string;
}

declare module 'zod' {
  interface GlobalMeta {
    flag?: FlagHint;
  }
}

/** An argument with its help text, and another name or placeholder than the schema gives. */
export function flag<S extends z.ZodType>(schema: S, help: string, hint: FlagHint = {}): S {
  return schema.meta({ description: help, flag: hint });
}

/** An argument that comes before the flags, in the order of the fields. @param value how the help calls it; the field's name when absent. */
export function positional<S extends z.ZodType>(schema: S, help: string, value?: string): S {
  return flag(schema, help, { positional: true, ...defined({ value }) });
}

/** An object or union from elsewhere, with a flag for each part that the command line can give. */
export function flags<S extends z.ZodType>(schema: S, parts: NonNullable<FlagHint['parts']>): S {
  return schema.meta({ flag: { parts } });
}

export const dataset = positional(z.string().min(1), 'folder of the dataset');

/** Which problems a round asks for, and how it is called. */
export const roundChoice = {
  name: z.string().optional().describe('name of the round'),
  seed: z
    .number()
    .int()
    .nonnegative()
    .optional()
    .describe('breaks ties between problems and sets the seeds of all calls'),
  levels: z.array(z.string()).optional().describe('only problems of these levels'),
  topics: z.array(z.string()).optional().describe('only problems of these topics'),
};

/** Which model of a dataset samples. */
export const sampledRole = ModelRole.optional().describe(
  'base or fine-tuned; the fine-tuned model when absent, or the base model if there is none',
);

/** How responses are requested; what is absent is as in the dataset. */
export const responseSettings = {
  response: flags(Sampling.partial().optional(), {
    temperature: 'sampling temperature of the responses',
    'top-p': 'top-p of the responses',
    'max-tokens': 'limit of a response, in completion tokens',
  }),
  concurrency: z.number().int().min(1).max(512).optional().describe('requests in flight'),
};

/** A model in place of the dataset's own; `readModel` (src/verbs/arguments.ts) completes it. */
export const model = flags(ModelRef.optional(), {
  starter: 'the starter model, which Longhand installs and starts',
  url: { at: 'baseURL', value: 'URL', help: 'OpenAI-compatible endpoint, up to and including /v1' },
  model: { value: 'NAME', help: 'name of the model at the endpoint, or of the starter' },
});

/** Where a job runs; `readEngine` (src/verbs/arguments.ts) completes it. */
export const engine = flags(EngineChoice.optional(), {
  engine: { value: 'NAME', help: 'where it runs: local (this machine), ray or slurm' },
  address: { value: 'URL', help: 'address of the Ray dashboard' },
  'shared-folder': { value: 'PATH', help: 'a folder that all nodes can read and write' },
  host: { value: 'NAME', help: 'host of Slurm, reached by ssh' },
  rest: { value: 'URL', help: 'address of slurmrestd' },
  partition: { value: 'NAME', help: 'Slurm partition' },
});
