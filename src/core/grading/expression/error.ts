/** A text that is not an expression this grader reads. */
export class ExpressionError extends Error {
  override readonly name: string = 'ExpressionError';
}

/** An expression beyond the built-in parser (sums, integrals, limits): the compute engine may be able to read it. */
export class NeedsEngineError extends ExpressionError {
  override readonly name: string = 'NeedsEngineError';
}
