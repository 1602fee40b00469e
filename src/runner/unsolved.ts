import { isAnswer } from '../core/dialogue/index.ts';
import type { Outcome } from '../core/model/index.ts';
import type { Dataset } from '../store/index.ts';

/**
 * Problems that were tried and that nothing solved: no graded answer and no chain of any round is right. In hinted rounds only answer[1],
 * which is not told, counts as an attempt; of their chains, those that passed count as solved, so that they are not made again.
 */
export async function unsolvedProblems(dataset: Dataset): Promise<Set<string>> {
  const tried = new Set<string>();
  const solved = new Set<string>();
  const hinted = new Set<string>();
  for (const round of await dataset.rounds()) {
    const isHinted = (await dataset.roundPlan(round)).dialogue?.mode === 'hinted';
    if (isHinted) hinted.add(round);
    // A later line for a key replaces an earlier one.
    const last = new Map<string, { problemId: string; outcome: Outcome }>();
    for await (const { key, problemId, piece, verdict } of dataset.grades(round)) {
      const counts = isHinted ? piece === 'answer[1]' : isAnswer(piece) || piece === 'summary' || piece === 'response';
      if (counts) last.set(key, { problemId, outcome: verdict.outcome });
    }
    for (const { problemId, outcome } of last.values()) {
      if (outcome === 'correct') solved.add(problemId);
      if (outcome === 'incorrect') tried.add(problemId);
    }
  }
  for (const { problemId, outcome, passed, round } of dataset.index.chains()) {
    tried.add(problemId);
    if (outcome === 'correct' && (passed || !hinted.has(round))) solved.add(problemId);
  }
  return new Set([...tried].filter((id) => !solved.has(id)));
}
