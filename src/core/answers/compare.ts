import type { GradingPolicy, Method } from '../model/index.ts';
import { balanced } from './brackets.ts';
import { MAX_ANSWER_LENGTH, normaliseAnswer } from './normalise.ts';
import { type Choice, readChoice } from './shapes/choice.ts';
import { equalValues } from './shapes/equal.ts';
import { otherReadings, readValue } from './shapes/read.ts';
import { equalTexts, isProse, isUnreadable } from './shapes/text.ts';
import type { Comparison, SymbolicEngine, Value } from './shapes/value.ts';

/** What a comparison found. `equal` is undefined when the gold can't be read. */
export interface AnswerComparison {
  equal: boolean | undefined;
  method: Method;
  /** The two normal forms. */
  gold: string;
  prediction: string;
  /** One sentence for a person: by what reasoning equal, or what differs. */
  detail: string;
  /** A compute engine would have decided better (see loadEngine); absent when it would not. */
  wantsEngine?: true;
}

/** Longest sentence that a person is shown. */
const MAX_DETAIL = 300;

function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Why a gold can't be read; undefined when it can. Such a gold still equals a prediction with the same text. */
export function unreadable(gold: string, policy: GradingPolicy): string | undefined {
  const form = normaliseAnswer(gold, policy);
  // `B) 42` opens no bracket, and is read all the same.
  if (readChoice(gold) !== undefined) return undefined;
  if (form === '') return 'The gold answer is empty.';
  if (gold.length > MAX_ANSWER_LENGTH) return `The gold answer is longer than ${MAX_ANSWER_LENGTH} characters.`;
  if (!balanced(form)) return 'The gold answer can’t be read: a bracket does not close.';
  if (isProse(form)) return 'The gold answer is prose, not an answer that can be compared.';
  if (readValue(form, policy).shape === 'text' && isUnreadable(form)) return 'The gold answer can’t be read.';
  return undefined;
}

/**
 * Compares two answers, cheapest way first: normal text, letters of a multiple choice, then by shape (numbers, expressions, sets, tuples,
 * intervals, matrices, equations). The gold is trusted, the prediction may be anything; nothing is thrown. Pass an engine to decide sums, integrals,
 * limits and constants that agree to the last digits of a double.
 */
export function compareAnswers(
  gold: string,
  prediction: string,
  policy: GradingPolicy,
  engine?: SymbolicEngine,
): AnswerComparison {
  const forms = { gold: normaliseAnswer(gold, policy), prediction: normaliseAnswer(prediction, policy) };
  return { ...decide(gold, prediction, forms, policy, engine), ...forms };
}

interface Forms {
  readonly gold: string;
  readonly prediction: string;
}

type Decision = Omit<AnswerComparison, 'gold' | 'prediction'>;

function decide(
  gold: string,
  prediction: string,
  forms: Forms,
  policy: GradingPolicy,
  engine: SymbolicEngine | undefined,
): Decision {
  if (forms.gold !== '' && forms.gold === forms.prediction)
    return { equal: true, method: 'text', detail: `Both are written ${clipped(forms.gold, 80)}.` };
  const detail = unreadable(gold, policy);
  if (detail !== undefined) {
    if (forms.gold === '' || !equalTexts(forms.gold, forms.prediction))
      return { equal: undefined, method: 'none', detail };
    return { equal: true, method: 'text', detail: 'The answer repeats the gold to the letter.' };
  }
  if (prediction.length > MAX_ANSWER_LENGTH) {
    return { equal: false, method: 'text', detail: `The answer is longer than ${MAX_ANSWER_LENGTH} characters.` };
  }
  if (forms.prediction === '') return { equal: false, method: 'text', detail: 'The answer is empty.' };
  const choices = compareChoices(gold, prediction);
  if (choices !== undefined) return choices;
  const labelled = readChoice(prediction);
  const rest = labelled?.rest ?? '';
  // Only one letter is taken off: `A. A. A. …` is no answer.
  const plain = rest !== '' && readChoice(rest) === undefined && readChoice(gold) === undefined;
  if (plain && compareAnswers(gold, rest, policy, engine).equal) {
    return { equal: true, method: 'choice', detail: `What stands after the letter ${labelled?.letter} is the gold.` };
  }
  return compareValues(forms, policy, engine);
}

function compareChoices(gold: string, prediction: string): Decision | undefined {
  const [a, b] = [readChoice(gold), readChoice(prediction)];
  if (a === undefined) return undefined;
  if (b !== undefined) {
    const equal = a.letter === b.letter;
    return {
      equal,
      method: 'choice',
      detail: equal ? `Both choose ${a.letter}.` : `The choice is ${b.letter}, not ${a.letter}.`,
    };
  }
  if (!namesTheSame(a, prediction)) return undefined;
  return { equal: true, method: 'choice', detail: `The answer is the text of choice ${a.letter}.` };
}

function namesTheSame(gold: Choice, prediction: string): boolean {
  return gold.rest !== '' && equalTexts(gold.rest, prediction.trim());
}

function compareValues(forms: Forms, policy: GradingPolicy, engine: SymbolicEngine | undefined): Decision {
  const comparison: Comparison = {
    policy,
    engine,
    wantsEngine: false,
    method: 'none',
    because: undefined,
    equal: (left, right) => equalValues(left, right, comparison),
  };
  const reason = () => clipped(comparison.because?.() ?? '', MAX_DETAIL);
  const first = { gold: readValue(forms.gold, policy), prediction: readValue(forms.prediction, policy) };
  if (comparison.equal(first.gold, first.prediction))
    return { equal: true, method: comparison.method, detail: reason() };
  const [method, detail] = [comparison.method, reason()];
  if (equalOtherwise(forms, first, comparison)) return { equal: true, method: comparison.method, detail: reason() };
  if (equalTexts(forms.gold, forms.prediction)) return { equal: true, method: 'text', detail: 'The same words.' };
  return { equal: false, method, detail, ...(comparison.wantsEngine ? { wantsEngine: true as const } : {}) };
}

function equalOtherwise(forms: Forms, first: { gold: Value; prediction: Value }, comparison: Comparison): boolean {
  const golds = otherReadings(forms.gold, comparison.policy);
  const predictions = otherReadings(forms.prediction, comparison.policy);
  return (
    predictions.some((reading) => comparison.equal(first.gold, reading)) ||
    golds.some((reading) => [first.prediction, ...predictions].some((other) => comparison.equal(reading, other)))
  );
}

/** Whether two answers of unknown worth are the same, for votes and consistency checks. */
export function answersAgree(a: string, b: string, policy: GradingPolicy): boolean {
  return compareAnswers(a, b, policy).equal === true;
}
