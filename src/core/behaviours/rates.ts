import { BEHAVIOURS, type Behaviour, type Span } from '../model/index.ts';
import measured from './scores.json' with { type: 'json' };
import type { BehaviourScore } from './weights.ts';

/**
 * How well the offline detector does, by kind: precision, recall, F1 and kappa by sentence, measured on texts of a model that it was not
 * trained on (docs/behaviours.md). To be shown beside the rates.
 */
export const BEHAVIOUR_SCORES: Readonly<Record<Behaviour, BehaviourScore>> = measured.byModel;

/** Spans of each kind per 1,000 tokens; 0 where there are no tokens. A count alone mostly measures how long a text is. */
export function ratesPer1000Tokens(spans: readonly Pick<Span, 'kind'>[], tokens: number): Record<Behaviour, number> {
  const rates = BEHAVIOURS.map((kind) => {
    const count = spans.filter((span) => span.kind === kind).length;
    return [kind, tokens > 0 ? (count * 1000) / tokens : 0] as const;
  });
  return Object.fromEntries(rates) as Record<Behaviour, number>;
}
