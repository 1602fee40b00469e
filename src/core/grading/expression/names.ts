// How the parser treats control sequences and letters by name.

export const INVERSE: Readonly<Record<string, string>> = {
  sin: 'arcsin',
  cos: 'arccos',
  tan: 'arctan',
  cot: 'arccot',
  sec: 'arcsec',
  csc: 'arccsc',
  sinh: 'arcsinh',
  cosh: 'arccosh',
  tanh: 'arctanh',
};
/** Names of the functions in programs and other languages. Maps, since a name of a hostile text may be `constructor`. */
export const ALIASES: ReadonlyMap<string, string> = new Map([
  ['asin', 'arcsin'],
  ['acos', 'arccos'],
  ['atan', 'arctan'],
  ['acot', 'arccot'],
  ['asec', 'arcsec'],
  ['acsc', 'arccsc'],
  ['asinh', 'arcsinh'],
  ['acosh', 'arccosh'],
  ['atanh', 'arctanh'],
  ['arsinh', 'arcsinh'],
  ['arcosh', 'arccosh'],
  ['artanh', 'arctanh'],
  ['arctg', 'arctan'],
  ['arcctg', 'arccot'],
  ['cosec', 'csc'],
  ['cotan', 'cot'],
  ['cotg', 'cot'],
  ['ctg', 'cot'],
  ['tg', 'tan'],
]);
/** Functions of one argument in brackets that have a sign of their own. */
export const SPELLED: ReadonlyMap<string, 'absolute' | 'floor' | 'ceiling' | 'factorial'> = new Map([
  ['abs', 'absolute'],
  ['Abs', 'absolute'],
  ['floor', 'floor'],
  ['ceil', 'ceiling'],
  ['ceiling', 'ceiling'],
  ['factorial', 'factorial'],
]);
/** Functions of two arguments in brackets. */
export const PAIRS: ReadonlyMap<string, 'binomial' | 'divide' | 'modulo'> = new Map([
  ['binomial', 'binomial'],
  ['Rational', 'divide'],
  ['mod', 'modulo'],
]);
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
