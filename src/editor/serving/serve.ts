import { access } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { defined, joined } from '../../core/defined.ts';
import type { ModelForm, ModelRole, ServerId } from '../../core/schemas/index.ts';
import { formatCommand, formatLoss } from '../../core/text/format.ts';
import type { RunReport } from '../../protocol/training.ts';
import { SERVERS, type ServerTemplate } from '../../serving/servers.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import type { Services } from '../services.ts';
import { runModel } from '../training/run-model.ts';
import { checkpointFolder } from '../training/run-state.ts';
import { runInBrief } from '../training/run-text.ts';
import { t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { type Choice, runSteps, type Step, separator } from '../ui/steps.ts';
import { serverProgram } from './server-program.ts';

type Args = VerbArgs<'serve'>;
type What = { run: string; step?: number; path: string } | { ask: 'folder' | 'file' | 'name' } | { stop: RunReport };
type Confirmed = 'start' | 'arguments' | 'role' | 'copy';

/** Serve Checkpoint…: asks for a model and a server, shows the command, then starts the server and waits until it answers. */
export async function serveCheckpoint(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const { runs } = await services.verbs.run('runs', { dataset: ref.folder });
  const wizard = new ServeWizard(services, ref, runs);
  if (await runSteps(t('Serve Checkpoint'), wizard.askWhat)) await wizard.finish();
}

class ServeWizard {
  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #runs: readonly RunReport[];
  #args: Args;
  #form: ModelForm = 'folder';
  #stopped: RunReport | undefined;
  #confirmed: Confirmed | undefined;

  constructor(services: Services, ref: DatasetRef, runs: readonly RunReport[]) {
    this.#services = services;
    this.#ref = ref;
    this.#runs = runs;
    this.#args = { dataset: ref.folder, what: '' };
  }

  readonly askWhat: Step = async (ui) => {
    const chosen = await ui.pick<What>({
      placeholder: t('Serve what?'),
      choices: whatChoices(this.#runs),
    });
    this.#stopped = undefined;
    const { dataset } = this.#args;
    if ('stop' in chosen) {
      this.#stopped = chosen.stop;
      return undefined;
    }
    if ('run' in chosen) {
      this.#args = { dataset, what: chosen.run, ...defined({ checkpoint: chosen.step }) };
      this.#form = await formOf(chosen.path);
      return this.#askServer;
    }
    if (chosen.ask === 'name') return this.#askName;
    const path = await pickPath(chosen.ask);
    if (path === undefined) return this.askWhat;
    this.#args = { dataset, what: path };
    this.#form = chosen.ask === 'file' ? 'gguf' : await formOf(path);
    return this.#askServer;
  };

  readonly #askName: Step = async (ui) => {
    const name = await ui.input({
      prompt: t('Name of the model on the Hugging Face Hub. The server downloads it.'),
      placeholder: 'owner/name',
      validate: (value) => (/^[\w-][\w.-]*\/[\w.-]+$/.test(value.trim()) ? undefined : t('A name such as owner/name')),
    });
    this.#args = { dataset: this.#args.dataset, what: name.trim() };
    this.#form = 'name';
    return this.#askServer;
  };

  readonly #askServer: Step = async (ui) => {
    const server = await ui.pick<ServerId>({
      placeholder: t('Which server? It runs on this machine.'),
      choices: SERVERS.flatMap((template) => serverChoice(template, this.#form) ?? []),
      ...defined({ active: this.#args.server }),
    });
    const program = serverProgram(server);
    const { args: _more, program: _other, ...rest } = this.#args;
    this.#args = { ...rest, server, ...defined({ program }) };
    return this.#confirm;
  };

  readonly #confirm: Step = async (ui) => {
    const title = t('Planning');
    const { plan } = await this.#services.verbs.run('serve', { ...this.#args, plan: true }, { title });
    const chosen = await ui.pick<Confirmed>({
      placeholder: t('Nothing runs yet. This is the command:'),
      choices: [
        {
          icon: 'play',
          label: t('Start {0}…', plan.serverName),
          description: [
            ...(plan.converts === undefined ? [] : [t('converted to GGUF first')]),
            plan.modelName,
            new URL(plan.baseURL).host,
          ].join(' · '),
          detail: formatCommand(plan.command),
          value: 'start',
        },
        separator(t('Change')),
        {
          icon: 'edit',
          label: t('Arguments…'),
          description: (this.#args.args ?? []).join(' '),
          value: 'arguments',
        },
        {
          icon: 'server',
          label: t('Use in the Dataset…'),
          description: becomes(this.#args),
          value: 'role',
        },
        { icon: 'copy', label: t('Copy Command'), value: 'copy' },
      ],
    });
    if (chosen === 'arguments') return this.#askArguments;
    if (chosen === 'role') return this.#askRole;
    if (chosen === 'copy') {
      await vscode.env.clipboard.writeText(formatCommand(plan.command, plan.env));
      return this.#confirm;
    }
    if (!(await allow(plan))) return this.#confirm;
    this.#confirmed = chosen;
    return undefined;
  };

  readonly #askArguments: Step = async (ui) => {
    const text = await ui.input({
      prompt: t(
        'Arguments at the end of the command, which override earlier ones. Separate them by spaces or enter a JSON list.',
      ),
      value: (this.#args.args ?? []).join(' '),
      placeholder: '--max-model-len 8192',
      validate: (value) => (splitArguments(value) === undefined ? t('This is not a JSON list of strings.') : undefined),
    });
    const { args: _before, ...rest } = this.#args;
    const args = splitArguments(text) ?? [];
    this.#args = args.length === 0 ? rest : { ...rest, args };
    return this.#confirm;
  };

  readonly #askRole: Step = async (ui) => {
    const role = await ui.pick<ModelRole | 'none'>({
      placeholder: t('What is the served model used as?'),
      choices: [
        {
          label: t('Fine-tuned model'),
          detail: t('Used by evaluations and sampling rounds'),
          value: 'fine-tuned',
        },
        { label: t('Base model'), detail: t('Also writes chains'), value: 'base' },
        {
          label: t('Neither'),
          detail: t('The models of the dataset do not change'),
          value: 'none',
        },
      ],
      active: this.#args.keepEndpoint ? 'none' : (this.#args.role ?? 'fine-tuned'),
    });
    const { role: _before, keepEndpoint: _kept, ...rest } = this.#args;
    this.#args = role === 'none' ? { ...rest, keepEndpoint: true } : { ...rest, role };
    return this.#confirm;
  };

  async finish(): Promise<void> {
    if (this.#stopped) return stopServer(this.#services, this.#ref, this.#stopped.run);
    if (this.#confirmed !== 'start') return;
    const title = t('Serving');
    try {
      void this.#showServed(await this.#services.verbs.run('serve', this.#args, { title }));
    } finally {
      await this.#services.datasets.refresh(this.#ref);
    }
  }

  async #showServed({ plan, serving }: VerbResult<'serve'>): Promise<void> {
    if (!serving) return;
    const text = t('{0} is served at {1} as {2}.', plan.modelName, plan.baseURL, becomes(this.#args));
    const [check, stop] = [t('Check Endpoint'), t('Stop Server')];
    const chosen = await showInformationMessage(text, ...(serving.role === null ? [stop] : [check, stop]));
    if (chosen === check)
      await (await import('../models/check-endpoint.ts')).checkEndpoint(this.#services, { ref: this.#ref });
    if (chosen === stop) await stopServer(this.#services, this.#ref, serving.run);
  }
}

/** Asks with the full command, which a list would truncate. */
async function allow(plan: VerbResult<'serve'>['plan']): Promise<boolean> {
  const first = plan.converts === undefined ? [] : [t('{0} is converted to {1} first.', plan.converts, plan.model), ''];
  const after = plan.afterwards === undefined ? [] : ['', formatCommand(plan.afterwards)];
  const start = t('Start');
  const chosen = await showInformationMessage(
    t('Run this command?'),
    {
      modal: true,
      detail: [...first, formatCommand(plan.command, plan.env).replaceAll(' --', '\n  --'), ...after].join('\n'),
    },
    start,
  );
  return chosen === start;
}

async function stopServer(services: Services, ref: DatasetRef, run: string): Promise<void> {
  const title = t('Stopping {0}', run);
  const { serving } = await services.verbs.run('stop-run', { dataset: ref.folder, run }, { title, cancellable: false });
  const text = t('{0} is no longer served.', serving?.modelName ?? run);
  void showInformationMessage(text);
}

function whatChoices(runs: readonly RunReport[]): (Choice<What> | PickItem)[] {
  const served = runs.filter(({ kind, state }) => kind === 'serve' && (state === 'running' || state === 'pending'));
  const trained = runs.filter(({ kind }) => kind === 'train').reverse();
  const checkpoints = trained.flatMap((report) => [...trainedModel(report), ...wholeCheckpoints(report)]);
  return [
    ...(checkpoints.length === 0 ? [] : [separator(t('Checkpoints')), ...checkpoints]),
    separator(t('Others')),
    { icon: 'folder-opened', label: t('A folder of safetensors…'), value: { ask: 'folder' } },
    { icon: 'file-binary', label: t('A GGUF file…'), value: { ask: 'file' } },
    { icon: 'globe', label: t('A name on the Hugging Face Hub…'), value: { ask: 'name' } },
    ...(served.length === 0 ? [] : [separator(t('Served now'))]),
    ...served.map(
      (report): Choice<What> => ({
        icon: 'debug-stop',
        label: t('Stop {0}', report.run),
        description: runInBrief(report),
        value: { stop: report },
      }),
    ),
  ];
}

function trainedModel(report: RunReport): Choice<What>[] {
  const { run, output, loss } = report;
  if (output === undefined) return [];
  const label = t('{0}, trained model', run);
  return [{ icon: 'archive', label, description: about(report, loss), value: { run, path: output } }];
}

/** The loss comes first, since the list truncates lines. */
function about(report: RunReport, loss: number | undefined): string {
  const lossText = loss === undefined ? '' : t('loss {0}', formatLoss(loss));
  return joined(' · ', lossText, runModel(report));
}

function wholeCheckpoints(report: RunReport): Choice<What>[] {
  const whole = report.checkpoints.filter((one) => one.whole).reverse();
  return whole.map((one) => ({
    icon: 'archive',
    label: t('{0}, step {1}', report.run, one.step),
    description: about(report, one.loss),
    value: { run: report.run, step: one.step, path: checkpointFolder(report, one) },
  }));
}

async function formOf(folder: string): Promise<ModelForm> {
  return access(join(folder, 'adapter_config.json')).then(
    () => 'adapter',
    () => 'folder',
  );
}

/** Undefined if the server can't open this form of model. */
function serverChoice(template: ServerTemplate, form: ModelForm): Choice<ServerId> | undefined {
  const converts = form === 'folder' && !template.takes.includes('folder') && template.takes.includes('gguf');
  if (!converts && !template.takes.includes(form)) return undefined;
  return {
    icon: 'server-process',
    label: template.name,
    description: converts ? t('converted to GGUF first') : '',
    detail: template.detail,
    value: template.id,
  };
}

async function pickPath(what: 'folder' | 'file'): Promise<string | undefined> {
  const isFile = what === 'file';
  const picked = await vscode.window.showOpenDialog({
    title: isFile ? t('A GGUF File') : t('The Folder of a Checkpoint'),
    openLabel: t('Serve'),
    canSelectFiles: isFile,
    canSelectFolders: !isFile,
    ...defined({ filters: isFile ? { GGUF: ['gguf'] } : undefined }),
  });
  return picked?.[0]?.fsPath;
}

function becomes({ role = 'fine-tuned', keepEndpoint }: Args): string {
  if (keepEndpoint) return t('a model that the dataset does not use');
  return role === 'base' ? t('the base model') : t('the fine-tuned model');
}

/** The arguments in a line or a JSON list; undefined if the list is invalid. */
function splitArguments(text: string): string[] | undefined {
  const plain = text.trim();
  if (!plain.startsWith('[')) return plain.split(/\s+/).filter((part) => part !== '');
  try {
    const list: unknown = JSON.parse(plain);
    return Array.isArray(list) && list.every((part) => typeof part === 'string' && part !== '') ? list : undefined;
  } catch {
    return undefined;
  }
}
