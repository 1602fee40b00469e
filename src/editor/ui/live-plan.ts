import { defined } from '../../core/defined.ts';
import { adviceOf } from '../../core/errors.ts';

/** A user who types a number changes it several times in this time. */
const PAUSE_MS = 120;

/** Something that went wrong, and what to do about it. */
interface Trouble {
  message: string;
  advice?: string;
  /** The plan itself is well. */
  retry?: true;
}

/**
 * The choices of a page and their plan. A change aborts the current planning and starts another; an outdated plan is never shown. While the plan is
 * carried out, nothing can be changed.
 */
export class LivePlan<Choices, Report> {
  readonly #plan: (choices: Choices, signal: AbortSignal) => Promise<Report>;
  readonly #changed: () => void;
  readonly #pauseMs: number;
  #choices: Choices;
  #report: Report | null = null;
  #error: Trouble | undefined;
  #work: AbortController | undefined;
  #starting = false;
  /** Number of the plan: of the one in work, or the last one. */
  #number = 0;
  #missed = false;

  /** @param changed Called when the view changes. */
  constructor(
    plan: (choices: Choices, signal: AbortSignal) => Promise<Report>,
    changed: () => void,
    { choices, pauseMs = PAUSE_MS }: { choices: Choices; pauseMs?: number | undefined },
  ) {
    this.#plan = plan;
    this.#changed = changed;
    this.#choices = choices;
    this.#pauseMs = pauseMs;
  }

  /** The part of a page's snapshot that all such pages share. */
  view() {
    return {
      choices: this.#choices,
      report: this.#report,
      plan: this.#number,
      missed: this.#missed,
      planning: this.#work !== undefined,
      starting: this.#starting,
      ...defined({ trouble: this.#error }),
    };
  }

  get isStarting(): boolean {
    return this.#starting;
  }

  /** Plans with these choices, after a short pause in which others may replace them. */
  change(choices: Choices): Promise<void> {
    this.#missed = false;
    if (this.#error?.retry) this.#error = undefined;
    return this.again(choices);
  }

  /** Plans again after a change of the dataset, with the same choices or with these in their place. */
  async again(choices: Choices = this.#choices): Promise<void> {
    if (this.#starting) return;
    this.#number += 1;
    this.#work?.abort();
    const work = new AbortController();
    this.#work = work;
    this.#choices = choices;
    this.#changed();
    await new Promise((resolve) => setTimeout(resolve, this.#pauseMs));
    if (work.signal.aborted) return;
    try {
      const report = await this.#plan(choices, work.signal);
      if (work.signal.aborted) return;
      this.#report = report;
      // What failed when the plan was carried out is shown until the user acts.
      if (!this.#error?.retry) this.#error = undefined;
    } catch (error) {
      if (work.signal.aborted) return;
      this.#error = describeError(error);
    }
    this.#work = undefined;
    this.#changed();
  }

  /**
   * Carries out the plan as shown.
   * @param plan Its number, as the page shows it. Another one is not carried out, and the view shows that the request was missed.
   * @returns Whether it was carried out: not while planning, or where planning failed. After a failure it can be tried again.
   */
  async start(plan: number, work: (choices: Choices) => Promise<void>): Promise<boolean> {
    if (this.#starting) return false;
    this.#missed = plan !== this.#number || this.#work !== undefined;
    if (this.#missed) this.#changed();
    if (this.#missed || this.#report === null || (this.#error !== undefined && !this.#error.retry)) return false;
    this.#starting = true;
    this.#error = undefined;
    this.#changed();
    try {
      await work(this.#choices);
      return true;
    } catch (error) {
      if (!isCancelled(error)) this.#error = { ...describeError(error), retry: true };
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

const isCancelled = (error: unknown): boolean =>
  error instanceof Error && 'kind' in error && error.kind === 'cancelled';

function describeError(error: unknown): Trouble {
  if (!(error instanceof Error)) return { message: String(error) };
  const advice = adviceOf(error);
  return { message: error.message, ...defined({ advice }) };
}
