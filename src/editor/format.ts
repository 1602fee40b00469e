/** Numbers and times as a person reads them. Nothing here knows the editor, so that plain Node can test it. */

/** `1234567` → `1,234,567`, by the locale. */
export const formatCount = (value: number, locale = 'en'): string => Math.round(value).toLocaleString(locale);

/** A rate with two significant digits below 10 and whole numbers above: `0.42`, `3.1`, `128`. */
export function formatRate(value: number, locale = 'en'): string {
  return value < 10
    ? value.toLocaleString(locale, { maximumSignificantDigits: 2 })
    : Math.round(value).toLocaleString(locale);
}

/** Seconds as the two largest units that matter: `45 s`, `3 min`, `2 h 5 min`, `1 d 3 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${Math.floor(hours / 24)} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Bytes in decimal units, as disks are sold: `145 MB`. */
export function formatBytes(bytes: number, locale = 'en'): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toLocaleString(locale, { maximumFractionDigits: value < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}

/** The text in one line, cut to at most `length` code units without splitting a surrogate pair. */
export function oneLine(text: string, length: number): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  if (flat.length <= length) return flat;
  return `${flat.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** The text cut in its middle to at most `length` characters: what tells two long names apart mostly stands at an end. */
export function shortened(text: string, length: number): string {
  const letters = [...text];
  if (letters.length <= length) return text;
  const end = Math.floor((length - 1) / 2);
  return `${letters.slice(0, length - 1 - end).join('')}…${letters.slice(-end).join('')}`;
}
