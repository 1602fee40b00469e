import { isLocalModel, modelOf } from '../../core/models/model-ref.ts';
import { parseQuery } from '../../core/query/parse.ts';
import { formatQuery, type Query } from '../../core/query/query.ts';
import { RepairSettings } from '../../core/schemas/index.ts';
import { formatContinuationCost, formatContinuationTokens } from '../../core/text/calls.ts';
import type { RepairReport } from '../../protocol/repair.ts';
import type { Dataset } from '../../store/index.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { roundAccess } from '../dataset/round-commands.ts';
import { noChains } from '../reporter.ts';
import { askQuery } from '../review/filter-chains.ts';
import { reviewer } from '../review/reviewer.ts';
import type { Services } from '../services.ts';
import { count, counted, l10n, t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { askNumber, type Choice, runSteps, type Step } from '../ui/steps.ts';

/** Queries for chains that can be repaired. */
const WRONG = 'verdict = incorrect';
const LABELLED = 'steps = wrong';
const MOST_CHAINS = 100_000;
const MOST_CONTINUATIONS = 1000;

type Confirmed = 'start' | 'budget';

/** Repair Chains…: asks for chains and a budget, shows the plan with its cost, then starts a detached round. */
export async function repairChains(services: Services, argument: unknown): Promise<void> {
  const { ref, dataset } = await services.datasets.resolveFresh(argument);
  if (dataset.index.chainCount === 0) throw noChains(t('The dataset has no chains yet.'));
  const { continuingModel } = await import('../models/select-model.ts');
  if ((await continuingModel(services, ref, dataset)) === undefined) return;
  const wizard = new RepairWizard(services, ref, dataset);
  if (await runSteps(t('Repair Chains'), wizard.askChains)) await wizard.start();
}

class RepairWizard {
  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #dataset: Dataset;
  #where = WRONG;
  #limit = 100;
  #budget = RepairSettings.parse({}).budget;
  #isConfirmed = false;

  constructor(services: Services, ref: DatasetRef, dataset: Dataset) {
    this.#services = services;
    this.#ref = ref;
    this.#dataset = dataset;
  }

  readonly askChains: Step = async (ui) => {
    const sizes = await Promise.all([WRONG, LABELLED].map((query) => this.#size(parseQuery(query))));
    const shown = this.#services.queries.of(this.#ref);
    const choices: Choice<string | undefined>[] = [
      { icon: 'error', label: t('Wrong chains'), description: count(sizes[0] ?? 0), detail: WRONG, value: WRONG },
      {
        icon: 'checklist',
        label: t('Chains with a labelled wrong step'),
        description: count(sizes[1] ?? 0),
        detail: t('The step needs no search'),
        value: LABELLED,
      },
    ];
    if (shown.length > 0) {
      const value = formatQuery(shown);
      choices.push({
        icon: 'list-unordered',
        label: t('Chains of the review queue'),
        description: count(await this.#size(shown)),
        detail: value,
        value,
      });
    }
    choices.push({ icon: 'filter', label: t('Another query…'), value: undefined });
    const where = await ui.pick({ placeholder: t('Which chains?'), choices });
    if (where === undefined) {
      const query = await askQuery(t('Repair Chains'), this.#dataset, parseQuery(this.#where), await reviewer());
      if (query === undefined) return undefined;
      this.#where = formatQuery(query);
    } else this.#where = where;
    return this.#askLimit;
  };

  readonly #askLimit: Step = async (ui) => {
    this.#limit = await askNumber(ui, t('Chains at most, as stored'), MOST_CHAINS, this.#limit);
    return this.#confirm;
  };

  readonly #confirm: Step = async (ui) => {
    const title = t('Planning the repairs');
    const planned = await this.#services.verbs.run('repair-chains', { ...(await this.#args()), plan: true }, { title });
    if (!('planned' in planned)) return undefined;
    const chosen = await ui.pick<Confirmed>({
      placeholder: [t('No requests sent yet.'), ...skippedText(planned.planned)].join(' '),
      choices: planChoices(planned.planned, this.#budget),
    });
    if (chosen === 'budget') return this.#askBudget;
    this.#isConfirmed = true;
    return undefined;
  };

  readonly #askBudget: Step = async (ui) => {
    this.#budget = await askNumber(ui, t('Continuations of a chain, at most'), MOST_CONTINUATIONS, this.#budget);
    return this.#confirm;
  };

  /** Starts the round in a process of its own; the status bar shows it and cancels it. */
  async start(): Promise<void> {
    if (!this.#isConfirmed) return;
    const model = modelOf(this.#dataset.settings, 'fine-tuned', true);
    const access = await roundAccess(this.#services, model, undefined);
    const title = t('Starting the repairs');
    await this.#services.verbs.run(
      'repair-chains',
      { ...(await this.#args()), detach: true },
      { title, access, cancellable: false },
    );
    await this.#services.rounds.refresh(this.#ref);
  }

  async #args() {
    const settings = RepairSettings.parse({ budget: this.#budget });
    const which = { where: this.#where, reviewer: await reviewer(), limit: this.#limit };
    return { ...settings, ...which, dataset: this.#ref.folder };
  }

  async #size(query: Query): Promise<number> {
    return (await this.#dataset.find(query, { as: await reviewer() })).length;
  }
}

function planChoices(report: RepairReport, budget: number): (Choice<Confirmed> | PickItem)[] {
  const { model, chains, labelled, computed, requests } = report;
  const all = [
    counted(chains, '{0} chain', '{0} chains'),
    t('{0} with a labelled step', count(labelled)),
    t('{0} with a false equality', count(computed)),
  ].join(', ');
  return [
    {
      icon: 'play',
      label: t('Start'),
      // The list truncates lines, so the cost comes first.
      description: `${t('cost: {0}', formatContinuationCost(report, isLocalModel(model), l10n))} · ${all}`,
      detail: formatContinuationTokens(report, l10n),
      value: 'start',
    },
    {
      icon: 'settings-gear',
      label: t('Budget…'),
      description: t(
        'at most {0} of a chain, {1} in all',
        counted(budget, '{0} continuation', '{0} continuations'),
        count(requests),
      ),
      detail: t('Model: {0}', model.model),
      value: 'budget',
    },
  ];
}

function skippedText({ skipped }: RepairReport): string[] {
  const all = skipped.turns + skipped.right + skipped.tried + skipped.unreadable;
  if (all === 0) return [];
  const parts = [
    [skipped.turns, t('with turns of their own')],
    [skipped.right, t('right without a labelled step')],
    [skipped.tried, t('tried before')],
    [skipped.unreadable, t('with a gold answer that can’t be read')],
  ] as const;
  const reasons = parts.flatMap(([times, why]) => (times > 0 ? `${count(times)} ${why}` : []));
  return [t('Not repaired: {0}.', reasons.join(', '))];
}
