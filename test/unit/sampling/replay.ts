import { seedOf } from '../../../src/core/dialogue/index.ts';
import {
  type Draw,
  NO_USE,
  type Sample,
  Sampler,
  type SamplerProblem,
  SamplingSettings,
  type Use,
} from '../../../src/core/sampling/index.ts';
import type { SampleOutcome } from '../../../src/core/schemas/index.ts';

/**
 * A number in [0, 1) that depends only on its parts. The parts are mixed in one by one: neighbouring indexes must not give
 * related numbers.
 */
export function chanceOf(...parts: readonly (string | number)[]): number {
  let bits = 0;
  for (const part of parts) {
    // The finaliser of MurmurHash3.
    bits = Math.imul(bits, 31) + (typeof part === 'number' ? part : seedOf(part));
    bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
    bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
    bits ^= bits >>> 16;
  }
  return (bits >>> 0) / 2 ** 32;
}

export interface ReplayProblem {
  problemId: string;
  /** Its true pass rate. */
  p: number;
  earlier?: { attempts: number; successes: number };
}

export interface ReplayOptions {
  settings: Partial<Parameters<typeof SamplingSettings.parse>[0] & object>;
  seed: number;
  /** Requests in flight. */
  inFlight?: number;
  /** Which request in flight returns next, given their number and a counter; the first if absent. */
  order?: (waiting: number, step: number) => number;
  done?: { samples: readonly Sample[]; use: Use; seconds: number };
  /** Stops after this number of replies, as a crash would: requests in flight are lost. */
  stopAfter?: number;
  outcome?: (problem: ReplayProblem, index: number) => SampleOutcome;
  tokens?: { prompt: number; completion: number; limit: number };
}

export interface Replay {
  samples: Sample[];
  draws: Draw[];
  sampler: Sampler;
  use: Use;
  endedBy: string | undefined;
}

/**
 * A round without a model: the real sampler draws, and outcomes are drawn from the true pass rates. The outcome of a sample depends on seed,
 * problem and index alone, so that two policies, or two orders of arrival, get the same outcomes.
 */
export function replay(problems: readonly ReplayProblem[], options: ReplayOptions): Replay {
  const { seed, inFlight = 1, order = () => 0 } = options;
  const tokens = options.tokens ?? { prompt: 100, completion: 500, limit: 500 };
  const settings = SamplingSettings.parse({ seed, ...options.settings });
  const known = new Map(problems.map((problem) => [problem.problemId, problem]));
  const asked: SamplerProblem[] = problems.map(({ problemId, earlier }) => ({
    problemId,
    earlier: earlier ?? { attempts: 0, successes: 0 },
    promptTokens: tokens.prompt,
  }));
  const sampler = new Sampler(asked, {
    settings,
    maxTokens: tokens.limit,
    ...(options.done ? { done: options.done } : {}),
  });
  const outcome =
    options.outcome ??
    (({ problemId, p }, index): SampleOutcome =>
      chanceOf('coin', seed, problemId, index) < p ? 'correct' : 'incorrect');
  const result: Replay = { samples: [], draws: [], sampler, use: NO_USE, endedBy: undefined };
  const waiting: Draw[] = [];
  for (let step = 0; step < (options.stopAfter ?? Number.POSITIVE_INFINITY); step++) {
    while (waiting.length < inFlight) {
      const next = sampler.next(step);
      if ('idle' in next) {
        if (next.idle === 'budget') result.endedBy = next.by;
        break;
      }
      waiting.push(next);
      result.draws.push(next);
    }
    const [draw] = waiting.splice(order(waiting.length, step), 1);
    if (!draw) break;
    const problem = known.get(draw.problemId);
    if (!problem) throw new Error(`unknown problem drawn: ${draw.problemId}`);
    const outcomes = draw.indexes.map((index) => outcome(problem, index));
    draw.indexes.forEach((index, i) => {
      result.samples.push({ problemId: draw.problemId, index, outcome: outcomes[i] ?? 'error' });
    });
    sampler.returned(
      draw,
      { promptTokens: tokens.prompt, completionTokens: tokens.completion * outcomes.length },
      outcomes,
    );
  }
  result.use = sampler.used;
  return result;
}

/** A pass rate from Beta(a, b) that depends only on its parts: two gamma variates by Marsaglia and Tsang's method. */
export function betaSample({ a, b }: { a: number; b: number }, ...parts: readonly (string | number)[]): number {
  let step = 0;
  const uniform = (): number => Math.max(1e-12, chanceOf(...parts, step++));
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    for (;;) {
      const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
      const v = (1 + normal / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(uniform()) < (normal * normal) / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  const [x, y] = [gamma(a), gamma(b)];
  return x / (x + y);
}
