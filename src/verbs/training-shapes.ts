import type { TRAINING_VERBS } from '../protocol/training.ts';
import type { Flag, Shape } from './shapes.ts';
import { UsageError } from './usage-error.ts';

/** Which engine a job is given to; `finishEngine` reads them. */
export const ENGINE_FLAGS: Readonly<Record<string, Flag>> = {
  engine: { value: 'NAME', into: 'engine.engine', help: 'where it runs: local (this machine), ray or slurm' },
  address: { value: 'URL', into: 'engine.address', help: 'of the Ray dashboard' },
  'shared-folder': { value: 'PATH', into: 'engine.sharedFolder', help: 'a folder that all nodes see' },
  host: { value: 'NAME', into: 'engine.host', help: 'where Slurm is, reached by ssh' },
  rest: { value: 'URL', into: 'engine.rest', help: 'of slurmrestd' },
  partition: { value: 'NAME', into: 'engine.partition', help: 'of Slurm' },
};

/** `--address` alone means Ray. */
export function finishEngine(given: Record<string, unknown>): void {
  const engine = given.engine as Record<string, unknown> | undefined;
  if (engine && engine.engine === undefined) engine.engine = engine.address === undefined ? 'slurm' : 'ray';
}

/** How a trainer is started; `finishProgram` reads them. */
const PROGRAM_FLAGS: Readonly<Record<string, Flag>> = {
  python: {
    value: 'PATH',
    into: 'program.python',
    help: 'interpreter with the trainer’s packages; Longhand’s own environment when not given',
  },
  prefix: {
    value: 'WORDS',
    into: 'program.prefix',
    help: 'words before python, such as "uv run --with trl"; parted at spaces, or a JSON list',
  },
  command: {
    value: 'WORDS',
    into: 'program.command',
    help: 'of the trainer custom: program and arguments, with variables in them; parted at spaces, or a JSON list; no shell reads it',
  },
};

function finishProgram(given: Record<string, unknown>, verb: 'train' | 'resume-run'): void {
  const program = given.program as Record<string, unknown> | undefined;
  for (const flag of ['prefix', 'command']) {
    const text = program?.[flag];
    if (program === undefined || typeof text !== 'string') continue;
    const words = text.trim();
    program[flag] = words.startsWith('[')
      ? readList(words, `--${flag}`, verb)
      : words.split(/\s+/).filter((word) => word !== '');
  }
}

function readList(text: string, flag: string, verb: 'train' | 'resume-run'): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${flag} is not valid JSON.`, verb);
  }
}

const number = (into: string, value: string, help: string): Flag => ({ value, into, kind: 'number', help });

const RESOURCE_FLAGS: Readonly<Record<string, Flag>> = {
  cpus: number('resources.cpus', 'N', 'cores, and threads of torch'),
  gpus: number('resources.gpus', 'N', 'GPUs of a node'),
  nodes: number('resources.nodes', 'N', 'nodes of a cluster'),
  'time-limit': number('resources.timeLimit', 'MINUTES', 'after which the job is stopped'),
};

const FOLLOW: Flag = { into: 'follow', help: 'stay until it is over, and tell its steps' };

/** The command lines of the verbs about trainings and runs. */
export const TRAINING_SHAPES: Readonly<Record<keyof typeof TRAINING_VERBS, Shape>> = {
  train: {
    positionals: ['dataset'],
    flags: {
      trainer: {
        value: 'NAME',
        into: 'trainer',
        help: 'trl (the default), llamafactory, swift, axolotl, together, fireworks, openai or custom',
      },
      export: { value: 'NAME', into: 'export', help: 'folder under exports/; the newest when not given' },
      model: {
        value: 'MODEL',
        into: 'model',
        help: 'folder of safetensors, GGUF file, name of the hub, or starter; the starter when it is the base model',
      },
      epochs: number('settings.epochs', 'N', 'times that all rows are seen (2)'),
      'max-steps': number('settings.maxSteps', 'N', 'optimiser steps in all, in place of epochs'),
      'learning-rate': number('settings.learningRate', 'X', '1e-5 when not given'),
      batch: number('settings.batchSize', 'N', 'rows in one forward pass (1)'),
      accumulate: number('settings.accumulate', 'N', 'forward passes that make a step (16)'),
      lora: number(
        'settings.loraRank',
        'RANK',
        'train a LoRA adapter of this rank; 0 trains all weights (the default)',
      ),
      'max-length': number('settings.maxLength', 'TOKENS', 'of a row; from the longest row when not given'),
      'save-steps': number('settings.saveSteps', 'N', 'a checkpoint every N steps; once an epoch when not given'),
      seed: number('settings.seed', 'N', '42 when not given'),
      device: { value: 'WHERE', into: 'settings.device', help: 'auto, cpu or gpu' },
      config: {
        value: 'FILE',
        into: 'config',
        help: 'in place of the trainer’s configuration; its variables are filled in',
      },
      ...PROGRAM_FLAGS,
      ...ENGINE_FLAGS,
      ...RESOURCE_FLAGS,
      name: { value: 'NAME', into: 'name', help: 'of the run' },
      plan: { into: 'plan', help: 'look at everything, show the command and configuration, and run nothing' },
      anyway: { into: 'anyway', help: 'run although the preflight found an error' },
      follow: FOLLOW,
    },
    finish: (given) => {
      finishEngine(given);
      finishProgram(given, 'train');
    },
  },
  runs: {
    positionals: ['dataset'],
    flags: {
      kind: { value: 'KIND', into: 'kind', help: 'only train, serve, sample or evaluate' },
      ask: { into: 'ask', help: 'ask also clusters that only the dataset names, to which no job was sent from here' },
    },
  },
  run: {
    positionals: ['dataset', 'run'],
    flags: { follow: FOLLOW, lines: number('lines', 'N', 'last lines of the log (50)') },
  },
  'run-log': {
    positionals: ['dataset', 'run'],
    flags: {
      follow: { into: 'follow', help: 'go on until the run is over' },
      offset: number('offset', 'BYTES', 'of the log that are passed over'),
    },
  },
  'stop-run': { positionals: ['dataset', 'run'], flags: {} },
  'hosted-job': { positionals: ['dataset', 'run'], flags: {} },
  'resume-run': {
    positionals: ['dataset', 'run'],
    flags: {
      from: number('from', 'STEP', 'another checkpoint than the last whole one; 0 begins anew'),
      epochs: number('epochs', 'N', 'train longer: epochs in all'),
      'max-steps': number('maxSteps', 'N', 'train longer: steps in all'),
      job: {
        value: 'ID',
        into: 'job',
        help: 'at a host: the job there that is this run’s, when it was made and its id is lost',
      },
      ...PROGRAM_FLAGS,
      plan: { into: 'plan', help: 'show the command, and run nothing' },
      follow: FOLLOW,
    },
    finish: (given) => finishProgram(given, 'resume-run'),
  },
  'check-template': {
    positionals: ['dataset'],
    flags: {
      export: { value: 'NAME', into: 'export', help: 'folder under exports/; the newest when not given' },
      model: { value: 'MODEL', into: 'model', help: 'folder of safetensors, GGUF file, or starter' },
      row: { value: 'ID', into: 'row', help: 'which row is shown; the first when not given' },
    },
  },
  'trainer-env': {
    positionals: [],
    flags: {
      trainer: { value: 'NAME', into: 'trainer', help: 'trl (the default), llamafactory or swift: each has its own' },
      check: { into: 'check', help: 'say whether it is there, and make nothing' },
    },
  },
};
