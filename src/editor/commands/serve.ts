import { access } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelForm, ModelRole, ServerId } from '../../core/model/index.ts';
import { commandInWords } from '../../core/text/command-words.ts';
import type { RunReport } from '../../protocol/training.ts';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import { SERVERS, type ServerTemplate } from '../../serving/servers.ts';
import { setting } from '../context.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { runModel } from '../run-model.ts';
import { checkpointFolder } from '../run-state.ts';
import { runInBrief } from '../run-text.ts';
import type { Services } from '../services.ts';
import { type Choice, runSteps, type Step, separator } from '../steps.ts';

type Args = VerbArgs<'serve'>;
type What = { run: string; step?: number; path: string } | { ask: 'folder' | 'file' | 'name' } | { stop: RunReport };
type Confirmed = 'start' | 'arguments' | 'role' | 'copy';

/** Serve Checkpoint…: which checkpoint or file, which server, the command as it will run, then the server itself until it answers. */
export async function serveCheckpoint(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const { runs } = await services.verbs.run('runs', { dataset: ref.folder });
  const wizard = new ServeWizard(services, ref, runs);
  if (await runSteps(vscode.l10n.t('Serve Checkpoint'), wizard.askWhat)) await wizard.finish();
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
      placeholder: vscode.l10n.t('Serve what?'),
      choices: whatChoices(this.#runs),
    });
    this.#stopped = undefined;
    const { dataset } = this.#args;
    if ('stop' in chosen) {
      this.#stopped = chosen.stop;
      return undefined;
    }
    if ('run' in chosen) {
      this.#args = { dataset, what: chosen.run, ...(chosen.step === undefined ? {} : { checkpoint: chosen.step }) };
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
      prompt: vscode.l10n.t('Name of the model on the Hugging Face hub; the server downloads it'),
      placeholder: 'owner/name',
      validate: (value) =>
        /^[\w-][\w.-]*\/[\w.-]+$/.test(value.trim()) ? undefined : vscode.l10n.t('A name such as owner/name'),
    });
    this.#args = { dataset: this.#args.dataset, what: name.trim() };
    this.#form = 'name';
    return this.#askServer;
  };

  readonly #askServer: Step = async (ui) => {
    const server = await ui.pick<ServerId>({
      placeholder: vscode.l10n.t('With which server? It will run on this machine.'),
      choices: SERVERS.flatMap((template) => serverChoice(template, this.#form) ?? []),
      ...(this.#args.server === undefined ? {} : { active: this.#args.server }),
    });
    const program = programOf(server);
    const { args: _more, program: _other, ...rest } = this.#args;
    this.#args = { ...rest, server, ...(program === undefined ? {} : { program }) };
    return this.#confirm;
  };

  readonly #confirm: Step = async (ui) => {
    const title = vscode.l10n.t('Planning');
    const { plan } = await this.#services.verbs.run('serve', { ...this.#args, plan: true }, { title });
    const chosen = await ui.pick<Confirmed>({
      placeholder: vscode.l10n.t('Nothing runs yet. This would be run:'),
      choices: [
        {
          label: `$(play) ${vscode.l10n.t('Start {0}…', plan.serverName)}`,
          description: [
            ...(plan.converts === undefined ? [] : [vscode.l10n.t('converted to GGUF first')]),
            plan.modelName,
            new URL(plan.baseURL).host,
          ].join(' · '),
          detail: commandInWords(plan.command),
          value: 'start',
        },
        separator(vscode.l10n.t('Change')),
        {
          label: `$(edit) ${vscode.l10n.t('Arguments…')}`,
          description: (this.#args.args ?? []).join(' '),
          value: 'arguments',
        },
        { label: `$(server) ${vscode.l10n.t('Use in the Dataset…')}`, description: becomes(this.#args), value: 'role' },
        { label: `$(copy) ${vscode.l10n.t('Copy Command')}`, value: 'copy' },
      ],
    });
    if (chosen === 'arguments') return this.#askArguments;
    if (chosen === 'role') return this.#askRole;
    if (chosen === 'copy') {
      await vscode.env.clipboard.writeText(commandInWords(plan.command, plan.env));
      return this.#confirm;
    }
    if (!(await allow(plan))) return this.#confirm;
    this.#confirmed = chosen;
    return undefined;
  };

  readonly #askArguments: Step = async (ui) => {
    const text = await ui.input({
      prompt: vscode.l10n.t('Put at the end of the command, where they win; parted at spaces, or a JSON list'),
      value: (this.#args.args ?? []).join(' '),
      placeholder: '--max-model-len 8192',
      validate: (value) => (words(value) === undefined ? vscode.l10n.t('This is no JSON list of texts.') : undefined),
    });
    const { args: _before, ...rest } = this.#args;
    const given = words(text) ?? [];
    this.#args = { ...rest, ...(given.length === 0 ? {} : { args: given }) };
    return this.#confirm;
  };

  readonly #askRole: Step = async (ui) => {
    const role = await ui.pick<ModelRole | 'none'>({
      placeholder: vscode.l10n.t('What does the served model become?'),
      choices: [
        {
          label: vscode.l10n.t('Fine-tuned model'),
          detail: vscode.l10n.t('Evaluations and sampling rounds ask it'),
          value: 'fine-tuned',
        },
        { label: vscode.l10n.t('Base model'), detail: vscode.l10n.t('It writes chains, too'), value: 'base' },
        { label: vscode.l10n.t('Neither'), detail: vscode.l10n.t('The models stay as they are'), value: 'none' },
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
    const title = vscode.l10n.t('Serving');
    try {
      void this.#tell(await this.#services.verbs.run('serve', this.#args, { title }));
    } finally {
      await this.#services.datasets.refresh(this.#ref);
    }
  }

  async #tell({ plan, serving }: VerbResult<'serve'>): Promise<void> {
    if (!serving) return;
    const text = vscode.l10n.t('{0} answers at {1} as {2}.', plan.modelName, plan.baseURL, becomes(this.#args));
    const [check, stop] = [vscode.l10n.t('Check Endpoint'), vscode.l10n.t('Stop Server')];
    const chosen = await vscode.window.showInformationMessage(
      text,
      ...(serving.role === null ? [stop] : [check, stop]),
    );
    if (chosen === check) await vscode.commands.executeCommand('longhand.checkEndpoint', { ref: this.#ref });
    if (chosen === stop) await stopServer(this.#services, this.#ref, serving.run);
  }
}

/** The whole of the command, which no row of a list could show. */
async function allow(plan: VerbResult<'serve'>['plan']): Promise<boolean> {
  const first =
    plan.converts === undefined ? [] : [vscode.l10n.t('First {0} is converted to {1}.', plan.converts, plan.model), ''];
  const after = plan.afterwards === undefined ? [] : ['', commandInWords(plan.afterwards)];
  const start = vscode.l10n.t('Start');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t('Run this command?'),
    {
      modal: true,
      detail: [...first, commandInWords(plan.command, plan.env).replaceAll(' --', '\n  --'), ...after].join('\n'),
    },
    start,
  );
  return chosen === start;
}

async function stopServer(services: Services, ref: DatasetRef, run: string): Promise<void> {
  const title = vscode.l10n.t('Stopping {0}', run);
  const { serving } = await services.verbs.run('stop-run', { dataset: ref.folder, run }, { title, cancellable: false });
  const text = vscode.l10n.t('{0} is not served any more.', serving?.modelName ?? run);
  void vscode.window.showInformationMessage(text);
}

function whatChoices(runs: readonly RunReport[]): (Choice<What> | vscode.QuickPickItem)[] {
  const served = runs.filter(({ kind, state }) => kind === 'serve' && (state === 'running' || state === 'pending'));
  const trained = runs.filter(({ kind }) => kind === 'train').reverse();
  const checkpoints = trained.flatMap((report) => [...trainedModel(report), ...wholeCheckpoints(report)]);
  return [
    ...(checkpoints.length === 0 ? [] : [separator(vscode.l10n.t('Checkpoints')), ...checkpoints]),
    separator(vscode.l10n.t('Others')),
    { label: `$(folder-opened) ${vscode.l10n.t('A folder of safetensors…')}`, value: { ask: 'folder' } },
    { label: `$(file-binary) ${vscode.l10n.t('A GGUF file…')}`, value: { ask: 'file' } },
    { label: `$(globe) ${vscode.l10n.t('A name of the Hugging Face hub…')}`, value: { ask: 'name' } },
    ...(served.length === 0 ? [] : [separator(vscode.l10n.t('Served now'))]),
    ...served.map(
      (report): Choice<What> => ({
        label: `$(debug-stop) ${vscode.l10n.t('Stop {0}', report.run)}`,
        description: runInBrief(report),
        value: { stop: report },
      }),
    ),
  ];
}

function trainedModel(report: RunReport): Choice<What>[] {
  const { run, output, loss } = report;
  if (output === undefined) return [];
  const label = `$(archive) ${vscode.l10n.t('{0}, trained model', run)}`;
  return [{ label, description: about(report, loss), value: { run, path: output } }];
}

/** What tells checkpoints apart comes first, since the end of a long line is cut. */
function about(report: RunReport, loss: number | undefined): string {
  const words = loss === undefined ? '' : vscode.l10n.t('loss {0}', loss.toFixed(3));
  return [words, runModel(report)].filter((part) => part !== '').join(' · ');
}

function wholeCheckpoints(report: RunReport): Choice<What>[] {
  const whole = report.checkpoints.filter((one) => one.whole).reverse();
  return whole.map((one) => ({
    label: `$(archive) ${vscode.l10n.t('{0}, step {1}', report.run, one.step)}`,
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

/** Undefined where the server can't open what is to be served. */
function serverChoice(template: ServerTemplate, form: ModelForm): Choice<ServerId> | undefined {
  const converts = form === 'folder' && !template.takes.includes('folder') && template.takes.includes('gguf');
  if (!converts && !template.takes.includes(form)) return undefined;
  return {
    label: `$(server-process) ${template.name}`,
    description: converts ? vscode.l10n.t('converted to GGUF first') : '',
    detail: template.detail,
    value: template.id,
  };
}

/** From the user's own settings: a folder that somebody else made never says which program runs. */
function programOf(server: ServerId): string[] | undefined {
  const program = setting('longhand.serving.programs')[server];
  if (!Array.isArray(program)) return undefined;
  const list = program.filter((word): word is string => typeof word === 'string' && word !== '');
  return list.length === program.length && list.length > 0 ? list : undefined;
}

async function pickPath(what: 'folder' | 'file'): Promise<string | undefined> {
  const isFile = what === 'file';
  const picked = await vscode.window.showOpenDialog({
    title: isFile ? vscode.l10n.t('A GGUF File') : vscode.l10n.t('The Folder of a Checkpoint'),
    openLabel: vscode.l10n.t('Serve'),
    canSelectFiles: isFile,
    canSelectFolders: !isFile,
    ...(isFile ? { filters: { GGUF: ['gguf'] } } : {}),
  });
  return picked?.[0]?.fsPath;
}

function becomes({ role = 'fine-tuned', keepEndpoint }: Args): string {
  if (keepEndpoint) return vscode.l10n.t('a model that the dataset does not ask');
  return role === 'base' ? vscode.l10n.t('the base model') : vscode.l10n.t('the fine-tuned model');
}

/** Words of a line, or of a JSON list; undefined where that is broken. */
function words(text: string): string[] | undefined {
  const plain = text.trim();
  if (!plain.startsWith('[')) return plain.split(/\s+/).filter((word) => word !== '');
  try {
    const list: unknown = JSON.parse(plain);
    return Array.isArray(list) && list.every((word) => typeof word === 'string' && word !== '') ? list : undefined;
  } catch {
    return undefined;
  }
}
