import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { defined, present } from '../../core/defined.ts';
import { BEHAVIOUR_TASK } from '../../core/review/judge/index.ts';
import { isLocalModel, JudgeSettings, type ModelRef } from '../../core/schemas/index.ts';
import { formatCalls } from '../../core/text/calls.ts';
import type { JudgePlan, JudgeSummary } from '../../protocol/judge.ts';
import type { Dataset } from '../../store/index.ts';
import type { VerbArgs } from '../../verbs/index.ts';
import { formatFailedWindow, formatJudged, formatJudgeTokens } from '../../verbs/review/print.ts';
import { askRounds, chainsOf, roundSizes } from '../dataset/ask-scope.ts';
import type { DatasetRef } from '../dataset/find-datasets.ts';
import { prepareModel } from '../dataset/round-commands.ts';
import { roundOfNode } from '../dataset/rounds.ts';
import { modelPlace } from '../models/model-place.ts';
import { ModelSteps } from '../models/model-steps.ts';
import { noChains, unlessCancelled } from '../reporter.ts';
import type { Services } from '../services.ts';
import { count, counted, l10n, t } from '../ui/format.ts';
import { showInformationMessage } from '../ui/notify.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { type Choice, runSteps, type Step, separator } from '../ui/steps.ts';
import { measureJudge } from './measure-judge.ts';

/** Enough chains to measure cost and quality. */
const FIRST_FEW = 10;

type Confirmed = 'start' | 'secondPass' | 'measure' | 'prompt' | 'settings';

/** Label Behaviours with a Model…: asks for model and chains, shows the plan with its cost, then runs the judge. Its disagreements are a facet. */
export async function judgeBehaviours(services: Services, argument: unknown): Promise<void> {
  const { ref, dataset } = await services.datasets.resolveFresh(argument);
  await dataset.reloadSettings();
  if (dataset.index.chainCount === 0) {
    throw noChains(t('The dataset has no chains yet.'));
  }
  const round = roundOfNode(argument)?.round;
  const chains = chainsOf(argument);
  const scope = defined({ rounds: round === undefined ? undefined : [round], chains: chains && [...chains] });
  const wizard = new JudgeWizard(services, ref, dataset, scope);
  if (await runSteps(t('Label Behaviours with a Model'), wizard.askModel)) await wizard.finish();
}

type JudgeScope = Pick<VerbArgs<'judge'>, 'rounds' | 'chains' | 'limit'>;

class JudgeWizard {
  readonly #services: Services;
  readonly #ref: DatasetRef;
  readonly #dataset: Dataset;
  /** The round or the chains of the argument. */
  readonly #given: JudgeScope;
  readonly #models: ModelSteps;
  #model: ModelRef | undefined;
  #scope: JudgeScope = {};
  /** That of the dataset when undefined. */
  #secondPass: boolean | undefined;
  #plan: JudgePlan | undefined;
  #confirmed: Confirmed | undefined;

  constructor(services: Services, ref: DatasetRef, dataset: Dataset, given: JudgeScope) {
    this.#services = services;
    this.#ref = ref;
    this.#dataset = dataset;
    this.#given = given;
    const question = t('Which model is the judge?');
    const { judge } = dataset.settings;
    this.#models = new ModelSteps(services, judge?.model, question, ({ model }) => this.#afterModel(model));
  }

  readonly askModel: Step = async (ui) => {
    const { judge, model } = this.#dataset.settings;
    const choices: Choice<ModelRef | undefined>[] = [];
    if (judge?.model !== undefined) {
      choices.push(modelChoice(judge.model, t('the judge of this dataset')));
    }
    if (model !== undefined && !isDeepStrictEqual(model, judge?.model)) {
      choices.push(modelChoice(model, t('writes the chains; would judge its own work')));
    }
    if (choices.length === 0) return this.#models.askKind;
    choices.push({ icon: 'link', label: t('Another model, or the starter model…'), value: undefined });
    const chosen = await ui.pick({ placeholder: t('Which model is the judge?'), choices });
    return chosen === undefined ? this.#models.askKind : this.#afterModel(chosen);
  };

  async finish(): Promise<void> {
    switch (this.#confirmed) {
      case 'start':
        return this.#start();
      case 'measure':
        return this.#measure();
      case 'prompt':
        await vscode.window.showTextDocument(
          vscode.Uri.file(join(this.#ref.folder, 'prompts', `${BEHAVIOUR_TASK.prompt}.md`)),
        );
        return;
      case 'settings':
        await vscode.commands.executeCommand('longhand.openSettingsFile', { ref: this.#ref });
        return;
      case undefined:
        if (this.#plan?.chains === 0) await this.#showNothingToJudge(this.#plan);
    }
  }

  #afterModel(model: ModelRef): Step {
    this.#model = model;
    if (Object.keys(this.#given).length === 0) return this.#askScope;
    this.#scope = this.#given;
    return this.#confirm;
  }

  readonly #askScope: Step = async (ui) => {
    const chains = this.#dataset.index.chains();
    const passed = chains.filter((chain) => chain.passed && !chain.quotaDropped).map(({ id }) => id);
    const rounds = new Set(chains.map(({ round }) => round));
    const choices: Choice<'few' | 'all' | 'passed' | 'rounds'>[] = [
      {
        label: t('First few chains'),
        description: count(FIRST_FEW),
        detail: t('Chains that are not judged yet, to measure the cost'),
        value: 'few',
      },
      { label: t('All chains'), description: count(chains.length), value: 'all' },
    ];
    if (passed.length > 0 && passed.length < chains.length) {
      const label = t('Chains that passed the filters');
      choices.push({ label, description: count(passed.length), value: 'passed' });
    }
    if (rounds.size > 1) choices.push({ label: t('Choose rounds…'), value: 'rounds' });
    const choice = await ui.pick({ placeholder: t('Which chains?'), choices });
    if (choice === 'rounds') return this.#askRounds;
    this.#scope = choice === 'few' ? { limit: FIRST_FEW } : choice === 'passed' ? { chains: passed } : {};
    return this.#confirm;
  };

  readonly #askRounds: Step = async (ui) => {
    const sizes = roundSizes(this.#dataset.index.chains());
    this.#scope = defined({ rounds: await askRounds(ui, sizes, [], t('Chains of which rounds?')) });
    return this.#confirm;
  };

  readonly #confirm: Step = async (ui) => {
    const title = t('Planning the judge');
    const { plan } = await this.#services.verbs.run('judge', { ...this.#args(), plan: true }, { title });
    this.#plan = plan;
    if (plan.chains === 0) return undefined;
    this.#confirmed = await ui.pick<Confirmed>({
      placeholder: [t('No requests sent yet.'), ...describeReused(plan)].join(' '),
      choices: planChoices(plan),
    });
    if (this.#confirmed !== 'secondPass') return undefined;
    this.#secondPass = !plan.secondPass;
    return this.#confirm;
  };

  async #measure(): Promise<void> {
    if (this.#plan === undefined) return;
    await this.#models.endpoint.saveKey();
    await measureJudge(this.#services, this.#ref, this.#plan);
  }

  async #start(): Promise<void> {
    const { verbs, datasets } = this.#services;
    await this.#models.endpoint.saveKey();
    await this.#remember();
    const access = await prepareModel(this.#services, this.#model);
    const title = t('Judging behaviours');
    const judging = verbs.run('judge', this.#args(), { title, access }).finally(() => datasets.refresh(this.#ref));
    const done = await unlessCancelled(judging);
    if (done?.summary !== undefined) void this.#showResult(done.plan.model, done.summary);
    if (done === undefined) {
      void showInformationMessage(t('The judge was cancelled. Paid results are kept. Start it again to resume.'));
    }
  }

  /** Stores the model as the judge of the dataset, and whether it has a second pass. */
  async #remember(): Promise<void> {
    const { judge } = await this.#dataset.reloadSettings();
    const chosen = { ...judge, ...defined({ model: this.#model, secondPass: this.#secondPass }) };
    if (isDeepStrictEqual(chosen, judge ?? {})) return;
    await this.#dataset.saveSettings({ judge: JudgeSettings.parse(chosen) });
  }

  #args(): VerbArgs<'judge'> {
    return {
      dataset: this.#ref.folder,
      ...this.#scope,
      ...defined({ model: this.#model, secondPass: this.#secondPass }),
    };
  }

  async #showResult(model: ModelRef, summary: JudgeSummary): Promise<void> {
    for (const window of summary.failed) this.#services.reporter.log.warn(formatFailedWindow(window));
    const text = present(
      formatJudged(summary, l10n),
      `${formatCalls(summary, l10n)}, ${t('cost: {0}', l10n.cost(summary.cost, isLocalModel(model)))}.`,
      summary.failedWindows > 0 &&
        counted(
          summary.failedWindows,
          '{0} window has no usable answer. The log has the reason.',
          '{0} windows have no usable answer. The log has the reasons.',
        ),
    ).join(' ');
    await this.#offer(text, summary.differ > 0);
  }

  async #showNothingToJudge({ judged }: JudgePlan): Promise<void> {
    await this.#offer(
      counted(judged, 'This judge has already judged the {0} chain.', 'This judge has already judged all {0} chains.'),
      true,
    );
  }

  async #offer(text: string, hasDisagreements: boolean): Promise<void> {
    const show = t('Show Disagreements');
    const answer = await showInformationMessage(text, ...(hasDisagreements ? [show] : []));
    if (answer !== show) return;
    await vscode.commands.executeCommand('longhand.openReviewQueue', {
      ref: this.#ref,
      query: [{ field: 'judge', op: '=', values: ['any'] }],
    });
  }
}

function modelChoice(model: ModelRef, description: string): Choice<ModelRef> {
  return { icon: 'server', label: model.model, description, detail: modelPlace(model), value: model };
}

function planChoices(plan: JudgePlan): (Choice<Confirmed> | PickItem)[] {
  const scope = t(
    '{0}, {1} · {2}',
    counted(plan.chains, '{0} chain', '{0} chains'),
    counted(plan.sentences, '{0} sentence', '{0} sentences'),
    counted(plan.requests, '{0} request', '{0} requests'),
  );
  return [
    {
      icon: 'play',
      label: t('Start {0}', plan.model.model),
      // The list truncates lines, so the cost comes first.
      description: `${t('cost: {0}', l10n.cost(plan.cost, isLocalModel(plan.model)))} · ${scope}`,
      detail: formatJudgeTokens(plan, l10n),
      value: 'start',
    },
    {
      icon: 'graph',
      label: t('Measure on labels by people…'),
      description: t('F1 and κ of this judge on a file, before you trust it'),
      value: 'measure',
    },
    separator(t('Change before it starts')),
    {
      icon: 'refresh',
      label: plan.secondPass ? t('Second pass: on') : t('Second pass: off'),
      description: t('the judge revises its own labels'),
      value: 'secondPass',
    },
    {
      icon: 'edit',
      label: t('Prompt'),
      description: `prompts/${BEHAVIOUR_TASK.prompt}.md`,
      value: 'prompt',
    },
    {
      icon: 'settings-gear',
      label: t('Prices, windows and limits'),
      description: t('judge and prices in longhand.json'),
      value: 'settings',
    },
  ];
}

/** Chains and requests that are already judged or paid for. */
function describeReused({ judged, reused }: JudgePlan): string[] {
  return present(
    judged !== 0 && counted(judged, '{0} chain is already judged.', '{0} chains are already judged.'),
    reused !== 0 && counted(reused, '{0} request is already paid for.', '{0} requests are already paid for.'),
  );
}
