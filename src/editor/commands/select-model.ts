import * as vscode from 'vscode';
import type { ModelRef, PromptSet } from '../../core/model/index.ts';
import type { EndpointReport } from '../../models/check.ts';
import { LOCAL_SERVERS } from '../endpoint.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { formatCount, formatRate } from '../format.ts';
import { soundsSmall } from '../model-size.ts';
import type { Services } from '../services.ts';
import { starterDetail } from '../starter-detail.ts';
import { type Choice, runSteps, type Step, separator } from '../steps.ts';
import { EndpointWizard, type FoundModel } from './endpoint-wizard.ts';
import { installStarter, starterStatus } from './starter.ts';

/** Answers within this time say that a local server is there; loopback takes a millisecond. */
const PROBE_MS = 400;

/** Select Model…: the starter model or a server, tried before it is written. */
export async function selectModel(services: Services, argument: unknown): Promise<void> {
  const chosen = await chooseModel(services, await services.datasets.resolve(argument));
  if (chosen !== undefined) await tell(chosen);
}

/** The wizard without its last message. @returns What was chosen and written; undefined when the user turned away. */
export async function chooseModel(services: Services, ref: DatasetRef): Promise<FoundModel | undefined> {
  const dataset = await services.datasets.open(ref);
  const title = vscode.l10n.t('Select Model');
  const { model: present } = await dataset.reloadSettings();
  let chosen: (FoundModel & { promptSet: PromptSet }) | undefined;
  const steps = new ModelSteps(services, present, vscode.l10n.t('Who writes the chains?'), (found) =>
    askPrompts(found, (promptSet) => {
      chosen = { ...found, promptSet };
    }),
  );
  if (!(await runSteps(title, steps.askKind)) || chosen === undefined) return undefined;
  const { model, promptSet } = chosen;
  await steps.endpoint.saveKey();
  await services.verbs.run('model', { dataset: ref.folder, model, promptSet }, { title });
  await dataset.reloadSettings();
  await services.datasets.refresh(ref);
  return chosen;
}

type Kind = { kind: 'starter' } | { kind: 'url'; baseURL: string } | { kind: 'other' };

/** The steps to a model that answers: the starter model, which is installed where it must be, or one of a server. */
export class ModelSteps {
  readonly endpoint: EndpointWizard;
  readonly #services: Services;
  readonly #present: ModelRef | undefined;
  readonly #question: string;
  readonly #next: (found: FoundModel) => Step | undefined;

  /** @param next Gives the step after the model was found. */
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
    const [starter, servers] = await Promise.all([this.#starterChoice(), this.#serverChoices()]);
    const kind = await ui.pick<Kind>({
      placeholder: this.#question,
      choices: [
        starter,
        separator(vscode.l10n.t('Servers that speak the OpenAI protocol')),
        ...servers,
        { label: `$(link) ${vscode.l10n.t('Another address…')}`, value: { kind: 'other' } },
      ],
    });
    if (kind.kind === 'starter') return this.#prepareStarter;
    return kind.kind === 'url' ? this.endpoint.at(kind.baseURL) : this.endpoint.askAddress;
  };

  async #starterChoice(): Promise<Choice<Kind>> {
    // A starter that can't be asked must not keep anybody from a server.
    const status = await starterStatus(this.#services).catch((error: unknown) => {
      this.#services.reporter.log.warn(String(error));
      return undefined;
    });
    return {
      label: `$(mortar-board) ${vscode.l10n.t('Starter model')}`,
      description: status?.installed ? vscode.l10n.t('installed') : vscode.l10n.t('will be installed'),
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
      const description = vscode.l10n.t('now selected');
      choices.push({ label: `$(server) ${present}`, description, value: { kind: 'url', baseURL: present } });
    }
    for (const { name, baseURL, answers: isThere } of local.sort((a, b) => Number(b.answers) - Number(a.answers))) {
      if (baseURL === present) continue;
      choices.push({
        label: `${isThere ? '$(vm-active)' : '$(vm-outline)'} ${name}`,
        description: isThere ? vscode.l10n.t('{0} · answers now', baseURL) : baseURL,
        value: { kind: 'url', baseURL },
      });
    }
    return choices;
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

function askPrompts(found: FoundModel, chosen: (promptSet: PromptSet) => void): Step {
  return async (ui) => {
    const isSmall = found.model.kind === 'starter' || soundsSmall(found.model.model);
    const proposed = vscode.l10n.t('proposed');
    const promptSet = await ui.pick<PromptSet>({
      placeholder: vscode.l10n.t('Which prompts does {0} get?', found.model.model),
      choices: [
        {
          label: vscode.l10n.t('Full prompts'),
          description: isSmall ? '' : proposed,
          detail: vscode.l10n.t('Instructions alone, for models that follow them'),
          value: 'full',
        },
        {
          label: vscode.l10n.t('Small prompts'),
          description: isSmall ? proposed : '',
          detail: vscode.l10n.t('Short, with worked examples, for models below two billion parameters'),
          value: 'small',
        },
      ],
      active: isSmall ? 'small' : 'full',
    });
    chosen(promptSet);
    return undefined;
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

async function tell({ model, report }: FoundModel): Promise<void> {
  const facts = report === undefined ? '' : ` ${factsOf(report)}`;
  const generate = vscode.l10n.t('Generate Chains…');
  const text = vscode.l10n.t('{0} writes the chains from now on.{1}', model.model, facts);
  if ((await vscode.window.showInformationMessage(text, generate)) === generate) {
    await vscode.commands.executeCommand('longhand.generateChains');
  }
}

/** What the test calls were paid for, in one line. */
function factsOf(report: EndpointReport): string {
  const locale = vscode.env.language;
  const perSecond = (1000 * report.usage.completion) / Math.max(1, report.totalMs);
  const seed = {
    honoured: vscode.l10n.t('the same seed gives the same text'),
    ignored: vscode.l10n.t('the seed is ignored, so a round can’t be repeated word for word'),
    unknown: vscode.l10n.t('whether the seed counts could not be told'),
  };
  const facts = [
    vscode.l10n.t('First words after {0} ms', formatCount(report.firstMs, locale)),
    vscode.l10n.t('{0} tokens a second', formatRate(perSecond, locale)),
    report.streamed ? vscode.l10n.t('streamed') : vscode.l10n.t('not streamed'),
    report.usageReported ? vscode.l10n.t('tokens counted by the server') : vscode.l10n.t('tokens estimated'),
    seed[report.seed],
    ...(report.reasoningFrom === undefined
      ? []
      : [
          report.reasoningFrom === 'think'
            ? vscode.l10n.t('reasoning in <think>')
            : vscode.l10n.t('reasoning in a field of its own'),
        ]),
  ];
  return `${facts.join(', ')}.`;
}

/** Remove API Key…: forgets the stored key of a host. */
export async function removeKey({ keys }: Services): Promise<void> {
  if (keys.hosts.length === 0) {
    await vscode.window.showInformationMessage(vscode.l10n.t('No API key is stored.'));
    return;
  }
  const placeHolder = vscode.l10n.t('Remove the key for which host?');
  const host = await vscode.window.showQuickPick([...keys.hosts], { placeHolder });
  if (host === undefined) return;
  await keys.delete(host);
  await vscode.window.showInformationMessage(vscode.l10n.t('The key for {0} is removed.', host));
}
