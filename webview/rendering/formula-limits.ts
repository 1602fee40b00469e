/**
 * Limits of one formula. Of 40,147 formulas in published traces the largest has 287 signs, and the deepest nests 5 levels.
 * Chromium's layout of nested boxes takes more than linear time and its stack ends at about 800 levels of elements.
 */
const MOST_SIGNS = 1_000;
/** Open braces, `\left` and environments at one place. */
const DEEPEST_SOURCE = 60;
/** Levels of KaTeX's tree, which has 6 to 8 levels for one `\frac`, `\sqrt` or `\boxed`. */
const DEEPEST_TREE = 160;
/** Elements of KaTeX's tree. */
const LARGEST_TREE = 4_000;
/** Expansions of KaTeX's own macros. */
const MOST_EXPANSIONS = 500;
/** Signs that macros of the formula's own may expand to. */
const MOST_EXPANDED = 4_000;

/** A command, or any other sign that is not a space. */
const SIGN = /\\(?:[a-zA-Z]+|[\s\S])|\S/g;
const OPENS = new Set(['{', '\\left', '\\begin', '\\bgroup', '\\begingroup']);
const CLOSES = new Set(['}', '\\right', '\\end', '\\egroup', '\\endgroup']);
const DEFINES = /\\(?:[gex]?def|(?:re|provide)?newcommand|providecommand|(?:future)?let)(?![a-zA-Z])/;

/**
 * The limits of a formula before it is typeset: its number of signs, a short reason if it must not be typeset, and the number of macro
 * expansions for KaTeX. Linear in the length of the formula.
 */
export function formulaLimit(tex: string): { reason?: string; maxExpand: number; signs: number } {
  let signs = 0;
  let depth = 0;
  for (const [sign] of tex.matchAll(SIGN)) {
    signs += 1;
    if (OPENS.has(sign)) depth += 1;
    else if (CLOSES.has(sign)) depth -= 1;
    if (signs > MOST_SIGNS) return { reason: 'Formula too long', maxExpand: 0, signs };
    if (depth > DEEPEST_SOURCE) return { reason: 'Nested too deeply', maxExpand: 0, signs };
  }
  if (!DEFINES.test(tex)) return { maxExpand: MOST_EXPANSIONS, signs };
  // A macro that doubles its argument grows exponentially.
  if (tex.includes('#')) return { reason: 'Macros with arguments are not supported', maxExpand: 0, signs };
  return { maxExpand: Math.min(MOST_EXPANSIONS, Math.floor(MOST_EXPANDED / signs)), signs };
}

interface Tree {
  children?: readonly Tree[];
}

/** A short reason if a tree must not become nodes. Visits a bounded number of nodes. */
export function treeLimit(root: Tree): string | undefined {
  const open: { node: Tree; depth: number }[] = [{ node: root, depth: 1 }];
  let nodes = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    nodes += 1;
    if (nodes > LARGEST_TREE) return 'Formula too large';
    if (at.depth > DEEPEST_TREE) return 'Nested too deeply';
    for (const node of at.node.children ?? []) open.push({ node, depth: at.depth + 1 });
  }
  return undefined;
}
