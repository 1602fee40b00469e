import { join } from 'node:path';
import type { JobFailure } from '../../core/schemas/index.ts';
import { maskedParts } from '../../core/training/mask.ts';
import { MessagesRow } from '../../core/training/rows.ts';
import { parseSwiftLine } from '../../core/training/trainer-logs.ts';
import { pythonEnvironment, rowLimit, STEP_ARGUMENTS } from '../launch.ts';
import { withTags } from '../rows.ts';
import { type Trainer, type TrainerRequest, VALIDATION_FILE } from '../trainer.ts';

const CONFIG_FILE = 'swift.yaml';
const PLUGIN = 'longhand_swift.py';

const TEMPLATE = `# Input of "swift sft": its own flags. Edit as needed.
model: \${model.path:json}
# If swift can't determine it from the model, it stops and lists choices. Masks inside an answer require templates of swift, not the jinja backend.
# model_type: qwen3
\${swift.template}
\${swift.weights}
dataset: [\${dataset.path:json}]
\${swift.validation}
split_dataset_ratio: 0
# Tokens of prompt and answer together. Longer rows are truncated at the end.
max_length: \${rowLimit}
truncation_strategy: right
output_dir: \${run.out:json}
# With true, each start writes to a new folder, and resuming finds no checkpoint.
add_version: false
${STEP_ARGUMENTS}gradient_checkpointing: \${gpu}
torch_dtype: \${swift.dtype}
use_cpu: \${cpu}
seed: \${seed}
report_to: none
`;

/** Supervised fine-tuning by ms-swift, which trains or passes over each message by itself: an answer goes to it in parts. */
export const swift: Trainer = {
  name: 'swift',
  title: 'ms-swift',
  rows: 'messages',
  mask: {
    kept: 'exact',
    words:
      'Exact. An answer is split into parts with “loss” true or false, which swift joins without separators. Each part is tokenised separately.',
  },
  packages: [{ name: 'torch' }, { name: 'ms-swift', atLeast: '4.2' }],
  config: { file: CONFIG_FILE, template: TEMPLATE },
  environment: 'swift',
  runsModelCode: true,
  progress: { from: 'file', path: 'logging.jsonl', parse: parseSwiftLine },
  row: swiftRow,
  rendered: {
    accepts: (config) => config.includes(`\${swift.template}`) || /^template: longhand\s*$/m.test(config),
    row: ([prompt, ...answer]) => ({
      messages: [
        { role: 'user', content: prompt?.text ?? '' },
        ...answer.map(({ text, train }) => ({ role: 'assistant', content: text, loss: train })),
      ],
    }),
    mask: {
      kept: 'exact',
      words:
        'Exact. The model’s own chat template renders the rows. They are split into parts with “loss” true or false, and each part is tokenised separately.',
    },
  },
  variables: (request) => ({
    'swift.template': request.rendered
      ? `# Longhand renders the rows by the model's chat template. This template adds nothing.\nexternal_plugins: [${JSON.stringify(`${request.place.job}/${PLUGIN}`)}]\ntemplate: longhand`
      : '# template: qwen3',
    'swift.validation': request.validation
      ? `val_dataset: [${JSON.stringify(`${request.place.job}/${VALIDATION_FILE}`)}]`
      : '# val_dataset: []',
    rowLimit: rowLimit(request),
    'swift.weights':
      request.settings.loraRank > 0
        ? `tuner_type: lora\nlora_rank: ${request.settings.loraRank}\nlora_alpha: ${2 * request.settings.loraRank}\ntarget_modules: all-linear`
        : 'tuner_type: full',
    'swift.dtype': request.device === 'gpu' ? 'bfloat16' : 'float32',
  }),
  files: ({ mediaFolder }) => [{ path: PLUGIN, source: join(mediaFolder, 'python', PLUGIN) }],
  command: (request) => ({
    command: [
      ...request.python,
      '-m',
      'swift.cli.main',
      'sft',
      `${request.place.job}/${CONFIG_FILE}`,
      ...overrides(request),
    ],
    env: {
      ...pythonEnvironment(request),
      // Names of models are those of the Hugging Face hub, not of ModelScope.
      USE_HF: '1',
      ...processes(request),
    },
  }),
  failure: explain,
};

/** Neighbouring messages of the assistant are one answer to swift; without any trained text the row is left out. */
function swiftRow(given: unknown): unknown {
  const { messages, loss_mask } = withTags(MessagesRow.parse(given));
  const answer = messages.at(-1);
  if (answer?.role !== 'assistant') return undefined;
  const parts = maskedParts(answer.content, loss_mask ?? []);
  if (!parts.some(({ train }) => train)) return undefined;
  return {
    messages: [
      ...messages.slice(0, -1).map((message) => (message.role === 'assistant' ? { ...message, loss: false } : message)),
      ...parts.map(({ text, train }) => ({ role: 'assistant', content: text, loss: train })),
    ],
  };
}

/** With these, swift starts its processes by torch.distributed.run of its own interpreter. */
function processes({ resources: { gpus, nodes } }: TrainerRequest): Record<string, string> {
  if (gpus <= 1 && nodes === 1) return {};
  return { NPROC_PER_NODE: String(Math.max(1, gpus)), ...(nodes > 1 && { NNODES: String(nodes) }) };
}

/** Of a flag that is given twice, the later one counts. */
function overrides({ from, longer }: TrainerRequest): string[] {
  return [
    ...(from === undefined ? [] : ['--resume_from_checkpoint', from]),
    ...(longer?.epochs === undefined ? [] : ['--num_train_epochs', String(longer.epochs)]),
    ...(longer?.maxSteps === undefined ? [] : ['--max_steps', String(longer.maxSteps)]),
  ];
}

function explain(log: string): JobFailure | undefined {
  const [, what, fitting] =
    /ValueError: Failed to automatically match `(model_type|template_type)`[^\n]*?(?:Multiple possible types found: (\[[^\]\n]*\]))?/.exec(
      log,
    ) ?? [];
  if (what !== undefined) {
    const key = what === 'template_type' ? 'template' : what;
    const choices = fitting ?? /Multiple possible types found: (\[[^\]\n]*\])/.exec(log)?.[1];
    return {
      kind: 'bad-config',
      message: `ms-swift can't determine the ${key} of this model.`,
      advice: `Set ${key} in swift.yaml${choices === undefined ? '' : `: it suggests ${choices.slice(1, -1)}`}.`,
    };
  }
  const unknown = /ValueError: remaining_argv: \[([^\]\n]*)\]/.exec(log)?.[1];
  if (unknown === undefined) return undefined;
  return {
    kind: 'bad-config',
    message: `The installed ms-swift does not support ${unknown}.`,
    advice: 'Remove it from swift.yaml, or install the version that has it.',
  };
}
