import { keyNameOf } from '../core/model/base-url.ts';
import type { EngineChoice } from '../core/model/index.ts';
import type { Keys } from './keys.ts';
import type { EngineAccess } from './verbs.ts';

/** Tokens of clusters, in the secret storage of the editor, by the host that each may be sent to. They leave it only by the environment of a verb. */
export class EngineKeys {
  readonly #keys: Keys;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** What opens these engines to a verb, each its own token: undefined where none was kept for any. */
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

/** Apart from the keys of models on the same host: a dashboard is not an endpoint. */
const nameOf = (address: string): string => `engine ${keyNameOf(address)}`;
