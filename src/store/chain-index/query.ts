import { shuffleKey } from '../../core/maths/random.ts';
import { CHOICES, type ChoiceField, type NumberField } from '../../core/query/fields.ts';
import { type Clause, isComparison, type Query, toNumber } from '../../core/query/query.ts';
import { BEHAVIOURS, type Behaviour, normaliseLevel, normaliseTopic, sampleOutcome } from '../../core/schemas/index.ts';
import type { ChainEntry, DatasetIndex } from './dataset-index.ts';

/** The choices whose values are counted, as the Review Queue view lists them. */
export const FACETS = CHOICES.filter((name) => name !== 'problem' && name !== 'chain');
export type Facet = Exclude<ChoiceField, 'problem' | 'chain'>;

/** Whether the text that a clause searches for is in a chain; see TextSearch. */
export type HasText = (chain: ChainEntry, clause: Clause) => boolean;

export interface QueryScope {
  /** Whose decisions apply; those of all reviewers together when absent. */
  as?: string | undefined;
  /** Needed for a query with `~`. */
  hasText?: HasText | undefined;
}

/** A field to sort by. Chains without a value come last. */
export type Sort =
  | { field: ChoiceField | NumberField; descending?: boolean }
  /** Chains without a verdict first, then those in which judge and classifier differ most. */
  | { by: 'uncertain' }
  | { by: 'random'; seed: number };

/**
 * Chains that match all clauses, in the order of the index, or sorted. With a clause of the field `judge`, chains in which judge and classifier differ
 * most come first.
 * @throws RangeError for a text clause without `hasText`
 */
export function queryChains(
  index: DatasetIndex,
  query: Query = [],
  scope: QueryScope = {},
  sort: Sort | undefined = undefined,
): ChainEntry[] {
  const matches = query.map((clause) => matcher(index, clause, scope));
  const chains = [...index.chains()].filter((chain) => matches.every((match) => match(chain)));
  if (sort !== undefined) return sortChains(index, chains, sort, scope);
  const byJudge = query.some(({ field, not }) => field === 'judge' && !not);
  return byJudge ? chains.sort((a, b) => differing(b) - differing(a)) : chains;
}

/** Sentences in which judge and classifier differ. */
const differing = (chain: ChainEntry): number => chain.judgement?.differ ?? 0;

const byText = new Intl.Collator('en', { numeric: true });

function sortChains(index: DatasetIndex, chains: ChainEntry[], sort: Sort, scope: QueryScope): ChainEntry[] {
  const keys = new Map(chains.map((chain) => [chain.id, sortKey(index, chain, sort, scope)]));
  const sign = 'descending' in sort && sort.descending ? -1 : 1;
  return chains.sort((a, b) => {
    const [one, other] = [keys.get(a.id), keys.get(b.id)];
    if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
    const order =
      typeof one === 'number' && typeof other === 'number' ? one - other : byText.compare(`${one}`, `${other}`);
    return sign * order;
  });
}

function sortKey(index: DatasetIndex, chain: ChainEntry, sort: Sort, { as }: QueryScope): number | string | undefined {
  if ('field' in sort) return numberOf(index, chain, sort.field) ?? choicesOf(index, chain, sort.field, as)[0];
  if (sort.by === 'random') return shuffleKey(chain.id, sort.seed);
  const { judgement } = chain;
  const differ = judgement && judgement.judged > 0 ? judgement.differ / judgement.judged : 0;
  const isGraded =
    chain.outcome === 'correct' || chain.outcome === 'incorrect' || index.override(chain.id, as) !== undefined;
  return -differ - (isGraded ? 0 : 2);
}

/**
 * The number of chains by facet and value, among those that match all clauses about other fields: it shows what another choice would select.
 */
export function countFacets(
  index: DatasetIndex,
  query: Query = [],
  scope: QueryScope = {},
): Record<Facet, Map<string, number>> {
  const matches = query.map((clause) => ({ field: clause.field, match: matcher(index, clause, scope) }));
  const counts = Object.fromEntries(FACETS.map((facet) => [facet, new Map()])) as Record<Facet, Map<string, number>>;
  for (const chain of index.chains()) {
    const missed = new Set(matches.filter(({ match }) => !match(chain)).map(({ field }) => field));
    if (missed.size > 1) continue;
    for (const facet of FACETS) {
      if (missed.size === 1 && !missed.has(facet)) continue;
      for (const value of choicesOf(index, chain, facet, scope.as)) {
        counts[facet].set(value, (counts[facet].get(value) ?? 0) + 1);
      }
    }
  }
  return counts;
}

function matcher(index: DatasetIndex, clause: Clause, scope: QueryScope): (chain: ChainEntry) => boolean {
  const match = positive(index, clause, scope);
  return clause.not ? (chain) => !match(chain) : match;
}

function positive(index: DatasetIndex, clause: Clause, scope: QueryScope): (chain: ChainEntry) => boolean {
  const { field, op, values } = clause;
  if (op === '~' || field === 'note' || field === 'text') {
    const { hasText } = scope;
    if (hasText === undefined) throw new RangeError(`no text to search for ${values.join(', ')}`);
    return (chain) => hasText(chain, clause);
  }
  const numbers = values.map(toNumber);
  if (isComparison(op)) {
    const limit = numbers[0] ?? Number.NaN;
    return (chain) => compare(numberOf(index, chain, field), op, limit);
  }
  if (isNumber(field)) return (chain) => numbers.includes(numberOf(index, chain, field) ?? Number.NaN);
  const wanted = new Set(values.map(NORMAL[field] ?? String));
  return (chain) => choicesOf(index, chain, field, scope.as).some((value) => wanted.has(value));
}

function compare(value: number | undefined, op: Clause['op'], limit: number): boolean {
  if (value === undefined) return false;
  if (op === '<') return value < limit;
  if (op === '<=') return value <= limit;
  return op === '>' ? value > limit : value >= limit;
}

/** Fields whose values have several spellings. */
const NORMAL: Partial<Record<ChoiceField, (value: string) => string>> = {
  level: (value) => String(normaliseLevel(value)),
  topic: normaliseTopic,
};

const isNumber = (field: ChoiceField | NumberField): field is NumberField =>
  !(CHOICES as readonly string[]).includes(field);

/** The number of a field; undefined where it is unknown, and for a field that is no number. */
export function numberOf(index: DatasetIndex, chain: ChainEntry, field: ChoiceField | NumberField): number | undefined {
  switch (field) {
    case 'tokens':
      return chain.tokens;
    case 'characters':
      return chain.size;
    case 'passRate': {
      const rate = index.passRate(chain.problemId);
      return rate && rate.successes / rate.attempts;
    }
    case 'level': {
      const level = index.problem(chain.problemId)?.level;
      return typeof level === 'number' ? level : undefined;
    }
    case 'verification':
    case 'backtracking':
    case 'subgoal':
    case 'backward':
      return actsPer1000(chain, field);
    default:
      return undefined;
  }
}

function actsPer1000({ acts, tokens, size }: ChainEntry, kind: Behaviour): number | undefined {
  const found = acts[BEHAVIOURS.indexOf(kind)];
  // Without a token count, four characters are one token.
  return typeof found === 'number' ? (found * 1000) / Math.max(1, tokens || size / 4) : undefined;
}

/** Least shares of the judged sentences for a large and a middling disagreement. */
const LARGE = 0.3;
const MIDDLING = 0.1;

/** `any` and one of `large`, `middling`, `small` for a disagreement; `none` without one; no value for an unjudged chain. */
function judgeValues({ judgement }: ChainEntry): readonly string[] {
  if (!judgement || judgement.judged === 0) return [];
  if (judgement.differ === 0) return ['none'];
  const share = judgement.differ / judgement.judged;
  return ['any', share >= LARGE ? 'large' : share >= MIDDLING ? 'middling' : 'small'];
}

/** The values of a choice, with the decisions of one reviewer or of all together. A chain may have several, or none. */
export function choicesOf(
  index: DatasetIndex,
  chain: ChainEntry,
  field: ChoiceField | NumberField,
  as: string | undefined,
): readonly string[] {
  switch (field) {
    case 'round':
      return [chain.round];
    case 'origin':
      return [chain.origin];
    case 'class':
      return optional(chain.class);
    case 'verdict':
      return [sampleOutcome(chain.outcome, chain.ended)];
    case 'first':
      return optional(chain.first);
    case 'filters':
      return [chain.quotaDropped ? 'quota' : chain.passed ? 'passed' : 'filtered'];
    case 'failed':
      return chain.quotaDropped ? ['quota'] : chain.failed;
    case 'behaviour':
      return BEHAVIOURS.filter((_, i) => (chain.behaviours[i] ?? 0) > 0);
    case 'judge':
      return judgeValues(chain);
    case 'model':
      return [chain.model];
    case 'chain':
      return [chain.id];
    case 'problem':
      return [chain.problemId];
    case 'level':
      return optional(index.problem(chain.problemId)?.level?.toString());
    case 'topic':
      return optional(index.problem(chain.problemId)?.topic);
    case 'finding':
      return index.findings(chain.id);
    case 'triage':
      return index.suspectGold(chain.problemId) ? ['suspect-gold'] : [];
    default:
      return reviewValues(index, chain, field, as);
  }
}

function reviewValues(
  index: DatasetIndex,
  chain: ChainEntry,
  field: ChoiceField | NumberField,
  as: string | undefined,
): readonly string[] {
  switch (field) {
    case 'decision':
      return [index.decision(chain.id, as)];
    case 'edited':
      return [index.isEdited(chain.id, as) ? 'yes' : 'no'];
    case 'overruled': {
      const override = index.override(chain.id, as);
      return override === undefined || override === sampleOutcome(chain.outcome, chain.ended) ? [] : [override];
    }
    case 'tag':
      return [...new Set([...index.review(chain.id).reviewers.values()].flatMap(({ tags }) => tags ?? []))];
    case 'assigned':
      return [...new Set([...index.review(chain.id).reviewers.values()].flatMap(({ assigned }) => assigned ?? []))];
    case 'reviewer':
      return [...index.review(chain.id).reviewers]
        .filter(([, { decision }]) => decision !== 'pending')
        .map(([name]) => name);
    default:
      return [];
  }
}

function optional(value: string | undefined): string[] {
  return value === undefined ? [] : [value];
}
