import { Resources, TrainingSettings } from '../../../src/core/schemas/index.ts';
import { fillTemplate } from '../../../src/core/text/fill-template.ts';
import type { Trainer, TrainerCommand, TrainerRequest } from '../../../src/trainers/trainer.ts';
import { commonVariables } from '../../../src/trainers/variables.ts';

/** A request to a trainer, for a run that is never started. */
export function aRequest(
  over: Omit<Partial<TrainerRequest>, 'settings' | 'resources'> & { settings?: object; resources?: object } = {},
): TrainerRequest {
  const { settings, resources, ...rest } = over;
  return {
    runId: 'round-1',
    model: '/models/tiny',
    modelIsFolder: true,
    rowsFile: 'rows.jsonl',
    rowCount: 8,
    rendered: false,
    lengths: {
      ...{ exact: true, rows: 8, tokens: 800, trained: 400, median: 100, p99: 120, longest: 120 },
      ...{ maxLength: 128, cut: 0, empty: 0, emptied: 0 },
    },
    device: 'cpu',
    place: {
      job: '/data/set/runs/round-1/job',
      out: '/data/set/runs/round-1/out',
      progress: '/data/set/runs/round-1/progress.jsonl',
      frames: false,
    },
    python: ['/venv/bin/python'],
    longhand: ['/usr/bin/node', '/longhand/dist/cli.mjs'],
    mediaFolder: '/longhand/media',
    ...rest,
    settings: TrainingSettings.parse(settings ?? {}),
    resources: Resources.parse(resources ?? {}),
  };
}

/** The configuration that a trainer writes for a request. */
export function configOf(trainer: Trainer, request: TrainerRequest): string {
  return fillTemplate(trainer.config.template, { ...commonVariables(request), ...trainer.variables?.(request) });
}

/** Keys and values of a flat YAML file, without comments; nested lines stay text. */
export function flatYaml(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => /^\w/.test(line));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
}

/** Words of a command after the interpreter. */
export function wordsAfterPython({ command }: TrainerCommand): string[] {
  return command.slice(1);
}
