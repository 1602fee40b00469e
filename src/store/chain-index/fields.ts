import { isSelected } from '../../core/export/select.ts';
import { chainWarnings } from '../../core/export/warnings.ts';
import type { ChoiceField, NumberField } from '../../core/query/fields.ts';
import { BEHAVIOURS, type Behaviour, sampleOutcome } from '../../core/schemas/index.ts';
import { reviewValues } from '../decisions.ts';
import type { ChainEntry } from './chain-table.ts';
import type { DatasetIndex } from './dataset-index.ts';

const EXPORTS = ['accepted', 'passed'] as const;

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
      return actNumber(chain, field);
    default:
      return undefined;
  }
}

/** Acts per 1,000 tokens; without a token count, four characters are one token. */
export function actsPer1000(acts: number, { tokens, size }: Pick<ChainEntry, 'tokens' | 'size'>): number {
  return (acts * 1000) / Math.max(1, tokens || size / 4);
}

function actNumber(chain: ChainEntry, kind: Behaviour): number | undefined {
  const found = chain.acts[BEHAVIOURS.indexOf(kind)];
  return typeof found === 'number' ? actsPer1000(found, chain) : undefined;
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
    case 'parent':
      return optional(chain.parent);
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
    case 'export': {
      const { decision, override } = index.review(chain.id);
      return EXPORTS.filter((select) => isSelected(chain, decision, override, select));
    }
    case 'warning': {
      const { outcome, ended, failed } = chain;
      const [override, findings] = [index.override(chain.id), index.findings(chain.id)];
      return chainWarnings({ outcome, ended, failed, override, findings });
    }
    case 'finding':
      return index.findings(chain.id);
    case 'group':
      return optional(index.nearDuplicates(chain.id));
    case 'replyGroup':
      return optional(index.nearReplies(chain.id));
    case 'triage':
      return index.suspectGold(chain.problemId) ? ['suspect-gold'] : [];
    default:
      return reviewValues(index.review(chain.id), field, as, sampleOutcome(chain.outcome, chain.ended));
  }
}

function optional(value: string | undefined): string[] {
  return value === undefined ? [] : [value];
}
