import { parseArgs } from 'node:util';
import type { z } from 'zod';
import { VERBS, type VerbName } from '../protocol/verbs.ts';
import { DEFAULT_STARTER } from './starter.ts';

/** The command line was not written as it must be; the message says what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly advice: string;

  constructor(message: string, verb?: string) {
    super(message);
    this.advice = verb === undefined ? '“longhand --help” lists the verbs.' : `See “longhand ${verb} --help”.`;
  }
}

interface Flag {
  /** What stands for the value in the help; absent for a switch. */
  value?: string;
  /** Dotted path in the verb's arguments. */
  into: string;
  help: string;
  /** A list is given once, separated by commas, or several times. A record is JSON where it begins with a brace, else a name. */
  kind?: 'number' | 'list' | 'record';
}

interface Shape {
  /** Names of what comes before the flags, by the path in the arguments. */
  positionals: readonly string[];
  flags: Readonly<Record<string, Flag>>;
  /** What the flags cannot say by themselves; `given` are the arguments so far. */
  finish?: (given: Record<string, unknown>) => void;
}

const NAME: Flag = { value: 'NAME', into: 'name', help: 'how it is called' };
const DETACH: Flag = { into: 'detach', help: 'return as soon as the runner process has begun' };
const column = (into: string, what: string): Flag => ({
  value: 'COLUMN',
  into: `mapping.${into}`,
  help: `column of the ${what}`,
});
const tries = (piece: string): Flag => ({
  value: 'N',
  into: `tries.${piece}`,
  kind: 'number',
  help: `candidates of ${piece} for each problem`,
});

const POLICY: Flag = {
  value: 'NAME',
  into: 'policy',
  kind: 'record',
  help: 'how answers are compared: a name, or JSON such as {"base":"strict","units":"convert"}',
};

const WORKERS: Flag = {
  value: 'N',
  into: 'workers',
  kind: 'number',
  help: 'threads; one for each core when not given',
};

const KEYS: Readonly<Record<string, Flag>> = {
  'gold-key': {
    value: 'KEY',
    into: 'goldKey',
    help: 'where the gold answer stands (gold); a dotted path reaches into objects',
  },
  'prediction-key': { value: 'KEY', into: 'predictionKey', help: 'where the response or answer stands (prediction)' },
};

const PLAN_FLAGS: Readonly<Record<string, Flag>> = {
  problems: { value: 'N', into: 'problems', kind: 'number', help: 'how many problems, those tried least first' },
  name: NAME,
  seed: { value: 'N', into: 'seed', kind: 'number', help: 'decides among equals, and the seeds of all calls' },
  levels: { value: 'A,B', into: 'levels', kind: 'list', help: 'only problems of these levels' },
  topics: { value: 'A,B', into: 'topics', kind: 'list', help: 'only problems of these topics' },
  asking: { value: 'HOW', into: 'asking', help: 'separate (calls by piece) or dialogue' },
  answer1: tries('answer1'),
  answer2: tries('answer2'),
  check: tries('check'),
  summary: tries('summary'),
};

const MODEL_FLAGS: Readonly<Record<string, Flag>> = {
  starter: { into: 'model.starter', help: 'the starter model, which Longhand installs and starts' },
  url: { value: 'URL', into: 'model.baseURL', help: 'OpenAI-compatible endpoint, up to and including /v1' },
  model: { value: 'NAME', into: 'model.model', help: 'name of the model at the endpoint, or of the starter' },
};

const SHAPES: { readonly [V in VerbName]: Shape } = {
  init: { positionals: ['dataset'], flags: { name: NAME } },
  sample: { positionals: ['dataset'], flags: {} },
  model: {
    positionals: ['dataset'],
    flags: {
      ...MODEL_FLAGS,
      prompts: { value: 'SET', into: 'promptSet', help: 'full, or small for small models' },
    },
    finish: (given) => finishModel(given, 'model'),
  },
  import: {
    positionals: ['dataset', 'file'],
    flags: {
      name: NAME,
      problem: column('problem', 'problem; a dotted path reaches into objects'),
      answer: column('answer', 'trusted answer'),
      'answer-from': {
        value: 'HOW',
        into: 'mapping.answerFrom',
        help: 'plain, boxed (last \\boxed{}) or hash (after ####)',
      },
      id: column('id', 'id'),
      solution: column('solution', 'worked solution'),
      level: column('level', 'level'),
      topic: column('topic', 'topic'),
      source: column('source', 'source'),
      licence: column('licence', 'licence'),
    },
    finish: finishMapping,
  },
  'import-traces': { positionals: ['dataset', 'file'], flags: { name: NAME } },
  plan: { positionals: ['dataset'], flags: PLAN_FLAGS },
  generate: { positionals: ['dataset'], flags: { ...PLAN_FLAGS, detach: DETACH } },
  resume: { positionals: ['dataset', 'round'], flags: { detach: DETACH } },
  judge: {
    positionals: ['dataset'],
    flags: {
      rounds: { value: 'A,B', into: 'rounds', kind: 'list', help: 'only chains of these rounds' },
      chains: { value: 'ID,ID', into: 'chains', kind: 'list', help: 'only these chains' },
      limit: { value: 'N', into: 'limit', kind: 'number', help: 'at most so many chains that are not judged yet' },
      plan: { into: 'plan', help: 'say what it would ask for and cost, and ask nothing' },
      ...MODEL_FLAGS,
    },
    finish: (given) => {
      if (given.model !== undefined) finishModel(given, 'judge');
    },
  },
  cancel: { positionals: ['dataset', 'round'], flags: {} },
  status: { positionals: ['dataset'], flags: {} },
  grade: {
    positionals: ['file'],
    flags: {
      policy: POLICY,
      ...KEYS,
      workers: WORKERS,
      out: { value: 'FILE', into: 'out', help: 'where the rows go instead of stdout' },
    },
  },
  'compare-gradings': {
    positionals: ['a', 'b'],
    flags: {
      ...KEYS,
      limit: { value: 'N', into: 'limit', kind: 'number', help: 'flips listed with their texts (1000)' },
    },
  },
  policy: { positionals: ['dataset'], flags: { set: { ...POLICY, into: 'set' } } },
  regrade: {
    positionals: ['dataset'],
    flags: {
      policy: POLICY,
      rounds: { value: 'A,B', into: 'rounds', kind: 'list', help: 'only these rounds' },
      chains: { value: 'ID,…', into: 'chains', kind: 'list', help: 'only these chains' },
      apply: { into: 'apply', help: 'write the new verdicts into the rounds' },
      workers: WORKERS,
    },
  },
  starter: {
    positionals: ['what'],
    flags: { model: { value: 'ID', into: 'model', help: 'which one of the starter catalogue' } },
  },
  calibrate: {
    positionals: ['dataset'],
    flags: {
      calibration: { value: 'NAME', into: 'calibration', help: 'which one is shown; the latest when left out' },
      draw: { value: 'N', into: 'draw', kind: 'number', help: 'draw N sentences to label in the editor' },
      'same-as': { value: 'NAME', into: 'sameAs', help: 'label the same sentences as another reviewer' },
      reviewer: { value: 'NAME', into: 'reviewer', help: 'who labels what is drawn' },
      seed: { value: 'N', into: 'seed', kind: 'number', help: 'the same seed draws the same sentences' },
    },
    finish: finishCalibrate,
  },
  export: {
    positionals: ['dataset'],
    flags: {
      select: { value: 'RULE', into: 'select', help: 'accepted (in review; the default) or passed (the filters)' },
      rounds: { value: 'A,B', into: 'rounds', kind: 'list', help: 'only chains of these rounds' },
      name: NAME,
    },
  },
};

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
  const shape = verb && SHAPES[verb];
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
export function checkArgs<V extends VerbName>(verb: V, given: unknown): z.infer<(typeof VERBS)[V]['args']> {
  const schema: z.ZodType = VERBS[verb].args;
  const { data, error } = schema.safeParse(given);
  if (!error) return data as z.infer<(typeof VERBS)[V]['args']>;
  const issues = error.issues.map((issue) => {
    const path = issue.path.join('.');
    const flag = Object.entries(SHAPES[verb].flags).find(([, { into }]) => into === path)?.[0];
    const named = flag === undefined ? (path === '' ? 'arguments' : positionalName(path)) : `--${flag}`;
    return `${named}: ${issue.message}`;
  });
  throw new UsageError(`${issues.join('; ')}.`, verb);
}

export function isVerb(name: string): name is VerbName {
  return Object.hasOwn(VERBS, name);
}

type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

function parse(
  args: string[],
  shape: Shape | undefined,
  verb: VerbName | undefined,
): { values: Values; positionals: string[] } {
  const own = Object.entries(shape?.flags ?? {}).map(([name, flag]) => [
    name,
    { type: flag.value === undefined ? ('boolean' as const) : ('string' as const), multiple: flag.kind === 'list' },
  ]);
  try {
    const options = { ...COMMON, ...Object.fromEntries(own) };
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    return { values, positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), verb);
  }
}

function gather(verb: VerbName, shape: Shape, values: Values, positionals: readonly string[]): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  if (positionals.length > shape.positionals.length) {
    throw new UsageError(`“${positionals[shape.positionals.length]}” is one argument too many.`, verb);
  }
  for (const [i, path] of shape.positionals.entries()) {
    const value = positionals[i];
    if (value === undefined) throw new UsageError(`${positionalName(path)} is missing.`, verb);
    put(given, path, value);
  }
  for (const [name, flag] of Object.entries(shape.flags)) {
    const value = values[name];
    if (value !== undefined) put(given, flag.into, readValue(value, name, flag, verb));
  }
  shape.finish?.(given);
  return given;
}

function readValue(value: NonNullable<Values[string]>, name: string, flag: Flag, verb: VerbName): unknown {
  if (flag.kind === 'list') {
    const parts = [value].flat().flatMap((part) => String(part).split(','));
    return parts.map((part) => part.trim()).filter((part) => part !== '');
  }
  if (flag.kind === 'record') return readRecord(String(value), name, verb);
  if (flag.kind !== 'number') return value;
  const number = Number(value);
  if (String(value).trim() === '' || Number.isNaN(number)) throw new UsageError(`--${name} wants a number.`, verb);
  return number;
}

function readRecord(value: string, name: string, verb: VerbName): unknown {
  if (!value.trimStart().startsWith('{')) return value;
  try {
    return JSON.parse(value);
  } catch {
    throw new UsageError(`--${name} is not valid JSON.`, verb);
  }
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

function positionalName(path: string): string {
  return path === 'what' ? 'install|start|stop|status' : path.toUpperCase();
}

function finishModel(given: Record<string, unknown>, verb: VerbName): void {
  const model = (given.model ?? {}) as { starter?: boolean; baseURL?: string; model?: string };
  if (model.starter === true && model.baseURL !== undefined) {
    throw new UsageError('Give --starter or --url, not both.', verb);
  }
  if (model.starter !== true && (model.baseURL === undefined || model.model === undefined)) {
    throw new UsageError('Give --starter, or --url and --model.', verb);
  }
  given.model =
    model.starter === true
      ? { kind: 'starter', model: model.model ?? DEFAULT_STARTER }
      : { kind: 'openai', baseURL: model.baseURL, model: model.model };
}

function finishCalibrate({ draw, sameAs, reviewer, calibration, seed }: Record<string, unknown>): void {
  const asks = [draw, sameAs, calibration].filter((one) => one !== undefined).length;
  if (asks > 1) throw new UsageError('Give one of --calibration, --draw and --same-as.', 'calibrate');
  const makes = draw !== undefined || sameAs !== undefined;
  if (makes !== (reviewer !== undefined)) {
    throw new UsageError('--reviewer goes with --draw or --same-as, and these with it.', 'calibrate');
  }
  if (seed !== undefined && draw === undefined) throw new UsageError('--seed goes with --draw.', 'calibrate');
}

function finishMapping(given: Record<string, unknown>): void {
  const mapping = given.mapping as Record<string, unknown> | undefined;
  if (!mapping) return;
  if (mapping.problem === undefined || mapping.answer === undefined) {
    throw new UsageError('Columns are named together: give at least --problem and --answer.', 'import');
  }
  mapping.answerFrom ??= 'plain';
}

function progressOf(value: Values[string], verb: VerbName | undefined): CommonFlags['progress'] {
  if (value === undefined || value === 'json' || value === 'text' || value === 'none') return value;
  throw new UsageError('--progress is json, text or none.', verb);
}

/** The help of one verb, or of all. */
export function helpText(verb?: VerbName): string {
  if (verb === undefined) {
    const verbs = Object.entries(VERBS).map(([name, { summary }]) => `  ${name.padEnd(18)}${summary}`);
    return `longhand VERB [DATASET] [FLAGS]\n\n${verbs.join('\n')}\n\n“longhand VERB --help” tells its flags.\n${COMMON_HELP}`;
  }
  const { positionals, flags } = SHAPES[verb];
  const usage = ['longhand', verb, ...positionals.map(positionalName), '[FLAGS]'].join(' ');
  const lines = Object.entries(flags).map(([name, { value, help }]) => {
    return `  ${`--${name}${value === undefined ? '' : ` ${value}`}`.padEnd(24)}${help}`;
  });
  return `${usage}\n\n${VERBS[verb].summary}.\n${lines.length > 0 ? `\n${lines.join('\n')}\n` : ''}${COMMON_HELP}`;
}

const COMMON_HELP = `
  --json                  print the result as JSON, and nothing else, on stdout (on stderr where rows go to stdout)
  --progress HOW          json (a line each), text or none, on stderr
  --args-json JSON        all arguments as one JSON object; - reads it from stdin
  --help, --version

LONGHAND_API_KEY holds the key of the model's endpoint. With LONGHAND_API_HOST (host, or host:port) it goes to that host only. By plain
http it goes to this machine only, unless LONGHAND_API_HOST is http://host:port. Exit codes: 0 done, 1 failed, 2 wrong command line, 130 cancelled.
`;
