// The control arm's rows: for each row of the treated arm a response of the base model to the same problem, right or wrong.
import { drawFrom, randomSource } from '../../src/core/maths/random.ts';

/** A response as the journal of a sampling round has it. */
export interface DrawnResponse {
  problemId: string;
  text: string;
  /** It ended by itself. */
  finished: boolean;
}

/**
 * As many random responses of each problem as the treated arm has rows of it, whatever their answer. No text twice for a problem, since no set
 * of rows has that; truncated replies are excluded, since their rows would have no end. If a problem has too few, other problems make up
 * for them, so that both arms have the same number of rows.
 * @param counts rows of the treated arm per problem.
 * @throws Error when there are too few responses in all.
 */
export function controlRows(
  responses: readonly DrawnResponse[],
  counts: ReadonlyMap<string, number>,
  seed: number,
): DrawnResponse[] {
  const random = randomSource(seed);
  const byProblem = new Map<string, Map<string, DrawnResponse>>();
  for (const response of drawFrom(responses, responses.length, random)) {
    if (!response.finished || response.text.trim() === '') continue;
    const texts = byProblem.get(response.problemId) ?? new Map<string, DrawnResponse>();
    if (!texts.has(response.text)) texts.set(response.text, response);
    byProblem.set(response.problemId, texts);
  }
  const rows: DrawnResponse[] = [];
  const spare: DrawnResponse[] = [];
  for (const [problemId, texts] of byProblem) {
    const all = [...texts.values()];
    const count = counts.get(problemId) ?? 0;
    rows.push(...all.slice(0, count));
    spare.push(...all.slice(count));
  }
  const missing = [...counts.values()].reduce((sum, count) => sum + count, 0) - rows.length;
  if (missing > spare.length) throw new Error(`The control arm lacks ${missing - spare.length} responses.`);
  return [...rows, ...drawFrom(spare, missing, random)];
}
