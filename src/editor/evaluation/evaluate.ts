import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as vscode from 'vscode';
import { isHubName, ROW_EXTENSIONS } from '../../core/dataset/index.ts';
import { formatEvaluated } from '../../core/evaluation/format.ts';
import { type ModelRef, type ModelRole, modelOf } from '../../core/schemas/index.ts';
import { listEvaluations, type StoredEvaluation } from '../../store/evaluations.ts';
import type { Dataset } from '../../store/index.ts';
import type { VerbArgs, VerbResult } from '../../verbs/index.ts';
import { problemCounts } from '../dataset/ask-scope.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { hubEntry, hubStep } from '../dataset/hub-choice.ts';
import { prepareModel } from '../dataset/round-commands.ts';
import { modelPlace } from '../models/model-place.ts';
import { noModel, unlessCancelled } from '../reporter.ts';
import type { Services } from '../services.ts';
import { count, counted, l10n, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { askNumber, type Choice, runSteps, type Step, separator } from '../ui/steps.ts';
import { type Confirmed, planChoices } from './evaluation-plan.ts';

const KS = [1, 4, 8, 32] as const;

type Args = VerbArgs<'evaluate'>;
/** The problems: all or some of the dataset, a file, a set of the hub, or those of a stopped evaluation. */
type WhichSet =
  | { what: 'all' | 'levels' | 'topics' | 'other' | 'hub' }
  | { file: string }
  | { resume: StoredEvaluation };

/** Evaluate…: asks for problems, model and samples, shows the plan with its cost, then runs the evaluation and offers the report. */
export async function evaluateModel(services: Services, argument: unknown): Promise<void> {
  const { ref, dataset } = await services.datasets.resolveFresh(argument);
  await dataset.reloadSettings();
  if (dataset.settings.model === undefined && dataset.settings.fineTuned === undefined) {
    throw noModel();
  }
  const stopped = (await listEvaluations(ref.folder)).filter(({ result, isRunning }) => !result && !isRunning);
  const wizard = new EvaluateWizard(services, ref, dataset, { stopped, files: await problemFiles(ref.folder) });
  if (await runSteps(t('Evaluate'), wizard.askSet)) await wizard.finish();
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
      placeholder: t('Which problems? Each one must have a gold answer.'),
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
        title: t('Problems with Known Answers'),
        openLabel: t('Evaluate on These'),
        filters: { [t('Problems')]: [...ROW_EXTENSIONS] },
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
      const sizes = problemCounts(this.#dataset.index.problems(), what, vscode.env.language);
      const picked = await ui.pickMany({
        placeholder: what === 'levels' ? t('Which levels?') : t('Which topics?'),
        choices: sizes.map(([value, size]) => ({ label: value, description: count(size), value, picked: false })),
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
        placeholder: t('Which model?'),
        choices: roles.map(({ role, model }) => ({
          icon: 'server',
          label: model.model,
          description: role === 'base' ? t('base model') : t('fine-tuned model'),
          detail: modelPlace(model),
          value: role,
        })),
      });
    }
    return this.#askK;
  };

  readonly #askK: Step = async (ui) => {
    const details: Record<(typeof KS)[number], string> = {
      1: t('For a first look'),
      4: t('For several hundred problems'),
      8: t('For about a hundred problems'),
      32: t('For a small benchmark such as AIME'),
    };
    const choices: Choice<number | undefined>[] = KS.map((k) => ({
      label: counted(k, '{0} sample', '{0} samples'),
      detail: details[k],
      value: k,
    }));
    choices.push({ label: t('Another number…'), value: undefined });
    const placeholder = t('How many samples per problem?');
    const k = await ui.pick({ placeholder, choices, active: this.#args.k ?? 4 });
    if (k === undefined) return this.#askNumber('k', placeholder, 1024);
    this.#args.k = k;
    return this.#confirm;
  };

  #askNumber(what: 'k' | 'limit' | 'maxTokens', prompt: string, most: number): Step {
    return async (ui) => {
      const value = await askNumber(ui, prompt, most);
      if (what === 'maxTokens') this.#args.response = { maxTokens: value };
      else this.#args[what] = value;
      return this.#confirm;
    };
  }

  readonly #confirm: Step = async (ui) => {
    const { problems } = this.#args;
    const title =
      problems !== undefined && isHubName(problems) ? t('Fetching {0}', problems) : t('Planning the evaluation');
    const { plan } = await this.#services.verbs.run('evaluate', { ...this.#args, plan: true }, { title });
    // The planned commit is evaluated, even if the branch changes.
    if (plan.set.hub !== undefined) this.#args.problems = plan.set.hub.name;
    const chosen = await ui.pick<Confirmed>({
      placeholder: t('No requests sent yet.'),
      choices: planChoices(plan),
    });
    if (chosen === 'limit') {
      const prompt = t('How many problems at most? Each model gets the same problems.');
      return this.#askNumber('limit', prompt, plan.set.size);
    }
    if (chosen === 'tokens') {
      return this.#askNumber('maxTokens', t('How many tokens per answer at most?'), 1_000_000);
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
    const title = t('Evaluating {0}', model?.model ?? '');
    const done = await unlessCancelled(this.#services.verbs.run('evaluate', args, { title, access }));
    const kept = t('The evaluation was cancelled. Paid calls are kept. To resume it, run Longhand: Evaluate….');
    void (done === undefined ? showInformationMessage(kept) : showResult(done));
  }
}

async function showResult({ plan, result, report }: VerbResult<'evaluate'>): Promise<void> {
  if (!result || report === undefined) return;
  const open = t('Open Report');
  const { unanswered } = result;
  const text = formatEvaluated(result, plan.k, l10n);
  const refused =
    unanswered === 0 ? '' : counted(unanswered, ' The server refused {0} answer.', ' The server refused {0} answers.');
  if ((await showInformationMessage(text + refused, open)) === open) await openReport(report);
}

function setChoices(
  dataset: Dataset,
  folder: string,
  { stopped, files }: { stopped: readonly StoredEvaluation[]; files: readonly string[] },
): (Choice<WhichSet> | PickItem)[] {
  const choices: (Choice<WhichSet> | PickItem)[] = stopped.map((one) => ({
    icon: 'debug-continue',
    label: t('Resume {0}', one.plan.evaluation),
    description: [
      counted(one.plan.problemIds.length, '{0} problem', '{0} problems'),
      t('{0} each', counted(one.plan.k, '{0} sample', '{0} samples')),
    ].join(', '),
    value: { resume: one },
  }));
  if (stopped.length > 0) choices.push(separator(t('A new evaluation')));
  const size = dataset.index.problemCount;
  if (size > 0) {
    const label = t('Problems of the dataset');
    choices.push({ icon: 'database', label, description: count(size), value: { what: 'all' } });
  }
  const label = { levels: t('Some levels…'), topics: t('Some topics…') };
  for (const what of ['levels', 'topics'] as const) {
    const kinds = problemCounts(dataset.index.problems(), what, vscode.env.language).length;
    if (kinds > 1) choices.push({ icon: 'filter', label: label[what], description: count(kinds), value: { what } });
  }
  choices.push(separator(t('Files')));
  for (const file of files) {
    choices.push({ icon: 'file', label: file, value: { file: join(folder, ...file.split('/')) } });
  }
  choices.push({ icon: 'folder-opened', label: t('Another file…'), value: { what: 'other' } });
  choices.push(hubEntry({ what: 'hub' }));
  return choices;
}

/** Benchmarks, then the dataset's own problem files. */
export async function problemFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const where of ['benchmarks', 'problems']) {
    const names = await readdir(join(folder, where)).catch(() => []);
    const plain = names.filter((name) => name.endsWith('.jsonl') && !name.startsWith('.')).sort();
    files.push(...plain.map((name) => `${where}/${basename(name)}`));
  }
  return files;
}
