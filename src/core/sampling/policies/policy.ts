import type { Rule } from '../rule.ts';

/** A problem when its pilot is over, or at the start of a round that has none. */
export interface PilotState {
  /** Samples of earlier rounds that were graded; they count as evidence of difficulty, not towards a target. */
  earlier: { attempts: number; successes: number };
  /** This round's pilot samples, and those that were correct. */
  drawn: number;
  /** Of these, those that were graded. */
  graded: number;
  successes: number;
  /** How many problems this stands for: 1 in a running round; a plan counts expected numbers of problems, which need not be whole. */
  weight: number;
}

/** One way of sharing samples out, with its settings filled in. */
export interface Policy {
  /** Samples of every problem that are wanted before the rules can be made, earlier rounds not counted; 0 = none. */
  pilot: number;
  /** One rule for each state. All states are looked at together: a policy may compare problems or share out a budget. */
  rules(states: readonly PilotState[]): Rule[];
  /** The most samples that one problem can be given in a round over `problems` problems. */
  most(problems: number): number;
}

/** All graded samples of a state, earlier rounds and pilot. */
export function evidence({ earlier, graded, successes }: PilotState): { attempts: number; successes: number } {
  return { attempts: earlier.attempts + graded, successes: earlier.successes + successes };
}
