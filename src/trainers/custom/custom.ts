import { z } from 'zod';
import { parseTransformersLine } from '../../core/training/progress.ts';
import { fillTemplate } from '../../core/training/template.ts';
import { ProgressKeys, parseMappedLine } from '../../core/training/trainer-logs.ts';
import { TrainerError } from '../errors.ts';
import type { ProgressSource, Trainer, TrainerRequest } from '../trainer.ts';
import { commonVariables } from '../variables.ts';

const CONFIG_FILE = 'custom.json';
/** Stands in a command where a checkpoint goes; words with it are left out at the beginning. */
const FROM = /\$\{from(?::json)?\}/;

/** `custom.json`. It names no program: that comes with the flags and the user's settings alone. */
const Config = z.object({
  /** A JSONL file under \`out/\`, and the keys of its numbers. */
  progress: z.object({ file: z.string().min(1), keys: ProgressKeys }).nullish(),
});

const TEMPLATE = `{
  "progress": null
}
`;

/** Whatever command the person gives: a program and its arguments, which no shell reads. */
export const custom: Trainer = {
  name: 'custom',
  title: 'Own command',
  rows: 'messages',
  mask: {
    kept: 'none',
    words:
      'The rows say by “loss_mask” which text of the answer is not trained, in code points. A program that does not read it trains on the mistakes too.',
  },
  packages: [],
  config: { file: CONFIG_FILE, template: TEMPLATE },
  progress: progressSource,
  output: '.',
  command: (request) => {
    if (request.custom === undefined) {
      const advice = 'Give it with --command: a program and its arguments as a JSON list.';
      throw new TrainerError('no-program', 'No command was given.', advice);
    }
    const variables = variablesOf(request);
    return {
      command: request.custom
        .filter((word) => request.from !== undefined || !FROM.test(word))
        .map((word) => fillTemplate(word, variables)),
      env: {
        PYTHONUNBUFFERED: '1',
        OMP_NUM_THREADS: String(request.resources.cpus),
        LONGHAND_PROGRESS: request.place.progress,
        ...(request.place.frames ? { LONGHAND_FRAMES: '1' } : {}),
      },
    };
  },
};

function variablesOf(request: TrainerRequest): Record<string, unknown> {
  const common = commonVariables(request);
  const { longer, settings } = request;
  return {
    ...common,
    rows: common['dataset.path'],
    model: request.model,
    out: request.place.out,
    config: `${request.place.job}/${CONFIG_FILE}`,
    epochs: longer?.epochs ?? settings.epochs,
    maxSteps: longer?.maxSteps ?? settings.maxSteps ?? -1,
    ...(request.from === undefined ? {} : { from: request.from }),
  };
}

/** Its own lines in progress.jsonl or framed in its log always count; else the file of the configuration, else what transformers prints. */
function progressSource(text: string): ProgressSource {
  const { progress } = readConfig(text);
  if (!progress || !isWithin(progress.file)) return { from: 'log', parse: parseTransformersLine };
  return { from: 'file', path: progress.file, parse: (line) => parseMappedLine(line, progress.keys) };
}

function readConfig(text: string): z.infer<typeof Config> {
  try {
    return Config.safeParse(JSON.parse(text)).data ?? {};
  } catch {
    return {};
  }
}

/** A stranger's run must not have a file elsewhere read. */
function isWithin(path: string): boolean {
  return !/^(?:[/\\]|[a-z]:)/i.test(path) && !path.split(/[/\\]/).includes('..');
}
