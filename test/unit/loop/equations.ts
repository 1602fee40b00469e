/** How many equalities of a text, `a + b = c` with +, - or *, do not hold. */
export function falseEquations(text: string): number {
  return [...text.matchAll(/(\d+) ([+*-]) (\d+) = (\d+)/g)].filter(([, a, sign, b, c]) => {
    const [left, right] = [Number(a), Number(b)];
    const value = sign === '+' ? left + right : sign === '-' ? left - right : left * right;
    return value !== Number(c);
  }).length;
}
