/** A line of a stored configuration that could make a trainer run other code, or that can't be checked. */
interface ConfigRisk {
  /** From 1. */
  line: number;
  /** Shortened. */
  text: string;
}

/** Values that a configuration may contain. */
interface ConfigPlaces {
  model: string;
  /** The folder with the rows as the job sees it. */
  job: string;
}

/** Keys with numbers, words or lists of them, which load nothing: of Longhand's templates, transformers and PEFT. */
const PLAIN = new Set(
  `sft empty_thoughts lora r alpha target_modules dropout max_length num_train_epochs num_epochs max_steps learning_rate lr_scheduler lr_scheduler_type warmup_steps
  warmup_ratio weight_decay adam_beta1 adam_beta2 adam_epsilon max_grad_norm optim optimizer per_device_train_batch_size micro_batch_size
  gradient_accumulation_steps gradient_checkpointing disable_gradient_checkpointing bf16 fp16 tf32 float32 torch_dtype use_cpu logging_steps
  logging_strategy logging_nan_inf_filter save_strategy save_steps save_total_limit save_only_model seed data_seed group_by_length
  dataloader_num_workers dataloader_pin_memory preprocessing_num_workers dataset_num_proc neftune_noise_alpha label_smoothing_factor packing
  sample_packing pad_to_sequence_len stage do_train finetuning_type lora_rank lora_r lora_alpha lora_dropout lora_target lora_target_linear
  lora_target_modules lora_modules_to_save modules_to_save use_rslora use_dora adapter load_in_4bit load_in_8bit quantization_bit
  quantization_method tuner_type template template_backend model_type cutoff_len sequence_len excess_length_strategy truncation_strategy
  overwrite_output_dir plot_loss ray_num_workers split_dataset_ratio val_set_size add_version datasets message_property_mappings role content
  field_messages message_field_training_detail roles_to_train train_on_eos dynamic_checkpoint enabled check_interval flash_attention
  flash_attn attn_impl attn_implementation use_liger_kernel early_stopping_patience dpo kto beta loss_type desirable_weight undesirable_weight
  pref_beta pref_loss eval_strategy eval_steps per_device_eval_batch_size eval_batch_size test_datasets split`.split(
    /\s+/,
  ),
);

/** Keys with required values. */
const FIXED: Readonly<Record<string, RegExp>> = {
  plugins: /^\[longhand_axolotl\.LonghandPlugin\]$/,
  type: /^(?:chat_template|input_output)$/,
  ds_type: /^json$/,
  trust_remote_code: /^false$/,
  // Other values send data elsewhere.
  report_to: /^(?:none|tensorboard)$/,
};

const MODEL_KEYS = new Set(['model', 'base_model', 'model_name_or_path']);
/** Files and folders of the job, or none. Sets are also names in LLaMA-Factory's list, which Longhand writes. */
const JOB_KEYS = new Set(['rows', 'validation', 'path', 'dataset', 'eval_dataset', 'val_dataset', 'dataset_dir']);
/** Checked separately (see `placesIn`), or not code: a chat template runs in a sandbox. */
const TEXT_KEYS = new Set(['output_dir', 'dataset_prepared_path', 'chat_template']);
const OWN_DATASETS = new Set(['longhand', 'longhand_validation', 'null']);

/** Characters that YAML parsers may read differently. */
const UNREADABLE = /[\p{Cc}\u2028\u2029\ufeff\ufffd]/u;
const ENTRY = /^ *(?:- +)?(?:([A-Za-z_][\w-]*)|"([A-Za-z_][\w-]*)"|'([A-Za-z_][\w-]*)') *:(?: +(.*))?$/;
const SCALAR = String.raw`(?:[-+]?[\d.]+(?:[eE][-+]?\d+)?|[A-Za-z_][\w-]*|~)`;
const LIST = String.raw`\[ *(?:${SCALAR}(?: *, *${SCALAR})*)? *\]`;
const PLAIN_VALUE = new RegExp(`^(?:${SCALAR}|"${SCALAR}"|'${SCALAR}'|${LIST})$`);
const MAP = /^\{ *(.*?) *\}$/;
const ITEM = new RegExp(`^ *- +(?:${SCALAR})$`);
const EMPTY = /^ *(?:#.*)?$/;
const SHOWN = 200;

/**
 * The lines of a YAML configuration that a resume asks about: unknown settings, values that name other code, rows or models, and lines in
 * another form than in Longhand's templates. Without any, the trainer loads no code that the configuration names.
 */
export function risksIn(config: string, places: ConfigPlaces): ConfigRisk[] {
  // After a value, a list item would continue it.
  let inList = false;
  return config.split(/\r?\n/).flatMap((line, index) => {
    const isItem = ITEM.test(line);
    if (!isItem && !EMPTY.test(line)) inList = /: *(?: #.*)?$/.test(line);
    if (isItem ? inList : isHarmless(line, places)) return [];
    return [
      {
        line: index + 1,
        text: line
          .trim()
          .replace(/\p{Cc}/gu, '?')
          .slice(0, SHOWN),
      },
    ];
  });
}

function isHarmless(line: string, places: ConfigPlaces): boolean {
  if (UNREADABLE.test(line)) return false;
  if (EMPTY.test(line)) return true;
  const [, bare, double, single, behind = ''] = ENTRY.exec(line) ?? [];
  const key = (bare ?? double ?? single)?.replaceAll('-', '_');
  return key !== undefined && mayHave(key, withoutComment(behind), places);
}

function mayHave(key: string, value: string, places: ConfigPlaces): boolean {
  const fixed = Object.hasOwn(FIXED, key) ? FIXED[key] : undefined;
  if (fixed !== undefined) return fixed.test(value);
  if (MODEL_KEYS.has(key)) return textOf(value) === places.model;
  if (JOB_KEYS.has(key)) return OWN_DATASETS.has(value) || isOfJob(value, places.job);
  // Longhand's own template, which each resume replaces.
  if (key === 'external_plugins') return value === `[${JSON.stringify(`${places.job}/longhand_swift.py`)}]`;
  if (TEXT_KEYS.has(key)) return textOf(value) !== undefined;
  if (!PLAIN.has(key)) return false;
  const inner = MAP.exec(value)?.[1];
  if (inner === undefined) return value === '' || PLAIN_VALUE.test(value);
  return inner.split(/ *, */).every((entry) => {
    const [, own = '', text = ''] = /^([A-Za-z_][\w-]*): +(.*)$/.exec(entry) ?? [];
    return PLAIN.has(own.replaceAll('-', '_')) && PLAIN_VALUE.test(text);
  });
}

function isOfJob(value: string, job: string): boolean {
  const path = textOf(/^\[(.*)\]$/.exec(value)?.[1] ?? value);
  if (path === undefined || path.split('/').includes('..')) return false;
  return path === job || path.startsWith(`${job}/`);
}

/** A text on one line; undefined for other values and for variables. */
function textOf(value: string): string | undefined {
  if (value.includes('${')) return undefined;
  if (/^'(?:[^']|'')*'$/.test(value)) return value.slice(1, -1).replaceAll("''", "'");
  if (!value.startsWith('"'))
    return /^[\w./~][^"'{}[\],&*!|>%@`]*$/.test(value) && !/: |:$/.test(value) ? value : undefined;
  try {
    const text: unknown = JSON.parse(value);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

function withoutComment(text: string): string {
  const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*') *(?: #.*)?$/.exec(text)?.[1];
  return quoted ?? text.replace(/(?:^| )#.*$/, '').trim();
}
