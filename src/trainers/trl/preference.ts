import { join } from 'node:path';
import type { Objective } from '../../core/schemas/index.ts';
import type { PreflightCheck } from '../../protocol/training.ts';
import type { ObjectiveParts, TrainerCommand, TrainerRequest } from '../trainer.ts';

const SCRIPTS = ['train_preference.py', 'train_sft.py', 'longhand_rows.py', 'longhand_progress.py'] as const;

/** Settings that all trainers of TRL have. */
export const TRL_ARGUMENTS = `  output_dir: \${run.out:json}
  num_train_epochs: \${epochs}
  max_steps: \${maxSteps}
  learning_rate: \${learningRate}
  lr_scheduler_type: cosine
  # Less than 1 is a share of all steps.
  warmup_steps: \${warmup}
  per_device_train_batch_size: \${batchSize}
  gradient_accumulation_steps: \${accumulate}
  gradient_checkpointing: \${gpu}
  bf16: \${gpu}
  use_cpu: \${cpu}
  logging_steps: 1
  save_strategy: \${saveStrategy}
  save_steps: \${saveSteps}
  save_total_limit: 3
  # When the loss on the rows for validation is computed: no, epoch or steps.
  eval_strategy: \${validation.strategy:json}
  per_device_eval_batch_size: \${batchSize}
  seed: \${seed}
  report_to: none
`;

/** Settings of one trainer of TRL that others lack. */
const OWN: Record<Exclude<Objective, 'sft'>, string> = {
  dpo: `  # Weight of staying near the model before the training.
  beta: 0.1
  # sigmoid is DPO; others: ipo, apo_zero, robust …
  loss_type: [sigmoid]
`,
  kto: `  # Weight of staying near the model before the training.
  beta: 0.1
  # With many more rows of one label, weigh it less, so that both count about the same.
  desirable_weight: 1.0
  undesirable_weight: 1.0
`,
};

function template(objective: Exclude<Objective, 'sft'>): string {
  const trainer = objective.toUpperCase();
  return `# Input of train_preference.py. Edit as needed. Everything under "${objective}" is passed to TRL's ${trainer}Config unchanged.
model: \${model.path:json}
rows: \${dataset.path:json}
# Rows for validation; null without.
validation: \${validation.path:json}
# LoRA rank; 0 is full fine-tuning, which keeps a second copy of the model in memory.
lora: {r: \${loraRank}, alpha: \${loraAlpha}, target_modules: all-linear}
# Only for a model without a chat template, such as a base model: a file with one (Jinja).
chat_template: null
${objective}:
${OWN[objective]}  # Tokens of prompt and answer together. Longer rows are truncated at the end.
  max_length: \${rowLimit:json}
${TRL_ARGUMENTS}`;
}

/**
 * TRL's DPOTrainer or KTOTrainer, through a short script: the rows come as texts by the model's own chat template.
 * @param commandOf The command of a script with a configuration.
 */
export function preference(
  objective: Exclude<Objective, 'sft'>,
  commandOf: (request: TrainerRequest, script: string, config: string) => TrainerCommand,
): ObjectiveParts {
  const file = `${objective}.yaml`;
  return {
    rows: objective,
    mask: {
      kept: 'none',
      words: `Whole answers are compared in ${objective.toUpperCase()}. The model’s own chat template renders the prompts, and answers are exactly those of the rows.`,
    },
    config: { file, template: template(objective) },
    files: ({ mediaFolder }) => SCRIPTS.map((path) => ({ path, source: join(mediaFolder, 'python', path) })),
    command: (request) => commandOf(request, 'train_preference.py', file),
    ...(objective === 'kto' && { check: async (request: TrainerRequest) => batchCheck(request) }),
  };
}

/** The KL term is estimated from the other rows of a batch. */
function batchCheck({ settings: { batchSize } }: TrainerRequest): PreflightCheck[] {
  if (batchSize > 1) return [];
  const message = 'KTO requires a batch size of at least 2 on each device.';
  return [{ id: 'config', state: 'error', message, advice: 'Train with --batch 2 or more.' }];
}
