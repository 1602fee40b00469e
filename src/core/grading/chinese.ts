// Numbers in Chinese characters. Full-width digits are already plain here (see unicode.ts).
// Not a package: nzh 1.0.14 misreads 两百 and 二〇二四, chinese-numbers-to-arabic 1.5.0 一亿二千万, and chinese-parseint2 has no release since 2023.

const DIGITS: Readonly<Record<string, number>> = {
  零: 0,
  〇: 0,
  一: 1,
  二: 2,
  两: 2,
  三: 3,
  四: 4,
  五: 5,
  六: 6,
  七: 7,
  八: 8,
  九: 9,
};
const PLACES: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000 };
/** One of these multiplies the whole value before it. */
const MYRIADS: Readonly<Record<string, number>> = { 万: 1e4, 亿: 1e8 };
const NUMERAL = '[零〇一二两三四五六七八九十百千万亿]{1,20}';

/** The value of `十二`, `一百零五`, `三万二千`, `二〇二四`; undefined for anything else. */
function chineseNumber(text: string): number | undefined {
  if (!new RegExp(`^${NUMERAL}$`).test(text)) return undefined;
  // Digits alone are read one by one, as in years.
  if (/^[零〇一二三四五六七八九]{2,}$/.test(text)) return Number([...text].map((char) => DIGITS[char]).join(''));
  let total = 0;
  let group = 0;
  let digit: number | undefined;
  for (const char of text) {
    const [place, myriad] = [PLACES[char], MYRIADS[char]];
    if (place !== undefined) {
      // `十二` and `零十二` omit the one before ten.
      group += (digit || (place === 10 ? 1 : 0)) * place;
      digit = undefined;
    } else if (myriad !== undefined) {
      const before = group + (digit ?? 0);
      total = myriad === 1e8 ? (total + before) * myriad : total + before * myriad;
      [group, digit] = [0, undefined];
    } else digit = DIGITS[char];
  }
  return total + group + (digit ?? 0);
}

/** Digits, or characters as digits. */
function asDigits(text: string): string | undefined {
  if (/^\d/.test(text)) return text;
  const value = chineseNumber(text);
  return value === undefined ? undefined : String(value);
}

const AMOUNT = String.raw`(\d{1,20}(?:\.\d{1,20})?|${NUMERAL})`;
const PERCENT = new RegExp(`百分之${AMOUNT}`, 'g');
const PART = new RegExp(`${AMOUNT}分之${AMOUNT}`, 'g');
const MYRIAD = /(\d{1,20}(?:\.\d{1,20})?)\s*([万亿])/g;
const WHOLE = new RegExp(String.raw`^(\s*负?)(${NUMERAL})(\s*[\u4e00-\u9fff]{0,6}\s*[.。]?\s*)$`);

/**
 * `三分之一`, `百分之五十`, `3.5万`, `负十二` and `十二个` with digits. A numeral counts only if it is the whole answer or if `isUnit` accepts
 * the text after it: `三角形` is a triangle.
 */
export function spellChinese(text: string, isUnit: (word: string) => boolean): string {
  if (!/[\u3007\u4e00-\u9fff]/.test(text)) return text;
  const parts = text
    .replace(PERCENT, (whole, count: string) => {
      const digits = asDigits(count);
      return digits === undefined ? whole : `${digits}\\%`;
    })
    .replace(PART, (whole, bottom: string, top: string) => {
      const [below, above] = [asDigits(bottom), asDigits(top)];
      return below === undefined || above === undefined ? whole : `\\frac{${above}}{${below}}`;
    })
    .replace(MYRIAD, (_, number: string, unit: string) => `${number}\\cdot10^{${unit === '万' ? 4 : 8}}`)
    .replace(/^(\s*)负\s*(?=[\d\\])/, '$1-');
  return parts.replace(WHOLE, (whole, sign: string, numeral: string, tail: string) => {
    const value = chineseNumber(numeral);
    const word = tail.replace(/[\s.。]/g, '');
    if (value === undefined || (word !== '' && !isUnit(word))) return whole;
    return `${sign.replace('负', '-')}${value}${tail}`;
  });
}
