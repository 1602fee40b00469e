import { randomSource } from '../../../src/core/maths/random.ts';
import type { FrameSentence } from '../../../src/core/review/calibration/frame.ts';
import type { AutomaticSource, CalibrationAct, CalibrationPlan } from '../../../src/core/review/calibration/index.ts';
import { drawPlan } from '../../../src/core/review/calibration/index.ts';
import { BEHAVIOURS, type Behaviour } from '../../../src/core/schemas/index.ts';

/** A synthetic population: how often each kind occurs, and how the classifiers mark it. */
export interface World {
  sentences: number;
  /** Share of sentences that begin an episode of the kind. */
  rate: Record<Behaviour, number>;
  /** Probability that a classifier marks a sentence that is of the kind, and one that is not. */
  hit: number;
  alarm: number;
  detectors: readonly AutomaticSource[];
}

export interface Population {
  frame: FrameSentence[];
  truth: Map<string, Behaviour[]>;
}

const keyOf = (sentence: { chainId: string; start: number }): string => `${sentence.chainId} ${sentence.start}`;

/** Sentences in chains of fifty, acts in episodes of one to four, as in real traces; the same for the same seed. */
export function population(world: World, seed: number): Population {
  const random = randomSource(seed);
  const truth = new Map<string, Behaviour[]>();
  const frame: FrameSentence[] = [];
  const open = new Map<Behaviour, number>();
  for (let i = 0; i < world.sentences; i++) {
    if (i % 50 === 0) open.clear();
    for (const kind of BEHAVIOURS) {
      const left = open.get(kind) ?? 0;
      if (left > 0) open.set(kind, left - 1);
      else if (random() < world.rate[kind]) open.set(kind, 1 + Math.floor(random() * 4));
    }
    const kinds = BEHAVIOURS.filter((kind) => (open.get(kind) ?? 0) > 0);
    const marks = Object.fromEntries(
      world.detectors.map((detector) => [
        detector,
        BEHAVIOURS.filter((kind) => random() < (kinds.includes(kind) ? world.hit : world.alarm * world.rate[kind])),
      ]),
    );
    const sentence = { chainId: `c${Math.floor(i / 50)}`, hash: 'h', start: (i % 50) * 10, end: (i % 50) * 10 + 9 };
    frame.push({ ...sentence, marks, near: false });
    truth.set(keyOf(sentence), kinds);
  }
  const isMarked = (one: FrameSentence | undefined) => Object.values(one?.marks ?? {}).some((kinds) => kinds?.length);
  for (const [i, one] of frame.entries()) {
    const around = [-2, -1, 1, 2].map((step) => frame[i + step]).filter((other) => other?.chainId === one.chainId);
    one.near = !isMarked(one) && around.some(isMarked);
  }
  return { frame, truth };
}

export function planOf(frame: FrameSentence[], size: number, seed: number, reviewer = 'r1'): CalibrationPlan {
  const chains = new Set(frame.map(({ chainId }) => chainId)).size;
  const createdAt = '2026-01-01T00:00:00.000Z';
  return drawPlan(frame, { size, seed, id: 'plan-of-test', reviewer, createdAt, chains, read: chains });
}

/** Acts of a curator who knows the truth. */
export function correctActs(plan: CalibrationPlan, truth: Population['truth']): CalibrationAct[] {
  return plan.sentences.map((sentence, i) => ({
    id: `a${i}`,
    at: '2026-01-01T00:00:00.000Z',
    reviewer: plan.reviewer,
    act: 'label',
    sentence: i,
    kinds: truth.get(keyOf(sentence)) ?? [],
  }));
}

/** True precision and recall of a classifier over the whole population. */
export function trueScores({ frame, truth }: Population, detector: AutomaticSource, kind: Behaviour) {
  let both = 0;
  let marked = 0;
  let real = 0;
  for (const sentence of frame) {
    const isMarked = sentence.marks[detector]?.includes(kind) ?? false;
    const is = truth.get(keyOf(sentence))?.includes(kind) ?? false;
    if (isMarked) marked++;
    if (is) real++;
    if (isMarked && is) both++;
  }
  return { precision: both / marked, recall: both / real };
}
