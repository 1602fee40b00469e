// How the parser treats control sequences and letters by name.

export const INVERSE: Readonly<Record<string, string>> = {
  sin: 'arcsin',
  cos: 'arccos',
  tan: 'arctan',
  cot: 'arccot',
};
/** Letters that are a function before a bracket; any other letter is multiplied by the bracket. */
export const FUNCTION_LETTERS = /^(?:[fghFGPQW]|Gamma)(?:_.+|'+)?$/;
export const BEYOND = new Set(['sum', 'prod', 'int', 'iint', 'lim', 'oint', 'partial', 'bmod', 'mod']);
export const FENCES: Readonly<Record<string, readonly [string, 'floor' | 'ceiling' | 'absolute']>> = {
  lfloor: ['rfloor', 'floor'],
  lceil: ['rceil', 'ceiling'],
  lvert: ['rvert', 'absolute'],
};
export const LISTS: Readonly<Record<string, 'maximum' | 'minimum' | 'gcd' | 'lcm'>> = {
  max: 'maximum',
  min: 'minimum',
  gcd: 'gcd',
  lcm: 'lcm',
};
export const ACCENTS = new Set([
  'overline',
  'vec',
  'overrightarrow',
  'hat',
  'bar',
  'widehat',
  'mathbf',
  'mathbb',
  'mathcal',
  'angle',
]);
