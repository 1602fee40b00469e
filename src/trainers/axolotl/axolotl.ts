import { join } from 'node:path';
import type { JobFailure } from '../../core/schemas/index.ts';
import { maskedParts } from '../../core/training/mask.ts';
import { MessagesRow } from '../../core/training/rows.ts';
import { lastMatch, processPerGpu, pythonEnvironment, rowLimit } from '../launch.ts';
import { codePointCount, withTags } from '../rows.ts';
import { type Trainer, type TrainerRequest, VALIDATION_FILE } from '../trainer.ts';

const CONFIG_FILE = 'axolotl.yaml';
const SCRIPTS = ['longhand_axolotl.py', 'longhand_progress.py'] as const;

const TEMPLATE = `# Input of "axolotl train". Edit as needed.
base_model: \${model.path:json}
datasets:
  - path: \${dataset.path:json}
    ds_type: json
    \${axolotl.rows}
dataset_prepared_path: \${axolotl.prepared:json}
val_set_size: 0
\${axolotl.validation}
# When the loss on the rows for validation is computed: no, epoch or steps.
eval_strategy: \${validation.strategy:json}
# Tokens of prompt and answer together. Longer rows are truncated.
sequence_len: \${rowLimit}
excess_length_strategy: truncate
# Packing works with masks inside an answer. It requires attention that separates rows.
sample_packing: false
\${axolotl.weights}
micro_batch_size: \${batchSize}
eval_batch_size: \${batchSize}
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
# A file named axolotl_checkpoint.save in output_dir triggers a checkpoint.
dynamic_checkpoint: {enabled: true, check_interval: 1}
plugins: [longhand_axolotl.LonghandPlugin]
seed: \${seed}
`;

/** Rows that axolotl renders itself. */
const MESSAGES_TYPE = `type: chat_template
    field_messages: messages
    message_property_mappings: {role: role, content: content}
    # Which text of an answer is trained.
    message_field_training_detail: training_detail
    roles_to_train: [assistant]
    train_on_eos: turn`;
const MESSAGES = `${MESSAGES_TYPE}
# Uses the template of the tokenizer. A base model without one requires a name, such as chatml.
chat_template: tokenizer_default`;
const RENDERED = `# Longhand renders the rows by the model's chat template: segments of text that are trained or not.
    type: input_output`;

/** Supervised fine-tuning by axolotl. */
export const axolotl: Trainer = {
  name: 'axolotl',
  title: 'axolotl',
  rows: 'messages',
  mask: {
    kept: 'exact',
    words:
      'Exact, except for single tokens across a border, which may be trained. Offsets mark the trained text of each answer.',
  },
  packages: [{ name: 'torch' }, { name: 'axolotl', atLeast: '0.18' }],
  config: { file: CONFIG_FILE, template: TEMPLATE },
  progress: { from: 'own' },
  output: '.',
  row: axolotlRow,
  rendered: {
    accepts: (config) => config.includes(`\${axolotl.rows}`) || /^\s+type: input_output\s*$/m.test(config),
    row: (runs) => ({ segments: runs.map(({ text, train }) => ({ text, label: train })) }),
    mask: {
      kept: 'exact',
      words:
        'Exact. The model’s own chat template renders the rows, and each part with one mask is tokenised separately.',
    },
  },
  variables: (request) => {
    const { loraRank, maxSteps, saveSteps } = request.settings;
    return {
      rowLimit: rowLimit(request),
      'axolotl.rows': request.rendered ? RENDERED : MESSAGES,
      'axolotl.validation': request.validation ? validationSet(request) : '# test_datasets: []',
      'axolotl.prepared': `${request.place.out}/prepared`,
      // “auto” uses half precision on a CPU, which fails at the first step.
      'axolotl.precision': request.device === 'gpu' ? 'bf16: auto' : 'bf16: false\nfp16: false\nfloat32: true',
      'axolotl.weights':
        loraRank > 0
          ? `adapter: lora\nlora_r: ${loraRank}\nlora_alpha: ${2 * loraRank}\nlora_target_linear: true`
          : '# Full fine-tuning.',
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
      // The plugin is imported from the job's folder, where a resume accepts only Longhand's files.
      PYTHONSAFEPATH: '',
      AXOLOTL_DO_NOT_TRACK: '1',
      LONGHAND_PROGRESS: request.place.progress,
      ...(request.place.frames && { LONGHAND_FRAMES: '1' }),
    },
  }),
  failure: explain,
};

function validationSet({ place, rendered }: TrainerRequest): string {
  return `test_datasets:
  - path: ${JSON.stringify(`${place.job}/${VALIDATION_FILE}`)}
    ds_type: json
    split: train
    ${rendered ? 'type: input_output' : MESSAGES_TYPE}`;
}

/** Offsets are code points of the mask; ends are included. */
function axolotlRow(given: unknown): unknown {
  const { messages, loss_mask } = withTags(MessagesRow.parse(given));
  const answer = messages.at(-1);
  if (answer?.role !== 'assistant') return undefined;
  const parts = maskedParts(answer.content, loss_mask ?? []);
  if (!parts.some(({ train }) => train)) return undefined;
  let at = 0;
  const detail = parts.map(({ text, train }) => {
    const begin = at;
    at += codePointCount(text);
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
    message: `axolotl rejects the configuration: ${key.trim()}: ${what.trim()}.`,
    advice: 'Correct axolotl.yaml in the job folder, and resume.',
  };
}
