import type * as vscode from 'vscode';

/** Number of addresses kept. */
const MOST = 8;
const USED = 'longhand.endpoints';

/** Addresses of servers used in this VS Code, in any dataset. Keys are stored elsewhere (keys.ts). */
export class Endpoints {
  readonly #state: vscode.Memento;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  /** The latest first. */
  get used(): readonly string[] {
    return this.#state.get<readonly string[]>(USED, []);
  }

  add(baseURL: string): Thenable<void> {
    return this.#state.update(USED, [baseURL, ...this.used.filter((one) => one !== baseURL)].slice(0, MOST));
  }
}
