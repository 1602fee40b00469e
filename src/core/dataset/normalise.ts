const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/**
 * A problem text for comparison only: Unicode compatibility forms, case, white space, maths delimiters, `\dfrac`, `\left`, `\right` and
 * typographic quotes make no difference.
 */
export function normaliseProblemText(text: string): string {
  return (
    text
      // Before NFKC, which turns `5²` into `52`.
      .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (digit) => `^${SUPERSCRIPTS.indexOf(digit)}`)
      .normalize('NFKC')
      .toLowerCase()
      .normalize('NFKC')
      .replace(/[\u2018\u2019\u201b\u2032]/g, "'")
      .replace(/[\u201c\u201d\u201f\u2033]/g, '"')
      .replace(/[\u2010-\u2015\u2212]/g, '-')
      .replace(/\u00d7/g, '\\times')
      .replace(/\\[dt]frac/g, '\\frac')
      .replace(/\\(?:left|right)(?![a-z])/g, '')
      // Spacing commands, and the delimiters $, $$, \( \) and \[ \].
      .replace(/\\[ ,;:!]|~/g, ' ')
      .replace(/\\[()[\]]|\\?\$/g, ' ')
      .replace(/\s+/g, ' ')
      // A space beside a sign has no meaning.
      .replace(/ ?([^\p{L}\p{N}\s]) ?/gu, '$1')
      .replace(/[.?!:\s]+$/, '')
      .trim()
  );
}
