import { betaCumulative, betaQuantile } from '../maths/special.ts';

/** Outcomes of continuations of the first `kept` steps, which end at code unit `at` of the text. */
interface MeasuredPlace {
  kept: number;
  at: number;
  right: number;
  wrong: number;
}

/** Steps over which the chance of a right answer changes. */
export interface ThoughtAnchor {
  /** From 1. Several steps where the places between them were not measured. */
  first: number;
  last: number;
  /** Code units of the text; white space at both ends included. */
  start: number;
  end: number;
  /** Values before the first and after the last of them, 0 to 1. */
  before: number;
  after: number;
  /** Probability that the value changed in this direction, 0 to 1; to the exact value of the end: by LEAST_CHANGE or more. */
  chance: number;
}

/** A smaller change of the value is no anchor. */
const LEAST_CHANGE = 0.2;
const LEAST_CHANCE = 0.9;
const MOST_ANCHORS = 5;
/** Parts of equal probability of one posterior, of which each middle is compared with the other posterior. */
const PARTS = 40;

/**
 * The steps that change the chance of a right answer most, the largest change first (thought anchors, arXiv 2506.19143, with continuations in place of
 * replaced sentences). Each pair of neighbouring places is compared by its Beta posteriors.
 * @param places In order of `kept`. @param steps Number of steps of the chain; the place after the last one has the value of its one outcome.
 */
export function thoughtAnchors(places: readonly MeasuredPlace[], steps: number): ThoughtAnchor[] {
  const anchors = places.slice(1).flatMap((place, index) => {
    const before = places[index];
    return before === undefined ? [] : [change(before, place, steps)];
  });
  const size = ({ before, after }: ThoughtAnchor): number => Math.abs(after - before);
  return anchors
    .filter((anchor) => size(anchor) >= LEAST_CHANGE && anchor.chance >= LEAST_CHANCE)
    .sort((a, b) => size(b) - size(a) || a.start - b.start)
    .slice(0, MOST_ANCHORS);
}

function change(from: MeasuredPlace, to: MeasuredPlace, steps: number): ThoughtAnchor {
  const isEnd = to.kept === steps;
  const before = meanOf(from);
  const after = isEnd ? Number(to.right > 0) : meanOf(to);
  const chance = isEnd ? chanceFar(from, after) : chanceLess(after < before ? to : from, after < before ? from : to);
  const place = { first: from.kept + 1, last: to.kept, start: from.at, end: to.at };
  return { ...place, before, after, chance };
}

const meanOf = ({ right, wrong }: MeasuredPlace): number => (right + 1) / (right + wrong + 2);

/** Probability that the value of a place differs from the end's, 0 or 1, by LEAST_CHANGE or more: every value of a place differs from it. */
function chanceFar({ right, wrong }: MeasuredPlace, end: number): number {
  const [toEnd, away] = end === 1 ? [right, wrong] : [wrong, right];
  return 1 - betaCumulative(LEAST_CHANGE, away + 1, toEnd + 1);
}

/** Probability that the value of one place is below that of another, from uniform priors. */
function chanceLess(low: MeasuredPlace, high: MeasuredPlace): number {
  let sum = 0;
  for (let part = 0; part < PARTS; part++) {
    const value = betaQuantile((part + 0.5) / PARTS, high.right + 1, high.wrong + 1);
    sum += betaCumulative(value, low.right + 1, low.wrong + 1);
  }
  return sum / PARTS;
}
