import { evaluateArithmetic } from '../behaviours/arithmetic.ts';
import { type Equality, findEqualities } from '../behaviours/equalities.ts';
import type { FilterPlace } from '../schemas/index.ts';
import { formatCount } from '../text/format.ts';
import { at, placeOf } from './places.ts';
import type { FilterInput, FilterRule } from './rule.ts';

export const equations: FilterRule = {
  id: 'equations',
  asks: 'Equalities between numbers that the text claims hold (|Δ| < 1e-3, roundings allowed). Wrong answers, quotations of them in later pieces, and what the text itself doubts do not count.',
  thresholds: ['maxFalseEquations'],
  measure: (input, { maxFalseEquations }) => {
    const places: FilterPlace[] = [];
    const failing: string[] = [];
    const quotable = new Set<string>();
    for (const piece of input.pieces) {
      const isAnswer = piece.piece.startsWith('answer[');
      const { repairs } = input;
      // A repaired chain has the wrong part of its first answer, which may end right. Its later pieces have the kept part too.
      const text = isAnswer && repairs ? piece.text.slice(repairs.start, repairs.end) : piece.text;
      const isWrong = isAnswer && (piece.verdict?.outcome === 'incorrect' || repairs !== undefined);
      for (const { start, end } of falseEqualities(text)) {
        const equation = text.slice(start, end);
        if (isWrong) quotable.add(spaceless(equation));
        else if (!quotable.has(spaceless(equation))) {
          places.push(placeOf(input, piece, start, end));
          failing.push(equation);
        }
      }
    }
    const value = failing.length;
    if (value === 0 && !hasEquality(input)) return undefined;
    if (value <= maxFalseEquations) return { passed: true, value, threshold: maxFalseEquations };
    const more = value > 1 ? `, nor do ${formatCount(value - 1)} more` : '';
    const reason = `“${failing[0]?.slice(0, 120)}” does not hold${more}.`;
    return { passed: false, value, threshold: maxFalseEquations, reason, ...at(places) };
  },
};

const spaceless = (text: string): string => text.replace(/\s+/g, '');

const hasEquality = ({ text, pieces }: FilterInput): boolean =>
  pieces.some((piece) => /[=≈]/.test(piece.text)) || /[=≈]/.test(text);

/** Text before an equality that belongs to its left side: a sign, a number, a name, `mod`, a command. */
const GOES_ON_BEFORE =
  /(?:[x×–—−+*/^·|<>≤≥≠√∛∘⋆%]|[^\s]\s?-|\\[a-z]+\*?|(?<![a-z])(?:mod|modulo|choose|plus|minus|times|over|ln|log|exp|sin|cos|tan|gcd|lcm|floor|than)|(?<![a-z\d])\d[\d.,]*|(?<![a-z'’])[a-z])\s*[$(]?\s*$/i;
/** Text after it that belongs to its right side. */
const GOES_ON_BEHIND =
  /^(?::[\d\\])|^\s*(?:\.?\\overline|\.{2,}|…|\\[lc]?dots|[⁰¹²³⁴⁵⁶⁷⁸⁹]|\.\.|%|!|\\pi|π|remainder|mod|r\s?\d|x\s|×|\\times|\\cdot|<|>)/;
/** Signs in its sentence or after it that the text does not claim the equality, or withdraws it. */
const DOUBT =
  /(?:\bnot\b|n['’]t\b|\bno\b|\bnever\b|impossib|contradict|\bunless\b|\binstead\b|\bwrong|incorrect|mistake|\berror|\bfalse\b|≠|\\neq?\b|\bwait\b|\bhmm|\bif\b|suppose|assum|\bwould\b|extraneous|absurd|nonsense|\boops\b|\bsay(?:s|ing)?\b|claim|\bcannot\b|\bwhen\b)/i;
const BEFORE = 90;
const BEHIND = 70;

/** The equalities of a text that certainly do not hold, in order; doubtful ones are excluded. */
export function falseEqualities(text: string): Equality[] {
  return findEqualities(text).filter(
    (equality) => !equality.holds && isClaimed(text, equality) && isPlain(text, equality),
  );
}

function isClaimed(text: string, { start, end }: Equality): boolean {
  if (GOES_ON_BEFORE.test(text.slice(Math.max(0, start - 16), start))) return false;
  if (GOES_ON_BEHIND.test(text.slice(end, end + 14))) return false;
  const before =
    text
      .slice(Math.max(0, start - BEFORE), start)
      .split(/(?<=[.!?])\s|\n\s*\n/)
      .at(-1) ?? '';
  return !DOUBT.test(before) && !DOUBT.test(text.slice(end, end + BEHIND));
}

/** Excludes sides that a reader reads differently: mixed numbers, roots of a degree, running totals, lists, percent on one side only. */
function isPlain(text: string, { start, end }: Equality): boolean {
  const whole = text.slice(start, end);
  const sign = /^([\s\S]*?)(=|≈|\\approx)([\s\S]*)$/.exec(whole);
  const [left, right] = [sign?.[1]?.trim() ?? '', sign?.[3]?.trim() ?? ''];
  const unlikeArithmetic = /\d\s*\\[dt]?frac|sqrt\s*\[|\d\s+\(|\)\s+\d/;
  if (unlikeArithmetic.test(left) || unlikeArithmetic.test(right)) return false;
  if (/^(?:[+*/×·]|[-–−]\s)/.test(left) || /^\([^()]*\)$/.test(left)) return false;
  const [a, b] = [evaluateArithmetic(left.replace(/\\?%/g, '')), evaluateArithmetic(right.replace(/\\?%/g, ''))];
  if (a === undefined || b === undefined) return false;
  if (whole.includes('%') && (near(a, b) || near(a * 100, b) || near(a, b * 100))) return false;
  // `2 · 3 = 6 + 1 = 7` continues with an intermediate result: common usage, not an error.
  const first = evaluateArithmetic(/^[^+−-]+/.exec(right)?.[0] ?? '');
  const last = evaluateArithmetic(/[^+−]+$/.exec(left)?.[0] ?? '');
  if (first !== undefined && first !== b && near(a, first)) return false;
  if (last !== undefined && last !== a && near(last, b)) return false;
  if (sign?.[2] === '=') return !(isRounded(right) && nearAbout(a, b, 0.005));
  return /^[\d.,{}]+$/.test(right) && !nearAbout(a, b, 0.1);
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(1e-3, 0.01 * Math.abs(a));
const nearAbout = (a: number, b: number, share: number): boolean => Math.abs(a - b) <= share * Math.abs(a);
/** A number with a decimal point or a large number may be rounded. */
const isRounded = (side: string): boolean => /^\(?[-−]?[\d,]*\.\d+\)?$/.test(side) || /^\d{5,}$/.test(side);
