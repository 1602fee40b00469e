import measured from '../../../media/behaviours/scores.json' with { type: 'json' };
import { BEHAVIOURS, type Behaviour, type Span } from '../schemas/index.ts';
import type { BehaviourScore } from './weights.ts';

/** Precision, recall, F1 and kappa of the classifier by sentence, measured on an unseen model's texts (docs/design/behaviours.md). */
export const BEHAVIOUR_SCORES: Readonly<Record<Behaviour, BehaviourScore>> = measured.byModel;

/** Spans of each kind per 1,000 tokens; 0 without tokens. */
export function ratesPer1000Tokens(spans: readonly Pick<Span, 'kind'>[], tokens: number): Record<Behaviour, number> {
  const rates = BEHAVIOURS.map((kind) => {
    const count = spans.filter((span) => span.kind === kind).length;
    return [kind, tokens > 0 ? (count * 1000) / tokens : 0] as const;
  });
  return Object.fromEntries(rates) as Record<Behaviour, number>;
}
