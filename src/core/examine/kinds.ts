import type { FilterId } from '../schemas/index.ts';

// Without zod: names of fields and facets are loaded at activation.

export const SEVERITIES = ['error', 'warning', 'note'] as const;
/** `error`: training on such rows does harm. `warning`: usually a fault. `note`: worth a look. */
export type Severity = (typeof SEVERITIES)[number];

/** Ids of the findings in the order in which they are shown. A row has one bit for each, so that there are at most 32. */
export const FINDING_IDS = [
  'secret',
  'contaminated',
  'truncated',
  'loop',
  'think-tags',
  'leftover-prompt',
  'refusal',
  'not-examined',
  'exact-duplicate',
  'near-duplicate',
  'contradicts-gold',
  'golds-disagree',
  'no-answer',
  'personal-data',
  'language-mix',
  'near-duplicate-reply',
  'answers-disagree',
  'length-outlier',
  'gold-unreadable',
] as const;
export type FindingId = (typeof FINDING_IDS)[number];

interface FindingKind {
  readonly title: string;
  readonly severity: Severity;
  /** What it means, in one sentence. */
  readonly about: string;
  /** What to do about such rows. */
  readonly advice: string;
  /** The filter that removes them, where there is one. */
  readonly filter?: FilterId;
}

/** What each finding means: the report and docs/reference/examination.md show it. */
export const FINDINGS: Readonly<Record<FindingId, FindingKind>> = {
  secret: {
    title: 'Keys and tokens',
    severity: 'error',
    about: 'The text has the form of an API key, an access token or a private key.',
    advice: 'Revoke the key, then remove the rows.',
  },
  contaminated: {
    title: 'Benchmark problems',
    severity: 'error',
    about: 'The problem or the reply shares eight words in a row with a benchmark problem.',
    advice: 'Remove the rows before you train on them.',
    filter: 'decontaminated',
  },
  truncated: {
    title: 'Truncated replies',
    severity: 'error',
    about: 'The reply ends before its answer: by its finish reason, in a thought, a box, a formula or a sentence.',
    advice: 'Remove the rows, or sample them again with a higher token limit.',
    filter: 'finished',
  },
  loop: {
    title: 'Repetition loops',
    severity: 'error',
    about: 'The reply repeats the same words or lines.',
    advice: 'Remove the rows.',
    filter: 'repetition',
  },
  'think-tags': {
    title: 'Misplaced thinking tags',
    severity: 'error',
    about: 'A thinking tag is doubled, unpaired, in the wrong order or in the problem.',
    advice: 'Correct the template that wrote the rows, or remove them.',
  },
  'leftover-prompt': {
    title: 'Leftover prompts',
    severity: 'error',
    about: 'The reply contains a token of a chat template, a role, a placeholder or an instruction to the model.',
    advice: 'Remove these parts where the rows are made, or remove the rows.',
  },
  refusal: {
    title: 'Refusals',
    severity: 'error',
    about: 'The model or its provider refused to answer.',
    advice: 'Remove the rows.',
    filter: 'gradable',
  },
  'not-examined': {
    title: 'Rows that can’t be examined',
    severity: 'error',
    about: 'The row can’t be read, or examining it exceeded its limit of time or memory.',
    advice: 'Correct or remove the rows. “longhand repair” moves damaged lines of a dataset to a file beside each.',
  },
  'exact-duplicate': {
    title: 'Exact duplicates',
    severity: 'warning',
    about:
      'Problem and reply are those of an earlier row. Case, spaces and delimiters of maths don’t count in the problem.',
    advice: 'Keep the first row of each group.',
  },
  'near-duplicate': {
    title: 'Near-duplicate problems',
    severity: 'warning',
    about: 'The problem nearly equals that of an earlier row: perhaps only names and numbers differ.',
    advice: 'Keep one row of each group, or make sure that no group is in both training and test set.',
  },
  'contradicts-gold': {
    title: 'Answers that contradict the gold answer',
    severity: 'warning',
    about: 'Grading calls the final answer incorrect.',
    advice: 'Remove the rows, or correct the gold answer. A few rows may be errors of grading.',
    filter: 'final-correct',
  },
  'golds-disagree': {
    title: 'Problems with several gold answers',
    severity: 'warning',
    about: 'Rows with the same problem have different gold answers.',
    advice: 'Decide which gold answer is right.',
  },
  'no-answer': {
    title: 'Replies without an answer',
    severity: 'warning',
    about: 'No final answer can be read from the reply.',
    advice: 'Remove the rows, or ask for \\boxed{}.',
    filter: 'gradable',
  },
  'personal-data': {
    title: 'Personal data',
    severity: 'warning',
    about: 'The text has the form of an e-mail address, a telephone number, a card number or a bank account.',
    advice: 'Replace it, or remove the rows.',
  },
  'language-mix': {
    title: 'Mixed languages',
    severity: 'warning',
    about: 'Words of the reply are not in the script of the problem.',
    advice: 'Remove the rows, unless the reply is meant to be in another language.',
    filter: 'language',
  },
  'near-duplicate-reply': {
    title: 'Near-duplicate replies',
    severity: 'note',
    about: 'The reply nearly equals that of an earlier row.',
    advice: 'Keep one row of each group.',
  },
  'answers-disagree': {
    title: 'Answers of one problem that disagree',
    severity: 'note',
    about: 'Replies to the same problem end with different answers.',
    advice: 'Without gold answers, keep the answer of the majority.',
  },
  'length-outlier': {
    title: 'Unusual lengths',
    severity: 'note',
    about: 'The reply is far longer or shorter than the others, by the quartiles of the logarithm of their tokens.',
    advice: 'Read some of them.',
    filter: 'length-band',
  },
  'gold-unreadable': {
    title: 'Gold answers that can’t be read',
    severity: 'note',
    about: 'The gold answer can’t be compared, or grading the row failed.',
    advice: 'Correct the gold answers, or choose another grading policy.',
  },
};

/** The bit of a finding in the set of a row. */
export const bitOf = (finding: FindingId): number => 1 << FINDING_IDS.indexOf(finding);
