import { defined } from '../defined.ts';
import { keepLast } from '../keep-last.ts';
import type { GradingPolicy, Method } from '../schemas/index.ts';
import { plural } from '../text/format.ts';
import { alternatives } from './alternatives.ts';
import { balanced } from './brackets.ts';
import { isWholeNumber, MAX_ANSWER_LENGTH, normaliseAnswer } from './normalise.ts';
import { isSentence, valueOfSentence } from './sentence.ts';
import { type Choice, readChoice } from './shapes/choice.ts';
import { equalValues } from './shapes/equal.ts';
import { sameNumberSet } from './shapes/number-set.ts';
import { otherReadings, readValue } from './shapes/read.ts';
import { samePolarity } from './shapes/statement.ts';
import { equalTexts, isProse, isUnreadable } from './shapes/text.ts';
import type { Comparison, SymbolicEngine, Value } from './shapes/value.ts';

/** The result of a comparison. `equal` is undefined if the gold can't be read, or if equality can't be decided. */
export interface AnswerComparison {
  equal: boolean | undefined;
  method: Method;
  /** The two normal forms. */
  gold: string;
  prediction: string;
  /** One sentence for the user: why the answers are equal, or what differs. */
  detail: string;
  /** True if a compute engine would have decided better (see loadEngine), else absent. */
  needsEngine?: true;
}

/** Maximum length of a sentence for the user. */
const MAX_DETAIL = 300;

function clipped(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Why a gold can't be read; undefined if it can. Such a gold still equals a prediction with the same text. */
export const unreadable = keepLast((gold: string, policy: GradingPolicy): string | undefined => {
  const form = goldForm(gold, policy);
  // `B) 42` opens no bracket, and is still read.
  if (readChoice(gold) !== undefined) return undefined;
  if (form === '') return 'The gold answer is empty.';
  if (gold.length > MAX_ANSWER_LENGTH)
    return `The gold answer is longer than ${plural(MAX_ANSWER_LENGTH, 'character')}.`;
  if (!balanced(form)) return 'The gold answer can’t be read: a bracket does not close.';
  if (isProse(form)) return 'The gold answer is prose, not an answer that can be compared.';
  if (readValue(form, policy).shape === 'text' && isUnreadable(form)) return 'The gold answer can’t be read.';
  return undefined;
});

/** Several answers in a row are compared with one gold. */
const goldForm = keepLast(normaliseAnswer);

/**
 * Compares two answers, cheapest method first: normal text, letters of a multiple choice, then by shape (numbers, expressions, sets, tuples,
 * intervals, matrices, equations). The gold is trusted, the prediction may be any text; it never throws. Pass an engine to decide sums, integrals,
 * limits and constants that agree to the last digits of a double.
 */
export function compareAnswers(
  gold: string,
  prediction: string,
  policy: GradingPolicy,
  engine?: SymbolicEngine,
): AnswerComparison {
  if (gold.length + prediction.length > MOST_KEPT_LENGTH) return compare(gold, prediction, policy, engine);
  let of = kept.get(policy);
  if (of === undefined || of.engine !== engine || of.known.size >= MOST_KEPT) of = { engine, known: new Map() };
  kept.set(policy, of);
  const key = `${gold}\0${prediction}`;
  const known = of.known.get(key) ?? compare(gold, prediction, policy, engine);
  of.known.set(key, known);
  return known;
}

/** Comparisons by policy: the samples of a problem often have the same answers. In UTF-16 code units. */
const MOST_KEPT_LENGTH = 400;
const MOST_KEPT = 5000;
const kept = new WeakMap<GradingPolicy, { engine: SymbolicEngine | undefined; known: Map<string, AnswerComparison> }>();

function compare(
  gold: string,
  prediction: string,
  policy: GradingPolicy,
  engine: SymbolicEngine | undefined,
): AnswerComparison {
  const forms = { gold: goldForm(gold, policy), prediction: normaliseAnswer(prediction, policy) };
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
    if (forms.gold !== '' && equalTexts(forms.gold, forms.prediction))
      return { equal: true, method: 'text', detail: 'The answer is identical to the gold answer.' };
    const read = prediction.length <= MAX_ANSWER_LENGTH && forms.prediction !== '';
    return (
      (read ? otherwise(gold, prediction, forms, policy, engine) : undefined) ?? {
        equal: undefined,
        method: 'none',
        detail,
      }
    );
  }
  if (isWholeNumber(gold) && isWholeNumber(prediction)) return compareValues(forms, policy, engine);
  if (prediction.length > MAX_ANSWER_LENGTH) {
    return {
      equal: false,
      method: 'text',
      detail: `The answer is longer than ${plural(MAX_ANSWER_LENGTH, 'character')}.`,
    };
  }
  if (forms.prediction === '') return { equal: false, method: 'text', detail: 'The answer is empty.' };
  const choices = compareChoices(gold, prediction);
  if (choices !== undefined) return choices;
  const labelled = readChoice(prediction);
  const rest = labelled?.rest ?? '';
  // Only one letter is removed: `A. A. A. …` is not an answer.
  const plain = rest !== '' && readChoice(rest) === undefined && readChoice(gold) === undefined;
  if (plain && compareAnswers(gold, rest, policy, engine).equal) {
    return {
      equal: true,
      method: 'choice',
      detail: `The text after the letter ${labelled?.letter} is the gold answer.`,
    };
  }
  const said = samePolarity(forms.gold, forms.prediction);
  if (said !== undefined)
    return {
      equal: said,
      method: 'text',
      detail: said ? 'Both answer the question alike.' : 'One is yes, the other no.',
    };
  if (sameNumberSet(forms.gold, forms.prediction))
    return { equal: true, method: 'text', detail: 'Both name the same set of numbers.' };
  const decision = compareValues(forms, policy, engine);
  if (decision.equal) return decision;
  const other = otherwise(gold, prediction, forms, policy, engine);
  if (other !== undefined) return other;
  // A sentence whose value can't be read proves no answer wrong.
  if (isSentence(gold) && valueOfSentence(gold) === undefined)
    return { equal: undefined, method: 'none', detail: 'The gold answer is a sentence whose value can’t be read.' };
  return decision;
}

/** Equality of two answers when each is read in another way; undefined if none makes them equal. */
function otherwise(
  gold: string,
  prediction: string,
  forms: Forms,
  policy: GradingPolicy,
  engine: SymbolicEngine | undefined,
): Decision | undefined {
  for (const { detail, ...other } of alternatives({ gold, prediction }, forms, policy)) {
    const same = other.gold === other.prediction;
    const decision = same ? undefined : compareValues(other, policy, engine);
    if (same) return { equal: true, method: 'text', detail };
    if (decision?.equal) return { ...decision, detail: `${detail} ${decision.detail}`.trim() };
  }
  return undefined;
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
    needsEngine: false,
    undecided: false,
    method: 'none',
    because: undefined,
    equal: (left, right) => equalValues(left, right, comparison),
  };
  const reason = () => clipped(comparison.because?.() ?? '', MAX_DETAIL);
  const first = { gold: readValue(forms.gold, policy), prediction: readValue(forms.prediction, policy) };
  if (comparison.equal(first.gold, first.prediction))
    return { equal: true, method: comparison.method, detail: reason() };
  const [method, detail, undecided] = [comparison.method, reason(), comparison.undecided];
  if (equalOtherwise(forms, first, comparison)) return { equal: true, method: comparison.method, detail: reason() };
  if (equalTexts(forms.gold, forms.prediction)) return { equal: true, method: 'text', detail: 'The same words.' };
  return {
    equal: undecided ? undefined : false,
    method,
    detail,
    ...defined({ needsEngine: comparison.needsEngine ? (true as const) : undefined }),
  };
}

function equalOtherwise(forms: Forms, first: { gold: Value; prediction: Value }, comparison: Comparison): boolean {
  const golds = otherReadings(forms.gold, comparison.policy);
  const predictions = otherReadings(forms.prediction, comparison.policy);
  return (
    predictions.some((reading) => comparison.equal(first.gold, reading)) ||
    golds.some((reading) => [first.prediction, ...predictions].some((other) => comparison.equal(reading, other)))
  );
}

/** Whether two untrusted answers are equal, for votes and consistency checks. */
export function answersAgree(a: string, b: string, policy: GradingPolicy): boolean {
  return compareAnswers(a, b, policy).equal === true;
}
