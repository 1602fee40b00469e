import type { Memento } from 'vscode';

/** The chain of a file that its reader showed last, kept for the next time. */
export class KeptPlace {
  readonly #state: Pick<Memento, 'get' | 'update'>;
  readonly #key: string;
  /** Keeps the place until the reader leaves its first chain, which is set when it is shown. */
  #kept: { first?: string } | undefined;

  constructor(state: Pick<Memento, 'get' | 'update'>, key: string) {
    this.#state = state;
    this.#key = key;
  }

  /** The chain of the last time. */
  get before(): string | undefined {
    return this.#state.get(this.#key);
  }

  /** The reader starts elsewhere, since the place was not found soon: its first chain does not replace it. */
  keep(): void {
    this.#kept = {};
  }

  /** The reader shows a chain. */
  shown(chainId: string): void {
    if (this.#kept !== undefined) {
      this.#kept.first ??= chainId;
      if (this.#kept.first === chainId) return;
      this.#kept = undefined;
    }
    void this.#state.update(this.#key, chainId);
  }
}
