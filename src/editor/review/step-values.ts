import { present } from '../../core/defined.ts';
import { isLocalModel } from '../../core/schemas/index.ts';
import { formatContinuationCost, formatContinuationTokens } from '../../core/text/calls.ts';
import {
  type StepValues,
  StepValuesArgs,
  type StepValuesPlan,
  type StepValuesResult,
} from '../../protocol/step-values.ts';
import { count, counted, l10n, t } from '../ui/format.ts';
import type { PickItem } from '../ui/quick-input.ts';
import { askNumber, type Choice, runSteps, type Step, separator } from '../ui/steps.ts';

/** Runs the verb `step-values`, with a notification that shows progress and can cancel. */
export type RunStepValues = (args: StepValuesArgs, title: string) => Promise<StepValuesResult>;

type Confirmed = 'start' | 'scan' | 'budget' | 'batch';

/** Continuations of a chain and at a place, at most, that a person can enter. */
const MOST = { budget: 2_000, batch: 64 };

/**
 * Estimate Step Values…: shows what it would request and cost, with the choices that change it, then runs it.
 * @param reviewer whose text is measured
 * @returns what was measured; undefined if nothing was started.
 * @throws {CancellationError}; as the verb
 */
export async function estimateStepValues(
  run: RunStepValues,
  dataset: string,
  chain: string,
  reviewer: string,
): Promise<StepValues | undefined> {
  const wizard = new ValuesWizard(run, StepValuesArgs.parse({ dataset, chains: [chain], limit: 1, reviewer }));
  if (!(await runSteps(t('Estimate Step Values'), wizard.confirm)) || !wizard.isConfirmed) return undefined;
  const { values, failed } = await run(wizard.args, t('Estimating step values'));
  const [value] = values;
  if (value === undefined) throw new Error(failed[0]?.reason ?? t('The chain could not be continued.'));
  return value;
}

class ValuesWizard {
  readonly #run: RunStepValues;
  args: StepValuesArgs;
  isConfirmed = false;

  constructor(run: RunStepValues, args: StepValuesArgs) {
    this.#run = run;
    this.args = args;
  }

  readonly confirm: Step = async (ui) => {
    const { plan } = await this.#run({ ...this.args, plan: true }, t('Planning step values'));
    const choice = await ui.pick<Confirmed>({ placeholder: placeholder(plan), choices: choicesOf(plan, this.args) });
    if (choice === 'budget' || choice === 'batch') return this.#ask(choice);
    this.isConfirmed = choice === 'start';
    if (choice === 'start') return undefined;
    this.args = { ...this.args, scan: !this.args.scan };
    return this.confirm;
  };

  #ask(what: 'budget' | 'batch'): Step {
    return async (ui) => {
      const prompt = what === 'budget' ? t('Continuations of the chain, at most') : t('Continuations at a place');
      const value = await askNumber(ui, prompt, MOST[what], this.args[what]);
      this.args = { ...this.args, [what]: value };
      return this.confirm;
    };
  }
}

function placeholder({ reused }: StepValuesPlan): string {
  const known = reused > 0 && counted(reused, '{0} outcome is known already.', '{0} outcomes are known already.');
  return present(t('No requests sent yet.'), known).join(' ');
}

function choicesOf(plan: StepValuesPlan, { budget, batch, scan }: StepValuesArgs): (Choice<Confirmed> | PickItem)[] {
  const { model, requests, steps } = plan;
  const atMost = counted(requests, 'at most {0} continuation', 'at most {0} continuations');
  const scope = t('{0} of {1}', atMost, counted(steps, '{0} step', '{0} steps'));
  return [
    {
      icon: 'play',
      label: t('Start {0}', model.model),
      // The list truncates lines, so the cost comes first.
      description: `${t('cost: {0}', formatContinuationCost(plan, isLocalModel(model), l10n))} · ${scope}`,
      detail: formatContinuationTokens(plan, l10n),
      value: 'start',
    },
    separator(t('Change before it starts')),
    {
      icon: 'search',
      label: scan ? t('Places: every step') : t('Places: search'),
      description: scan
        ? t('measures the value after each step')
        : t('finds the first wrong step with few continuations'),
      value: 'scan',
    },
    ...(scan
      ? []
      : [
          {
            icon: 'credit-card',
            label: t('Budget: {0}', count(budget)),
            description: t('continuations of the chain, at most'),
            value: 'budget' as const,
          },
        ]),
    {
      icon: 'list-unordered',
      label: t('At a place: {0}', count(batch)),
      description: scan ? t('continuations') : t('continuations before the next place is chosen'),
      value: 'batch',
    },
  ];
}

/** `p7/3: 28 continuations. First wrong step? Step 7 of 11.` The reader may show another chain by then. */
export function announceValues({ chainId, firstWrong, samples, steps }: StepValues): string {
  const found =
    firstWrong === undefined
      ? t('No step found after which success collapses.')
      : t('First wrong step? Step {0} of {1}.', count(firstWrong.step), count(steps));
  return `${chainId}: ${counted(samples, '{0} continuation.', '{0} continuations.')} ${found}`;
}
