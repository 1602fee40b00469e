import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { defined } from '../../core/defined.ts';
import { editableConfig } from '../../core/training/config-places.ts';
import { runFolder } from '../../store/runs.ts';
import { LARGEST_STATE, readWholeText } from '../../system/regular-file.ts';
import { trainerOf } from '../../trainers/index.ts';
import { placeOf } from '../../trainers/place.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { unlessCancelled } from '../reporter.ts';
import type { Services } from '../services.ts';
import { l10n, t } from '../ui/format.ts';
import type { EndpointKey } from '../verbs.ts';
import { hostedAccess } from './run-access.ts';
import { preflightPage } from './train-page.ts';
import { trainerProgram } from './trainer-program.ts';

type Args = VerbArgs<'train'>;
type Plan = VerbResult<'train'>['plan'];

/** The calls of the wizard to the verb, with the page and the configuration shown before a start. */
export class TrainRequest {
  readonly ref: DatasetRef;
  readonly args: Args;
  readonly #services: Services;
  #config = '';

  constructor(services: Services, ref: DatasetRef) {
    this.#services = services;
    this.ref = ref;
    this.args = { dataset: ref.folder };
  }

  /** Whether the configuration was edited. */
  get edited(): boolean {
    return this.args.config !== undefined;
  }

  /** Runs all checks without starting anything. */
  async plan(): Promise<Plan> {
    await saveOpen(this.args.config);
    const { plan } = await this.#run({ plan: true }, t('Running preflight checks'));
    this.#config = plan.config;
    return plan;
  }

  /**
   * Installs the environment of the trainer. If cancelled, the next installation resumes.
   * @returns Whether it is installed now.
   */
  async install(): Promise<boolean> {
    const { title, environment, name } = trainerOf(this.args.trainer ?? 'trl');
    const trainer = environment === undefined ? 'trl' : name;
    const installing = this.#services.verbs.run('trainer-env', { trainer }, { title: t('Installing {0}', title) });
    return (await unlessCancelled(installing)) !== undefined;
  }

  /** Shows the whole plan as a page. */
  async showPage(plan: Plan): Promise<void> {
    const name = `${t('Plan of {0}', plan.run)}.md`;
    await this.#services.documents.show(name, preflightPage(plan, l10n));
  }

  /** Opens an editable copy of the configuration, which replaces the generated one from now on. */
  async editConfig(plan: Plan): Promise<void> {
    if (this.args.config === undefined) {
      const { context } = this.#services;
      const folder = join((context.storageUri ?? context.globalStorageUri).fsPath, 'configurations');
      const path = join(folder, `${plan.run}-${plan.configFile}`);
      await mkdir(folder, { recursive: true });
      await writeFile(path, editableConfig(plan.config, placesOf(plan, this.ref.folder)));
      this.args.config = path;
    }
    await vscode.window.showTextDocument(vscode.Uri.file(this.args.config), { preview: false });
  }

  /** Compares with the configuration of the previous training. */
  async compareConfig({ run, config, configFile, previous }: Plan): Promise<void> {
    if (previous === undefined) return;
    const { documents } = this.#services;
    const before = documents.put(`${previous.run} ${configFile}`, previous.config);
    const now = documents.put(`${run} ${configFile}`, config);
    await vscode.commands.executeCommand('vscode.diff', before, now, `${previous.run} ↔ ${run}: ${configFile}`);
  }

  /** @returns The id of the run. */
  async start(anyway: boolean): Promise<string> {
    await saveOpen(this.args.config);
    const { args } = this;
    const isHosted = trainerOf(args.trainer ?? 'trl').hosted === true;
    const key = isHosted
      ? await hostedAccess(
          this.#services.keys,
          args.config === undefined ? this.#config : await readWholeText(args.config, LARGEST_STATE),
        )
      : undefined;
    const { plan } = await this.#run({ anyway }, t('Starting the training'), { cancellable: false, key });
    return plan.run;
  }

  /** @param options `key`: of the hosted service. */
  async #run(
    more: Partial<Args>,
    title: string,
    { cancellable = true, key }: { cancellable?: boolean; key?: EndpointKey | undefined } = {},
  ): Promise<VerbResult<'train'>> {
    const { engineKeys, verbs } = this.#services;
    const { engine, trainer = 'trl' } = this.args;
    const program = trainerProgram(trainer);
    const args = { ...this.args, ...defined({ program }), ...more };
    const access = key ?? (await engineKeys.of(engine === undefined ? [] : [engine]));
    return verbs.run('train', args, { title, access, cancellable });
  }
}

/** Saves the configuration if it has unsaved changes. */
export async function saveOpen(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === path);
  if (open?.isDirty) await open.save();
}

/** Parts of a configuration that depend on the folder of the run, by the variables of src/trainers/variables.ts. */
function placesOf({ engine, run, trainer }: Plan, dataset: string): Record<string, string> {
  const { job, out, progress } = placeOf(engine, runFolder(dataset, run), run);
  const rows = trainerOf(trainer).rowsFile ?? 'rows.jsonl';
  return { 'run.progress': progress, 'run.out': out, 'dataset.path': `${job}/${rows}`, 'run.dir': job };
}
