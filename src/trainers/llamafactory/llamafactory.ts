import { THINK_CLOSE, THINK_OPEN } from '../../core/dataset/thought.ts';
import type { JobFailure } from '../../core/schemas/index.ts';
import { DpoRow, KtoRow, thoughtOf } from '../../core/training/rows.ts';
import { parseLlamaFactoryLine } from '../../core/training/trainer-logs.ts';
import type { PreflightCheck } from '../../protocol/training.ts';
import { lastMatch, processPerGpu, pythonEnvironment, rowLimit, STEP_ARGUMENTS } from '../launch.ts';
import { prefixAsMessages } from '../rows.ts';
import {
  type ObjectiveParts,
  type Trainer,
  type TrainerFile,
  type TrainerRequest,
  VALIDATION_FILE,
} from '../trainer.ts';

const CONFIG_FILE = 'lf.yaml';
const ROWS_FILE = 'rows.jsonl';
/** Names of the rows in dataset_info.json. */
const DATASET = 'longhand';
const VALIDATION = `${DATASET}_validation`;

/** @param stage The lines of the stage. */
const template = (stage: string): string => `# Input of llamafactory-cli. Edit as needed.
model_name_or_path: \${model.path:json}
${stage}
do_train: true
\${lf.weights}
dataset: ${DATASET}
\${lf.validation}
dataset_dir: \${run.dir:json}
\${lf.template}
# Tokens of prompt and answer together. Longer rows are truncated on both sides, in proportion.
cutoff_len: \${rowLimit}
preprocessing_num_workers: 1
output_dir: \${run.out:json}
# Resuming turns this off, because it would delete trainer_log.jsonl.
overwrite_output_dir: true
plot_loss: true
${STEP_ARGUMENTS}bf16: \${gpu}
use_cpu: \${cpu}
disable_gradient_checkpointing: \${cpu}
seed: \${seed}
report_to: none
# With USE_RAY=1 in the environment, the number of workers:
# ray_num_workers: \${gpus}
`;

const OWN = `# The chat template by LLaMA-Factory's own name, such as qwen or llama3. null uses the one of the tokenizer.
template: null`;
const RENDERED = `# Longhand renders the rows by the model's chat template. This template adds nothing.
template: empty`;

/** Supervised fine-tuning by LLaMA-Factory. It masks only whole turns: rows that it renders itself have masked text in the question. */
export const llamaFactory: Trainer = {
  name: 'llamafactory',
  title: 'LLaMA-Factory',
  rows: 'prefix',
  mask: {
    kept: 'prefix',
    words:
      'LLaMA-Factory masks turns, not parts of an answer. Untrained text moves to the end of the question. Chains with such text after trained text are filtered out.',
  },
  packages: [{ name: 'torch' }, { name: 'llamafactory', atLeast: '0.9.4' }, { name: 'matplotlib' }],
  config: { file: CONFIG_FILE, template: template('stage: sft') },
  progress: { from: 'file', path: 'trainer_log.jsonl', parse: parseLlamaFactoryLine },
  output: '.',
  environment: 'llamafactory',
  rowsFile: ROWS_FILE,
  row: prefixAsMessages,
  rendered: {
    accepts: acceptsRendered,
    // The template “empty” joins the turns without anything in between. What follows the last trained text is not part of the answer.
    row: (runs) => ({
      messages: (runs.at(-1)?.train ? runs : runs.slice(0, -1)).map(({ text, train }) => ({
        role: train ? 'assistant' : 'user',
        content: text,
      })),
    }),
    mask: {
      kept: 'exact',
      words:
        'Exact. The model’s own chat template renders the rows. Untrained and trained text alternate as turns of a template that adds nothing.',
    },
  },
  variables: (request) => ({
    rowLimit: rowLimit(request),
    'lf.template': request.rendered ? RENDERED : OWN,
    'lf.validation': request.validation ? `eval_dataset: ${VALIDATION}` : `# eval_dataset: ${VALIDATION}`,
    'lf.weights':
      request.settings.loraRank > 0
        ? `finetuning_type: lora\nlora_rank: ${request.settings.loraRank}\nlora_alpha: ${2 * request.settings.loraRank}\nlora_target: all`
        : 'finetuning_type: full',
  }),
  files: ({ rowsFile }) => [datasetInfo(rowsFile)],
  objectives: { dpo: objective('dpo'), kto: objective('kto') },
  command: (request) => ({
    command: [...launcher(request), `${request.place.job}/${CONFIG_FILE}`, ...overrides(request)],
    env: {
      ...pythonEnvironment(request),
      // Each node runs the same command; the cluster sets NODE_RANK, MASTER_ADDR and MASTER_PORT.
      ...(request.resources.nodes > 1 && { FORCE_TORCHRUN: '1', NNODES: String(request.resources.nodes) }),
    },
  }),
  failure: explain,
};

/** @param columns Beside the messages. */
function datasetInfo(rowsFile: string, columns: Record<string, string> = {}): TrainerFile {
  const described = (file: string): object => ({
    file_name: file,
    formatting: 'sharegpt',
    ...('chosen' in columns && { ranking: true }),
    columns: { messages: 'messages', ...columns },
    tags: {
      role_tag: 'role',
      content_tag: 'content',
      user_tag: 'user',
      assistant_tag: 'assistant',
      system_tag: 'system',
    },
  });
  // A set that the configuration does not name is not read.
  const info = { [DATASET]: described(rowsFile), [VALIDATION]: described(VALIDATION_FILE) };
  return { path: 'dataset_info.json', content: `${JSON.stringify(info, null, 2)}\n` };
}

/** What is different for DPO and KTO. */
function objective(stage: 'dpo' | 'kto'): ObjectiveParts {
  const columns = stage === 'dpo' ? { chosen: 'chosen', rejected: 'rejected' } : { kto_tag: 'kto_tag' };
  return {
    rows: stage,
    mask: {
      kept: 'none',
      words: `Whole answers are compared in ${stage.toUpperCase()}, so nothing in them is masked.`,
    },
    config: {
      file: CONFIG_FILE,
      template: template(
        `stage: ${stage}\n# Weight of staying near the model before the training.\npref_beta: 0.1${stage === 'dpo' ? '\n# sigmoid is DPO; others: orpo, simpo, ipo, hinge.\npref_loss: sigmoid' : ''}`,
      ),
    },
    row: stage === 'dpo' ? dpoRow : ktoRow,
    rendered: renderedPairs(stage),
    checkConfig: checkPairs,
    files: ({ rowsFile }) => [datasetInfo(rowsFile, columns)],
  };
}

/** Whether a configuration leaves the text of rows as it is. */
function acceptsRendered(config: string): boolean {
  return config.includes(`\${lf.template}`) || /^template: empty\s*$/m.test(config);
}

/** A warning where LLaMA-Factory renders pairs. With null, it makes a template from the model's, which fails or doubles tags for some models. */
function checkPairs(config: string): PreflightCheck[] {
  if (acceptsRendered(config)) return [];
  const message =
    'LLaMA-Factory renders the answers by a template of its own, with reasoning in <think> tags. With “template: null”, the tags of some models are doubled, and others are refused.';
  const advice = 'Use a model in a folder of this machine and “template: empty”, so that Longhand renders the rows.';
  return [{ id: 'template', state: 'warning', message, advice }];
}

/** Rows of DPO and KTO that the template “empty” leaves as they are. */
function renderedPairs(stage: 'dpo' | 'kto'): NonNullable<Trainer['rendered']> {
  return {
    accepts: acceptsRendered,
    row: () => undefined,
    answers: (prompt, [first = '', second = ''], given) => {
      const turn = (role: 'user' | 'assistant', content: string) => ({ role, content });
      return stage === 'dpo'
        ? { messages: [turn('user', prompt)], chosen: turn('assistant', first), rejected: turn('assistant', second) }
        : { messages: [turn('user', prompt), turn('assistant', first)], kto_tag: KtoRow.parse(given).label };
    },
    mask: {
      kept: 'none',
      words: `Whole answers are compared in ${stage.toUpperCase()}. The model’s own chat template renders prompts and answers, so thoughts stay.`,
    },
  };
}

function dpoRow(row: unknown): unknown {
  const { prompt, chosen, rejected } = DpoRow.parse(row);
  return { messages: prompt, chosen: tagged(chosen)[0], rejected: tagged(rejected)[0] };
}

function ktoRow(row: unknown): unknown {
  const { prompt, completion, label } = KtoRow.parse(row);
  return { messages: [...prompt, ...tagged(completion)], kto_tag: label };
}

/** LLaMA-Factory reads the content of a message only, with a thought in tags. */
function tagged(turns: KtoRow['completion']): { role: string; content: string }[] {
  return turns.map((turn) => {
    const thought = thoughtOf(turn);
    const closing = turn.content === '' ? '' : THINK_CLOSE;
    const content = thought === '' ? turn.content : `${THINK_OPEN}${thought}${closing}${turn.content}`;
    return { role: turn.role, content };
  });
}

function launcher({ python, resources }: TrainerRequest): string[] {
  // `train` starts torchrun for several GPUs; the launcher is what torchrun starts.
  if (resources.nodes === 1 && resources.gpus > 1) {
    return [...python, ...processPerGpu(resources), '-m', 'llamafactory.launcher'];
  }
  return [...python, '-m', 'llamafactory.cli', 'train'];
}

/** A resumed training ends at the epochs of its configuration unless more are set. */
function overrides({ from, longer }: TrainerRequest): string[] {
  return [
    ...(from === undefined ? [] : [`resume_from_checkpoint=${JSON.stringify(from)}`, 'overwrite_output_dir=false']),
    ...(longer?.epochs === undefined ? [] : [`num_train_epochs=${longer.epochs}`]),
    ...(longer?.maxSteps === undefined ? [] : [`max_steps=${longer.maxSteps}`]),
  ];
}

function explain(log: string): JobFailure | undefined {
  if (/OSError: (?:Could not load this library: [^\n]*torchaudio|[^\n]*libc10_cuda)/.test(log)) {
    return {
      kind: 'wrong-version',
      message: 'The installed torchaudio is built for another build of torch.',
      advice:
        'Install the torchaudio that belongs to the installed torch, or remove its compiled libraries on a machine without a GPU.',
    };
  }
  const unused = lastMatch(log, /ValueError: Some keys are not used by the HfArgumentParser: \[([^\]\n]*)\]/g)?.[1];
  if (unused !== undefined) {
    return {
      kind: 'bad-config',
      message: `The installed LLaMA-Factory does not support the settings ${unused}.`,
      advice: 'Remove them from the configuration, or install the version that has them.',
    };
  }
  const template = lastMatch(log, /ValueError: Template (\S+) does not exist/g)?.[1];
  if (template === undefined) return undefined;
  return {
    kind: 'bad-config',
    message: `LLaMA-Factory has no template “${template}”.`,
    advice: 'Use one of its names in lf.yaml, or null for the template of the tokenizer.',
  };
}
