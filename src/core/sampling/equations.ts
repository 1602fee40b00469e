import { findEqualities } from '../behaviours/index.ts';
import { normaliseProblemText } from '../dataset/index.ts';
import { findMaths, type MathRange } from '../text/index.ts';

/** Signs and commands of equations and inequalities. */
const RELATION = /[=<>≤≥≈≠]|\\(?:leq?|leqslant|geq?|geqslant|neq?|approx|equiv|sim|lt|gt)(?![a-zA-Z])/;
/** Each row of a displayed derivation is a statement. */
const ROWS = /\\\\(?:\[[^\]]*\])?|\\begin\{[^{}]*\}|\\end\{[^{}]*\}/;

/**
 * The equations and inequalities of a text in order, normalised: spacing, `\left`, `\dfrac` and alignment marks make no difference. Found
 * by maths delimiters, and in plain text by their numbers.
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

/** Equal for responses with the same equations in the same order; without equations, for the same text. */
export function equationKey(text: string): string {
  const equations = equationList(text);
  return equations.length > 0 ? equations.join('\n') : normaliseProblemText(text);
}
