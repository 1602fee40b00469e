import type { Decision } from '../model/index.ts';

/**
 * One decision out of those of all reviewers: rejected when anyone rejected it, else accepted when anyone accepted it, else skipped
 * when anyone skipped it.
 */
export function combineDecisions(decisions: Iterable<Decision>): Decision {
  const said = new Set(decisions);
  for (const decision of ['rejected', 'accepted', 'skipped'] as const) if (said.has(decision)) return decision;
  return 'pending';
}
