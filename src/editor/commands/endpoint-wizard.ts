import * as vscode from 'vscode';
import { hostOfURL, isLoopback, keyNameOf, sendsKeyInClear } from '../../core/model/base-url.ts';
import type { ModelRef } from '../../core/model/index.ts';
import type { EndpointReport } from '../../models/check.ts';
import type { ModelClient } from '../../models/client.ts';
import { keyFromEnvironment } from '../../models/environment-key.ts';
import { readBaseURL, type UrlProblem } from '../endpoint.ts';
import type { Keys } from '../keys.ts';
import { isCancel } from '../reporter.ts';
import { type Step, separator } from '../steps.ts';
import { withNotification } from '../verbs.ts';

/** A model that is being loaded into memory can be silent for a while; a person who waits for a test won't wait longer. */
export const PATIENCE_MS = 60_000;

interface WayOn extends vscode.MessageItem {
  step: Step;
}

/** What the wizard found: a model that was tried, or that the user wants all the same. */
export interface FoundModel {
  model: ModelRef;
  report: EndpointReport | undefined;
}

/**
 * The steps from the address of an OpenAI-compatible server to a model on it that answers: address, key, model, test call. A failure is
 * told in words, with ways to go on from there.
 */
export class EndpointWizard {
  readonly #keys: Keys;
  readonly #done: (found: FoundModel) => Step | undefined;
  #baseURL: string;
  #key: string | undefined;
  #model: string | undefined;

  /** @param next Gives the step after the test call. */
  constructor(keys: Keys, present: ModelRef | undefined, next: (found: FoundModel) => Step | undefined) {
    this.#keys = keys;
    this.#done = next;
    this.#baseURL = present?.kind === 'openai' ? present.baseURL : '';
    this.#model = present?.kind === 'openai' ? present.model : undefined;
  }

  /** Goes on from a known address. */
  at(baseURL: string): Promise<Step> {
    this.#baseURL = baseURL;
    return this.#afterAddress();
  }

  readonly askAddress: Step = async (ui) => {
    const typed = await ui.input({
      prompt: vscode.l10n.t('Address of the server, up to and including /v1'),
      placeholder: 'http://127.0.0.1:8000/v1',
      value: this.#baseURL,
      validate: (value) => {
        const read = readBaseURL(value);
        return 'problem' in read ? urlProblem(read.problem) : undefined;
      },
    });
    const read = readBaseURL(typed);
    return 'problem' in read ? this.askAddress : this.at(read.baseURL);
  };

  /** Stores the key that was used; called when the choice is made for good. */
  async saveKey(): Promise<void> {
    if (this.#key !== undefined && this.#key !== '') await this.#keys.set(keyNameOf(this.#baseURL), this.#key);
  }

  async #afterAddress(): Promise<Step> {
    this.#key = await this.#keys.get(keyNameOf(this.#baseURL));
    const isLocal = isLoopback(new URL(this.#baseURL).hostname);
    // A server on this machine seldom wants a key; when it does, it says so and the key is asked for then.
    return isLocal && this.#key === undefined ? this.#askModel : this.#askKey;
  }

  readonly #askKey: Step = async (ui) => {
    const host = hostOfURL(this.#baseURL);
    if (this.#key !== undefined) {
      const choice = await ui.pick<'keep' | 'other'>({
        placeholder: vscode.l10n.t('API key for {0}', host),
        choices: [
          { label: vscode.l10n.t('Use the stored key'), value: 'keep' },
          { label: vscode.l10n.t('Enter another key…'), value: 'other' },
        ],
      });
      if (choice === 'keep') return this.#askModel;
      this.#key = undefined;
      return this.#askKey;
    }
    const inClear = sendsKeyInClear(this.#baseURL)
      ? vscode.l10n.t(' The address is not https: a key could be read on the way.')
      : '';
    const fallback = keyFromEnvironment(this.#baseURL)
      ? vscode.l10n.t('nothing for the one in the environment')
      : vscode.l10n.t('nothing if the server wants none');
    const key = await ui.input({
      prompt: vscode.l10n.t('API key for {0}, or {1}. It is kept in the secret storage.{2}', host, fallback, inClear),
      password: true,
    });
    this.#key = key.trim() === '' ? undefined : key.trim();
    return this.#askModel;
  };

  readonly #askModel: Step = async (ui) => {
    let names: string[];
    try {
      const title = vscode.l10n.t('Asking {0} for its models', hostOfURL(this.#baseURL));
      names = await withNotification(title, async (signal) => (await this.#client()).listModels(signal));
    } catch (error) {
      // Some servers have no list; a name can still be typed.
      return this.#afterFailure(error, this.#askModel, [{ title: vscode.l10n.t('Enter Model'), step: this.#askName }]);
    }
    if (names.length === 0) return this.#askName;
    const name = await ui.pick<string | undefined>({
      placeholder: vscode.l10n.t('Which model?'),
      choices: [
        ...names.map((value) => ({ label: value, value })),
        separator(''),
        { label: vscode.l10n.t('Enter another name…'), value: undefined },
      ],
      active: this.#model,
    });
    if (name === undefined) return this.#askName;
    this.#model = name;
    return this.#test;
  };

  readonly #askName: Step = async (ui) => {
    this.#model = await ui.input({
      prompt: vscode.l10n.t('Name of the model, as the server knows it'),
      value: this.#model ?? '',
      validate: (value) => (value.trim() === '' ? vscode.l10n.t('The server needs a name.') : undefined),
    });
    return this.#test;
  };

  readonly #test: Step = async () => {
    const name = (this.#model ?? '').trim();
    const model: ModelRef = { kind: 'openai', baseURL: this.#baseURL, model: name };
    try {
      const title = vscode.l10n.t('Trying {0}', name);
      const report = await withNotification(title, async (signal) => (await this.#client()).check(name, signal));
      return this.#done({ model, report });
    } catch (error) {
      const anyway: Step = async () => this.#done({ model, report: undefined });
      return this.#afterFailure(error, this.#test, [
        { title: vscode.l10n.t('Choose Another Model'), step: this.#askModel },
        { title: vscode.l10n.t('Use It All the Same'), step: anyway },
      ]);
    }
  };

  /** Says what went wrong and what to do about it, and asks how to go on. A dialog, since a quick pick cuts long sentences off. */
  async #afterFailure(error: unknown, retry: Step, more: readonly WayOn[]): Promise<Step> {
    if (isCancel(error)) throw new vscode.CancellationError();
    const isAboutKey = error instanceof Error && 'kind' in error && error.kind === 'auth';
    // Nothing has gone wrong yet: no key was given, and now it is known that one is needed.
    if (isAboutKey && this.#key === undefined) return this.#askKey;
    const message = error instanceof Error ? error.message : String(error);
    const detail = error instanceof Error && 'advice' in error ? String(error.advice) : '';
    const again: WayOn = { title: vscode.l10n.t('Retry'), step: retry };
    const key: WayOn = { title: vscode.l10n.t('Enter Key'), step: this.#askOtherKey };
    const address: WayOn = { title: vscode.l10n.t('Edit Address'), step: this.askAddress };
    const ways = [...(isAboutKey ? [key, again] : [again, key]), address, ...more];
    const chosen = await vscode.window.showErrorMessage(message, { modal: true, detail }, ...ways);
    if (chosen === undefined) throw new vscode.CancellationError();
    return chosen.step;
  }

  readonly #askOtherKey: Step = (ui) => {
    this.#key = undefined;
    return this.#askKey(ui);
  };

  async #client(): Promise<ModelClient> {
    const { ModelClient } = await import('../../models/client.ts');
    return new ModelClient({
      baseURL: this.#baseURL,
      apiKey: this.#key ?? keyFromEnvironment(this.#baseURL),
      idleTimeoutMs: PATIENCE_MS,
      host: hostOfURL(this.#baseURL),
    });
  }
}

function urlProblem(problem: UrlProblem): string {
  switch (problem) {
    case 'empty':
      return vscode.l10n.t('An address is needed.');
    case 'not-a-url':
      return vscode.l10n.t('This is no address. It looks like http://127.0.0.1:8000/v1.');
    case 'not-http':
      return vscode.l10n.t('The address must begin with http:// or https://.');
    case 'credentials':
      return vscode.l10n.t('Leave name and password out: the address is stored. A key is asked for next.');
    case 'query':
      return vscode.l10n.t('Leave out what follows ? or #: the address is stored.');
  }
}
