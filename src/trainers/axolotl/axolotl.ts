import { join } from 'node:path';
import type { JobFailure } from '../../core/model/index.ts';
import { maskedParts } from '../../core/training/mask.ts';
import { MessagesRow } from '../../core/training/rows.ts';
import { lastMatch, processPerGpu, pythonEnvironment, rowLimit } from '../launch.ts';
import type { Trainer, TrainerRequest } from '../trainer.ts';

const CONFIG_FILE = 'axolotl.yaml';
const SCRIPTS = ['longhand_axolotl.py', 'longhand_progress.py'] as const;

const TEMPLATE = `# What "axolotl train" reads; edit what you like.
base_model: \${model.path:json}
datasets:
  - path: \${dataset.path:json}
    ds_type: json
    type: chat_template
    field_messages: messages
    message_property_mappings: {role: role, content: content}
    # Which text of an answer is trained.
    message_field_training_detail: training_detail
    roles_to_train: [assistant]
    train_on_eos: turn
# The template of the tokenizer; a base model without one needs the name of one, such as chatml.
chat_template: tokenizer_default
dataset_prepared_path: \${axolotl.prepared:json}
val_set_size: 0
# Tokens of prompt and answer together; longer rows would be dropped, this cuts them.
sequence_len: \${rowLimit}
excess_length_strategy: truncate
# Masks inside an answer and packing go together; it needs attention that knows where a row ends.
sample_packing: false
\${axolotl.weights}
micro_batch_size: \${batchSize}
gradient_accumulation_steps: \${accumulate}
gradient_checkpointing: true
num_epochs: \${epochs}
\${axolotl.steps}
learning_rate: \${learningRate}
lr_scheduler: cosine
warmup_ratio: \${warmup}
optimizer: adamw_torch
\${axolotl.precision}
output_dir: \${run.out:json}
logging_steps: 1
save_strategy: \${saveStrategy}
\${axolotl.save}
save_total_limit: 3
# A file of the name axolotl_checkpoint.save in output_dir has a checkpoint written at once.
dynamic_checkpoint: {enabled: true, check_interval: 1}
plugins: [longhand_axolotl.LonghandPlugin]
seed: \${seed}
`;

/** Supervised fine-tuning by axolotl. */
export const axolotl: Trainer = {
  name: 'axolotl',
  title: 'axolotl',
  rows: 'messages',
  mask: {
    kept: 'exact',
    words:
      'Exact but for single tokens that lie across a border, which may be trained: each answer says by offsets which of its text is.',
  },
  packages: [{ name: 'torch' }, { name: 'axolotl', atLeast: '0.18' }],
  config: { file: CONFIG_FILE, template: TEMPLATE },
  progress: { from: 'own' },
  output: '.',
  row: axolotlRow,
  variables: (request) => {
    const { loraRank, maxSteps, saveSteps } = request.settings;
    return {
      rowLimit: rowLimit(request),
      'axolotl.prepared': `${request.place.out}/prepared`,
      // “auto” takes half precision on a CPU, which ends at the first step.
      'axolotl.precision': request.device === 'gpu' ? 'bf16: auto' : 'bf16: false\nfp16: false\nfloat32: true',
      'axolotl.weights':
        loraRank > 0
          ? `adapter: lora\nlora_r: ${loraRank}\nlora_alpha: ${2 * loraRank}\nlora_target_linear: true`
          : '# All weights are trained.',
      'axolotl.steps': maxSteps === undefined ? '# max_steps: 100' : `max_steps: ${maxSteps}`,
      'axolotl.save': saveSteps === undefined ? '# save_steps: 500' : `save_steps: ${saveSteps}`,
    };
  },
  files: ({ mediaFolder }) => SCRIPTS.map((path) => ({ path, source: join(mediaFolder, 'python', path) })),
  command: (request) => ({
    command: [
      ...request.python,
      ...processPerGpu(request.resources),
      '-m',
      'axolotl.cli.train',
      `${request.place.job}/${CONFIG_FILE}`,
      ...overrides(request),
    ],
    env: {
      ...pythonEnvironment(request),
      // The plugin is imported from the job's folder, where a resume suffers no file but Longhand's own.
      PYTHONSAFEPATH: '',
      AXOLOTL_DO_NOT_TRACK: '1',
      LONGHAND_PROGRESS: request.place.progress,
      ...(request.place.frames ? { LONGHAND_FRAMES: '1' } : {}),
    },
  }),
  failure: explain,
};

/** Offsets are those of the mask, code points; ends are included. */
function axolotlRow(given: unknown): unknown {
  const { messages, loss_mask } = MessagesRow.parse(given);
  const answer = messages.at(-1);
  if (answer?.role !== 'assistant') return undefined;
  const parts = maskedParts(answer.content, loss_mask ?? []);
  if (!parts.some(({ train }) => train)) return undefined;
  let at = 0;
  const detail = parts.map(({ text, train }) => {
    const begin = at;
    at += [...text].length;
    return { begin_offset: begin, end_offset: at - 1, train };
  });
  return { messages: [...messages.slice(0, -1), { ...answer, training_detail: detail }] };
}

function overrides({ from, longer }: TrainerRequest): string[] {
  return [
    ...(from === undefined ? [] : [`--resume-from-checkpoint=${from}`]),
    ...(longer?.epochs === undefined ? [] : [`--num-epochs=${longer.epochs}`]),
    ...(longer?.maxSteps === undefined ? [] : [`--max-steps=${longer.maxSteps}`]),
  ];
}

function explain(log: string): JobFailure | undefined {
  const [, key, what] = lastMatch(log, /validation errors? for AxolotlInputConfig\w*\n([^\n]+)\n\s+([^\n[]+)/g) ?? [];
  if (key === undefined || what === undefined) return undefined;
  return {
    kind: 'bad-config',
    message: `axolotl does not take the configuration: ${key.trim()}: ${what.trim()}.`,
    advice: 'Mend axolotl.yaml in the job’s folder, and resume.',
  };
}
