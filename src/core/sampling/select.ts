import { compare } from '../text/compare.ts';
import { equationKey } from './equations.ts';
import type { SelectionSettings } from './settings.ts';

/** A correct response that passed the filters. */
interface Response {
  /** Unique within the problem. */
  id: string;
  text: string;
  /** Completion tokens. */
  tokens: number;
}

export interface Selection<R extends Response> {
  /** Closest to the median first. */
  kept: R[];
  /** All other responses with the reason; `as` is the kept response with the same equations. */
  left: { response: R; reason: 'length' | 'same-equations' | 'enough'; as?: string }[];
}

/** With fewer responses, a length band would exclude too many. */
const BAND_FROM = 4;

/**
 * The selection of method.md, stage 2, from the correct responses of one problem: at most `keep` within the 25 % to 75 % quantiles of length
 * (with at least 4 responses), closest to the median first, no two with the same equations. Does not depend on the order of the input.
 */
export function selectResponses<R extends Response>(
  responses: readonly R[],
  settings: SelectionSettings,
): Selection<R> {
  const lengths = responses.map(({ tokens }) => tokens).sort((one, other) => one - other);
  const median = quantile(lengths, 0.5);
  const banded = responses.length >= BAND_FROM;
  const [low, high] = banded ? [quantile(lengths, 0.25), quantile(lengths, 0.75)] : [0, Number.POSITIVE_INFINITY];
  const nearest = [...responses].sort(
    (one, other) =>
      Math.abs(one.tokens - median) - Math.abs(other.tokens - median) ||
      one.tokens - other.tokens ||
      compare(one.id, other.id),
  );
  const selection: Selection<R> = { kept: [], left: [] };
  const keys = new Map<string, string>();
  for (const response of nearest) {
    if (response.tokens < low || response.tokens > high) selection.left.push({ response, reason: 'length' });
    else if (selection.kept.length >= settings.keep) selection.left.push({ response, reason: 'enough' });
    else {
      const key = equationKey(response.text);
      const same = keys.get(key);
      if (same !== undefined) selection.left.push({ response, reason: 'same-equations', as: same });
      else {
        keys.set(key, response.id);
        selection.kept.push(response);
      }
    }
  }
  return selection;
}

/** Quantile of ascending numbers with linear interpolation (type 7); 0 for none. */
function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? 0;
  return below + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? below) - below);
}
