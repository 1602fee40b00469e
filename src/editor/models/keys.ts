import type * as vscode from 'vscode';

/** API keys by host (see `keyNameOf`), in the secret storage of the editor. They are passed only in the environment of a child process. */
export class Keys {
  readonly #secrets: vscode.SecretStorage;
  readonly #state: vscode.Memento;

  /** @param state Stores the hosts, but not the keys: not every version of VS Code can list secrets. */
  constructor(secrets: vscode.SecretStorage, state: vscode.Memento) {
    this.#secrets = secrets;
    this.#state = state;
  }

  get(host: string): Thenable<string | undefined> {
    return this.#secrets.get(secretName(host));
  }

  async set(host: string, key: string): Promise<void> {
    await this.#secrets.store(secretName(host), key);
    await this.#remember([...new Set([...this.hosts, host])]);
  }

  async delete(host: string): Promise<void> {
    await this.#secrets.delete(secretName(host));
    await this.#remember(this.hosts.filter((other) => other !== host));
  }

  /** Hosts for which a key was stored. */
  get hosts(): readonly string[] {
    return this.#state.get<readonly string[]>(HOSTS, []);
  }

  async #remember(hosts: readonly string[]): Promise<void> {
    await this.#state.update(HOSTS, hosts);
  }
}

const HOSTS = 'longhand.keyHosts';
const secretName = (host: string): string => `longhand.key:${host}`;
