import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { editableConfig } from '../../core/training/editable-config.ts';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import { runFolder } from '../../store/runs.ts';
import { trainerOf } from '../../trainers/index.ts';
import { placeOf } from '../../trainers/place.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { hostedAccess } from '../hosted-keys.ts';
import type { Services } from '../services.ts';
import { trainerProgram } from '../trainer-program.ts';
import type { EndpointKey } from '../verbs.ts';
import { l10n } from './speech.ts';
import { preflightPage } from './train-page.ts';

type Args = VerbArgs<'train'>;
type Plan = VerbResult<'train'>['plan'];

/** What a wizard asks of the verb, with the page and the configuration that are shown before anything runs. */
export class TrainRequest {
  readonly ref: DatasetRef;
  readonly args: Args;
  readonly #services: Services;
  #shown = '';
  #config = '';

  constructor(services: Services, ref: DatasetRef) {
    this.#services = services;
    this.ref = ref;
    this.args = { dataset: ref.folder };
  }

  /** Whether the configuration is one that was edited. */
  get edited(): boolean {
    return this.args.config !== undefined;
  }

  /** Looks at everything, and shows it on a page where that has changed. */
  async plan(): Promise<Plan> {
    await saveOpen(this.args.config);
    const { plan } = await this.#run({ plan: true }, vscode.l10n.t('Looking at what the training needs'));
    this.#config = plan.config;
    // Who edits the configuration keeps it before their eyes.
    if (!this.edited) await this.showPage(plan, true);
    return plan;
  }

  /** Whether the packages are missing because Longhand's own environment is: not where the user named an interpreter, nor on a cluster. */
  async mayMakeEnvironment({ checks, engine, trainer }: Plan): Promise<boolean> {
    const lacks = checks.some(({ id, state }) => state === 'error' && (id === 'program' || id === 'packages'));
    if (!lacks || engine.engine !== 'local' || trainerProgram(trainer) !== undefined) return false;
    return !(await this.#services.verbs.run('trainer-env', { check: true })).ready;
  }

  /** Cancelled, it is made another time from where it is. */
  async makeEnvironment(): Promise<void> {
    const title = vscode.l10n.t('Making the environment of the trainer');
    await this.#services.verbs.run('trainer-env', {}, { title });
  }

  async showPage(plan: Plan, onlyNew = false): Promise<void> {
    const text = preflightPage(plan, l10n);
    if (onlyNew && text === this.#shown) return;
    this.#shown = text;
    await this.#services.documents.show(vscode.l10n.t('Before {0}', plan.run).concat('.md'), text);
  }

  /** Opens the configuration as a file to be edited, which stands in for the trainer's own from now on. */
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

  /** Shows what is different from the configuration of the training before. */
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
          args.config === undefined ? this.#config : await readFile(args.config, 'utf8'),
        )
      : undefined;
    const { plan } = await this.#run({ anyway }, vscode.l10n.t('Starting the training'), { cancellable: false, key });
    return plan.run;
  }

  /** @param options `key`: of the host that trains. */
  async #run(
    more: Partial<Args>,
    title: string,
    { cancellable = true, key }: { cancellable?: boolean; key?: EndpointKey | undefined } = {},
  ): Promise<VerbResult<'train'>> {
    const { engineKeys, verbs } = this.#services;
    const { engine, trainer = 'trl' } = this.args;
    const program = trainerProgram(trainer);
    const args = { ...this.args, ...(program === undefined ? {} : { program }), ...more };
    const access = key ?? (await engineKeys.of(engine === undefined ? [] : [engine]));
    return verbs.run('train', args, { title, access, cancellable });
  }
}

/** What somebody typed into the configuration counts, saved or not. */
export async function saveOpen(path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === path);
  if (open?.isDirty) await open.save();
}

/** What of a configuration depends on the run's own folder, by the variables of src/trainers/variables.ts. */
function placesOf({ engine, run, trainer }: Plan, dataset: string): Record<string, string> {
  const { job, out, progress } = placeOf(engine, runFolder(dataset, run), run);
  const rows = trainerOf(trainer).rowsFile ?? 'rows.jsonl';
  return { 'run.progress': progress, 'run.out': out, 'dataset.path': `${job}/${rows}`, 'run.dir': job };
}
