import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { percentInterval } from '../../core/evaluation/words.ts';
import { isHubName, ROW_EXTENSIONS } from '../../core/importing/index.ts';
import { type ModelRef, type ModelRole, modelOf } from '../../core/model/index.ts';
import type { VerbArgs, VerbResult } from '../../protocol/verbs.ts';
import { listEvaluations, type StoredEvaluation } from '../../store/evaluations.ts';
import type { Dataset } from '../../store/index.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { hubEntry, hubStep } from '../hub-choice.ts';
import { modelPlace } from '../model-place.ts';
import { ActionableError, commandAction, isCancel } from '../reporter.ts';
import type { Services } from '../services.ts';
import { type Choice, runSteps, type Step, separator } from '../steps.ts';
import { type Confirmed, count, planChoices } from './evaluation-plan.ts';
import { prepareModel } from './rounds.ts';

const KS = [1, 4, 8, 32] as const;

type Args = VerbArgs<'evaluate'>;
/** Which problems: those of the dataset, all or some, or a file by its path. */
type WhichSet =
  | { what: 'all' | 'levels' | 'topics' | 'other' | 'hub' }
  | { file: string }
  | { resume: StoredEvaluation };

/** Evaluate…: which problems, which model, how many samples, the plan with its cost, then the evaluation itself and its report. */
export async function evaluateModel(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  await dataset.reloadSettings();
  if (dataset.settings.model === undefined && dataset.settings.fineTuned === undefined) {
    throw new ActionableError(vscode.l10n.t('The dataset has no model yet.'), [
      commandAction(vscode.l10n.t('Select Model…'), 'longhand.selectModel'),
    ]);
  }
  const stopped = (await listEvaluations(ref.folder)).filter(({ result }) => result === undefined);
  const wizard = new EvaluateWizard(services, ref, dataset, { stopped, files: await problemFiles(ref.folder) });
  if (await runSteps(vscode.l10n.t('Evaluate'), wizard.askSet)) await wizard.finish();
}

/** Opens the report of an evaluation or of a comparison as a rendered page. */
export async function openReport(path: string): Promise<void> {
  await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(path));
}

class EvaluateWizard {
  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #dataset: Dataset;
  readonly #there: { stopped: readonly StoredEvaluation[]; files: readonly string[] };
  #args: Args;
  #resumed: StoredEvaluation | undefined;
  #confirmed: Confirmed | undefined;

  constructor(
    services: Services,
    ref: DatasetRef,
    dataset: Dataset,
    there: { stopped: readonly StoredEvaluation[]; files: readonly string[] },
  ) {
    this.#services = services;
    this.#ref = ref;
    this.#dataset = dataset;
    this.#there = there;
    this.#args = { dataset: ref.folder };
  }

  readonly askSet: Step = async (ui) => {
    const chosen = await ui.pick<WhichSet>({
      placeholder: vscode.l10n.t('On which problems? Their answers must be known.'),
      choices: setChoices(this.#dataset, this.#ref.folder, this.#there),
    });
    this.#args = { dataset: this.#ref.folder };
    this.#resumed = undefined;
    if ('resume' in chosen) {
      this.#resumed = chosen.resume;
      return undefined;
    }
    if ('file' in chosen) this.#args.problems = chosen.file;
    else if (chosen.what === 'hub') return this.#askHub;
    else if (chosen.what === 'other') {
      const picked = await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Problems with Known Answers'),
        openLabel: vscode.l10n.t('Evaluate on These'),
        filters: { [vscode.l10n.t('Problems')]: [...ROW_EXTENSIONS] },
      });
      if (picked?.[0] === undefined) return this.askSet;
      this.#args.problems = picked[0].fsPath;
    } else if (chosen.what !== 'all') return this.#askPart(chosen.what);
    return this.#askRole;
  };

  readonly #askHub: Step = hubStep((name) => {
    this.#args.problems = name;
    return this.#askRole;
  });

  #askPart(what: 'levels' | 'topics'): Step {
    return async (ui) => {
      const sizes = sizesBy(this.#dataset, what);
      const picked = await ui.pickMany({
        placeholder: what === 'levels' ? vscode.l10n.t('Which levels?') : vscode.l10n.t('Which topics?'),
        choices: [...sizes].map(([value, size]) => ({ label: value, description: count(size), value, picked: false })),
      });
      if (picked.length === 0) return this.#askPart(what);
      this.#args[what] = picked;
      return this.#askRole;
    };
  }

  readonly #askRole: Step = async (ui) => {
    const { settings } = this.#dataset;
    const roles = (['base', 'fine-tuned'] as const).flatMap((role): { role: ModelRole; model: ModelRef }[] => {
      const model = modelOf(settings, role);
      return model === undefined ? [] : [{ role, model }];
    });
    if (roles.length === 1) this.#args.role = roles[0]?.role;
    else {
      this.#args.role = await ui.pick<ModelRole>({
        placeholder: vscode.l10n.t('Which model?'),
        choices: roles.map(({ role, model }) => ({
          label: `$(server) ${model.model}`,
          description: role === 'base' ? vscode.l10n.t('base model') : vscode.l10n.t('fine-tuned model'),
          detail: modelPlace(model),
          value: role,
        })),
      });
    }
    return this.#askK;
  };

  readonly #askK: Step = async (ui) => {
    const details: Record<(typeof KS)[number], string> = {
      1: vscode.l10n.t('A first look'),
      4: vscode.l10n.t('Enough for some hundreds of problems'),
      8: vscode.l10n.t('For a hundred problems'),
      32: vscode.l10n.t('For a small benchmark such as AIME'),
    };
    const choices: Choice<number | undefined>[] = KS.map((k) => ({
      label: k === 1 ? vscode.l10n.t('1 sample') : vscode.l10n.t('{0} samples', k),
      detail: details[k],
      value: k,
    }));
    choices.push({ label: vscode.l10n.t('Another number…'), value: undefined });
    const placeholder = vscode.l10n.t('How many samples a problem?');
    const k = await ui.pick({ placeholder, choices, active: this.#args.k ?? 4 });
    if (k === undefined) return this.#askNumber('k', placeholder, 1024);
    this.#args.k = k;
    return this.#confirm;
  };

  #askNumber(what: 'k' | 'limit' | 'maxTokens', prompt: string, most: number): Step {
    return async (ui) => {
      const text = await ui.input({ prompt, validate: (value) => numberProblem(value, most) });
      const value = Number(text);
      if (what === 'maxTokens') this.#args.response = { maxTokens: value };
      else this.#args[what] = value;
      return this.#confirm;
    };
  }

  readonly #confirm: Step = async (ui) => {
    const { problems } = this.#args;
    const title =
      problems !== undefined && isHubName(problems)
        ? vscode.l10n.t('Fetching {0}', problems)
        : vscode.l10n.t('Planning the evaluation');
    const { plan } = await this.#services.verbs.run('evaluate', { ...this.#args, plan: true }, { title });
    // What was planned is what is evaluated, though the branch may move on.
    if (plan.set.hub !== undefined) this.#args.problems = plan.set.hub.name;
    const chosen = await ui.pick<Confirmed>({
      placeholder: vscode.l10n.t('Nothing has been asked of the model yet.'),
      choices: planChoices(plan),
    });
    if (chosen === 'limit') {
      const prompt = vscode.l10n.t('How many problems, at most? Each model gets the same ones.');
      return this.#askNumber('limit', prompt, plan.set.size);
    }
    if (chosen === 'tokens') {
      return this.#askNumber('maxTokens', vscode.l10n.t('How many tokens may an answer have?'), 1_000_000);
    }
    this.#confirmed = chosen;
    return undefined;
  };

  async finish(): Promise<void> {
    const { datasets } = this.#services;
    if (this.#confirmed === 'settings') {
      await vscode.commands.executeCommand('longhand.openSettingsFile', { ref: this.#ref });
    } else if (this.#resumed || this.#confirmed === 'start') {
      try {
        await this.#run();
      } finally {
        await datasets.refresh(this.#ref);
      }
    }
  }

  async #run(): Promise<void> {
    const resumed = this.#resumed?.plan;
    const args = resumed ? { dataset: this.#ref.folder, resume: resumed.evaluation } : this.#args;
    const model = resumed?.model ?? modelOf(this.#dataset.settings, this.#args.role ?? 'base');
    const access = await prepareModel(this.#services, model);
    const title = vscode.l10n.t('Evaluating {0}', model?.model ?? '');
    try {
      void tell(await this.#services.verbs.run('evaluate', args, { title, access }));
    } catch (error) {
      if (!isCancel(error)) throw error;
      const kept = vscode.l10n.t(
        'The evaluation was cancelled. What is paid for is kept; Longhand: Evaluate… goes on with it.',
      );
      void vscode.window.showInformationMessage(kept);
    }
  }
}

async function tell({ plan, result, report }: VerbResult<'evaluate'>): Promise<void> {
  if (!result || report === undefined) return;
  const open = vscode.l10n.t('Open Report');
  const { scores, contamination, unanswered } = result;
  const text = vscode.l10n.t(
    '{0}: avg@{1} {2} over {3} problems, {4} of which stand in the training data.',
    plan.evaluation,
    plan.k,
    percentInterval(scores.average),
    count(scores.problems),
    count(contamination.hits.length),
  );
  const refused = unanswered === 0 ? '' : vscode.l10n.t(' The server refused {0} answers.', count(unanswered));
  if ((await vscode.window.showInformationMessage(text + refused, open)) === open) await openReport(report);
}

function setChoices(
  dataset: Dataset,
  folder: string,
  { stopped, files }: { stopped: readonly StoredEvaluation[]; files: readonly string[] },
): (Choice<WhichSet> | vscode.QuickPickItem)[] {
  const choices: (Choice<WhichSet> | vscode.QuickPickItem)[] = stopped.map((one) => ({
    label: `$(debug-continue) ${vscode.l10n.t('Go on with {0}', one.plan.evaluation)}`,
    description: vscode.l10n.t('{0} problems, {1} samples each', count(one.plan.problemIds.length), one.plan.k),
    value: { resume: one },
  }));
  if (stopped.length > 0) choices.push(separator(vscode.l10n.t('A new evaluation')));
  const size = dataset.index.problems().length;
  if (size > 0) {
    const label = `$(database) ${vscode.l10n.t('Problems of the dataset')}`;
    choices.push({ label, description: count(size), value: { what: 'all' } });
  }
  const label = { levels: vscode.l10n.t('Some levels…'), topics: vscode.l10n.t('Some topics…') };
  for (const what of ['levels', 'topics'] as const) {
    const kinds = sizesBy(dataset, what).size;
    if (kinds > 1) choices.push({ label: `$(filter) ${label[what]}`, description: count(kinds), value: { what } });
  }
  choices.push(separator(vscode.l10n.t('Files')));
  for (const file of files) {
    choices.push({ label: `$(file) ${file}`, value: { file: join(folder, ...file.split('/')) } });
  }
  choices.push({ label: `$(folder-opened) ${vscode.l10n.t('Another file…')}`, value: { what: 'other' } });
  choices.push(hubEntry({ what: 'hub' }));
  return choices;
}

function sizesBy(dataset: Dataset, what: 'levels' | 'topics'): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { level, topic } of dataset.index.problems()) {
    const value = what === 'levels' ? level : topic;
    if (value !== undefined) sizes.set(value, (sizes.get(value) ?? 0) + 1);
  }
  return new Map([...sizes].sort(([a], [b]) => a.localeCompare(b, vscode.env.language, { numeric: true })));
}

/** Benchmarks, then the dataset's own problem files. */
async function problemFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const where of ['benchmarks', 'problems']) {
    const names = await readdir(join(folder, where)).catch(() => []);
    const plain = names.filter((name) => name.endsWith('.jsonl') && !name.startsWith('.')).sort();
    files.push(...plain.map((name) => `${where}/${basename(name)}`));
  }
  return files;
}

function numberProblem(value: string, most: number): string | undefined {
  const number = Number(value);
  if (value.trim() !== '' && Number.isInteger(number) && number >= 1 && number <= most) return undefined;
  return vscode.l10n.t('A whole number from 1 to {0}', count(most));
}
