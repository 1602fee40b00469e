import type { SAMPLING_VERBS } from '../protocol/sampling.ts';
import type { Flag, Shape } from './shapes.ts';
import { ENGINE_FLAGS, finishEngine } from './training-shapes.ts';

const number = (into: string, help: string): Flag => ({ value: 'N', into, kind: 'number', help });

/** Which model of the dataset is asked for responses. */
export const ROLE: Flag = {
  value: 'ROLE',
  into: 'role',
  help: 'base or fine-tuned; the fine-tuned model where there is one',
};

/** How responses are asked for. */
export const RESPONSE_FLAGS: Readonly<Record<string, Flag>> = {
  temperature: number('response.temperature', 'of the responses'),
  'top-p': number('response.topP', 'of the responses'),
  'max-tokens': number('response.maxTokens', 'longest response'),
  concurrency: number('concurrency', 'requests in flight'),
};

const SETTINGS: Readonly<Record<string, Flag>> = {
  role: ROLE,
  policy: {
    value: 'NAME',
    into: 'policy',
    kind: 'record',
    help: 'cascade, uniform, prop2diff, gvm or adaptive, or JSON such as {"policy":"uniform","correct":2}',
  },
  stages: { value: '2,10,100', into: 'stages', kind: 'list', help: 'samples of each stage of a cascade' },
  samples: number('budget.samples', 'ends the round after so many samples'),
  requests: number('budget.requests', 'ends the round after so many requests'),
  tokens: number('budget.tokens', 'ends the round after so many tokens, prompts and answers together'),
  money: number('budget.money', 'ends the round after so much money, in the currency of the prices'),
  seconds: number('budget.seconds', 'begins no request after so many seconds'),
  'samples-per-request': number('samplesPerRequest', 'samples asked for in one request, where the server can'),
  'drop-below': number('dropBelow', 'leaves a problem out when it is solved with less than this probability; 0 none'),
  keep: number('keep', 'correct responses kept per problem'),
  ...RESPONSE_FLAGS,
};

/** Where a round is asked for in batches, and how; `finishBatch` reads them. */
export const BATCH_FLAGS: Readonly<Record<string, Flag>> = {
  ...ENGINE_FLAGS,
  how: { value: 'WAY', into: 'batch.how', help: 'on the engine: vllm, http (ray.data.llm) or tasks (plain Ray)' },
  url: { value: 'URL', into: 'batch.url', help: 'of the endpoint, with /v1, as the cluster sees it' },
  'vllm-model': { value: 'NAME', into: 'batch.model', help: 'what vLLM loads' },
  shards: number('batch.shards', 'processes that ask, or replicas of vLLM'),
  'tensor-parallel': number('batch.tensorParallel', 'GPUs of one replica'),
  'max-model-len': number('batch.maxModelLen', 'tokens of prompt and answer for which vLLM makes room'),
  'vllm-args': {
    value: 'JSON',
    into: 'batch.vllmArgs',
    kind: 'record',
    help: 'more arguments of vLLM, such as {"gpu_memory_utilization":0.5}',
  },
  'answer-timeout': number('batch.timeout', 'seconds that one answer may take'),
  python: {
    value: 'WORDS',
    into: 'batch.python',
    kind: 'list',
    help: 'what starts Python with Ray there, parted by commas',
  },
};

/** The command lines of the verbs of stage 2. `pick`: flags that say which problems a round asks for. */
export function samplingShapes(
  pick: Readonly<Record<string, Flag>>,
  detach: Flag,
): Readonly<Record<keyof typeof SAMPLING_VERBS, Shape>> {
  return {
    'plan-sampling': { positionals: ['dataset'], flags: { ...pick, ...SETTINGS }, finish: finishStages },
    'sample-round': {
      positionals: ['dataset'],
      flags: { ...pick, ...SETTINGS, ...BATCH_FLAGS, detach },
      finish: finishRound,
    },
    difficulty: {
      positionals: ['dataset'],
      flags: {
        role: ROLE,
        svg: { value: 'FILE', into: 'svg', help: 'where a picture of it is written' },
        csv: { value: 'FILE', into: 'csv', help: 'where a table of the problems is written' },
        'rounds-csv': { value: 'FILE', into: 'roundsCsv', help: 'where a table of the rounds is written' },
      },
    },
  };
}

function finishRound(given: Record<string, unknown>): void {
  finishStages(given);
  finishEngine(given);
}

/** `--stages` is a short way to write a cascade. */
function finishStages(given: Record<string, unknown>): void {
  const stages = given.stages;
  delete given.stages;
  if (!Array.isArray(stages)) return;
  const policy = given.policy ?? 'cascade';
  given.policy = { ...(typeof policy === 'string' ? { policy } : policy), stages: stages.map(Number) };
}
