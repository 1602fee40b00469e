import * as vscode from 'vscode';
import { adviceOf, messageOf, UserError } from '../../core/errors.ts';
import { hostOfURL, isLoopback, keyNameOf, sendsKeyInClear } from '../../core/models/base-url.ts';
import type { ModelRef } from '../../core/schemas/index.ts';
import type { EndpointReport } from '../../models/check.ts';
import type { ModelClient } from '../../models/client.ts';
import { keyFromEnvironment } from '../../models/environment-key.ts';
import { canConfirmKeyHost, keyCache, rememberKeyHost } from '../environment-key.ts';
import { isCancel } from '../reporter.ts';
import { t } from '../ui/format.ts';
import { showErrorMessage } from '../ui/notify.ts';
import { type Step, separator } from '../ui/steps.ts';
import { withNotification } from '../verbs.ts';
import { readBaseURL, type UrlProblem } from './endpoint.ts';
import type { Keys } from './keys.ts';

/** Milliseconds without an answer. A server may load the model first. */
export const TEST_TIMEOUT_MS = 60_000;

interface NextAction extends vscode.MessageItem {
  step: Step;
}

/** The selected model; `report` is undefined if the test failed and the user continued anyway. */
export interface FoundModel {
  model: ModelRef;
  report: EndpointReport | undefined;
}

/** Asks for the address of an OpenAI-compatible server, its key and a model, and tests it. After an error, it offers next steps. */
export class EndpointWizard {
  readonly #keys: Keys;
  readonly #done: (found: FoundModel) => Step | undefined;
  #baseURL: string;
  #key: string | undefined;
  #model: string | undefined;

  /** @param next Returns the step after the test. */
  constructor(keys: Keys, present: ModelRef | undefined, next: (found: FoundModel) => Step | undefined) {
    this.#keys = keys;
    this.#done = next;
    this.#baseURL = present?.kind === 'openai' ? present.baseURL : '';
    this.#model = present?.kind === 'openai' ? present.model : undefined;
  }

  /** Continues from a known address. */
  at(baseURL: string): Promise<Step> {
    this.#baseURL = baseURL;
    return this.#afterAddress();
  }

  readonly askAddress: Step = async (ui) => {
    const typed = await ui.input({
      prompt: t('Address of the server, up to and including /v1'),
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

  /** Stores the key; called when the choice is final. */
  async saveKey(): Promise<void> {
    if (this.#key !== undefined && this.#key !== '') await this.#keys.set(keyNameOf(this.#baseURL), this.#key);
  }

  async #afterAddress(): Promise<Step> {
    this.#key = await this.#keys.get(keyNameOf(this.#baseURL));
    const isLocal = isLoopback(new URL(this.#baseURL).hostname);
    // A server on this machine rarely requires a key. If it does, the key is asked for after the error.
    return isLocal && this.#key === undefined ? this.#askModel : this.#askKey;
  }

  readonly #askKey: Step = async (ui) => {
    if (this.#key !== undefined) {
      const choice = await ui.pick<'keep' | 'other'>({
        placeholder: t('API key for {0}', hostOfURL(this.#baseURL)),
        choices: [
          { label: t('Use the stored key'), value: 'keep' },
          { label: t('Enter another key…'), value: 'other' },
        ],
      });
      if (choice === 'keep') return this.#askModel;
      this.#key = undefined;
      return this.#askKey;
    }
    return (await canConfirmKeyHost(this.#baseURL)) ? this.#askEnvironmentKey : this.#typeKey;
  };

  /** The environment has a key that has not gone to this host yet. */
  readonly #askEnvironmentKey: Step = async (ui) => {
    const host = hostOfURL(this.#baseURL);
    const choice = await ui.pick<'environment' | 'other'>({
      placeholder: t('API key for {0}{1}', host, this.#inClear),
      choices: [
        {
          label: t('Send the key in LONGHAND_API_KEY'),
          description: t('remembered for {0}', host),
          value: 'environment',
        },
        { label: t('Enter another key, or none…'), value: 'other' },
      ],
    });
    if (choice === 'other') return this.#typeKey;
    await rememberKeyHost(this.#baseURL);
    return this.#askModel;
  };

  readonly #typeKey: Step = async (ui) => {
    const fallback =
      (await this.#environmentKey()) === undefined
        ? t('Leave it empty if the server needs none.')
        : t('Leave it empty to use the key in LONGHAND_API_KEY.');
    const key = await ui.input({
      prompt: t(
        'API key for {0}. It is stored in the secret storage. {1}{2}',
        hostOfURL(this.#baseURL),
        fallback,
        this.#inClear,
      ),
      password: true,
    });
    this.#key = key.trim() === '' ? undefined : key.trim();
    return this.#askModel;
  };

  readonly #askModel: Step = async (ui) => {
    let names: string[];
    try {
      const title = t('Listing the models of {0}', hostOfURL(this.#baseURL));
      names = await withNotification(title, async (signal) => (await this.#client()).listModels(signal));
    } catch (error) {
      // Some servers have no list; a name can still be typed.
      return this.#afterFailure(error, this.#askModel, [{ title: t('Enter Model'), step: this.#askName }]);
    }
    if (names.length === 0) return this.#askName;
    const name = await ui.pick<string | undefined>({
      placeholder: t('Which model?'),
      choices: [
        ...names.map((value) => ({ label: value, value })),
        separator(''),
        { label: t('Enter another name…'), value: undefined },
      ],
      active: this.#model,
    });
    if (name === undefined) return this.#askName;
    this.#model = name;
    return this.#test;
  };

  readonly #askName: Step = async (ui) => {
    this.#model = await ui.input({
      prompt: t('Name of the model on the server'),
      value: this.#model ?? '',
      validate: (value) => (value.trim() === '' ? t('Enter the name of a model.') : undefined),
    });
    return this.#test;
  };

  readonly #test: Step = async () => {
    const name = (this.#model ?? '').trim();
    const model: ModelRef = { kind: 'openai', baseURL: this.#baseURL, model: name };
    try {
      const title = t('Testing {0}', name);
      const report = await withNotification(title, async (signal) => (await this.#client()).check(name, signal));
      return this.#done({ model, report });
    } catch (error) {
      const anyway: Step = async () => this.#done({ model, report: undefined });
      return this.#afterFailure(error, this.#test, [
        { title: t('Choose Another Model'), step: this.#askModel },
        { title: t('Use It Anyway'), step: anyway },
      ]);
    }
  };

  /** Shows the error and asks for the next step. A dialog, since a quick pick truncates long sentences. */
  async #afterFailure(error: unknown, retry: Step, more: readonly NextAction[]): Promise<Step> {
    if (isCancel(error)) throw new vscode.CancellationError();
    const isAboutKey = error instanceof UserError && error.kind === 'auth';
    // Not an error yet: no key was given, and the server requires one.
    if (isAboutKey && this.#key === undefined) return this.#askKey;
    const message = messageOf(error);
    const detail = adviceOf(error) ?? '';
    const again: NextAction = { title: t('Retry'), step: retry };
    const key: NextAction = { title: t('Enter Key'), step: this.#askOtherKey };
    const address: NextAction = { title: t('Edit Address'), step: this.askAddress };
    const ways = [...(isAboutKey ? [key, again] : [again, key]), address, ...more];
    const title = await showErrorMessage(message, { modal: true, detail }, ...ways.map((way) => way.title));
    const chosen = ways.find((way) => way.title === title);
    if (chosen === undefined) throw new vscode.CancellationError();
    return chosen.step;
  }

  readonly #askOtherKey: Step = (ui) => {
    this.#key = undefined;
    return this.#askKey(ui);
  };

  get #inClear(): string {
    return sendsKeyInClear(this.#baseURL)
      ? t(' The address is not https: others on the network can read the key.')
      : '';
  }

  #environmentKey(): Promise<string | undefined> {
    return keyFromEnvironment(this.#baseURL, process.env, keyCache());
  }

  async #client(): Promise<ModelClient> {
    const { ModelClient } = await import('../../models/client.ts');
    return new ModelClient({
      baseURL: this.#baseURL,
      apiKey: this.#key ?? (await this.#environmentKey()),
      idleTimeoutMs: TEST_TIMEOUT_MS,
      host: hostOfURL(this.#baseURL),
    });
  }
}

function urlProblem(problem: UrlProblem): string {
  const texts: Record<UrlProblem, string> = {
    empty: t('Enter an address.'),
    'not-a-url': t('This is not an address. Example: http://127.0.0.1:8000/v1'),
    'not-http': t('The address must begin with http:// or https://.'),
    credentials: t('Remove the name and password: the address is stored. You enter the key in the next step.'),
    query: t('Remove everything after ? or #: the address is stored.'),
  };
  return texts[problem];
}
