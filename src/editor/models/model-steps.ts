import * as vscode from 'vscode';
import type { ModelRef } from '../../core/schemas/index.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { type Choice, type Step, separator } from '../ui/steps.ts';
import { withNotification } from '../verbs.ts';
import { LOCAL_SERVERS } from './endpoint.ts';
import { EndpointWizard, type FoundModel, TEST_TIMEOUT_MS } from './endpoint-wizard.ts';
import { type WindowModel, windowModelRef, windowModels } from './language-model-bridge.ts';
import { installStarter, starterDetail, starterStatus } from './starter.ts';

/** Milliseconds for a local server to answer. A busy machine takes long; a closed port fails immediately. */
const PROBE_MS = 1500;

type Kind =
  | { kind: 'starter' }
  | { kind: 'url'; baseURL: string }
  | { kind: 'other' }
  | { kind: 'window'; ref: WindowModel; name: string };

/** Asks for a model: the starter model, which is installed if needed, a model of a server, or one of VS Code. Tests it. */
export class ModelSteps {
  readonly endpoint: EndpointWizard;
  readonly #services: Services;
  readonly #present: ModelRef | undefined;
  readonly #question: string;
  readonly #next: (found: FoundModel) => Step | undefined;

  /** @param next Returns the step after the model is known. */
  constructor(
    services: Services,
    present: ModelRef | undefined,
    question: string,
    next: (found: FoundModel) => Step | undefined,
  ) {
    this.#services = services;
    this.#present = present;
    this.#question = question;
    this.#next = next;
    this.endpoint = new EndpointWizard(services.keys, present, next);
  }

  readonly askKind: Step = async (ui) => {
    const [starter, servers, offered] = await Promise.all([
      this.#starterChoice(),
      this.#serverChoices(),
      this.#windowChoices(),
    ]);
    const kind = await ui.pick<Kind>({
      placeholder: this.#question,
      choices: [
        starter,
        separator(t('OpenAI-compatible servers')),
        ...servers,
        { icon: 'link', label: t('Another address…'), value: { kind: 'other' } },
        ...(offered.length === 0 ? [] : [separator(t('Models of VS Code')), ...offered]),
      ],
    });
    if (kind.kind === 'starter') return this.#prepareStarter;
    if (kind.kind === 'window') return this.#tryWindowModel(kind.ref, kind.name);
    return kind.kind === 'url' ? this.endpoint.at(kind.baseURL) : this.endpoint.askAddress;
  };

  async #starterChoice(): Promise<Choice<Kind>> {
    // Servers must be offered even if the starter model fails.
    const status = await starterStatus(this.#services).catch((error: unknown) => {
      this.#services.reporter.log.warn(String(error));
      return undefined;
    });
    return {
      icon: 'mortar-board',
      label: t('Starter model'),
      description: status?.installed ? t('installed') : t('will be installed'),
      detail: starterDetail(status?.installed ?? false),
      value: { kind: 'starter' },
    };
  }

  async #serverChoices(): Promise<Choice<Kind>[]> {
    const present = this.#present?.kind === 'openai' ? this.#present.baseURL : undefined;
    const local = await Promise.all(
      LOCAL_SERVERS.map(async ({ name, baseURL }) => ({ name, baseURL, answers: await answers(baseURL) })),
    );
    const choices: Choice<Kind>[] = [];
    if (present !== undefined) {
      const description = t('now selected');
      choices.push({ icon: 'server', label: present, description, value: { kind: 'url', baseURL: present } });
    }
    for (const baseURL of this.#services.endpoints.used) {
      if (baseURL === present) continue;
      const description = t('used before');
      choices.push({ icon: 'server', label: baseURL, description, value: { kind: 'url', baseURL } });
    }
    const listed = new Set([present, ...this.#services.endpoints.used]);
    for (const { name, baseURL, answers: isThere } of local.sort((a, b) => Number(b.answers) - Number(a.answers))) {
      if (listed.has(baseURL)) continue;
      choices.push({
        icon: isThere ? 'vm-active' : 'vm-outline',
        label: name,
        description: isThere ? t('{0} · running', baseURL) : baseURL,
        value: { kind: 'url', baseURL },
      });
    }
    return choices;
  }

  async #windowChoices(): Promise<Choice<Kind>[]> {
    // Other models must be offered even if VS Code can't list its own.
    const models = await windowModels().catch((error: unknown) => {
      this.#services.reporter.log.warn(String(error));
      return [];
    });
    return models.map((model) => ({
      icon: 'comment-discussion',
      label: model.name,
      description: `${model.vendor} · ${model.family}`,
      // Short, since the list truncates it; docs/reference/models.md has the details.
      detail: t('Needs this window · no seeds · 1 reply per request · 2 in flight'),
      value: { kind: 'window', ref: windowModelRef(model), name: model.name },
    }));
  }

  /** On the first call, VS Code asks whether Longhand may use the model. */
  #tryWindowModel(ref: WindowModel, name: string): Step {
    return async () => {
      const [{ ModelClient }, { hostOf }, { url, token }] = await Promise.all([
        import('../../models/client.ts'),
        import('../../core/schemas/index.ts'),
        this.#services.bridge.open(),
      ]);
      const client = new ModelClient({
        baseURL: `${url}/${encodeURIComponent(ref.vendor)}/v1`,
        apiKey: token,
        host: hostOf(ref),
        idleTimeoutMs: TEST_TIMEOUT_MS,
      });
      const title = t('Testing {0}', name);
      const report = await withNotification(title, (signal) => client.check(ref.model, signal));
      return this.#next({ model: ref, report });
    };
  }

  readonly #prepareStarter: Step = async () => {
    let status = await starterStatus(this.#services);
    if (!status.installed) {
      if (!(await installStarter(this.#services))) throw new vscode.CancellationError();
      status = await starterStatus(this.#services);
    }
    return this.#next({ model: { kind: 'starter', model: status.model }, report: undefined });
  };
}

async function answers(baseURL: string): Promise<boolean> {
  try {
    const response = await fetch(`${baseURL}/models`, { signal: AbortSignal.timeout(PROBE_MS), redirect: 'manual' });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
