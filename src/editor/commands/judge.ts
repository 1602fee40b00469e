import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { JUDGE_PROMPT } from '../../core/judge/index.ts';
import { JudgeSettings, type ModelRef } from '../../core/model/index.ts';
import type { JudgePlan, JudgeSummary, VerbArgs } from '../../protocol/verbs.ts';
import type { Dataset } from '../../store/index.ts';
import { roundOfNode } from '../dataset-tree.ts';
import type { DatasetRef } from '../find-datasets.ts';
import { formatCount } from '../format.ts';
import { modelPlace } from '../model-place.ts';
import { ActionableError, commandAction, isCancel } from '../reporter.ts';
import type { Services } from '../services.ts';
import { type Choice, runSteps, type Step, separator } from '../steps.ts';
import { ModelSteps } from './model-steps.ts';
import { prepareModel } from './rounds.ts';

const count = (value: number): string => formatCount(value, vscode.env.language);
/** Chains of a trial: enough to see what they cost and how they come out. */
const FIRST_FEW = 10;

type Confirmed = 'start' | 'prompt' | 'settings';

/** Judge Behaviours…: which model, which chains, the plan with its cost, then the judge itself, whose disagreements become a facet. */
export async function judgeBehaviours(services: Services, argument: unknown): Promise<void> {
  const ref = await services.datasets.resolve(argument);
  const dataset = await services.datasets.open(ref);
  await dataset.refresh();
  await dataset.reloadSettings();
  if (dataset.index.chains().length === 0) {
    throw new ActionableError(vscode.l10n.t('The dataset has no chains yet.'), [
      commandAction(vscode.l10n.t('Generate Chains…'), 'longhand.generateChains'),
      commandAction(vscode.l10n.t('Import Traces…'), 'longhand.importTraces'),
    ]);
  }
  const wizard = new JudgeWizard(services, ref, dataset, roundOfNode(argument)?.round);
  if (await runSteps(vscode.l10n.t('Judge Behaviours'), wizard.askModel)) await wizard.finish();
}

class JudgeWizard {
  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #dataset: Dataset;
  /** The round whose menu this came from. */
  readonly #round: string | undefined;
  readonly #models: ModelSteps;
  #model: ModelRef | undefined;
  #scope: Pick<VerbArgs<'judge'>, 'rounds' | 'chains' | 'limit'> = {};
  #plan: JudgePlan | undefined;
  #confirmed: Confirmed | undefined;

  constructor(services: Services, ref: DatasetRef, dataset: Dataset, round: string | undefined) {
    this.#services = services;
    this.#ref = ref;
    this.#dataset = dataset;
    this.#round = round;
    const question = vscode.l10n.t('Who judges the chains?');
    const { judge } = dataset.settings;
    this.#models = new ModelSteps(services, judge?.model, question, ({ model }) => this.#afterModel(model));
  }

  readonly askModel: Step = async (ui) => {
    const { judge, model } = this.#dataset.settings;
    const choices: Choice<ModelRef | undefined>[] = [];
    if (judge?.model !== undefined) {
      choices.push(modelChoice(judge.model, vscode.l10n.t('the judge of this dataset')));
    }
    if (model !== undefined && !isDeepStrictEqual(model, judge?.model)) {
      choices.push(modelChoice(model, vscode.l10n.t('writes the chains, and would judge its own work')));
    }
    if (choices.length === 0) return this.#models.askKind;
    choices.push({ label: `$(link) ${vscode.l10n.t('Another model, or the starter model…')}`, value: undefined });
    const chosen = await ui.pick({ placeholder: vscode.l10n.t('Who judges the chains?'), choices });
    return chosen === undefined ? this.#models.askKind : this.#afterModel(chosen);
  };

  async finish(): Promise<void> {
    switch (this.#confirmed) {
      case 'start':
        return this.#start();
      case 'prompt':
        await vscode.window.showTextDocument(vscode.Uri.file(join(this.#ref.folder, 'prompts', `${JUDGE_PROMPT}.md`)));
        return;
      case 'settings':
        await vscode.commands.executeCommand('longhand.openSettingsFile', { ref: this.#ref });
        return;
      case undefined:
        if (this.#plan?.chains === 0) await this.#tellDone(this.#plan);
    }
  }

  #afterModel(model: ModelRef): Step {
    this.#model = model;
    if (this.#round === undefined) return this.#askScope;
    this.#scope = { rounds: [this.#round] };
    return this.#confirm;
  }

  readonly #askScope: Step = async (ui) => {
    const chains = this.#dataset.index.chains();
    const passed = chains.filter((chain) => chain.passed && !chain.quotaDropped).map(({ id }) => id);
    const rounds = new Set(chains.map(({ round }) => round));
    const choices: Choice<'few' | 'all' | 'passed' | 'rounds'>[] = [
      {
        label: vscode.l10n.t('A first few'),
        description: count(FIRST_FEW),
        detail: vscode.l10n.t('Those that are not judged yet; what they cost tells what the others will'),
        value: 'few',
      },
      { label: vscode.l10n.t('All chains'), description: count(chains.length), value: 'all' },
    ];
    if (passed.length > 0 && passed.length < chains.length) {
      const label = vscode.l10n.t('Chains that passed the filters');
      choices.push({ label, description: count(passed.length), value: 'passed' });
    }
    if (rounds.size > 1) choices.push({ label: vscode.l10n.t('Choose rounds…'), value: 'rounds' });
    const choice = await ui.pick({ placeholder: vscode.l10n.t('Which chains?'), choices });
    if (choice === 'rounds') return this.#askRounds;
    this.#scope = choice === 'few' ? { limit: FIRST_FEW } : choice === 'passed' ? { chains: passed } : {};
    return this.#confirm;
  };

  readonly #askRounds: Step = async (ui) => {
    const sizes = new Map<string, number>();
    for (const { round } of this.#dataset.index.chains()) sizes.set(round, (sizes.get(round) ?? 0) + 1);
    const rounds = await ui.pickMany({
      placeholder: vscode.l10n.t('Chains of which rounds?'),
      choices: [...sizes].map(([value, size]) => ({ label: value, description: count(size), value, picked: false })),
    });
    if (rounds.length === 0) return this.#askRounds;
    this.#scope = { rounds };
    return this.#confirm;
  };

  readonly #confirm: Step = async (ui) => {
    const title = vscode.l10n.t('Planning the judge');
    const { plan } = await this.#services.verbs.run('judge', { ...this.#args(), plan: true }, { title });
    this.#plan = plan;
    if (plan.chains === 0) return undefined;
    this.#confirmed = await ui.pick<Confirmed>({
      placeholder: [vscode.l10n.t('Nothing has been asked of the model yet.'), ...knownWords(plan)].join(' '),
      choices: planChoices(plan),
    });
    return undefined;
  };

  async #start(): Promise<void> {
    const { verbs, datasets } = this.#services;
    await this.#models.endpoint.saveKey();
    await this.#remember();
    const access = await prepareModel(this.#services, this.#model);
    const title = vscode.l10n.t('Judging behaviours');
    try {
      const { summary } = await verbs.run('judge', this.#args(), { title, access });
      if (summary !== undefined) void this.#tell(summary);
    } catch (error) {
      if (!isCancel(error)) throw error;
      const kept = vscode.l10n.t('The judge was cancelled. What is paid for is kept; started again it goes on there.');
      void vscode.window.showInformationMessage(kept);
    } finally {
      await datasets.refresh(this.#ref);
    }
  }

  /** The chosen model is this dataset's judge from now on. */
  async #remember(): Promise<void> {
    const { judge } = await this.#dataset.reloadSettings();
    if (this.#model === undefined || isDeepStrictEqual(judge?.model, this.#model)) return;
    await this.#dataset.saveSettings({ judge: JudgeSettings.parse({ ...judge, model: this.#model }) });
  }

  #args(): VerbArgs<'judge'> {
    return {
      dataset: this.#ref.folder,
      ...this.#scope,
      ...(this.#model === undefined ? {} : { model: this.#model }),
    };
  }

  async #tell(summary: JudgeSummary): Promise<void> {
    const failed =
      summary.failedWindows === 0
        ? ''
        : vscode.l10n.t(' {0} windows have no usable answer; the log says why.', count(summary.failedWindows));
    for (const { chainId, from, to, reason } of summary.failed) {
      this.#services.reporter.log.warn(`${chainId}, sentences ${from} to ${to}: ${reason}`);
    }
    const text = vscode.l10n.t(
      'Judged {0} sentences in {1} chains; judge and detectors disagree on {2} of them. {3} calls, cost: {4}.{5}',
      count(summary.sentences),
      count(summary.chains),
      count(summary.differ),
      count(summary.calls),
      costText(summary.cost),
      failed,
    );
    await this.#offer(text, summary.differ > 0);
  }

  async #tellDone({ judged }: JudgePlan): Promise<void> {
    await this.#offer(vscode.l10n.t('This judge has judged all {0} chains already.', count(judged)), true);
  }

  async #offer(text: string, hasDisagreements: boolean): Promise<void> {
    const show = vscode.l10n.t('Show Disagreements');
    const answer = await vscode.window.showInformationMessage(text, ...(hasDisagreements ? [show] : []));
    if (answer !== show) return;
    const facet = { facet: 'judge', value: 'any' };
    await vscode.commands.executeCommand('longhand.openReviewQueue', { ref: this.#ref, facet });
  }
}

function modelChoice(model: ModelRef, description: string): Choice<ModelRef> {
  return { label: `$(server) ${model.model}`, description, detail: modelPlace(model), value: model };
}

function planChoices(plan: JudgePlan): (Choice<Confirmed> | vscode.QuickPickItem)[] {
  const scope = vscode.l10n.t(
    '{0} chains, {1} sentences · {2} requests',
    count(plan.chains),
    count(plan.sentences),
    count(plan.requests),
  );
  const tokens = plan.measured
    ? vscode.l10n.t(
        'About {0} tokens read, {1} written, by its earlier calls',
        count(plan.promptTokens),
        count(plan.completionTokens),
      )
    : vscode.l10n.t(
        'About {0} tokens read, {1} written; many more when it thinks first',
        count(plan.promptTokens),
        count(plan.completionTokens),
      );
  return [
    {
      label: `$(play) ${vscode.l10n.t('Let {0} judge', plan.model.model)}`,
      // Each line is cut at its end: the cost, which decides, comes first.
      description: `${vscode.l10n.t('cost: {0}', costText(plan.cost))} · ${scope}`,
      detail: tokens,
      value: 'start',
    },
    separator(vscode.l10n.t('Change before it starts')),
    {
      label: `$(edit) ${vscode.l10n.t('Prompt')}`,
      description: `prompts/${JUDGE_PROMPT}.md`,
      value: 'prompt',
    },
    {
      label: `$(settings-gear) ${vscode.l10n.t('Prices, windows and limits')}`,
      description: vscode.l10n.t('judge and prices in longhand.json'),
      value: 'settings',
    },
  ];
}

/** What need not be asked again. */
function knownWords({ judged, reused }: JudgePlan): string[] {
  return [
    ...(judged === 0 ? [] : [vscode.l10n.t('{0} chains are judged already.', count(judged))]),
    ...(reused === 0 ? [] : [vscode.l10n.t('{0} requests are paid for already.', count(reused))]),
  ];
}

const costText = (cost: number | null): string =>
  cost === null
    ? vscode.l10n.t('unknown')
    : cost.toLocaleString(vscode.env.language, { maximumFractionDigits: cost < 0.1 ? 4 : 2 });
