import { betaCumulative, lnBeta, normalCumulative } from '../maths/special.ts';

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
/** With more of each outcome, normal distributions give the same chance to within 0.01. */
const MOST_TERMS = 500;

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

/** Probability that the value of one place is below that of another, from uniform priors. Exact, but for large numbers of outcomes. */
function chanceLess(low: MeasuredPlace, high: MeasuredPlace): number {
  const [a, b, c, d] = [low.right + 1, low.wrong + 1, high.right + 1, high.wrong + 1];
  const least = Math.min(a, b, c, d);
  if (least > MOST_TERMS) return chanceOfNormal(a, b, c, d);
  // Four sums have the same value: the shortest one is taken.
  if (least === c) return sumLess(a, b, c, d);
  if (least === b) return sumLess(d, c, b, a);
  return 1 - (least === a ? sumLess(c, d, a, b) : sumLess(b, a, d, c));
}

/** P(Beta(a, b) < Beta(c, d)) for whole numbers, as a sum of c terms. */
function sumLess(a: number, b: number, c: number, d: number): number {
  // Logarithms: the first terms of large numbers are below the smallest double.
  let term = lnBeta(a, b + d) - lnBeta(a, b);
  let sum = 0;
  for (let i = 0; i < c; i++) {
    sum += Math.exp(term);
    term += Math.log(((a + i) * (d + i)) / ((a + b + d + i) * (1 + i)));
  }
  return Math.min(1, sum);
}

/** The same where all numbers are large. */
function chanceOfNormal(a: number, b: number, c: number, d: number): number {
  const variance = (x: number, y: number): number => (x * y) / ((x + y) ** 2 * (x + y + 1));
  return normalCumulative((c / (c + d) - a / (a + b)) / Math.sqrt(variance(a, b) + variance(c, d)));
}
