import { dirname } from 'node:path';
import type { PreflightCheck } from '../../protocol/training.ts';
import { TrainerError } from '../errors.ts';
import { prefixAsMessages } from '../prefix-messages.ts';
import type { Trainer, TrainerCommand, TrainerRequest } from '../trainer.ts';
import { readHostedConfig } from './config.ts';
import { hostedFailure } from './errors.ts';

export const HOSTED_CONFIG = 'hosted.json';

/** What all hosts have in common; `job` is what stands under that name in the configuration, `heeds` what of the settings stands in it. */
function hosted(name: string, title: string, baseURL: string, job: string, heeds: Trainer['heeds'] = []): Trainer {
  return {
    name,
    title,
    rows: 'prefix',
    hosted: true,
    heeds: ['epochs', ...heeds],
    mask: {
      kept: 'prefix',
      words: `${title} passes over whole messages, not parts of an answer: text that is not trained stands at the end of the question. Chains with such text behind trained text are left out.`,
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
    throw new TrainerError('not-ready', 'A job at a host is as long as it was planned.', advice);
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
  return [{ id: 'config', state: 'error', message: `${HOSTED_CONFIG} ${read}.`, advice: 'Mend it.' }];
}

function checksOf(request: TrainerRequest): PreflightCheck[] {
  const { place, settings, lengths } = request;
  const checks: PreflightCheck[] = [];
  if (place.frames) {
    checks.push({
      id: 'engine',
      state: 'error',
      message: 'A training at a host is watched from this machine, not from a cluster.',
      advice: 'Take the engine local.',
    });
  }
  if (settings.maxSteps !== undefined || settings.epochs !== wholeEpochs(request)) {
    checks.push({
      id: 'config',
      state: 'warning',
      message: `Hosts count whole epochs: it will be ${wholeEpochs(request)}.`,
      advice: 'Give --epochs a whole number, and leave out --max-steps.',
    });
  }
  checks.push({
    id: 'lengths',
    state: 'warning',
    message: `The longest row has about ${lengths.longest} tokens; what is longer than the host takes for this model, it cuts or refuses.`,
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
