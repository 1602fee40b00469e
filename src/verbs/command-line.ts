import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { messageOf } from '../core/errors.ts';
import { parseJson } from '../core/text/json.ts';
import { readJson } from './arguments.ts';
import { UsageError } from './context.ts';
import { type CommandShape, type Flag, shapeOf } from './flags.ts';
import { isVerb, VERBS, type VerbArgs, type VerbName } from './index.ts';
import { formatIssue, wrongValue } from './issues.ts';

/** How the process itself behaves, whatever the verb. */
export interface CommonFlags {
  json: boolean;
  help: boolean;
  version: boolean;
  progress: 'json' | 'text' | 'none' | undefined;
  /** `-` or JSON: the arguments in place of positionals and flags. */
  argsJson: string | undefined;
}

const COMMON = {
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  progress: { type: 'string' },
  'args-json': { type: 'string' },
} as const;

export interface CommandLine {
  /** Undefined for `longhand --help` and the like. */
  verb: VerbName | undefined;
  common: CommonFlags;
  /** Before the verb's schema was applied; empty when `argsJson` holds the arguments. */
  given: Record<string, unknown>;
}

/** Reads a command line without the program's name. Throws UsageError. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const verb = argv[0] !== undefined && isVerb(argv[0]) ? argv[0] : undefined;
  const shape = verb && shapeOf(VERBS[verb].args);
  const rest = argv.slice(verb ? 1 : 0);
  const { values, positionals } = parse(rest, shape, verb);
  const common: CommonFlags = {
    json: values.json === true,
    help: values.help === true,
    version: values.version === true,
    progress: progressOf(values.progress, verb),
    argsJson: typeof values['args-json'] === 'string' ? values['args-json'] : undefined,
  };
  if (!verb && !common.help && !common.version) {
    const unknown = positionals[0];
    throw new UsageError(unknown === undefined ? 'Which verb?' : `There is no verb “${unknown}”.`);
  }
  const reads = verb && !common.help && !common.version && common.argsJson === undefined;
  return { verb, common, given: reads && shape ? gather(verb, shape, values, positionals) : {} };
}

/** The arguments through the verb's schema. Throws UsageError that names what is wrong. */
export function checkArgs<V extends VerbName>(verb: V, given: unknown): VerbArgs<V> {
  const schema: z.ZodType = VERBS[verb].args;
  const { data, error } = schema.safeParse(given);
  if (!error) return data as VerbArgs<V>;
  const issues = error.issues.map((issue) => formatIssue(verb, issue, given));
  throw new UsageError(`${issues.join('; ')}.`, verb);
}

type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

function parse(
  args: string[],
  shape: CommandShape | undefined,
  verb: VerbName | undefined,
): { values: Values; positionals: string[] } {
  const own = (shape?.flags ?? []).map(({ name, kind }) => [
    name,
    { type: kind === 'switch' ? ('boolean' as const) : ('string' as const), multiple: kind === 'list' },
  ]);
  try {
    const options = { ...COMMON, ...Object.fromEntries(own) };
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    return { values, positionals };
  } catch (error) {
    throw new UsageError(parseProblem(error), verb);
  }
}

/** Node's messages are for programmers. */
function parseProblem(error: unknown): string {
  const message = messageOf(error);
  const flag = /'(?:-\w, )?(--?[^' ]+)/.exec(message)?.[1];
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (flag === undefined) return message;
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `There is no flag ${flag}.`;
  if (code !== 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return message;
  if (message.includes('does not take an argument')) return `${flag} takes no value.`;
  return `${flag} requires a value. Write one that begins with - as ${flag}=VALUE.`;
}

function gather(
  verb: VerbName,
  shape: CommandShape,
  values: Values,
  positionals: readonly string[],
): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  if (positionals.length > shape.positionals.length) {
    throw new UsageError(`“${positionals[shape.positionals.length]}” is one argument too many.`, verb);
  }
  for (const [i, { path, value: label }] of shape.positionals.entries()) {
    const value = positionals[i];
    if (value === undefined) throw new UsageError(`${label} is missing.`, verb);
    put(given, path, value);
  }
  for (const flag of shape.flags) {
    const value = values[flag.name];
    if (value !== undefined) put(given, flag.path, readValue(value, flag, verb));
  }
  VERBS[verb].read?.(given, verb);
  return given;
}

function readValue(value: NonNullable<Values[string]>, flag: Flag, verb: VerbName): unknown {
  if (flag.kind === 'list') {
    return [value].flat().flatMap((part) => readList(String(part)));
  }
  if (flag.kind === 'record') return readRecord(String(value), flag.name, verb);
  if (flag.kind !== 'number') return value;
  const number = Number(value);
  if (String(value).trim() === '' || !Number.isFinite(number)) {
    throw new UsageError(`${wrongValue(verb, flag, String(value))}.`, verb);
  }
  return number;
}

function readList(text: string): string[] {
  const list = text.trimStart().startsWith('[') ? parseJson(text) : undefined;
  if (Array.isArray(list)) return list.map(String);
  const parts = text.split(',').map((part) => part.trim());
  return parts.filter((part) => part !== '');
}

function readRecord(value: string, name: string, verb: VerbName): unknown {
  return value.trimStart().startsWith('{') ? readJson(value, `--${name}`, verb) : value;
}

function put(target: Record<string, unknown>, path: string, value: unknown): void {
  const [head = '', ...rest] = path.split('.');
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  const inner = (target[head] ?? {}) as Record<string, unknown>;
  target[head] = inner;
  put(inner, rest.join('.'), value);
}

function progressOf(value: Values[string], verb: VerbName | undefined): CommonFlags['progress'] {
  if (value === undefined || value === 'json' || value === 'text' || value === 'none') return value;
  throw new UsageError('--progress must be json, text or none.', verb);
}

/** The help of one verb, or of all. */
export function helpText(verb?: VerbName): string {
  if (verb === undefined) {
    const verbs = Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(21)}${summary}`);
    return `longhand VERB [DATASET] [FLAGS]\n\n${verbs.join('\n')}\n\n“longhand VERB --help” lists its flags.\n${COMMON_HELP}`;
  }
  const { positionals, flags } = shapeOf(VERBS[verb].args);
  const usage = ['longhand', verb, ...positionals.map(({ value }) => value), '[FLAGS]'].join(' ');
  const lines = flags.map(({ name, value, help }) => {
    return `  ${`--${name}${value === undefined ? '' : ` ${value}`}`.padEnd(24)}${help}`;
  });
  return `${usage}\n\n${VERBS[verb].summary}.\n${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''}${COMMON_HELP}`;
}

const COMMON_HELP = `
  --json                  print the result as JSON, and nothing else, on stdout (on stderr where rows go to stdout)
  --progress HOW          json (a line each), text or none, on stderr
  --args-json JSON        all arguments as one JSON object; - reads it from stdin
  --help, --version

A list (A,B) is separated by commas, or given by several flags. Values with commas are written as a JSON list: '["A,1","B"]'.
LONGHAND_API_KEY holds the key of the model's endpoint. It goes only to the host that LONGHAND_API_HOST names (host or host:port;
http://host:port for plain http to another machine). Where LONGHAND_API_HOST is not set, it goes only to the hosts that you confirmed
with “longhand key-hosts --add HOST”.

Exit codes: 0 done, 1 failed (also a run that was followed and did not succeed), 2 wrong command line,
3 damaged lines with --strict, 4 findings of doctor, 130 cancelled.
`;
