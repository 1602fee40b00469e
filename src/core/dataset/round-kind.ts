import type { RoundKind } from '../schemas/round.ts';

/** Whether a model generates such a round, so that it can be cancelled and resumed. */
export function isGenerated(kind: RoundKind): boolean {
  return kind === 'dialogue' || kind === 'sampling' || kind === 'repair';
}
