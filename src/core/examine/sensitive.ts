/** How a key or personal data is written. */
export interface Form {
  what: string;
  /** Characters that every match has: a text without any of them is not searched. */
  hints: readonly string[];
  pattern: RegExp;
  /** Characters that a match may have, 500 by default. */
  longest?: number;
  /** Whether a text of this form is one. */
  isOne?: (found: string) => boolean;
}

/** Keys of services and machines. */
export const KEYS: readonly Form[] = [
  { what: 'an Anthropic API key', hints: ['sk-ant-'], pattern: /\bsk-ant-[\w-]{20,}/g },
  {
    what: 'an OpenAI API key',
    hints: ['sk-'],
    pattern: /\bsk-(?!ant-)(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,}/g,
    isOne: isMixed,
  },
  { what: 'a Hugging Face token', hints: ['hf_'], pattern: /\bhf_[A-Za-z0-9]{30,}/g },
  {
    what: 'a GitHub token',
    hints: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_\w{50,})/g,
  },
  {
    what: 'an AWS access key',
    hints: ['AKIA', 'ASIA'],
    // The secret is usually beside the id.
    pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b(?:[\s\S]{0,200}?(?<![\w/+])[\w/+]{40}(?![\w/+=]))?/g,
  },
  {
    what: 'an AWS secret key',
    hints: ['ecret', 'ECRET'],
    pattern: /\baws_?secret[\w ]{0,20}["']?\s{0,3}[:=]\s{0,3}["']?[A-Za-z0-9/+]{40}(?![\w/+=])/gi,
  },
  { what: 'a Google API key', hints: ['AIza'], pattern: /\bAIza[\w-]{35}\b/g },
  { what: 'a Slack token', hints: ['xox'], pattern: /\bxox[abeoprs]-[\w-]{10,}/g },
  {
    what: 'a JSON web token',
    hints: ['eyJ'],
    pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g,
    longest: 4_000,
  },
  {
    what: 'a private key',
    hints: ['PRIVATE KEY'],
    // A key of 16,384 bits has 12,500 characters. One without its end is truncated.
    pattern:
      /-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[\s\S]{0,13000}?-----END [A-Z ]{0,40}KEY(?: BLOCK)?-----|[\s\S]{0,13000})/g,
    longest: 13_200,
  },
];

/** Data about a person. */
export const PERSONAL: readonly Form[] = [
  {
    what: 'an e-mail address',
    hints: ['@'],
    pattern: /(?<![\w.+-])[\w.+-]{1,64}@[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63}){0,4}\.[a-z]{2,24}\b/gi,
    isOne: (found) => !/@(?:[\w.-]+\.)?example\.(?:com|org|net)$/i.test(found),
  },
  {
    what: 'a telephone number',
    hints: ['+', '('],
    pattern:
      /(?<![\w+^$\\{(])\+\d{1,3}[ .-]\(?\d{2,4}\)?(?:[ .-]\d{2,4}){2,4}(?![\d^])|(?<![\w)])\(\d{3}\) ?\d{3}-\d{4}(?!\d)/g,
  },
  {
    what: 'a card number',
    hints: [''],
    pattern: /(?<![\d.-])\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?![\d.-])/g,
    isOne: isCard,
  },
  {
    what: 'a bank account',
    hints: [''],
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?\b/g,
    isOne: isIban,
  },
  {
    what: 'a social security number',
    hints: ['SSN', 'ecurity'],
    pattern: /\b(?:SSN|[Ss]ocial [Ss]ecurity(?: [Nn]umber)?)\b[^\d\n]{0,20}\d{3}-\d{2}-\d{4}\b/g,
  },
];

const MARK = '[hidden]';
const LONGEST = 500;

interface Place {
  start: number;
  end: number;
}

/** The first form that a text has, and where it is. Places are in UTF-16 code units. */
export function firstSensitive(text: string, forms: readonly Form[]): (Place & { what: string }) | undefined {
  for (const form of forms) {
    const [place] = placesOf(text, form);
    if (place) return { what: form.what, ...place };
  }
  return undefined;
}

/**
 * A part of a text in which keys and personal data are hidden, also those that are only in part in it.
 * @param from UTF-16 code units, as `to`. The whole text by default.
 */
export function hideSensitive(text: string, from = 0, to = text.length): string {
  const places = [...KEYS, ...PERSONAL]
    .flatMap((form): Place[] => {
      const { longest = LONGEST } = form;
      const start = Math.max(0, from - longest);
      return [...placesOf(text.slice(start, to + longest), form)].map((one) => ({
        start: start + one.start,
        end: start + one.end,
      }));
    })
    .filter(({ start, end }) => end > from && start < to)
    .sort((a, b) => a.start - b.start);
  let shown = '';
  let at = from;
  for (const { start, end } of places) {
    // One that overlaps an earlier one has its mark already.
    if (start >= at || shown === '') shown += `${text.slice(at, Math.max(at, start))}${MARK}`;
    at = Math.max(at, end);
  }
  return at < to ? `${shown}${text.slice(at, to)}` : shown;
}

function* placesOf(text: string, { hints, pattern, isOne }: Form): Generator<Place> {
  if (!hints.some((hint) => text.includes(hint))) return;
  for (const { 0: found, index } of text.matchAll(pattern))
    if (isOne?.(found) ?? true) yield { start: index, end: index + found.length };
}

/** Letters and digits: a word with hyphens is no key. */
function isMixed(found: string): boolean {
  return /\d/.test(found) && /[A-Za-z]/.test(found.slice(3));
}

/** The check digit of Luhn, and the first digit of a card. */
function isCard(found: string): boolean {
  const digits = [...found.replace(/\D/g, '')].map(Number);
  const sum = digits
    .reverse()
    .reduce((total, digit, i) => total + (i % 2 === 0 ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit), 0);
  return sum % 10 === 0 && /^[3-6]/.test(found);
}

/** The check digits of ISO 13616. */
function isIban(found: string): boolean {
  const plain = found.replaceAll(' ', '');
  const turned = plain.slice(4) + plain.slice(0, 4);
  const digits = [...turned].map((one) => Number.parseInt(one, 36)).join('');
  return plain.length >= 15 && [...digits].reduce((rest, digit) => (rest * 10 + Number(digit)) % 97, 0) === 1;
}
