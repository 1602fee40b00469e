import type { ModelForm, ServerId } from '../core/schemas/index.ts';

/**
 * How to start and call a server. Placeholders `${…}`: `model` (folder, file or name), `name` (under which it is served), `port`, `base` and `rank`
 * (of an adapter, as vLLM expects it).
 */
export interface ServerTemplate {
  id: ServerId;
  name: string;
  /** Supported forms; if only GGUF is supported, a folder is converted first. */
  takes: readonly ModelForm[];
  /** Program and first arguments; the user can replace it. */
  program: readonly string[];
  args: readonly string[];
  /** Replaces `args` for a LoRA adapter. */
  adapterArgs?: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Its default port. */
  port: number;
  /** The name in requests. */
  modelName: string;
  /** The name in requests for an adapter. */
  adapterName?: string;
  /** Answers with 200 when the server is ready. */
  health: string;
  /** Whether /v1/models lists the model. */
  lists: boolean;
  /** How to install the program. */
  install: string;
  /** Shown in the list of servers. */
  detail: string;
}

/**
 * Turn off sampling settings besides temperature and top-p, which would distort comparisons: vLLM and SGLang use the model's
 * generation_config.json, and llama.cpp keeps 40 tokens (top-k) above a twentieth of the likeliest (min-p).
 */
const VLLM_DEFAULTS = ['--generation-config', 'vllm'];
const SGLANG_DEFAULTS = ['--sampling-defaults', 'openai'];
const LLAMA_DEFAULTS = ['--top-k', '0', '--min-p', '0'];
/** Four replies of 8,192 tokens each. By default they share one context in llama.cpp, and all fail when they exceed it together. */
const LLAMA_SLOTS = ['--parallel', '4', '--ctx-size', '32768'];
const AT = ['--host', '127.0.0.1', '--port', '${port}'];

export const SERVERS: readonly ServerTemplate[] = [
  {
    id: 'starter',
    name: "Longhand's runtime (llama.cpp)",
    takes: ['gguf'],
    // Set by starterProgram (plan.ts).
    program: [],
    args: ['--model', '${name}', '--weights', '${model}', '--port', '${port}', '--open', '--idle-seconds', '0'],
    env: {},
    port: 8440,
    modelName: '${name}',
    health: '/health',
    lists: true,
    install: 'Longhand installs it with npm.',
    detail: 'GGUF, on the CPU; no manual installation',
  },
  {
    id: 'transformers',
    name: 'transformers serve',
    takes: ['folder', 'name'],
    program: ['transformers'],
    args: ['serve', '${model}', ...AT],
    env: {},
    port: 8000,
    // It names a model by its path.
    modelName: '${model}',
    health: '/health',
    // Its list fails without a network.
    lists: false,
    install: 'pip install "transformers[serving]" torch',
    detail: 'safetensors; simple, not fast',
  },
  {
    id: 'vllm',
    name: 'vLLM',
    takes: ['folder', 'adapter', 'name'],
    program: ['vllm'],
    args: ['serve', '${model}', ...AT, '--served-model-name', '${name}', ...VLLM_DEFAULTS],
    adapterArgs: [
      ...['serve', '${base}', ...AT, '--enable-lora', '--max-lora-rank', '${rank}'],
      ...['--lora-modules', '${name}=${model}', ...VLLM_DEFAULTS],
    ],
    env: { VLLM_NO_USAGE_STATS: '1' },
    port: 8000,
    modelName: '${name}',
    health: '/health',
    lists: true,
    install: 'pip install vllm; its usual build needs a GPU',
    detail: 'safetensors and LoRA adapters; the fastest on GPUs',
  },
  {
    id: 'sglang',
    name: 'SGLang',
    takes: ['folder', 'adapter', 'name'],
    program: ['python3', '-m', 'sglang.launch_server'],
    args: ['--model-path', '${model}', ...AT, '--served-model-name', '${name}', ...SGLANG_DEFAULTS],
    adapterArgs: [
      ...['--model-path', '${base}', ...AT, '--served-model-name', 'base'],
      ...['--enable-lora', '--lora-paths', '${name}=${model}', ...SGLANG_DEFAULTS],
    ],
    env: {},
    port: 30_000,
    modelName: '${name}',
    adapterName: 'base:${name}',
    health: '/health',
    lists: true,
    install: 'pip install "sglang[all]" (a GPU is needed)',
    detail: 'safetensors and LoRA adapters; fast on GPUs',
  },
  {
    id: 'llama.cpp',
    name: 'llama.cpp server',
    takes: ['gguf'],
    program: ['llama-server'],
    args: ['--model', '${model}', '--alias', '${name}', ...AT, '--jinja', ...LLAMA_SLOTS, ...LLAMA_DEFAULTS],
    env: {},
    port: 9931,
    modelName: '${name}',
    health: '/health',
    lists: true,
    install: 'llama-server comes with llama.cpp (brew install llama.cpp, or its releases)',
    detail: 'GGUF, on CPU or GPU',
  },
  {
    id: 'ollama',
    name: 'Ollama',
    takes: ['gguf'],
    program: ['ollama'],
    args: ['serve'],
    // A separate server beside a running one; both share the store of models.
    env: { OLLAMA_HOST: '127.0.0.1:${port}' },
    port: 11_434,
    modelName: '${name}',
    health: '/api/version',
    lists: true,
    install: 'Ollama is installed from ollama.com/download',
    detail: 'GGUF; it recognises the chat templates of known families only',
  },
];

export function serverTemplate(id: ServerId): ServerTemplate {
  const found = SERVERS.find((one) => one.id === id);
  if (!found) throw new Error(`no template for ${id}`);
  return found;
}
