import type { GradingPolicy } from '../schemas/index.ts';
import type { Conditional } from './condition.ts';
import { namesIn, withNames } from './letters.ts';
import { normaliseAnswer, normaliseConditional } from './normalise.ts';
import { isSentence, valueOfSentence } from './sentence.ts';

/** Both sides of a comparison, as written or as normal forms. */
export interface Sides {
  readonly gold: string;
  readonly prediction: string;
}

/** Another reading of both sides, with the reason for the user; the text may be empty. */
export interface Alternative extends Sides {
  readonly detail: string;
}

/** Whether an answer holds for a part of the line only; the index of a sequence is not on a line. */
function narrows({ answer, condition }: Conditional): boolean {
  const part = /[<>]|\\(?:le|ge)(?![A-Za-z])|\\in(?!\s*\\mathbb)|\b(?:odd|even|prime)\b/;
  return part.test(condition) && !/^[A-Za-z]_/.test(answer);
}

/** The domain of a formula of a positive number, which many answers leave out. */
const POSITIVE = /^[a-z]\s*(?:>|\\ge)\s*0$/;

/** A condition after one of the answers only repeats what the other takes for granted; two conditions must be the same. */
function* withoutConditions(written: Sides, forms: Sides, policy: GradingPolicy): Generator<Alternative> {
  const gold = normaliseConditional(written.gold, policy);
  const prediction = normaliseConditional(written.prediction, policy);
  if (gold === undefined && prediction === undefined) return;
  if (gold !== undefined && prediction !== undefined && gold.condition !== prediction.condition) return;
  // `3x for all x > 0` says less than `3x`, and `2n where n is odd` names fewer numbers than `2n`.
  if (gold === undefined && prediction !== undefined && narrows(prediction)) return;
  if (prediction === undefined && gold !== undefined && narrows(gold) && !POSITIVE.test(gold.condition)) return;
  const [side, condition] = gold === undefined ? ['answer', prediction?.condition] : ['gold', gold.condition];
  yield {
    gold: gold?.answer ?? forms.gold,
    prediction: prediction?.answer ?? forms.prediction,
    detail: `Without “${condition}” after the ${side}:`,
  };
}

const DEGREES = /(?:\^\s*\{?\s*\\(?:circ|degree)|°|\\degree|\\circ|\bdeg(?:rees?)?\b)/;
const RADIANS = /\\pi|\\arc(?:sin|cos|tan)|\\unit\{rad\}/;
/** Any other unit or word. */
const OTHER_UNIT = /\\unit\{(?!rad\})|\\text|\\mathrm|[A-Za-z]{2,}/;
const ANGLE = /^((?:[a-z]|\\[a-z]+|\\angle[A-Z]+)=)?(.*)$/s;

/** An angle in degrees and one in radians. */
function* inRadians(written: Sides, forms: Sides, policy: GradingPolicy): Generator<Alternative> {
  if (policy.units === 'require') return;
  const degrees = DEGREES.test(written.gold) ? 'gold' : DEGREES.test(written.prediction) ? 'prediction' : undefined;
  if (degrees === undefined) return;
  const other = degrees === 'gold' ? 'prediction' : 'gold';
  const radians = written[other].replace(/(?:\\(?:text|mathrm)\s*\{\s*)?\brad(?:ian)?s?\b\s*\}?/g, ' ');
  if (
    DEGREES.test(radians) ||
    !RADIANS.test(forms[other]) ||
    OTHER_UNIT.test(radians.replace(/\\(?!text|mathrm)[a-z]+/g, ' '))
  )
    return;
  const [, name = '', angle = ''] = ANGLE.exec(forms[degrees].replace(/\\unit\{°\}|\\degree/g, '')) ?? [];
  if (angle === '' || /[,;=<>]|sin|cos|tan|cot|\\pi/.test(angle)) return;
  yield {
    ...forms,
    [degrees]: `${name}(${angle})\\degree`,
    [other]: forms[other].replace(/\\unit\{rad\}/g, ''),
    detail: 'In radians:',
  };
}

const INTEGER = /^[kmn]$/;
/** Where a letter is said to stand for every integer. */
const INTEGERS = /\\mathbb\{[ZN]\}|\\pmod/;
/** Where it does so in the solutions of an equation: `x=k\\pi`, `\\frac{\\pi}{3}+2k\\pi`, `(-1)^k`. */
const SOLUTIONS =
  /^(?:[txyz]|\\(?:alpha|phi|theta|varphi))=.*\\pi|\\pi.*(?:[-+]|\\pm).*\\pi|\(-1\)\^\{?[kmn]|^\d*[kmn]\\pm\d+$/;

function only(names: ReadonlySet<string>, other: ReadonlySet<string>, kind: RegExp): string[] {
  return [...names].filter((name) => kind.test(name) && !other.has(name));
}

/** The integer of a family under another name: `x = k\pi` and `x = n\pi`. */
function* renamedInteger({ gold, prediction }: Sides): Generator<Alternative> {
  const [a, b] = [namesIn(gold), namesIn(prediction)];
  const [[to, ...more], [from, ...others]] = [only(a, b, INTEGER), only(b, a, INTEGER)];
  if (to === undefined || from === undefined || more.length + others.length > 0) return;
  const both = [gold, prediction];
  if (!both.some((form) => INTEGERS.test(form)) && !both.every((form) => SOLUTIONS.test(form))) return;
  // `m = 2` and `n = 2` name numbers.
  if (both.some((form) => new RegExp(`^[${from}${to}]=`).test(form))) return;
  yield { gold, prediction: withNames(prediction, new Map([[from, to]])), detail: `With ${to} for ${from}:` };
}

const CONSTANT = /^(?:[CcK](?:_\w+)?'?|[ABDk])$/;
const ARBITRARY = /^(?:C(?:_\w+)?|c_\w+)$/;
const MAX_CONSTANTS = 3;
/** Solutions of differential equations, in which constants may change places. */
const SOLUTION = /e\^|\\(?:sin|cos|tan|sinh|cosh|ln|exp)(?![A-Za-z])/;
/** An antiderivative, or a solution by its name. */
const WITH_CONSTANT = /[-+](?:[CcKk](?:_\w+)?)$|^[uy](?:\([tx]\))?=/;
/** A constant whose value is the answer. */
const FOUND = /(?:^|,)(?:[CcK](?:_\w+)?|[ABDk])=/;

/** The arbitrary constants of a solution under other names: `C_1 e^x + C_2 e^{-x}` and `A e^x + B e^{-x}`. */
function* renamedConstants({ gold, prediction }: Sides): Generator<Alternative> {
  const both = [gold, prediction];
  if (both.some((form) => FOUND.test(form))) return;
  const [a, b] = [namesIn(gold), namesIn(prediction)];
  const constants = (names: ReadonlySet<string>) => [...names].filter((name) => CONSTANT.test(name));
  const numbered = [...a, ...b].some((name) => /^[CcK]_/.test(name));
  // Without numbers, a name on both sides is one constant.
  const [x, y] = numbered ? [constants(a), constants(b)] : [only(a, b, CONSTANT), only(b, a, CONSTANT)];
  if (x.length === 0 || x.length !== y.length || x.length > MAX_CONSTANTS) return;
  const place = x.length === 1 ? new RegExp(`${SOLUTION.source}|${WITH_CONSTANT.source}`) : SOLUTION;
  if (!both.every((form) => place.test(form))) return;
  if (![...x, ...y].some((name) => ARBITRARY.test(name))) return;
  for (const order of orders(x)) {
    const names = new Map(y.map((name, i) => [name, order[i] ?? name]));
    if (y.every((name) => names.get(name) === name)) continue;
    const spelled = [...names].map(([from, to]) => `${to} for ${from}`).join(', ');
    yield { gold: withNames(gold, new Map()), prediction: withNames(prediction, names), detail: `With ${spelled}:` };
  }
}

function orders(items: readonly string[]): string[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

/** A gold that is a sentence, by the value in which it ends. */
function* ofSentence(written: Sides, forms: Sides, policy: GradingPolicy): Generator<Alternative> {
  const value = isSentence(written.gold) ? valueOfSentence(written.gold) : undefined;
  if (value === undefined) return;
  const gold = normaliseAnswer(value, policy);
  if (gold !== '' && gold !== forms.gold)
    yield { gold, prediction: forms.prediction, detail: `The sentence ends in ${gold}.` };
}

const BRACES = /^\\\{.*\\\}$/s;

/** Beside a set, `100,200,300` is a list and not a number. */
function* ofSet(written: Sides, forms: Sides, policy: GradingPolicy): Generator<Alternative> {
  if (policy.thousands === 'keep' || BRACES.test(forms.gold) === BRACES.test(forms.prediction)) return;
  const other = BRACES.test(forms.gold) ? 'prediction' : 'gold';
  if (!/^\d+$/.test(forms[other]) || !/,|\band\b|\bor\b|[和或]/.test(written[other])) return;
  yield { ...forms, [other]: normaliseAnswer(written[other], { ...policy, thousands: 'keep' }), detail: 'As a list:' };
}

/** Other readings of two answers that differ as they are written, cheapest first. */
export function* alternatives(written: Sides, forms: Sides, policy: GradingPolicy): Generator<Alternative> {
  yield* ofSentence(written, forms, policy);
  yield* ofSet(written, forms, policy);
  yield* withoutConditions(written, forms, policy);
  yield* inRadians(written, forms, policy);
  yield* renamedInteger(forms);
  yield* renamedConstants(forms);
}
