import type { PlacePart, PlanPageChoices, ToPlanPage } from '../../protocol/plan-page.ts';
import type { RoundPlace, SamplingPlanReport } from '../../protocol/sampling.ts';
import { LivePlan } from '../ui/live-plan.ts';

/** Plans and starts rounds for a session. */
export interface PlanSource {
  dataset: string;
  models(): Promise<{ base: string | null; fineTuned: string | null }>;
  /** Plans a round without running anything. */
  plan(choices: PlanPageChoices, signal: AbortSignal): Promise<SamplingPlanReport>;
  /** Starts the planned round; without a place from this machine. */
  start(choices: PlanPageChoices, place: RoundPlace | undefined): Promise<void>;
}

/** A place, and how the page shows it. */
export interface ChosenPlace {
  place: RoundPlace;
  shown: PlacePart;
}

/** The state of the page of Plan Sampling Round: choices, their plan, and the place that requests are sent from. */
export class PlanSession {
  readonly #source: PlanSource;
  readonly #changed: () => void;
  readonly #live: LivePlan<PlanPageChoices, SamplingPlanReport>;
  #models = { base: null as string | null, fineTuned: null as string | null };
  #place: ChosenPlace | undefined;

  /** @param changed Called when the view changes. */
  constructor(source: PlanSource, changed: () => void, pauseMs?: number) {
    this.#source = source;
    this.#changed = changed;
    const plan = async (choices: PlanPageChoices, signal: AbortSignal): Promise<SamplingPlanReport> => {
      this.#models = await source.models();
      return source.plan(choices, signal);
    };
    this.#live = new LivePlan(plan, changed, { choices: {}, pauseMs });
  }

  view(): ToPlanPage {
    return {
      type: 'snapshot',
      dataset: this.#source.dataset,
      ...this.#models,
      place: this.#place?.shown ?? null,
      ...this.#live.view(),
    };
  }

  /** Plans with these choices, after a short pause in which others may replace them. */
  change(changed: PlanPageChoices): Promise<void> {
    return this.#live.change(this.#ofShownModel(changed));
  }

  /** A fine-tuned model that is selected meanwhile must not replace the base model that the page shows. */
  #ofShownModel(choices: PlanPageChoices): PlanPageChoices {
    const { report } = this.#live.view();
    return report === null ? choices : { role: report.role, ...choices };
  }

  get place(): RoundPlace | undefined {
    return this.#place?.place;
  }

  /** Sets where the requests are sent from, which does not change the plan. Undefined: from this machine. */
  moveTo(place: ChosenPlace | undefined): void {
    if (this.#live.isStarting) return;
    this.#place = place;
    this.#changed();
  }

  /** Plans again with the same choices, after a change of the dataset. */
  again(): Promise<void> {
    return this.#live.again(this.#ofShownModel(this.#live.view().choices));
  }

  /** Starts the round as shown. @param plan Number of the shown plan. @returns Whether it was started: not while planning or after an error. */
  start(plan: number): Promise<boolean> {
    return this.#live.start(plan, (choices) => this.#source.start(choices, this.place));
  }

  /** Aborts the planning. */
  dispose(): void {
    this.#live.dispose();
  }
}
