const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ';
const SUPERSCRIPT_VALUES = '0123456789+-n';
const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';

const SYMBOLS: Readonly<Record<string, string>> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '‐': '-',
  '×': '\\times ',
  '÷': '\\div ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  '∙': '\\cdot ',
  '∗': '*',
  '⁄': '/',
  '∕': '/',
  π: '\\pi ',
  '∞': '\\infty ',
  '≤': '\\le ',
  '⩽': '\\le ',
  '≥': '\\ge ',
  '⩾': '\\ge ',
  '≠': '\\ne ',
  '≈': '\\approx ',
  '∪': '\\cup ',
  '⋃': '\\cup ',
  '∩': '\\cap ',
  '∈': '\\in ',
  '∖': '\\setminus ',
  '∀': '\\forall ',
  '∅': '\\emptyset ',
  ℝ: '\\mathbb{R}',
  ℤ: '\\mathbb{Z}',
  ℕ: '\\mathbb{N}',
  '±': '\\pm ',
  '∓': '\\mp ',
  '°': '\\degree ',
  '′': "'",
  '’': "'",
  '∠': '\\angle ',
  '⌊': '\\lfloor ',
  '⌋': '\\rfloor ',
  '⌈': '\\lceil ',
  '⌉': '\\rceil ',
  '、': ',',
  '。': '.',
  '【': '[',
  '】': ']',
  α: '\\alpha ',
  β: '\\beta ',
  γ: '\\gamma ',
  δ: '\\delta ',
  θ: '\\theta ',
  λ: '\\lambda ',
  μ: '\\mu ',
  σ: '\\sigma ',
  φ: '\\varphi ',
  ω: '\\omega ',
};

function raised(run: string): string {
  return `^{${[...run].map((char) => SUPERSCRIPT_VALUES[SUPERSCRIPTS.indexOf(char)] ?? '').join('')}}`;
}

function lowered(run: string): string {
  return `_{${[...run].map((char) => String(SUBSCRIPTS.indexOf(char))).join('')}}`;
}

/** Rewrites Unicode mathematics as LaTeX: superscripts, roots, vulgar fractions, full-width forms, signs. Lone surrogates become U+FFFD with their number. */
export function unicodeToLatex(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text
    .replace(/\p{Surrogate}/gu, (half) => `\ufffd${half.charCodeAt(0).toString(16)}`)
    .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+/g, raised)
    .replace(/[₀₁₂₃₄₅₆₇₈₉]+/g, lowered)
    .replace(/[¼-¾⅐-⅞]/g, (char) => {
      const [top = '', bottom = ''] = char.normalize('NFKC').split('⁄');
      return `\\frac{${top}}{${bottom}}`;
    })
    .normalize('NFKC')
    .replace(/(\.\d{0,60}?)((?:\d[\u0304\u0305\u0307]){1,30})/g, (_, once: string, barred: string) => {
      return `${once}\\overline{${barred.replace(/\D/g, '')}}`;
    })
    .replace(/([√∛])\s*(\d+(?:\.\d+)?|\([^()]*\)|\{[^{}]*\}|[A-Za-z])/g, (_, sign: string, inside: string) => {
      const bare = /^[({]/.test(inside) ? inside.slice(1, -1) : inside;
      return `${sign === '∛' ? '\\sqrt[3]' : '\\sqrt'}{${bare}}`;
    })
    .replace(/[\u0080-\uffff]/g, (char) => SYMBOLS[char] ?? char)
    .replace(/[\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g, '')
    .replace(/[\s\u00a0]/g, ' ');
}
