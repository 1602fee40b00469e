const MARK = '…';
/** Shorter keys are searched literally only, because their encoded forms are common in ordinary text. */
const SHORTEST_ENCODED = 8;
/** Maximum code units of one character of a key: `%252525xx` for four bytes. */
const LONGEST_FORM = 36;

const NAMED: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": 'apos' };

/**
 * Removes a key from a text, because servers quote requests. Finds it literally, percent-encoded, JSON-escaped or with HTML entities, wholly or
 * partly; in hex; and in Base64 (standard and URL-safe), also within longer text such as `Basic base64(user:key)`. Shorten a text only
 * afterwards: a partial key is not found. Takes linear time.
 */
export function redactKey(text: string, key: string | undefined): string {
  if (key === undefined || key === '') return text;
  return text.replace(patternsOf(key).whole, MARK);
}

/** `redactKey` for a text in parts. A possible start of the key at the end of a part is returned with a later part. */
export class KeyRedactor {
  readonly #key: string | undefined;
  #held = '';

  /** @param key Nothing is redacted if undefined. */
  constructor(key: string | undefined) {
    this.#key = key;
  }

  /** @returns The text that can be shown so far. */
  add(text: string): string {
    if (!this.#key) return text;
    this.#held += text;
    const { whole, begun } = patternsOf(this.#key);
    // Earlier text can't be part of a key at the end.
    const from = Math.max(0, this.#held.length - LONGEST_FORM * (this.#key.length + 2));
    const begins = this.#held.slice(from).search(begun);
    if (begins < 0) return this.end();
    let split = from + begins;
    for (const { index, 0: found } of this.#held.matchAll(whole))
      if (index + found.length > split) split = Math.min(split, index);
    const rest = this.#held.slice(split);
    this.#held = this.#held.slice(0, split);
    const shown = this.end();
    this.#held = rest;
    return shown;
  }

  /** @returns The rest, after the last part. */
  end(): string {
    const shown = redactKey(this.#held, this.#key);
    this.#held = '';
    return shown;
  }
}

interface KeyPatterns {
  whole: RegExp;
  /** The end of a text that more text may complete to a key. */
  begun: RegExp;
}

let known: { key: string; patterns: KeyPatterns } | undefined;

function patternsOf(key: string): KeyPatterns {
  if (known?.key !== key) {
    const bytes = [...new TextEncoder().encode(key)];
    const forms =
      key.length < SHORTEST_ENCODED
        ? [[...key].map(escaped)]
        : [[...key].map(character), hex(bytes), ...[0, 1, 2].map((before) => base64(bytes, before))];
    const used = forms.filter((form) => form.length > 0);
    const begun = used.map((form) => form.reduceRight((rest, one) => `${one}(?:${rest})?`)).join('|');
    const whole = used.map((form) => form.join('')).join('|');
    // After whole characters, a partly encoded one; it may be the first.
    const first = `[%\\\\&]|${digits((bytes[0] ?? 0) >> 4, 1)}`;
    const patterns = {
      whole: new RegExp(whole, 'gu'),
      begun: new RegExp(`(?:${begun}|${first})[\\w\\s%\\\\&#+/=:-]{0,${LONGEST_FORM}}$`, 'u'),
    };
    known = { key, patterns };
  }
  return known.patterns;
}

/** A pattern for all forms of a character. */
function character(one: string): string {
  const code = one.codePointAt(0) ?? 0;
  const name = NAMED[one];
  const percent = [...new TextEncoder().encode(one)].map((byte) => `%(?:25){0,3}${digits(byte, 2)}`).join('');
  const units = Array.from({ length: one.length }, (_, i) => `\\\\{1,4}u${digits(one.charCodeAt(i), 4)}`).join('');
  return `(?:${[
    percent,
    units,
    ...(code < 256 ? [`\\\\{1,4}x${digits(code, 2)}`] : []),
    `&#0{0,6}${code};`,
    `&#[xX]0{0,6}${digits(code, 1)};`,
    ...(name === undefined ? [] : [`&${name};`]),
    // Last, because `%` and `&` start longer forms of themselves.
    `\\\\{0,3}${escaped(one)}`,
  ].join('|')})`;
}

/** Bytes in hex, with or without separators. */
function hex(bytes: readonly number[]): string[] {
  return bytes.map((byte, i) => `${i === 0 ? '' : '[\\s:-]?'}${digits(byte, 2)}`);
}

/** The Base64 characters that depend only on the key, after `before` bytes in its first group of three. */
function base64(bytes: readonly number[], before: number): string[] {
  const text = btoa(String.fromCharCode(...Array<number>(before).fill(0), ...bytes)).replace(/=+$/, '');
  const mixed = (before + bytes.length) % 3 === 0 ? 0 : 1;
  const own = text.slice(before === 0 ? 0 : before + 1, text.length - mixed);
  if (own.length < SHORTEST_ENCODED) return [];
  const of = (one: string): string => {
    if (one === '+') return '(?:[+-]|%2[bB])';
    return one === '/' ? '(?:\\\\{0,3}[/_]|%2[fF])' : one;
  };
  // The neighbouring characters depend on the key in part. Long Base64 has line breaks.
  const beside = '[A-Za-z0-9+/_-]?';
  const last = own.length - 1;
  return [...own].map((one, i) => `${i === 0 ? beside : '\\s{0,4}'}${of(one)}${i === last ? `${beside}={0,2}` : ''}`);
}

/** Hex digits of either case, at least `length`. */
function digits(value: number, length: number): string {
  return [...value.toString(16).padStart(length, '0')]
    .map((digit) => (/[a-f]/.test(digit) ? `[${digit}${digit.toUpperCase()}]` : digit))
    .join('');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
