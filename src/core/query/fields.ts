import { FINDING_IDS } from '../examine/kinds.ts';
import { CHAIN_WARNINGS } from '../export/warnings.ts';
import { BEHAVIOURS, ChainClass, ChainOrigin, Decision, NoAnswer, Outcome, OverrideOutcome } from '../schemas/index.ts';

/**
 * What a clause can be about. A `choice` has named values, and a chain may have several or none; a `number` is compared; a `text` is searched.
 * `problem` and `chain` are choices by id, and texts with `~`.
 */
interface FieldShape {
  name: string;
  kind: 'choice' | 'number' | 'text';
  /** For completion and docs. */
  about: string;
  /** All values, where no others exist. */
  values?: readonly string[];
}

const VERDICTS = [...Outcome.options, ...NoAnswer.options];
const per1000 = (what: string) => `sentences that ${what}, per 1,000 tokens`;

/** The fields of a query, in the order of the docs. */
export const FIELDS = [
  { name: 'decision', kind: 'choice', about: 'your decision', values: Decision.options },
  { name: 'reviewer', kind: 'choice', about: 'who has decided' },
  { name: 'edited', kind: 'choice', about: 'whether you edited the text', values: ['yes', 'no'] },
  { name: 'class', kind: 'choice', about: 'whether first and last answer are right', values: ChainClass.options },
  { name: 'verdict', kind: 'choice', about: 'of the final answer', values: VERDICTS },
  { name: 'first', kind: 'choice', about: 'verdict of the first answer, of dialogue chains', values: Outcome.options },
  { name: 'overruled', kind: 'choice', about: 'your verdict, where it differs', values: OverrideOutcome.options },
  {
    name: 'steps',
    kind: 'choice',
    about: 'your labels of steps: one is bad, none is wrong, or some have a label',
    values: ['wrong', 'right', 'some'],
  },
  { name: 'filters', kind: 'choice', about: 'what the filters decided', values: ['passed', 'filtered', 'quota'] },
  { name: 'failed', kind: 'choice', about: 'id of a failed filter, or quota' },
  {
    name: 'export',
    kind: 'choice',
    about: 'the exports that select the chain, by the reviews of all',
    values: ['accepted', 'passed'],
  },
  {
    name: 'warning',
    kind: 'choice',
    about: 'why a chain may not belong in a training set, by the reviews of all',
    values: CHAIN_WARNINGS,
  },
  { name: 'finding', kind: 'choice', about: 'what the last examination found', values: FINDING_IDS },
  { name: 'group', kind: 'choice', about: 'near-duplicate problems of the last examination, by the id of the first' },
  {
    name: 'replyGroup',
    kind: 'choice',
    about: 'equal and near-duplicate replies of the last examination, by the id of the first',
  },
  { name: 'triage', kind: 'choice', about: 'doubts about the gold answer', values: ['suspect-gold'] },
  { name: 'behaviour', kind: 'choice', about: 'a behaviour that is marked', values: BEHAVIOURS },
  {
    name: 'judge',
    kind: 'choice',
    about: 'how far judge and classifier differ',
    values: ['any', 'large', 'middling', 'small', 'none'],
  },
  { name: 'tag', kind: 'choice', about: 'a reviewer’s tag' },
  { name: 'assigned', kind: 'choice', about: 'who is asked to review the chain' },
  { name: 'origin', kind: 'choice', about: 'where the chain comes from', values: ChainOrigin.options },
  { name: 'parent', kind: 'choice', about: 'id of the chain that it continues or repairs' },
  { name: 'round', kind: 'choice', about: 'name of the round’s folder' },
  { name: 'model', kind: 'choice', about: 'name of the model' },
  { name: 'level', kind: 'choice', about: 'of the problem; a number can be compared as well' },
  { name: 'topic', kind: 'choice', about: 'of the problem' },
  { name: 'problem', kind: 'choice', about: 'id of the problem; its text with ~' },
  { name: 'chain', kind: 'choice', about: 'id of the chain; its text with ~' },
  { name: 'note', kind: 'text', about: 'text of a reviewer’s note' },
  { name: 'text', kind: 'text', about: 'problem, chain or note' },
  { name: 'tokens', kind: 'number', about: 'completion tokens' },
  { name: 'characters', kind: 'number', about: 'length of the text in UTF-16 code units' },
  { name: 'passRate', kind: 'number', about: 'share of right first answers of the problem, 0 to 1' },
  { name: 'verification', kind: 'number', about: per1000('verify') },
  { name: 'backtracking', kind: 'number', about: per1000('turn back') },
  { name: 'subgoal', kind: 'number', about: per1000('set a subgoal') },
  { name: 'backward', kind: 'number', about: per1000('reason backward') },
] as const satisfies readonly FieldShape[];

export type Field = (typeof FIELDS)[number];
export type FieldName = Field['name'];
export type ChoiceField = Extract<Field, { kind: 'choice' }>['name'];
export type NumberField = Extract<Field, { kind: 'number' }>['name'];

export const FIELD_NAMES = FIELDS.map(({ name }) => name) as [FieldName, ...FieldName[]];
/** The fields with named values; the facets of the review queue are among them. */
export const CHOICES = FIELDS.flatMap((field) => (field.kind === 'choice' ? [field.name] : []));

export const OPERATORS = ['=', '<', '<=', '>', '>=', '~'] as const;
export type Operator = (typeof OPERATORS)[number];

/** The operators that a field has. */
export function operatorsOf(name: FieldName): readonly Operator[] {
  const kind = fieldOf(name).kind;
  if (kind === 'text') return ['~'];
  if (kind === 'number') return ['=', '<', '<=', '>', '>='];
  if (name === 'level') return ['=', '<', '<=', '>', '>='];
  return name === 'problem' || name === 'chain' ? ['=', '~'] : ['='];
}

/** The field of a name, in any case; undefined if there is none. */
export function findField(name: string): (Field & FieldShape) | undefined {
  return FIELDS.find((field) => field.name.toLowerCase() === name.toLowerCase());
}

export function fieldOf(name: FieldName): Field & FieldShape {
  const field = findField(name);
  if (field === undefined) throw new RangeError(`no field ${name}`);
  return field;
}
