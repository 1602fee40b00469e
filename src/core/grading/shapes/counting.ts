// Combinations and permutations in the notations of schools: ₁₀C₃, ⁶C₃, C₅², A₅², P(5, 2), 6C3.

const COUNT = String.raw`\{?(\d{1,4})\}?`;
const LETTER = String.raw`\{?([CPA])\}?`;
const FORMS: readonly RegExp[] = [
  new RegExp(String.raw`(?<![\w.}])(?:\{\})?[_^]?${COUNT}${LETTER}_?${COUNT}(?![\w.])`, 'g'),
  new RegExp(String.raw`\{\}[_^]${COUNT}${LETTER}_?${COUNT}(?![\w.])`, 'g'),
  new RegExp(String.raw`(?<![A-Za-z\\])()${LETTER}_${COUNT}\^${COUNT}(?![\w.])`, 'g'),
  new RegExp(String.raw`(?<![A-Za-z\\])()${LETTER}\((\d{1,4}),(\d{1,4})\)`, 'g'),
];

/**
 * The text with such notations as `\binom` and quotients of factorials; undefined if there are none. Elsewhere `C_5^2` is the square of a
 * variable, so this reading comes after the first one.
 */
export function countingSpelled(text: string): string | undefined {
  let spelled = text;
  for (const form of FORMS) {
    spelled = spelled.replace(form, (whole, before: string, letter: string, first: string, second?: string) => {
      const [n, k] = before === '' ? [Number(first), Number(second)] : [Number(before), Number(first)];
      if (!(n >= k)) return whole;
      return letter === 'C' ? `\\binom{${n}}{${k}}` : `\\frac{${n}!}{${n - k}!}`;
    });
  }
  return spelled === text ? undefined : spelled;
}
