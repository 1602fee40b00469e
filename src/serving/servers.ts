import type { ModelForm, ServerId } from '../core/model/index.ts';

/**
 * How a server is started and asked, as data. `{…}` stands for: `model` (folder, file or name), `name` (under which it is served),
 * `port`, `base` (of an adapter), `rank` (of an adapter, as vLLM takes it).
 */
export interface ServerTemplate {
  id: ServerId;
  name: string;
  /** What it opens; a folder is made a GGUF file first where only that is taken. */
  takes: readonly ModelForm[];
  /** Program and the words that always follow it; what a person names stands in for it. */
  program: readonly string[];
  args: readonly string[];
  /** In place of `args` for a LoRA adapter. */
  adapterArgs?: readonly string[];
  env: Readonly<Record<string, string>>;
  /** The port it would take by itself; another when this one is taken. */
  port: number;
  /** The name in requests. */
  modelName: string;
  /** The same for an adapter. */
  adapterName?: string;
  /** Answers with 200 as soon as it serves, and with an error or not at all before. */
  health: string;
  /** Whether /v1/models names the model; those of which it is false are only asked for a token. */
  lists: boolean;
  /** How the program comes onto a machine. */
  install: string;
  /** What a person should know before choosing it. */
  detail: string;
}

/**
 * What would be sampled by besides temperature and top-p: vLLM and SGLang take it from the model's own generation_config.json unless told
 * otherwise, llama.cpp cuts all but 40 tokens and those below a twentieth of the likeliest. A comparison would drift.
 */
const VLLM_DEFAULTS = ['--generation-config', 'vllm'];
const SGLANG_DEFAULTS = ['--sampling-defaults', 'openai'];
const LLAMA_DEFAULTS = ['--top-k', '0', '--min-p', '0'];
/** Four replies of 8,192 tokens each. By itself llama.cpp lets them share one context: when all together are longer than it, all fail. */
const LLAMA_SLOTS = ['--parallel', '4', '--ctx-size', '32768'];
const AT = ['--host', '127.0.0.1', '--port', '{port}'];

export const SERVERS: readonly ServerTemplate[] = [
  {
    id: 'starter',
    name: "Longhand's runtime (llama.cpp)",
    takes: ['gguf'],
    // Longhand's own program: see starterCommand (starter.ts), which puts it here.
    program: [],
    args: ['--model', '{name}', '--weights', '{model}', '--port', '{port}', '--open', '--idle-seconds', '0'],
    env: {},
    port: 8440,
    modelName: '{name}',
    health: '/health',
    lists: true,
    install: 'Longhand installs it by itself with npm.',
    detail: 'GGUF, on the CPU; nothing to install by hand',
  },
  {
    id: 'transformers',
    name: 'transformers serve',
    takes: ['folder', 'name'],
    program: ['transformers'],
    args: ['serve', '{model}', ...AT],
    env: {},
    port: 8000,
    // It knows a model by what it was given only.
    modelName: '{model}',
    health: '/health',
    // Without a network its list answers with an error.
    lists: false,
    install: 'pip install "transformers[serving]" torch',
    detail: 'safetensors; simple, not fast',
  },
  {
    id: 'vllm',
    name: 'vLLM',
    takes: ['folder', 'adapter', 'name'],
    program: ['vllm'],
    args: ['serve', '{model}', ...AT, '--served-model-name', '{name}', ...VLLM_DEFAULTS],
    adapterArgs: [
      ...['serve', '{base}', ...AT, '--enable-lora', '--max-lora-rank', '{rank}'],
      ...['--lora-modules', '{name}={model}', ...VLLM_DEFAULTS],
    ],
    env: { VLLM_NO_USAGE_STATS: '1' },
    port: 8000,
    modelName: '{name}',
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
    args: ['--model-path', '{model}', ...AT, '--served-model-name', '{name}', ...SGLANG_DEFAULTS],
    adapterArgs: [
      ...['--model-path', '{base}', ...AT, '--served-model-name', 'base'],
      ...['--enable-lora', '--lora-paths', '{name}={model}', ...SGLANG_DEFAULTS],
    ],
    env: {},
    port: 30_000,
    modelName: '{name}',
    adapterName: 'base:{name}',
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
    args: ['--model', '{model}', '--alias', '{name}', ...AT, '--jinja', ...LLAMA_SLOTS, ...LLAMA_DEFAULTS],
    env: {},
    port: 9931,
    modelName: '{name}',
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
    // A server of its own beside one that may run already; both have one store of models.
    env: { OLLAMA_HOST: '127.0.0.1:{port}' },
    port: 11_434,
    modelName: '{name}',
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
