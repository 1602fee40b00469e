import { present } from '../defined.ts';
import { formatDuration } from './format.ts';
import { ENGLISH, type L10n } from './l10n.ts';

interface Tokens {
  promptTokens: number;
  completionTokens: number;
}

interface Calls {
  /** Paid for. */
  calls: number;
  /** Answered by the journal. */
  reused: number;
  retries: number;
}

/** `480 calls (12 from the journal, 3 retries)`. */
export function formatCalls({ calls, reused, retries }: Calls, { t, count, counted }: L10n = ENGLISH): string {
  const extra = present(
    reused > 0 && t('{0} from the journal', count(reused)),
    retries > 0 && counted(retries, '{0} retry', '{0} retries'),
  );
  return counted(calls, '{0} call', '{0} calls') + (extra.length === 0 ? '' : ` (${extra.join(', ')})`);
}

/** The use of ended calls: `900 prompt tokens, 3,957 completion tokens, 3 min. Cost: 0.42.` `isLocal`: the model runs on this machine. */
export function formatUse(
  { promptTokens, completionTokens, seconds, cost }: Tokens & { seconds: number; cost?: number | null | undefined },
  isLocal: boolean,
  l10n: L10n = ENGLISH,
): string {
  const tokens = [formatPrompt(promptTokens, l10n), formatCompletion(completionTokens, l10n)].join(', ');
  return l10n.t('{0}, {1}. Cost: {2}.', tokens, formatDuration(seconds), l10n.cost(cost, isLocal));
}

/**
 * The tokens that calls are expected to use: `About 900 prompt tokens, 3,957 completion tokens (at most 8,000; measured on earlier calls)`.
 * `basis`: what the estimate rests on.
 */
export function formatExpectedTokens(
  { promptTokens, completionTokens, completionTokensMax }: Tokens & { completionTokensMax: number },
  basis: string,
  l10n: L10n = ENGLISH,
): string {
  const [prompt, completion] = [formatPrompt(promptTokens, l10n), formatCompletion(completionTokens, l10n)];
  return l10n.t('About {0}, {1} (at most {2}; {3})', prompt, completion, l10n.count(completionTokensMax), basis);
}

/** Continuations that are planned; see ContinuationCost. */
interface PlannedContinuations extends Tokens {
  completionTokensMax: number;
  cost?: number | undefined;
  costMax?: number | undefined;
}

/** `About 900 prompt tokens, 3,957 completion tokens (at most 8,000; each as long as the rest of its chain)`. */
export const formatContinuationTokens = (plan: PlannedContinuations, l10n: L10n = ENGLISH): string =>
  formatExpectedTokens(plan, l10n.t('each as long as the rest of its chain'), l10n);

/** `0.42, at most 1.70`; as formatCost without prices. */
export function formatContinuationCost(
  { cost, costMax }: Pick<PlannedContinuations, 'cost' | 'costMax'>,
  isLocal: boolean,
  l10n: L10n = ENGLISH,
): string {
  const expected = l10n.cost(cost, isLocal);
  return costMax === undefined ? expected : l10n.t('{0}, at most {1}', expected, l10n.cost(costMax, isLocal));
}

/** The tokens and the cost of planned continuations, in two sentences. */
export const formatContinuations = (plan: PlannedContinuations, isLocal: boolean): string =>
  `${formatContinuationTokens(plan)}. Cost: ${formatContinuationCost(plan, isLocal)}.`;

const formatPrompt = (tokens: number, { counted }: L10n): string =>
  counted(tokens, '{0} prompt token', '{0} prompt tokens');

const formatCompletion = (tokens: number, { counted }: L10n): string =>
  counted(tokens, '{0} completion token', '{0} completion tokens');

/** What shows, before continuations are paid, that a model continues exactly the given text; undefined if unknown yet. */
export function formatPrefixCheck(checkedBy: 'ids' | 'reply' | undefined, { t }: L10n = ENGLISH): string {
  if (checkedBy === 'ids') return t('Token ids of the server show first that it continues exactly this text.');
  return checkedBy === 'reply'
    ? t('A paid call of 4 tokens checks first that the model continues a given text.')
    : t('Token ids of the server, or a paid call of 4 tokens, check first that it continues this text.');
}
