import { evaluateArithmetic } from '../behaviours/arithmetic.ts';
import { type Equality, findEqualities } from '../behaviours/equalities.ts';
import type { FilterPlace, PieceRecord } from '../model/index.ts';
import { at, placeOf } from './places.ts';
import type { FilterInput, FilterRule } from './rule.ts';

/** Numeric equalities that the text claims hold, |Δ| < 1e-3. What a wrong answer says, and what is quoted from it, is left out. */
export const equations: FilterRule = {
  id: 'equations',
  asks: 'Equalities between numbers that the text claims hold (|Δ| < 1e-3, roundings allowed). Wrong answers, and what later pieces quote of them, are left out, as is what the text itself doubts.',
  thresholds: ['maxFalseEquations'],
  measure: (input, { maxFalseEquations }) => {
    const places: FilterPlace[] = [];
    const failing: string[] = [];
    const quotable = new Set<string>();
    for (const piece of input.pieces) {
      const isWrong = piece.piece.startsWith('answer[') && piece.verdict?.outcome === 'incorrect';
      for (const { start, end } of falseEqualities(piece.text)) {
        const words = piece.text.slice(start, end);
        if (isWrong) quotable.add(spaceless(words));
        else if (!quotable.has(spaceless(words))) {
          places.push(placeOf(input, piece, start, end));
          failing.push(words);
        }
      }
    }
    if (failing.length === 0 && !saysNumbers(input, input.pieces)) return undefined;
    const passed = failing.length <= maxFalseEquations;
    const more = failing.length > 1 ? `, nor do ${failing.length - 1} more` : '';
    const reason = `“${failing[0]?.slice(0, 120)}” does not hold${more}.`;
    return {
      ...{ passed, value: failing.length, threshold: maxFalseEquations },
      ...(passed ? {} : { reason, ...at(places) }),
    };
  },
};

const spaceless = (text: string): string => text.replace(/\s+/g, '');

const saysNumbers = ({ text }: FilterInput, pieces: readonly PieceRecord[]): boolean =>
  pieces.some((piece) => /[=≈]/.test(piece.text)) || /[=≈]/.test(text);

/** What ends before an equality and belongs to its left side: a sign, a number, a name, `mod`, a command. */
const GOES_ON_BEFORE =
  /(?:[x×–—−+*/^·|<>≤≥≠√∛∘⋆%]|[^\s]\s?-|\\[a-z]+\*?|(?<![a-z])(?:mod|modulo|choose|plus|minus|times|over|ln|log|exp|sin|cos|tan|gcd|lcm|floor|than)|(?<![a-z\d])\d[\d.,]*|(?<![a-z'’])[a-z])\s*[$(]?\s*$/i;
/** What begins behind it and belongs to its right side. */
const GOES_ON_BEHIND =
  /^(?::[\d\\])|^\s*(?:\.?\\overline|\.{2,}|…|\\[lc]?dots|[⁰¹²³⁴⁵⁶⁷⁸⁹]|\.\.|%|!|\\pi|π|remainder|mod|r\s?\d|x\s|×|\\times|\\cdot|<|>)/;
/** Signs that the text does not claim it, or takes it back, in its sentence or right behind it. */
const DOUBT =
  /(?:\bnot\b|n['’]t\b|\bno\b|\bnever\b|impossib|contradict|\bunless\b|\binstead\b|\bwrong|incorrect|mistake|\berror|\bfalse\b|≠|\\neq?\b|\bwait\b|\bhmm|\bif\b|suppose|assum|\bwould\b|extraneous|absurd|nonsense|\boops\b|\bsay(?:s|ing)?\b|claim|\bcannot\b|\bwhen\b)/i;
const BEFORE = 90;
const BEHIND = 70;

/** Equalities of a text that surely do not hold, in its order; the doubtful ones are given the benefit. */
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

/** The sides are read as a person reads them: no mixed numbers, roots of a degree, running totals, lists or percent that only one side says. */
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
  // `2 · 3 = 6 + 1 = 7` goes on with what it has found: an old habit, not an error.
  const first = evaluateArithmetic(/^[^+−-]+/.exec(right)?.[0] ?? '');
  const last = evaluateArithmetic(/[^+−]+$/.exec(left)?.[0] ?? '');
  if (first !== undefined && first !== b && near(a, first)) return false;
  if (last !== undefined && last !== a && near(last, b)) return false;
  if (sign?.[2] === '=') return !(isRounded(right) && nearAbout(a, b, 0.005));
  return /^[\d.,{}]+$/.test(right) && !nearAbout(a, b, 0.1);
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(1e-3, 0.01 * Math.abs(a));
const nearAbout = (a: number, b: number, share: number): boolean => Math.abs(a - b) <= share * Math.abs(a);
/** A number with a point, or a large one: both are written rounded. */
const isRounded = (side: string): boolean => /^\(?[-−]?[\d,]*\.\d+\)?$/.test(side) || /^\d{5,}$/.test(side);
