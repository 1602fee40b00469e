import type { Comparison, Value, ValueOf } from './value.ts';

/** Reads `204_5` or `1A2_{16}`: digits with their base. */
export function readNumeral(text: string): ValueOf<'numeral'> | undefined {
  const match = /^(-?)([0-9A-Z]{1,400})_\{?(\d{1,2})\}?$/.exec(text);
  const [, sign = '', digits = '', base = ''] = match ?? [];
  const radix = Number(base);
  if (match === null || radix < 2 || radix > 36 || /^[A-Z]/.test(digits)) return undefined;
  const bare = digits.replace(/^0+(?=.)/, '');
  const fits = [...bare].every((digit) => Number.parseInt(digit, 36) < radix);
  return fits ? { shape: 'numeral', text, digits: sign + bare, base: radix } : undefined;
}

/** The same digits in the same base. Compared with an answer without a base, only the digits count: the question names the base. */
export function equalNumerals(gold: Value, prediction: Value, comparison: Comparison): boolean {
  comparison.method = 'numeral';
  const digits = (value: Value) =>
    value.shape === 'numeral' ? value.digits : value.text.replace(/^(-?)0+(?=.)/, '$1');
  const sameBase = gold.shape !== 'numeral' || prediction.shape !== 'numeral' || gold.base === prediction.base;
  const equal = sameBase && digits(gold) === digits(prediction);
  comparison.because = () => {
    if (!sameBase) return 'The numerals have different bases.';
    return equal
      ? 'The same digits in the same base.'
      : `The digits differ: ${digits(prediction)} and ${digits(gold)}.`;
  };
  return equal;
}
