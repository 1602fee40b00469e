// Answers in words that decide a question: yes and no, true and false, in their many wordings.

import { meaningOf } from './text.ts';

type Polarity = 'yes' | 'no';

const WORD = new Map<string, Polarity>(
  Object.entries({
    yes: 'yes',
    true: 'yes',
    correct: 'yes',
    正确: 'yes',
    对: 'yes',
    是: 'yes',
    是的: 'yes',
    '\\checkmark': 'yes',
    no: 'no',
    false: 'no',
    incorrect: 'no',
    错误: 'no',
    错: 'no',
    否: 'no',
    不是: 'no',
    不正确: 'no',
  } as const),
);
/** A letter stands for a word only where the other side is that word. */
const LETTERS = new Map([
  ['Y', 'yes'],
  ['N', 'no'],
  ['T', 'true'],
  ['F', 'false'],
]);

const SUBJECT =
  /^(?:the |this |that )?(?:statement|claim|assertion|proposition|conjecture|answer|conclusion|it|this|that)\s*(?:is|are)?\s*(?=(?:true|false|correct|incorrect|possible|impossible|not possible)\b)/;
const NEGATED =
  /^(?:there (?:is|are|exists?) )?(?:no such|impossible|not possible)\b|^none exists?$|\b(?:does|do|can) ?not (?:exist|be done)$/;
const AFFIRMED = /^(?:always )?possible$|^(?:there (?:is|are|exists?) )?such an? .* exists$/;
const HEDGED = /\b(?:yes|but|maybe|perhaps|possibly|unless|if|both|depends?|except|other than)\b/;
/** More than an answer to a question. */
const WITH_VALUE = /\d|[=<>^]|\\[a-z]/;
const DENIED = /\b(?:no|not|never|cannot|false|impossible)\b/;

function words(form: string): string {
  return form
    .replace(/[.!。]+$/, '')
    .replace(/['’]t\b/g, ' not')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** What a text answers to a question, with the word that it is, if it is only that; undefined for other texts. */
function read(form: string): { readonly says: Polarity; readonly bare: boolean } | undefined {
  // `does not exist` is the answer to another question.
  if (form.length > 200 || meaningOf(form) !== undefined) return undefined;
  const text = words(form).replace(SUBJECT, '');
  const only = WORD.get(text);
  if (only !== undefined) return { says: only, bare: true };
  const [, first = '', rest = ''] = /^(yes|no)\s*[,.;:]\s*(.+)$/s.exec(text) ?? [];
  if (WITH_VALUE.test(rest)) return undefined;
  if (first === 'yes' && !HEDGED.test(rest) && !DENIED.test(rest)) return { says: 'yes', bare: false };
  if (first === 'no' && !HEDGED.test(rest)) return { says: 'no', bare: false };
  if (first !== '' || HEDGED.test(text) || WITH_VALUE.test(text)) return undefined;
  if (NEGATED.test(text)) return { says: 'no', bare: false };
  return AFFIRMED.test(text) && !DENIED.test(text) ? { says: 'yes', bare: false } : undefined;
}

function isLetterOf(letter: string, word: string): boolean {
  return LETTERS.get(letter.replace(/\.$/, '')) === words(word);
}

/** Whether two texts answer a question alike; undefined unless both answer one and one of them in a word. */
export function samePolarity(gold: string, prediction: string): boolean | undefined {
  if (isLetterOf(gold, prediction) || isLetterOf(prediction, gold)) return true;
  const [a, b] = [read(gold), read(prediction)];
  if (a === undefined || b === undefined || !(a.bare || b.bare)) return undefined;
  return a.says === b.says;
}
