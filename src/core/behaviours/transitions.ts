import type { GradedCandidate } from './candidates.ts';

type Side = 'right' | 'wrong';

/** A step between two graded candidate answers. */
export interface Transition {
  /** Indices of the candidates. */
  from: number;
  to: number;
  kind: `${Side}-${Side}`;
  /** Whether the values differ; a repeated value is a confirmation. */
  changed: boolean;
}

/** The steps between neighbouring graded candidates, as in “First Try Matters” (arXiv 2510.08308). Other candidates are skipped. */
export function transitions(candidates: readonly GradedCandidate[]): Transition[] {
  const steps: Transition[] = [];
  let last: { at: number; side: Side } | undefined;
  candidates.forEach((candidate, at) => {
    const side = sideOf(candidate);
    if (side === undefined) return;
    if (last !== undefined) {
      const before = candidates[last.at]?.answer.replace(/\s/g, '');
      const changed = side !== last.side || before !== candidate.answer.replace(/\s/g, '');
      steps.push({ from: last.at, to: at, kind: `${last.side}-${side}`, changed });
    }
    last = { at, side };
  });
  return steps;
}

function sideOf({ outcome }: GradedCandidate): Side | undefined {
  if (outcome === 'correct') return 'right';
  return outcome === 'incorrect' ? 'wrong' : undefined;
}
