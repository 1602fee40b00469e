import { DEFAULT_STARTER } from '../models/starter/catalogue.ts';
import type { VerbName } from '../protocol/verbs.ts';
import { evaluationShapes } from './evaluation-shapes.ts';
import { LOSS_SHAPE } from './loss-shape.ts';
import { finishRefilter } from './refilter-set.ts';
import { BATCH_FLAGS, samplingShapes } from './sampling-shapes.ts';
import { SERVING_SHAPES } from './serving-shapes.ts';
import { finishEngine, TRAINING_SHAPES } from './training-shapes.ts';
import { UsageError } from './usage-error.ts';

/** A flag of a verb. */
export interface Flag {
  /** What stands for the value in the help; absent for a switch. */
  value?: string;
  /** Dotted path in the verb's arguments. */
  into: string;
  help: string;
  /** A list is given once, separated by commas, or several times. A record is JSON where it begins with a brace, else a name. */
  kind?: 'number' | 'list' | 'record';
}

/** How the arguments of a verb are written on the command line. */
export interface Shape {
  /** Names of what comes before the flags, by the path in the arguments. */
  positionals: readonly string[];
  /** How the help calls those that are not called by their path. */
  called?: Readonly<Record<string, string>>;
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

/** Which problems a round asks for, and how it is called. */
const PICK_FLAGS: Readonly<Record<string, Flag>> = {
  problems: { value: 'N', into: 'problems', kind: 'number', help: 'how many problems, those tried least first' },
  name: NAME,
  seed: { value: 'N', into: 'seed', kind: 'number', help: 'decides among equals, and the seeds of all calls' },
  levels: { value: 'A,B', into: 'levels', kind: 'list', help: 'only problems of these levels' },
  topics: { value: 'A,B', into: 'topics', kind: 'list', help: 'only problems of these topics' },
};

const KEEP: Flag = {
  value: 'N',
  into: 'keepPerProblem',
  kind: 'number',
  help: 'chains kept for each problem, at most',
};
const SHARE: Flag = {
  value: 'P',
  into: 'firstWrongShare',
  kind: 'number',
  help: 'percent of kept chains whose first answer is wrong',
};

const PLAN_FLAGS: Readonly<Record<string, Flag>> = {
  ...PICK_FLAGS,
  asking: { value: 'HOW', into: 'asking', help: 'separate (calls by piece) or dialogue' },
  mode: {
    value: 'HOW',
    into: 'mode',
    help: 'blind, or hinted: with the answer told, for problems that nothing solved',
  },
  turns: { value: 'N', into: 'turns', kind: 'number', help: 'answers in a chain, 2 to 5' },
  keep: KEEP,
  share: SHARE,
  without: {
    value: 'A,B',
    into: 'behavioursOff',
    kind: 'list',
    help: 'behaviours that the prompts do not ask for: verification, backtracking, subgoal, backward',
  },
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

const ROLE: Flag = { value: 'ROLE', into: 'role', help: 'base or fine-tuned' };
const price = (what: string): Flag => ({
  value: 'PRICE',
  into: `prices.${what}`,
  kind: 'number',
  help: `of a million ${what} tokens, in the currency you are billed in`,
});

/** The command line of every verb. */
export const SHAPES: { readonly [V in VerbName]: Shape } = {
  init: { positionals: ['dataset'], flags: { name: NAME } },
  sample: { positionals: ['dataset'], flags: {} },
  model: {
    positionals: ['dataset'],
    flags: {
      ...MODEL_FLAGS,
      role: { ...ROLE, help: 'base (writes the chains; the default) or fine-tuned' },
      prompts: { value: 'SET', into: 'promptSet', help: 'full, or small for small models' },
      remove: { into: 'remove', help: 'with --role fine-tuned: the dataset has no such model any more' },
    },
    finish: (given) => {
      if (given.remove !== true || given.model !== undefined) finishModel(given, 'model');
    },
  },
  prices: {
    positionals: ['dataset'],
    flags: {
      ...MODEL_FLAGS,
      role: { ...ROLE, help: 'base or fine-tuned, in place of the address and name of a model' },
      prompt: price('prompt'),
      completion: price('completion'),
      remove: { into: 'remove', help: 'forget the prices of the model' },
    },
    finish: finishPrices,
  },
  'check-endpoint': {
    positionals: ['dataset'],
    flags: { ...MODEL_FLAGS, role: { ...ROLE, help: 'base (the default) or fine-tuned' } },
    finish: (given) => {
      if (given.model !== undefined) finishModel(given, 'check-endpoint');
    },
  },
  preview: { positionals: ['file'], flags: {} },
  import: {
    positionals: ['dataset', 'file'],
    flags: {
      name: NAME,
      benchmark: { into: 'benchmark', help: 'problems that must not be trained on; see docs/filters.md' },
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
  resume: { positionals: ['dataset', 'round'], flags: { ...BATCH_FLAGS, detach: DETACH }, finish: finishEngine },
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
  ...samplingShapes(PICK_FLAGS, DETACH),
  ...evaluationShapes(PICK_FLAGS),
  loss: LOSS_SHAPE,
  ...TRAINING_SHAPES,
  ...SERVING_SHAPES,
  try: {
    positionals: ['dataset', 'problem'],
    flags: {
      role: { ...ROLE, help: 'which model of the dataset is asked: base (the default) or fine-tuned' },
      until: { value: 'PIECE', into: 'until', help: 'the last piece that is asked for, such as check[1]' },
      takes: {
        value: 'JSON',
        into: 'takes',
        kind: 'record',
        help: 'another seed for a piece: {"answer[1]":1} asks for its second candidate',
      },
      kept: {
        value: 'JSON',
        into: 'kept',
        kind: 'record',
        help: 'pieces taken from workbench/journal.jsonl, by the keys of their calls: {"answer[1]":"031a…"}',
      },
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
  annotate: {
    positionals: ['file'],
    flags: {
      'text-key': {
        value: 'NAME',
        into: 'textKey',
        help: 'where the text is in a row (text); a dotted path reaches into objects',
      },
      policy: POLICY,
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
  reassemble: {
    positionals: ['dataset'],
    flags: {
      rounds: { value: 'A,B', into: 'rounds', kind: 'list', help: 'only these rounds' },
      untrained: {
        value: 'A,B',
        into: 'untrained',
        kind: 'list',
        help: 'pieces that are not trained, such as answer[1]',
      },
      keep: KEEP,
      share: SHARE,
      apply: { into: 'apply', help: 'write the chains into the rounds' },
    },
  },
  refilter: {
    positionals: ['dataset'],
    flags: {
      rounds: { value: 'A,B', into: 'rounds', kind: 'list', help: 'only these rounds' },
      set: {
        value: 'NAME=VALUE,…',
        into: 'set',
        help: 'other thresholds than those of longhand.json, such as minLength=40,off=equations,language; or JSON',
      },
      apply: { into: 'apply', help: 'write what changes into the rounds' },
    },
    finish: finishRefilter,
  },
  starter: {
    positionals: ['what'],
    called: { what: 'install|start|stop|status' },
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
      source: {
        value: 'SOURCE',
        into: 'source',
        help: 'dialogue (stage 1), sampling (stage 2) or merged (both), each problem with the sentence of its source; all without (the default)',
      },
      rounds: { value: 'A,B', into: 'rounds', kind: 'list', help: 'only chains of these rounds' },
      name: NAME,
    },
  },
};

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

function finishPrices(given: Record<string, unknown>): void {
  if (given.model !== undefined) finishModel(given, 'prices');
  const { model, role, prices, remove } = given as { model?: object; role?: string; prices?: object; remove?: boolean };
  if (prices !== undefined && !('prompt' in prices && 'completion' in prices)) {
    throw new UsageError('--prompt and --completion go together.', 'prices');
  }
  if (prices !== undefined && remove) throw new UsageError('Give prices or --remove, not both.', 'prices');
  if (model !== undefined && role !== undefined) throw new UsageError('Give --role or a model, not both.', 'prices');
  const changes = prices !== undefined || remove === true;
  if (changes !== (model !== undefined || role !== undefined)) {
    throw new UsageError('A model (--role, --starter, or --url and --model) goes with prices or --remove.', 'prices');
  }
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
