import { join } from 'node:path';
import { processPerGpu, pythonEnvironment } from '../launch.ts';
import type { Trainer, TrainerCommand, TrainerRequest } from '../trainer.ts';
import { preference, TRL_ARGUMENTS } from './preference.ts';

const SCRIPTS = ['train_sft.py', 'longhand_rows.py', 'longhand_progress.py'] as const;
const CONFIG_FILE = 'sft.yaml';

const TEMPLATE = `# Input of train_sft.py. Edit as needed. Everything under "sft" is passed to TRL's SFTConfig unchanged.
model: \${model.path:json}
rows: \${dataset.path:json}
# Rows for validation; null without.
validation: \${validation.path:json}
# Tokens of prompt and answer together. Longer rows are truncated at the end, and counted.
max_length: \${rowLimit:json}
# LoRA rank; 0 is full fine-tuning.
lora: {r: \${loraRank}, alpha: \${loraAlpha}, target_modules: all-linear}
# Only for a model without a chat template, such as a base model: a file with one (Jinja).
chat_template: null
# true: rows without reasoning train the empty thinking tags that the template writes.
empty_thoughts: false
sft:
${TRL_ARGUMENTS}`;

/** Supervised fine-tuning by TRL's SFTTrainer, through Longhand's own short script: the rows come tokenised, with the exact mask as labels. */
export const trl: Trainer = {
  name: 'trl',
  title: 'TRL',
  rows: 'messages',
  mask: {
    kept: 'exact',
    words:
      'Exact. The model’s own chat template renders the rows. A token counts in the loss when all its characters are trained.',
  },
  packages: [
    { name: 'torch' },
    { name: 'transformers', atLeast: '5.0' },
    { name: 'datasets', atLeast: '4.7' },
    { name: 'accelerate', atLeast: '1.4' },
    { name: 'trl', atLeast: '1.0' },
    { name: 'peft', when: ({ settings }) => settings.loraRank > 0 },
  ],
  config: { file: CONFIG_FILE, template: TEMPLATE },
  progress: { from: 'own' },
  objectives: {
    dpo: preference('dpo', trlCommand),
    kto: preference('kto', trlCommand),
  },
  environment: 'trainer',
  chatTemplate(config) {
    const line = /^chat_template:[ \t]+(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#][^\n]*?))[ \t]*(?:[ \t]#.*)?$/m.exec(config);
    const named = line?.[1] ?? line?.[2] ?? line?.[3];
    return named === undefined || named === '' || named === 'null' || named === '~' ? undefined : named;
  },
  // An estimate must not cut anything.
  variables: ({ settings, lengths, validation }) => ({
    rowLimit: settings.maxLength ?? (lengths.exact && validation === undefined ? lengths.maxLength : null),
  }),
  files: ({ mediaFolder }) => SCRIPTS.map((path) => ({ path, source: join(mediaFolder, 'python', path) })),
  command: (request) => trlCommand(request, 'train_sft.py', CONFIG_FILE),
};

/** @param script One of Longhand's own in the job's folder, as is `config`. */
function trlCommand(request: TrainerRequest, script: string, config: string): TrainerCommand {
  const { python, place, resources, from, longer } = request;
  return {
    command: [
      ...python,
      ...processPerGpu(resources),
      `${place.job}/${script}`,
      '--config',
      `${place.job}/${config}`,
      ...(from === undefined ? [] : ['--resume', from]),
      ...(longer?.epochs === undefined ? [] : ['--epochs', String(longer.epochs)]),
      ...(longer?.maxSteps === undefined ? [] : ['--max-steps', String(longer.maxSteps)]),
    ],
    env: {
      ...pythonEnvironment(request),
      LONGHAND_PROGRESS: place.progress,
      ...(place.frames && { LONGHAND_FRAMES: '1' }),
    },
  };
}
