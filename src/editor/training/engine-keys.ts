import { keyNameOf } from '../../core/models/base-url.ts';
import type { EngineChoice } from '../../core/schemas/index.ts';
import type { Keys } from '../models/keys.ts';
import type { EngineAccess } from '../verbs.ts';

/** Tokens of clusters by host, in the secret storage of the editor. They are passed only in the environment of a verb. */
export class EngineKeys {
  readonly #keys: Keys;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** The tokens of these engines for a verb; undefined if none is stored. */
  async of(engines: readonly EngineChoice[]): Promise<EngineAccess | undefined> {
    const tokens: Record<string, string> = {};
    for (const engine of engines) {
      if (engine.engine !== 'ray') continue;
      const token = await this.#keys.get(nameOf(engine.address));
      if (token !== undefined) tokens[keyNameOf(engine.address)] = token;
    }
    return Object.keys(tokens).length === 0 ? undefined : { engine: 'ray', tokens };
  }

  has(address: string): Promise<boolean> {
    return Promise.resolve(this.#keys.get(nameOf(address))).then((token) => token !== undefined);
  }

  set(address: string, token: string): Promise<void> {
    return this.#keys.set(nameOf(address), token);
  }
}

/** The prefix separates it from the keys of models on the same host. */
const nameOf = (address: string): string => `engine ${keyNameOf(address)}`;
