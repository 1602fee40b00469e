import { join } from 'node:path';
import * as vscode from 'vscode';
import { ROW_EXTENSIONS } from '../../core/dataset/index.ts';
import { parseQuery } from '../../core/query/parse.ts';
import { FilterId } from '../../core/schemas/index.ts';
import { verdictText } from '../../core/selections/index.ts';
import type { CompareSelectionsArgs } from '../../protocol/selections.ts';
import type { StoredComparison } from '../../store/selections/comparisons.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { problemFiles } from '../evaluation/evaluate.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { type Choice, runSteps, type Step, separator } from '../ui/steps.ts';
import { iconOf, statusText } from './comparison-item.ts';
import { ComparisonSettings } from './comparison-settings.ts';
import { type ComparisonNode, listComparisons } from './comparisons.ts';
import { showComparison } from './page.ts';

type What = 'filter' | 'accepted' | 'mask' | 'queries' | { stored: StoredComparison };

/** Compare Selections…: asks what is compared, for held-out problems and for changes of settings, then shows the plan as a page. Stored comparisons are shown as they are. */
export async function compareSelections(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const show = async (comparison: string): Promise<void> =>
    showComparison(
      services,
      ref,
      await services.verbs.run('compare-selections', { dataset: ref.folder, show: comparison }),
    );
  const named = comparisonOf(argument);
  if (named !== undefined) return show(named);
  const wizard = new SelectionsWizard(services, ref, await listComparisons(ref), await problemFiles(ref.folder));
  if (!(await runSteps(t('Compare Selections'), wizard.askWhat))) return;
  const { stored, args } = wizard;
  if (stored) return show(stored.plan.comparison);
  const title = t('Planning the comparison');
  const planned = await services.verbs.run('compare-selections', { ...args, plan: true }, { title });
  showComparison(services, ref, planned, args);
}

/** The comparison of a line of the Datasets view. */
function comparisonOf(argument: unknown): string | undefined {
  if (typeof argument !== 'object' || argument === null || !('comparison' in argument)) return undefined;
  return typeof argument.comparison === 'string' ? argument.comparison : undefined;
}

class SelectionsWizard {
  readonly #there: readonly ComparisonNode[];
  readonly #files: readonly string[];
  readonly #settings: ComparisonSettings;
  readonly args: CompareSelectionsArgs;
  stored: StoredComparison | undefined;

  constructor(services: Services, ref: DatasetRef, there: readonly ComparisonNode[], files: readonly string[]) {
    this.#there = there;
    this.#files = files;
    this.args = { dataset: ref.folder };
    this.#settings = new ComparisonSettings(services, ref, files, this.args);
  }

  readonly askWhat: Step = async (ui) => {
    const what = await ui.pick<What>({
      placeholder: t('Which selections of chains?'),
      choices: whatChoices(this.#there),
    });
    const { dataset } = this.args;
    for (const name of Object.keys(this.args)) delete this.args[name as keyof CompareSelectionsArgs];
    this.args.dataset = dataset;
    this.stored = undefined;
    if (typeof what === 'object') {
      this.stored = what.stored;
      return undefined;
    }
    if (what === 'filter') return this.#askFilter;
    if (what === 'queries') return this.#askQuery('a');
    if (what === 'accepted') Object.assign(this.args, { a: 'decision = accepted', b: 'filters = passed' });
    else Object.assign(this.args, { a: 'filters = passed', b: 'filters = passed', unmasked: ['b'], control: 'none' });
    return this.#askProblems;
  };

  readonly #askFilter: Step = async (ui) => {
    const choices = FilterId.options.map((id) => ({ label: id, value: id }));
    this.args.filter = await ui.pick({ placeholder: t('Which filter do you want to test?'), choices });
    return this.#askProblems;
  };

  #askQuery(arm: 'a' | 'b'): Step {
    return async (ui) => {
      const prompt =
        arm === 'a'
          ? t('The chains of selection A, as a query: filters = passed and class = FT')
          : t('The chains of selection B, as a query');
      this.args[arm] = await ui.input({ prompt, validate: problemOfQuery });
      return arm === 'a' ? this.#askQuery('b') : this.#askProblems;
    };
  }

  readonly #askProblems: Step = async (ui) => {
    const choices: (Choice<string | undefined> | PickItem)[] = [
      ...this.#files.map((file) => ({ icon: 'file', label: file, value: join(this.args.dataset, ...file.split('/')) })),
      separator(t('Files')),
      { icon: 'folder-opened', label: t('Another file…'), value: undefined },
    ];
    const chosen = await ui.pick<string | undefined>({
      placeholder: t('Which held-out problems? No chain may be about one of them.'),
      choices,
    });
    const file = chosen ?? (await askFile());
    this.args.problems = file === undefined ? undefined : [file];
    return file === undefined ? this.#askProblems : this.#settings.ask;
  };
}

function problemOfQuery(text: string): string | undefined {
  try {
    parseQuery(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function askFile(): Promise<string | undefined> {
  const picked = await vscode.window.showOpenDialog({
    title: t('Problems with Known Answers'),
    openLabel: t('Evaluate on These'),
    filters: { [t('Problems')]: [...ROW_EXTENSIONS] },
  });
  return picked?.[0]?.fsPath;
}

function whatChoices(there: readonly ComparisonNode[]): (Choice<What> | PickItem)[] {
  return [
    ...there.map(({ stored, progress }) => ({
      label: stored.plan.comparison,
      ...(stored.result
        ? { icon: 'graph', detail: verdictText(stored.result) }
        : { icon: iconOf({ progress }), description: statusText({ progress }) }),
      value: { stored },
    })),
    ...(there.length > 0 ? [separator(t('A new comparison'))] : []),
    {
      icon: 'filter',
      label: t('A filter on and off'),
      detail: t('Chains that pass all filters, and chains that pass all but one'),
      value: 'filter',
    },
    {
      icon: 'pass',
      label: t('Accepted and passed'),
      detail: t('Chains that you accepted, and chains that passed the filters'),
      value: 'accepted',
    },
    {
      icon: 'eye-closed',
      label: t('With and without loss mask'),
      detail: t('The same chains, with masked text trained on in one arm'),
      value: 'mask',
    },
    {
      icon: 'search',
      label: t('Two queries…'),
      detail: t('Any chains, such as a class, a length or a rate of a behaviour'),
      value: 'queries',
    },
  ];
}
