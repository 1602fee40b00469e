import type { Decision, OverrideOutcome } from '../model/index.ts';

/**
 * One decision out of those of all reviewers: rejected when anyone rejected it, else accepted when anyone accepted it, else skipped
 * when anyone skipped it.
 */
export function combineDecisions(decisions: Iterable<Decision>): Decision {
  const said = new Set(decisions);
  for (const decision of ['rejected', 'accepted', 'skipped'] as const) if (said.has(decision)) return decision;
  return 'pending';
}

/** One word on the final answer out of those of all reviewers, the most careful one; undefined when nobody overruled the grader. */
export function combineOverrides(outcomes: Iterable<OverrideOutcome>): OverrideOutcome | undefined {
  const said = new Set(outcomes);
  return (['incorrect', 'unknown', 'correct'] as const).find((outcome) => said.has(outcome));
}
