import type { SamplingPlan } from '../../core/model/index.ts';
import { costOf } from '../../core/model/index.ts';
import { NO_USE, type Use } from '../../core/sampling/index.ts';
import type { SamplingProgress } from '../../protocol/runner.ts';

/** What a sampling round shows while it runs, over all its runs. */
export class SamplingCounts {
  readonly #plan: SamplingPlan;
  /** Wall time of earlier runs. */
  readonly secondsBefore: number;
  #samplesAtStart: number | undefined;
  used: Use = NO_USE;
  correct = 0;
  solved = 0;
  survivors = 0;

  constructor(plan: SamplingPlan, secondsBefore: number) {
    this.#plan = plan;
    this.secondsBefore = secondsBefore;
  }

  /** What the journal held when this run began: it took no time. */
  begin(used: Use): void {
    this.used = used;
    this.#samplesAtStart = used.samples;
  }

  /** `seconds`: of this run. */
  progress(seconds: number): SamplingProgress {
    const cost = costOf(this.used, this.#plan.settings.prices);
    return {
      samples: this.used.samples,
      samplesExpected: this.#plan.expected.samples,
      correct: this.correct,
      solved: this.solved,
      survivors: this.survivors,
      promptTokens: this.used.promptTokens,
      completionTokens: this.used.completionTokens,
      ...(cost === undefined ? {} : { cost }),
      seconds: this.secondsBefore + seconds,
    };
  }

  /** By the samples that are still expected: a hard problem at the end takes as long as many easy ones. Undefined until a rate is known. */
  secondsLeft(seconds: number): number | undefined {
    const drawn = this.used.samples - (this.#samplesAtStart ?? this.used.samples);
    if (drawn <= 0) return undefined;
    return (seconds / drawn) * Math.max(0, this.#plan.expected.samples - this.used.samples);
  }
}
