import { compareNodes, roundedAlike } from '../expression/compare.ts';
import { ExpressionError, NeedsEngineError } from '../expression/error.ts';
import type { Node } from '../expression/node.ts';
import { parseExpression } from '../expression/parse.ts';
import type { Comparison, ValueOf } from './value.ts';

/** Reads one expression; undefined where the text is none. */
export function readExpression(text: string): ValueOf<'expression'> | undefined {
  try {
    return { shape: 'expression', text, node: parseExpression(text) };
  } catch (error) {
    if (error instanceof NeedsEngineError) return { shape: 'expression', text, node: undefined };
    if (error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** A number as written: no operators beyond sign, fraction and exponent. */
function isNumeric(node: Node | undefined): boolean {
  if (node === undefined) return false;
  if (node.kind === 'number') return true;
  return node.kind === 'apply' && node.args.every(isNumeric);
}

export function equalExpressions(
  gold: ValueOf<'expression'>,
  prediction: ValueOf<'expression'>,
  comparison: Comparison,
): boolean {
  comparison.method = isNumeric(gold.node) && isNumeric(prediction.node) ? 'number' : 'expression';
  if (gold.text === prediction.text) return true;
  if (gold.node !== undefined && prediction.node !== undefined) {
    const likeness = compareNodes(gold.node, prediction.node, comparison.policy.relativeTolerance);
    if (likeness === 'equal') return true;
    if (comparison.policy.decimals === 'rounded' && roundedAlike(gold.node, prediction.node)) return true;
    if (likeness === 'different') return false;
  }
  comparison.wantsEngine ||= comparison.engine === undefined;
  return comparison.engine?.equal(gold.text, prediction.text) ?? false;
}
