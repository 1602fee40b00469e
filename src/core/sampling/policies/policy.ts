import type { Rule } from '../rule.ts';

/** A problem after its pilot, or at the start of a round without one. */
export interface PilotState {
  /** Graded samples of earlier rounds: evidence of difficulty that does not count towards a target. */
  earlier: { attempts: number; successes: number };
  /** This round's pilot samples; how many were graded; how many were correct. */
  drawn: number;
  graded: number;
  successes: number;
  /** Number of problems that this represents: 1 in a running round, possibly fractional in a plan. */
  weight: number;
}

/** A way to distribute samples. */
export interface Policy {
  /** Samples of every problem in this round before the rules are made; 0 = none. */
  pilot: number;
  /** One rule for each state. A policy may compare problems or distribute a budget. */
  rules(states: readonly PilotState[]): Rule[];
  /** Maximum samples of one problem in a round over `problems` problems. */
  most(problems: number): number;
}

/** All graded samples of earlier rounds and the pilot. */
export function evidence({ earlier, graded, successes }: PilotState): { attempts: number; successes: number } {
  return { attempts: earlier.attempts + graded, successes: earlier.successes + successes };
}
