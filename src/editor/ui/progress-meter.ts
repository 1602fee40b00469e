import { defined } from '../../core/defined.ts';
import type { VerbProgress } from '../../protocol/progress.ts';

export interface Reading {
  done: number;
  total?: number;
  unit: string;
  message?: string;
  /** Units a second since the first report; absent before a second has passed. */
  perSecond?: number;
  /** Absent without a rate or a total. */
  secondsLeft?: number;
  /** Percent since the last reading, for a progress bar; 0 without a total. */
  increment: number;
}

/** Calculates rates and the time left from reports of a verb. A new unit or a smaller count starts a new measurement. */
export class ProgressMeter {
  #first: { at: number; done: number; unit: string } | undefined;
  #last = 0;
  #percent = 0;

  /** @param now Milliseconds of a monotonic clock. */
  read(progress: VerbProgress, now: number): Reading {
    const { done, total, unit, message } = progress;
    if (this.#first === undefined || this.#first.unit !== unit || done < this.#last) {
      this.#first = { at: now, done, unit };
    }
    this.#last = done;
    const seconds = (now - this.#first.at) / 1000;
    const perSecond = seconds >= 1 && done > this.#first.done ? (done - this.#first.done) / seconds : undefined;
    const percent = total === undefined || total === 0 ? 0 : Math.min(100, (100 * done) / total);
    const increment = Math.max(0, percent - this.#percent);
    this.#percent = Math.max(percent, this.#percent);
    const secondsLeft =
      perSecond === undefined || total === undefined ? undefined : Math.max(0, total - done) / perSecond;
    return { done, unit, increment, ...defined({ total, message, perSecond, secondsLeft }) };
  }
}
