import type { FindingId } from '../kinds.ts';
import { excerptAt, type ReadRow, type RowRule } from '../row.ts';

interface Form {
  what: string;
  /** Characters that every match has: a text without any of them is not searched. */
  hints: readonly string[];
  pattern: RegExp;
  /** Whether a text of this form is one. */
  isOne?: (found: string) => boolean;
}

const KEYS: readonly Form[] = [
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
  { what: 'an AWS access key', hints: ['AKIA', 'ASIA'], pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { what: 'a Google API key', hints: ['AIza'], pattern: /\bAIza[\w-]{35}\b/g },
  { what: 'a Slack token', hints: ['xox'], pattern: /\bxox[abeoprs]-[\w-]{10,}/g },
  { what: 'a JSON web token', hints: ['eyJ'], pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g },
  { what: 'a private key', hints: ['PRIVATE KEY'], pattern: /-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----/g },
];

const PERSONAL: readonly Form[] = [
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

export const secret = ruleOf('secret', KEYS);
export const personalData = ruleOf('personal-data', PERSONAL);

/** The text in question is hidden in the reason and the excerpt, because reports are shared. */
function ruleOf(finding: FindingId, forms: readonly Form[]): RowRule {
  return {
    finding,
    find: (row) => {
      for (const text of textsOf(row)) {
        const found = partIn(text, forms);
        if (found !== undefined) return found;
      }
      return undefined;
    },
  };
}

/** The first key and the first personal data in a text, which are hidden in the excerpts. */
export function sensitiveParts(text: string): { reason: string; excerpt: string }[] {
  return [partIn(text, KEYS), partIn(text, PERSONAL)].filter((part) => part !== undefined);
}

function partIn(text: string, forms: readonly Form[]): { reason: string; excerpt: string } | undefined {
  const hit = firstOf(text, forms);
  if (hit === undefined) return undefined;
  // An e-mail address may be beside a key: the excerpt hides both.
  const hidden = hiddenIn(hiddenIn(text, forms, HERE), [...KEYS, ...PERSONAL], MARK);
  const at = hidden.indexOf(HERE);
  return { reason: `The text contains ${hit}.`, excerpt: excerptAt(hidden.replaceAll(HERE, MARK), at) };
}

const MARK = '[hidden]';
/** Stands for MARK where the excerpt is about; no text has it. */
const HERE = '\uE000';

function textsOf({ problem, reply }: ReadRow): string[] {
  return [problem ?? '', reply?.written ?? ''].filter((text) => text !== '');
}

function firstOf(text: string, forms: readonly Form[]): string | undefined {
  const has = ({ hints, pattern, isOne }: Form): boolean =>
    hints.some((hint) => text.includes(hint)) && [...text.matchAll(pattern)].some(([found]) => isOne?.(found) ?? true);
  return forms.find(has)?.what;
}

function hiddenIn(text: string, forms: readonly Form[], mark: string): string {
  return forms.reduce(
    (rest, { pattern, isOne }) => rest.replace(pattern, (found) => ((isOne?.(found) ?? true) ? mark : found)),
    text,
  );
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
