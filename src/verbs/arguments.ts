import { z } from 'zod';
import { parseJson } from '../core/text/json.ts';
import { DEFAULT_STARTER } from '../models/starter/catalogue.ts';
import { flag, positional } from '../protocol/arguments.ts';
import { UsageError } from './context.ts';

/** Arguments that several verbs have, and how the command line completes them. */

export const round = positional(z.string(), 'name of the round');
export const run = positional(z.string().min(1), 'name of the run');
export const rounds = z.array(z.string()).optional().describe('only these rounds');
export const strict = z.boolean().optional().describe('exit code 3 where a line of the dataset can’t be read');
export const detach = z.boolean().optional().describe('return as soon as the runner process has started');
/** By its name or another name of its convention, or a record of switches; see readPolicy (core/grading/policies.ts). */
export const policy = flag(
  z.union([z.string().min(1), z.record(z.string(), z.unknown())]).optional(),
  'how answers are compared: a name, or JSON such as {"base":"strict","units":"convert"}',
  { value: 'NAME' },
);
export const workers = z.number().int().min(1).max(256).optional().describe('threads; one for each core when absent');
export const rowsOut = flag(z.string().min(1).optional(), 'where the rows go instead of stdout', { value: 'FILE' });
export const goldKey = flag(
  z.string().min(1).default('gold'),
  'key of the gold answer; a dotted path reaches into objects',
  { value: 'KEY' },
);
export const predictionKey = flag(z.string().min(1).default('prediction'), 'key of the response or answer', {
  value: 'KEY',
});

/** A round that runs in a process of its own. */
export const Detached = z.object({ round: z.string(), pid: z.number().int() });

type Given = Record<string, unknown>;

/** --starter, --url and --model as a ModelRef. @throws UsageError where they don't name one model. */
export function readModel(given: Given, verb: string): void {
  const { baseURL, model } = (given.model ?? {}) as { baseURL?: string; model?: string };
  const starter = take(given, 'starter') === true;
  if (starter && baseURL !== undefined) throw new UsageError('Give --starter or --url, not both.', verb);
  if (!starter && (baseURL === undefined || model === undefined)) {
    throw new UsageError('Give --starter, or --url and --model.', verb);
  }
  given.model = starter ? { kind: 'starter', model: model ?? DEFAULT_STARTER } : { kind: 'openai', baseURL, model };
}

/** As `readModel`, where a model may be absent. */
export function readOptionalModel(given: Given, verb: string): void {
  if (given.model !== undefined || given.starter !== undefined) readModel(given, verb);
}

/** `--address` alone means Ray. */
export function readEngine(given: Given): void {
  const engine = given.engine as Given | undefined;
  if (engine && engine.engine === undefined) engine.engine = engine.address === undefined ? 'slurm' : 'ray';
}

/** `--stages` is a short way to write a cascade. */
export function readStages(given: Given): void {
  const stages = take(given, 'stages');
  if (!Array.isArray(stages)) return;
  const { policy = 'cascade' } = given;
  given.policy = { ...(typeof policy === 'string' ? { policy } : (policy as Given)), stages: stages.map(Number) };
}

/** The value of a flag that is no argument by itself. */
function take(given: Given, name: string): unknown {
  const value = given[name];
  delete given[name];
  return value;
}

/** @throws UsageError that names the flag. */
export function readJson(text: string, flag: string, verb: string): unknown {
  const value = parseJson(text);
  if (value === undefined) throw new UsageError(`${flag} is not valid JSON.`, verb);
  return value;
}
