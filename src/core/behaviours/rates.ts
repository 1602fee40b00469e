import measured from '../../../media/behaviours/scores.json' with { type: 'json' };
import { BEHAVIOURS, type Behaviour, type BehaviourRate, type Span } from '../schemas/index.ts';
import type { BehaviourScore, ClassifierScores } from './weights.ts';

const { byPeople, byModel }: Pick<ClassifierScores, 'byPeople' | 'byModel'> = measured;

/** An accuracy of the classifier, and whose labels it was measured on. */
interface MeasuredScore extends BehaviourScore {
  by: 'people' | 'model';
}

/**
 * The accuracy of the classifier by sentence on texts of an unseen model: by labels of people where these were measured, else by labels of a
 * language model (docs/design/behaviours.md).
 */
export const BEHAVIOUR_SCORES = Object.fromEntries(
  BEHAVIOURS.map((kind) => {
    const people = byPeople[kind];
    return [kind, people === undefined ? { ...byModel[kind], by: 'model' } : { ...people, by: 'people' }];
  }),
) as Readonly<Record<Behaviour, MeasuredScore>>;

/** The rates of each behaviour in a text of `tokens` tokens and `characters` UTF-16 code units; 0 without tokens or characters. */
export function behaviourRates(
  spans: readonly Pick<Span, 'kind' | 'start' | 'end' | 'acts'>[],
  { tokens, characters }: { tokens: number; characters: number },
): Record<Behaviour, BehaviourRate> {
  const per1000 = (count: number): number => (tokens > 0 ? (count * 1000) / tokens : 0);
  const rates = BEHAVIOURS.map((kind) => {
    const found = spans.filter((span) => span.kind === kind);
    const known = found.every(({ acts }) => acts !== undefined);
    const acts = new Set(found.flatMap((span) => span.acts ?? []).map(({ start }) => start)).size;
    const rate: BehaviourRate = {
      episodes: per1000(found.length),
      ...(known ? { acts: per1000(acts) } : {}),
      covered: characters > 0 ? lengthOfUnion(found) / characters : 0,
    };
    return [kind, rate] as const;
  });
  return Object.fromEntries(rates) as Record<Behaviour, BehaviourRate>;
}

/** Characters in at least one of the places. */
function lengthOfUnion(places: readonly { start: number; end: number }[]): number {
  let [length, reached] = [0, 0];
  for (const { start, end } of [...places].sort((a, b) => a.start - b.start)) {
    length += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return length;
}
