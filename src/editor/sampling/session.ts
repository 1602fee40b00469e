import { defined } from '../../core/defined.ts';
import { adviceOf } from '../../core/errors.ts';
import type { PlacePart, PlanPageChoices, ToPlanPage } from '../../protocol/plan-page.ts';
import type { RoundPlace, SamplingPlanReport } from '../../protocol/sampling.ts';

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

/** A user who types a number changes it several times in this time. */
const PAUSE_MS = 120;

/**
 * The state of the page of Plan Sampling Round: choices and their plan. A change aborts the current planning and starts another; an
 * outdated plan is never shown.
 */
export class PlanSession {
  readonly #source: PlanSource;
  readonly #changed: () => void;
  readonly #pauseMs: number;
  #models = { base: null as string | null, fineTuned: null as string | null };
  #choices: PlanPageChoices = {};
  #place: ChosenPlace | undefined;
  #report: SamplingPlanReport | null = null;
  #error: ToPlanPage['trouble'];
  #work: AbortController | undefined;
  #starting = false;

  /** @param changed Called when the view changes. */
  constructor(source: PlanSource, changed: () => void, pauseMs = PAUSE_MS) {
    this.#source = source;
    this.#changed = changed;
    this.#pauseMs = pauseMs;
  }

  view(): ToPlanPage {
    return {
      type: 'snapshot',
      dataset: this.#source.dataset,
      ...this.#models,
      choices: this.#choices,
      place: this.#place?.shown ?? null,
      report: this.#report,
      planning: this.#work !== undefined,
      starting: this.#starting,
      ...defined({ trouble: this.#error }),
    };
  }

  /** Plans with these choices, after a short pause in which others may replace them. */
  async change(changed: PlanPageChoices): Promise<void> {
    if (this.#starting) return;
    // A fine-tuned model that is selected meanwhile must not replace the base model that the page shows.
    const choices = this.#report === null ? changed : { role: this.#report.role, ...changed };
    this.#work?.abort();
    const work = new AbortController();
    this.#work = work;
    this.#choices = choices;
    this.#changed();
    await new Promise((resolve) => setTimeout(resolve, this.#pauseMs));
    if (work.signal.aborted) return;
    try {
      this.#models = await this.#source.models();
      const report = await this.#source.plan(choices, work.signal);
      if (work.signal.aborted) return;
      this.#report = report;
      this.#error = undefined;
    } catch (error) {
      if (work.signal.aborted) return;
      this.#error = describeError(error);
    }
    this.#work = undefined;
    this.#changed();
  }

  get place(): RoundPlace | undefined {
    return this.#place?.place;
  }

  /** Sets where the requests are sent from, which does not change the plan. Undefined: from this machine. */
  moveTo(place: ChosenPlace | undefined): void {
    if (this.#starting) return;
    this.#place = place;
    this.#changed();
  }

  /** Plans again with the same choices, after a change of the dataset. */
  again(): Promise<void> {
    return this.change(this.#choices);
  }

  /** Starts the round as shown. @returns Whether it was started: not while planning or after an error. */
  async start(): Promise<boolean> {
    if (this.#starting || this.#work !== undefined || this.#report === null || this.#error !== undefined) return false;
    this.#starting = true;
    this.#changed();
    try {
      await this.#source.start(this.#choices, this.place);
      return true;
    } catch (error) {
      this.#error = describeError(error);
      return false;
    } finally {
      this.#starting = false;
      this.#changed();
    }
  }

  /** Aborts the planning. */
  dispose(): void {
    this.#work?.abort();
  }
}

function describeError(error: unknown): NonNullable<ToPlanPage['trouble']> {
  if (!(error instanceof Error)) return { message: String(error) };
  const advice = adviceOf(error);
  return { message: error.message, ...defined({ advice }) };
}
