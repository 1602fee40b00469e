import type { PlacePart, PlanPageChoices, ToPlanPage } from '../../protocol/plan-page.ts';
import type { SamplingPlanReport } from '../../protocol/sampling.ts';
import type { RoundPlace } from '../round-places.ts';

/** What a session plans with; the command line in use, a script in tests. */
export interface PlanSource {
  dataset: string;
  models(): Promise<{ base: string | null; fineTuned: string | null }>;
  /** Plans and runs nothing; ends early when the signal says so. */
  plan(choices: PlanPageChoices, signal: AbortSignal): Promise<SamplingPlanReport>;
  /** Starts the round that was planned; from this machine where no place is given. */
  start(choices: PlanPageChoices, place: RoundPlace | undefined): Promise<void>;
}

/** A place, and what the page says of it. */
export interface ChosenPlace {
  place: RoundPlace;
  words: PlacePart;
}

/** A person who types a number changes it several times in this time. */
const PAUSE_MS = 120;

/**
 * What the page of Plan Sampling Round shows: choices, and the plan that belongs to them. A change makes the plan in work worthless, so that it is
 * ended and made anew; what comes of an older change is never shown for a newer one.
 */
export class PlanSession {
  readonly #source: PlanSource;
  readonly #changed: () => void;
  readonly #pauseMs: number;
  #models = { base: null as string | null, fineTuned: null as string | null };
  #choices: PlanPageChoices = {};
  #place: ChosenPlace | undefined;
  #report: SamplingPlanReport | null = null;
  #trouble: ToPlanPage['trouble'];
  #work: AbortController | undefined;
  #starting = false;

  /** @param changed Hears that `view` has something new. */
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
      place: this.#place?.words ?? null,
      report: this.#report,
      planning: this.#work !== undefined,
      starting: this.#starting,
      ...(this.#trouble === undefined ? {} : { trouble: this.#trouble }),
    };
  }

  /** Plans by these choices, after a short pause in which newer ones may take their place. */
  async change(wanted: PlanPageChoices): Promise<void> {
    if (this.#starting) return;
    // A fine-tuned model that is chosen meanwhile must not take the place of the base model that the page shows.
    const choices = this.#report === null ? wanted : { role: this.#report.role, ...wanted };
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
      this.#trouble = undefined;
    } catch (error) {
      if (work.signal.aborted) return;
      this.#trouble = troubleOf(error);
    }
    this.#work = undefined;
    this.#changed();
  }

  get place(): RoundPlace | undefined {
    return this.#place?.place;
  }

  /** Where the model is asked from changes nothing of the plan; undefined is this machine. */
  moveTo(place: ChosenPlace | undefined): void {
    if (this.#starting) return;
    this.#place = place;
    this.#changed();
  }

  /** Plans again by the same choices: the dataset has changed. */
  again(): Promise<void> {
    return this.change(this.#choices);
  }

  /** Starts the round as it is shown. @returns Whether it was started; never while a plan is in work, or when there is trouble. */
  async start(): Promise<boolean> {
    if (this.#starting || this.#work !== undefined || this.#report === null || this.#trouble !== undefined)
      return false;
    this.#starting = true;
    this.#changed();
    try {
      await this.#source.start(this.#choices, this.place);
      return true;
    } catch (error) {
      this.#trouble = troubleOf(error);
      return false;
    } finally {
      this.#starting = false;
      this.#changed();
    }
  }

  /** Ends what is in work. */
  dispose(): void {
    this.#work?.abort();
  }
}

function troubleOf(error: unknown): NonNullable<ToPlanPage['trouble']> {
  if (!(error instanceof Error)) return { message: String(error) };
  const advice = 'advice' in error && typeof error.advice === 'string' ? error.advice : '';
  return { message: error.message, ...(advice === '' ? {} : { advice }) };
}
