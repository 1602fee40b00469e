import { z } from 'zod';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../core/errors.ts';
import { fillTemplate } from '../../core/text/fill-template.ts';
import { parseTransformersLine } from '../../core/training/progress.ts';
import { ProgressKeys, parseMappedLine } from '../../core/training/trainer-logs.ts';
import type { ProgressSource, Trainer, TrainerRequest } from '../trainer.ts';
import { commonVariables } from '../variables.ts';

const CONFIG_FILE = 'custom.json';
/** Placeholder for a checkpoint; arguments with it are omitted at the start. */
const FROM = /\$\{from(?::json)?\}/;

/** `custom.json`. It has no program, which comes only from flags and the user's settings. */
const Config = z.object({
  /** A JSONL file under \`out/\`, and the keys of its numbers. */
  progress: z.object({ file: z.string().min(1), keys: ProgressKeys }).nullish(),
});

const TEMPLATE = `{
  "progress": null
}
`;

/** The user's command: a program and its arguments, without a shell. */
export const custom: Trainer = {
  name: 'custom',
  title: 'Own command',
  rows: 'messages',
  mask: {
    kept: 'none',
    words:
      '“loss_mask” in each row marks untrained text, in code points. A program that ignores it trains on the mistakes too.',
  },
  packages: [],
  config: { file: CONFIG_FILE, template: TEMPLATE },
  progress: progressSource,
  output: '.',
  command: (request) => {
    if (request.custom === undefined) {
      const advice = 'Set it with --command: a program and its arguments as a JSON list.';
      throw new UserError('no-program', 'No command was given.', advice);
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
        ...(request.place.frames && { LONGHAND_FRAMES: '1' }),
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
    ...defined({ from: request.from }),
  };
}

/** Progress: lines in progress.jsonl or framed in the log, else the file in the configuration, else transformers' output. */
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

/** A run from others must not read a file elsewhere. */
function isWithin(path: string): boolean {
  return !/^(?:[/\\]|[a-z]:)/i.test(path) && !path.split(/[/\\]/).includes('..');
}
