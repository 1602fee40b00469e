import type { Clause, Query } from '../../query/query.ts';
import type { FunnelStageId } from './model.ts';

/** The chains of a stage of a round; undefined for stages before there are chains. */
export function stageQuery(stage: FunnelStageId, round: string): Query | undefined {
  const passed: Partial<Record<FunnelStageId, Query>> = {
    chains: [],
    passed: [{ field: 'filters', op: '=', values: ['passed', 'quota'] }],
    kept: [{ field: 'filters', op: '=', values: ['passed'] }],
  };
  const clauses = passed[stage];
  return clauses && [ofRound(round), ...clauses];
}

/** Losses of the quota and of the selection of a sampling round, which keep their chains. */
const KEPT_BACK: ReadonlySet<string> = new Set(['quota', 'length', 'same-equations', 'enough']);

/** The chains that were lost for a reason; undefined where answers were lost, which are no chains. */
export function lossQuery(reason: string, round: string): Query | undefined {
  const failed = reason.startsWith('filter:')
    ? reason.slice('filter:'.length)
    : KEPT_BACK.has(reason)
      ? 'quota'
      : undefined;
  return failed === undefined ? undefined : [ofRound(round), { field: 'failed', op: '=', values: [failed] }];
}

const ofRound = (round: string): Clause => ({ field: 'round', op: '=', values: [round] });
