import type * as vscode from 'vscode';

/** Addresses that are remembered, at most. */
const MOST = 8;
const USED = 'longhand.endpoints';

/** Addresses of servers whose models were chosen in this VS Code, whatever the dataset; keys are elsewhere (keys.ts). */
export class Endpoints {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  /** The one used last comes first. */
  get used(): readonly string[] {
    return this.#state.get<readonly string[]>(USED, []);
  }

  add(baseURL: string): Thenable<void> {
    return this.#state.update(USED, [baseURL, ...this.used.filter((one) => one !== baseURL)].slice(0, MOST));
  }
}
