import type { EVALUATION_VERBS } from '../protocol/evaluation.ts';
import { RESPONSE_FLAGS, ROLE } from './sampling-shapes.ts';
import type { Flag, Shape } from './shapes.ts';

/** The command lines of the verbs that measure models. `pick`: flags that say which problems of the dataset. */
export function evaluationShapes(
  pick: Readonly<Record<string, Flag>>,
): Readonly<Record<keyof typeof EVALUATION_VERBS, Shape>> {
  const { problems: _problems, ...others } = pick;
  return {
    evaluate: {
      positionals: ['dataset'],
      flags: {
        problems: {
          value: 'FILE',
          into: 'problems',
          help: 'JSONL, JSON, CSV or Parquet with problems and answers, or a set on the Hugging Face hub as hf:OWNER/NAME; the problems of the dataset when not given',
        },
        ...others,
        limit: { value: 'N', into: 'limit', kind: 'number', help: 'at most so many problems, the same for each model' },
        role: ROLE,
        k: { value: 'N', into: 'k', kind: 'number', help: 'samples a problem (4); 32 or more for a small benchmark' },
        ...RESPONSE_FLAGS,
        plan: { into: 'plan', help: 'say what it would ask for and cost, and ask nothing' },
        resume: { value: 'NAME', into: 'resume', help: 'go on with an evaluation that stopped' },
      },
    },
    'compare-evaluations': {
      positionals: ['dataset', 'a', 'b'],
      flags: {
        common: { into: 'common', help: 'where the sets differ, compare the problems that both have' },
      },
    },
  };
}
