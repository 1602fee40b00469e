import { defined } from '../../core/defined.ts';
import { NO_USE, type Use } from '../../core/sampling/index.ts';
import type { SamplingPlan } from '../../core/schemas/index.ts';
import { costOf } from '../../core/schemas/index.ts';
import type { SamplingProgress } from '../../protocol/runner.ts';

/** Progress of a sampling round over all its runs. */
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

  /** Responses in the journal before this run, which took no time. */
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
      ...defined({ cost }),
      seconds: this.secondsBefore + seconds,
    };
  }

  /** Estimated by the expected samples, since a hard problem takes many; undefined until a rate is known. */
  secondsLeft(seconds: number): number | undefined {
    const drawn = this.used.samples - (this.#samplesAtStart ?? this.used.samples);
    if (drawn <= 0) return undefined;
    return (seconds / drawn) * Math.max(0, this.#plan.expected.samples - this.used.samples);
  }
}
