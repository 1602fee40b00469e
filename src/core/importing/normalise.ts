const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/**
 * The form under which two problems are the same: Unicode compatibility forms, case, whitespace and maths delimiters do not
 * count, nor do `\dfrac` for `\frac`, `\left`, `\right` and typographic quotes. Only for comparing; nothing is stored in it.
 */
export function normaliseProblemText(text: string): string {
  return (
    text
      // Before compatibility forms, under which `5²` would become `52`.
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
      // Spaces by command, and the delimiters $, $$, \( \) and \[ \].
      .replace(/\\[ ,;:!]|~/g, ' ')
      .replace(/\\[()[\]]|\\?\$/g, ' ')
      .replace(/\s+/g, ' ')
      // Around a sign a space says nothing; between words and numbers it does.
      .replace(/ ?([^\p{L}\p{N}\s]) ?/gu, '$1')
      .replace(/[.?!:\s]+$/, '')
      .trim()
  );
}
