import { dirname } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { plural } from '../../core/text/format.ts';
import type { PreflightCheck } from '../../protocol/training.ts';
import { prefixAsMessages } from '../rows.ts';
import type { Trainer, TrainerCommand, TrainerRequest } from '../trainer.ts';
import { hostedFailure } from './errors.ts';
import { readHostedConfig } from './host.ts';

export const HOSTED_CONFIG = 'hosted.json';

/** The parts that all hosts share. `job` is the configuration's section of that name, and `supports` lists the settings that it contains. */
function hosted(
  name: string,
  title: string,
  baseURL: string,
  job: string,
  supports: Trainer['supports'] = [],
): Trainer {
  return {
    name,
    title,
    rows: 'prefix',
    hosted: true,
    supports: ['epochs', ...supports],
    mask: {
      kept: 'prefix',
      words: `With ${title}, only whole messages can be masked, not parts of an answer. Untrained text moves to the end of the question. Chains with such text after trained text are filtered out.`,
    },
    packages: [],
    config: {
      file: HOSTED_CONFIG,
      template: `{
  "host": "${name}",
  "baseURL": "${baseURL}",
${name === 'fireworks' ? '  "account": null,\n' : ''}  "job": ${job},
  "pollSeconds": 30,
  "setFineTuned": true
}
`,
    },
    progress: { from: 'own' },
    row: prefixAsMessages,
    variables: (request) => ({ ...variablesOf(request), wholeEpochs: wholeEpochs(request) }),
    command: watch,
    // A host batches by tokens, and tells its steps itself.
    steps: () => null,
    check: async (request) => checksOf(request),
    checkConfig,
    failure: hostedFailure,
  };
}

function variablesOf({ settings: { loraRank } }: TrainerRequest): Record<string, unknown> {
  return {
    'together.type':
      loraRank > 0
        ? JSON.stringify({
            type: 'Lora',
            lora_r: loraRank,
            lora_alpha: 2 * loraRank,
            lora_trainable_modules: 'all-linear',
          })
        : JSON.stringify({ type: 'Full' }),
    'fireworks.rank': loraRank > 0 ? loraRank : 16,
  };
}

function wholeEpochs({ settings: { epochs } }: TrainerRequest): number {
  return Math.max(1, Math.round(epochs));
}

function watch({ longhand, place, runId, longer, from }: TrainerRequest): TrainerCommand {
  if (longer?.epochs !== undefined || longer?.maxSteps !== undefined || from !== undefined) {
    const advice = 'Train again, with more epochs.';
    throw new UserError('not-ready', 'The length of a hosted job is fixed.', advice);
  }
  const dataset = dirname(dirname(dirname(place.job)));
  return {
    command: [...longhand, 'hosted-job', dataset, runId],
    // In the editor, its Node is Electron.
    env: { ELECTRON_RUN_AS_NODE: '1' },
  };
}

/** Found before the start, not by a job that fails. */
function checkConfig(config: string): PreflightCheck[] {
  const read = readHostedConfig(config);
  if (typeof read !== 'string') return [];
  return [{ id: 'config', state: 'error', message: `${HOSTED_CONFIG} ${read}.`, advice: 'Correct it.' }];
}

function checksOf(request: TrainerRequest): PreflightCheck[] {
  const { place, settings, lengths } = request;
  const checks: PreflightCheck[] = [];
  if (place.frames) {
    checks.push({
      id: 'engine',
      state: 'error',
      message: 'A hosted training is monitored from this machine, not from a cluster.',
      advice: 'Choose the engine local.',
    });
  }
  if (settings.maxSteps !== undefined || settings.epochs !== wholeEpochs(request)) {
    checks.push({
      id: 'config',
      state: 'warning',
      message: `Hosts accept only whole epochs, so the training uses ${wholeEpochs(request)}.`,
      advice: 'Use a whole number for --epochs, and omit --max-steps.',
    });
  }
  checks.push({
    id: 'lengths',
    state: 'warning',
    message: `Rows have up to about ${plural(lengths.longest, 'token')}. The host truncates or refuses rows that are longer than its limit for this model.`,
    advice: 'Look up its limit for this model.',
  });
  return checks;
}

export const together = hosted(
  'together',
  'Together',
  'https://api.together.ai/v1',
  `{
    "model": \${model.path:json},
    "n_epochs": \${wholeEpochs},
    "n_checkpoints": 1,
    "batch_size": "max",
    "learning_rate": \${learningRate},
    "training_type": \${together.type},
    "training_method": {"method": "sft", "train_on_inputs": false},
    "random_seed": \${seed}
  }`,
  ['learningRate', 'loraRank'],
);

export const fireworks = hosted(
  'fireworks',
  'Fireworks',
  'https://api.fireworks.ai',
  `{
    "baseModel": \${model.path:json},
    "epochs": \${wholeEpochs},
    "learningRate": \${learningRate},
    "loraRank": \${fireworks.rank}
  }`,
  ['learningRate', 'loraRank'],
);

export const openai = hosted(
  'openai',
  'OpenAI-compatible',
  'https://api.openai.com/v1',
  `{
    "model": \${model.path:json},
    "seed": \${seed},
    "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": \${wholeEpochs}}}}
  }`,
);
