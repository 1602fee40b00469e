// Clock times and dates. The whole text must be one; `2:30` alone is a ratio.

export interface ClockTime {
  /** Minutes since midnight, seconds as a fraction. Without am or pm, as the digits read. */
  readonly minutes: number;
  /** Absent if the time has no am or pm, as in `14:30`. */
  readonly half?: 'am' | 'pm';
}

export interface CalendarDate {
  readonly year?: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** A formula or a plain number, as most answers are, or a text too long for a date. */
function isFormula(text: string): boolean {
  return text.length > 40 || /[\\^_=(){}]/.test(text) || !/[a-z月点时:-]/i.test(text);
}

const TIME =
  /^\s*(?:at\s+)?(\d{1,2})(?:\s*:\s*(\d{2}))?(?:\s*:\s*(\d{2}))?\s*(?:([ap])\.?\s?m\.?|(noon|midnight|o['’]?clock)|(in the morning|in the (?:afternoon|evening)|at night))?\s*$/i;

/** Reads `2:30 PM`, `2 p.m.`, `14:30`, `12 noon`, `7 o'clock`; a bare number is not a time. */
export function readTime(text: string): ClockTime | undefined {
  if (isFormula(text)) return undefined;
  if (/^\s*(?:noon|midnight)\s*$/i.test(text))
    return /noon/i.test(text) ? { minutes: 720, half: 'pm' } : { minutes: 0, half: 'am' };
  const [match, h = '', m, s, letter, word, part] = TIME.exec(inEnglish(text)) ?? [];
  if (match === undefined || (m === undefined && letter === undefined && word === undefined)) return undefined;
  const [hour, minute, second] = [Number(h), Number(m ?? 0), Number(s ?? 0)];
  const half = halfOf(letter, word, part);
  if (minute > 59 || second > 59 || hour > 24 || (half !== undefined && (hour > 12 || hour === 0))) return undefined;
  const shifted = half === undefined ? hour : (hour % 12) + (half === 'pm' ? 12 : 0);
  return { minutes: shifted * 60 + minute + second / 60, ...(half === undefined ? {} : { half }) };
}

const CHINESE_TIME = /^\s*(凌晨|早上|上午|中午|下午|傍晚)\s*(\d{1,2})\s*[点时:]\s*(半|\d{1,2}(?=\s*分?\s*$))?分?\s*$/;

/** Converts `下午3:30`, `上午8点半` to `3:30 pm`, `8:30 am`; other texts are unchanged. */
function inEnglish(text: string): string {
  const [match, part = '', hour = '', minutes = '00'] = CHINESE_TIME.exec(text) ?? [];
  if (match === undefined) return text;
  return `${hour}:${minutes === '半' ? '30' : minutes.padStart(2, '0')} ${/中午|下午|傍晚/.test(part) ? 'pm' : 'am'}`;
}

function halfOf(letter: string | undefined, word: string | undefined, part: string | undefined): ClockTime['half'] {
  if (letter !== undefined) return letter.toLowerCase() === 'a' ? 'am' : 'pm';
  if (word !== undefined && /noon|midnight/i.test(word)) return /noon/i.test(word) ? 'pm' : 'am';
  if (part === undefined) return undefined;
  return /morning/i.test(part) ? 'am' : 'pm';
}

/**
 * The same time of day. A side without am or pm uses the 24-hour clock or, if `lenient`, also the 12-hour clock.
 */
export function sameTime(a: ClockTime, b: ClockTime, lenient: boolean): boolean {
  if (a.minutes === b.minutes) return true;
  if (!lenient || (a.half === undefined) === (b.half === undefined)) return false;
  const bare = a.half === undefined ? a : b;
  return bare.minutes >= 60 && bare.minutes < 780 && a.minutes % 720 === b.minutes % 720;
}

const MONTH_NAMES = 'january february march april may june july august september october november december'.split(' ');
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?';
const WEEKDAY = '(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\\s+)?';
const MONTH_FIRST = new RegExp(`^\\s*(?:on\\s+)?${WEEKDAY}([a-z]{3,9})\\.?\\s*${DAY}(?:\\s*,?\\s*(\\d{4}))?\\s*$`, 'i');
const DAY_FIRST = new RegExp(
  `^\\s*(?:on\\s+)?${WEEKDAY}(?:the\\s+)?${DAY}\\s*(?:of\\s+)?([a-z]{3,9})\\.?(?:\\s*,?\\s*(\\d{4}))?\\s*$`,
  'i',
);
const ISO = /^\s*(\d{4})-(\d{2})-(\d{2})\s*$/;
const CHINESE = /^\s*(?:(\d{4})\s*年\s*)?(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]\s*$/;

function monthOf(name: string): number {
  const lower = name.toLowerCase();
  return lower === 'sept' ? 9 : 1 + MONTH_NAMES.findIndex((month) => month === lower || month.slice(0, 3) === lower);
}

/** Reads `July 4`, `4 July 2021`, `the 4th of July`, `2021-07-04`, `7月4日`; undefined where the day does not exist. */
export function readDate(text: string): CalendarDate | undefined {
  if (isFormula(text)) return undefined;
  const [a, b, c, d] = [MONTH_FIRST.exec(text), DAY_FIRST.exec(text), ISO.exec(text), CHINESE.exec(text)];
  if (a !== null) return date(monthOf(a[1] ?? ''), a[2], a[3]);
  if (b !== null) return date(monthOf(b[2] ?? ''), b[1], b[3]);
  if (c !== null) return date(Number(c[2]), c[3], c[1]);
  return d === null ? undefined : date(Number(d[2]), d[3], d[1]);
}

const IN_DIGITS = /^\s*(\d{1,2})([/.-])(\d{1,2})(?:\2(\d{4}))?\s*$/;

/**
 * Reads `7/4/2021`, `7/4`, `4.7.2021` if it must be a date: the month comes first, except with points between the numbers or a first number
 * above 12.
 */
export function readDigitDate(text: string): CalendarDate | undefined {
  const [match, first = '', mark, second = '', year] = IN_DIGITS.exec(text) ?? [];
  if (match === undefined) return undefined;
  const dayFirst = mark === '.' || Number(first) > 12;
  return dayFirst ? date(Number(second), first, year) : date(Number(first), second, year);
}

function date(month: number, day: string | undefined, year: string | undefined): CalendarDate | undefined {
  const number = Number(day);
  if (month < 1 || month > 12 || number < 1 || number > 31) return undefined;
  return { month, day: number, ...(year === undefined ? {} : { year: Number(year) }) };
}

/** The same day; if the gold has no year, any year is accepted. */
export function sameDate(gold: CalendarDate, prediction: CalendarDate): boolean {
  if (gold.month !== prediction.month || gold.day !== prediction.day) return false;
  return gold.year === undefined || gold.year === prediction.year;
}

/** The one spelling of a date (`July 4, 2021`) or of a time with am or pm (`2:30 pm`); undefined for anything else. */
export function spellCalendar(text: string): string | undefined {
  const day = readDate(text);
  if (day !== undefined) {
    const name = MONTH_NAMES[day.month - 1] ?? '';
    const month = (name[0] ?? '').toUpperCase() + name.slice(1);
    return `${month} ${day.day}${day.year === undefined ? '' : `, ${day.year}`}`;
  }
  const time = readTime(text);
  if (time?.half === undefined) return undefined;
  const minutes = Math.floor(time.minutes);
  const hour = Math.floor(minutes / 60) % 12 || 12;
  const seconds = Math.round((time.minutes - minutes) * 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${hour}:${two(minutes % 60)}${seconds === 0 ? '' : `:${two(seconds)}`} ${time.half}`;
}
