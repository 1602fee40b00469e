import { findEqualities } from '../behaviours/index.ts';
import { normaliseProblemText } from '../importing/index.ts';
import { findMaths, type MathRange } from '../text/index.ts';

/** Signs and commands that make a formula a statement. */
const RELATION = /[=<>≤≥≈≠]|\\(?:leq?|leqslant|geq?|geqslant|neq?|approx|equiv|sim|lt|gt)(?![a-zA-Z])/;
/** Rows of a displayed derivation are statements of their own. */
const ROWS = /\\\\(?:\[[^\]]*\])?|\\begin\{[^{}]*\}|\\end\{[^{}]*\}/;

/**
 * The equations and inequalities of a text in reading order, each in a normal form in which spacing, `\left`, `\dfrac` and alignment
 * marks do not count. Formulas in maths are found by their delimiters, sums in plain text by their numbers.
 */
export function equationList(text: string): string[] {
  const maths = findMaths(text);
  const found = maths.flatMap(({ start, innerStart, innerEnd }) =>
    text
      .slice(innerStart, innerEnd)
      .split(ROWS)
      .map((row) => ({ start, row })),
  );
  const plain = findEqualities(text).filter(({ start, end }) => !touches(maths, start, end));
  for (const { start, end } of plain) found.push({ start, row: text.slice(start, end) });
  return found
    .filter(({ row }) => RELATION.test(row))
    .sort((one, other) => one.start - other.start)
    .map(({ row }) => normalForm(row))
    .filter((row) => row !== '');
}

function touches(maths: readonly MathRange[], start: number, end: number): boolean {
  return maths.some((range) => range.start < end && start < range.end);
}

function normalForm(row: string): string {
  const plain = row
    .replace(/&|\\(?:tag|label)\{[^{}]*\}/g, '')
    .replace(/\\(?:leq?|leqslant)(?![a-zA-Z])/g, '≤')
    .replace(/\\(?:geq?|geqslant)(?![a-zA-Z])/g, '≥');
  return normaliseProblemText(plain).replace(/[,;]$/, '');
}

/** Two responses with the same key make the same equations in the same order; without any, they are the same by their words. */
export function equationKey(text: string): string {
  const equations = equationList(text);
  return equations.length > 0 ? equations.join('\n') : normaliseProblemText(text);
}
