import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyRedactor, redactKey } from '../../../src/core/text/redact-key.ts';

const KEY = 'sk-Very+Secret/0123&456789?x';
const keys = fc.string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 60 }).filter((key) => key.trim() === key);
const around = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });

const bytesOf = (text: string): Buffer => Buffer.from(text, 'utf8');
const percent = (text: string): string =>
  [...bytesOf(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** Everything that Base64 in a text can decode to, from each character. */
function decoded(text: string): string {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  const runs = plain.match(/[A-Za-z0-9+/]{4,}/g) ?? [];
  return runs
    .flatMap((run) => [0, 1, 2, 3].map((at) => Buffer.from(run.slice(at), 'base64').toString('latin1')))
    .join('\n');
}

describe('redactKey', () => {
  it.each([
    ['as it is', KEY],
    ['percent-encoded', encodeURIComponent(KEY)],
    [
      'percent-encoded in lower case',
      encodeURIComponent(KEY).toLowerCase().replace('sk-very', 'sk-Very').replace('secret', 'Secret'),
    ],
    ['percent-encoded in whole', percent(KEY)],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(KEY))],
    ['in JSON', JSON.stringify(KEY).slice(1, -1)],
    ['with an escaped slash', KEY.replace('/', '\\/')],
    ['with escapes of JSON', [...KEY].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
    ['with HTML entities', KEY.replace('&', '&amp;')],
    ['with numbers of HTML', [...KEY].map((one) => `&#${one.charCodeAt(0)};`).join('')],
    ['in hex', bytesOf(KEY).toString('hex')],
    ['in hex of upper case', bytesOf(KEY).toString('hex').toUpperCase()],
    [
      'in hex with colons',
      bytesOf(KEY)
        .toString('hex')
        .replace(/..(?!$)/g, '$&:'),
    ],
  ])('hides a key %s', (_how, quoted) => {
    expect(redactKey(`Invalid key “${quoted}”, says the server.`, KEY)).toBe('Invalid key “…”, says the server.');
  });

  it.each(['', 'u:', 'us:', 'user:'])('hides a key in Base64 after %j, of either alphabet, also in lines', (before) => {
    for (const after of ['', 'x', 'xy', ':password']) {
      for (const encoding of ['base64', 'base64url'] as const) {
        const quoted = bytesOf(before + KEY + after).toString(encoding);
        for (const form of [quoted, encodeURIComponent(quoted), quoted.replace(/.{10}/g, '$&\r\n')]) {
          const clean = redactKey(`Authorization: Basic ${form} is wrong`, KEY);
          expect(clean).toContain('…');
          expect(decoded(clean.replace(/\s/g, ''))).not.toContain(KEY.slice(2, -2));
        }
      }
    }
  });

  it('hides every part of a key in Base64, at any position', () => {
    fc.assert(
      fc.property(keys, around, around, (key, before, after) => {
        const clean = redactKey(`said: ${bytesOf(before + key + after).toString('base64')}.`, key);
        expect(decoded(clean)).not.toContain(key.slice(2, -2));
      }),
    );
  });

  it('hides a partly percent-encoded key, and keeps the text around it', () => {
    const parts = fc.array(fc.boolean(), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(keys, parts, (key, isEncoded) => {
        const quoted = [...key].map((one, i) => (isEncoded[i] ? percent(one) : one)).join('');
        expect(redactKey(`before ${quoted} after`, key)).toBe('before … after');
      }),
    );
  });

  it('changes no text without the key', () => {
    const text = 'The model does not exist: aGVsbG8gd29ybGQ=, 68656c6c6f, %20, &amp; and \\u0041.';
    expect(redactKey(text, KEY)).toBe(text);
    expect(redactKey(text, undefined)).toBe(text);
    expect(redactKey(text, '')).toBe(text);
  });

  it('hides a short key in plain form only', () => {
    expect(redactKey('key EMPTY, hex 454d505459, RU1QVFk=', 'EMPTY')).toBe('key …, hex 454d505459, RU1QVFk=');
  });

  it('reads a long text once', () => {
    const text = `${'sk-Very+Secret/0123&456789?'.repeat(200_000)}%73%6b${'a'.repeat(1_000_000)}${'\\'.repeat(1_000_000)}`;
    expect(redactKey(text, KEY)).toBe(text);
  });
});

describe('KeyRedactor', () => {
  const forms = [
    KEY,
    percent(KEY),
    encodeURIComponent(encodeURIComponent(KEY)),
    [...KEY].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    [...KEY].map((one) => `&#${one.charCodeAt(0)};`).join(''),
    bytesOf(KEY)
      .toString('hex')
      .replace(/..(?!$)/g, '$&:'),
    bytesOf(`user:${KEY}`).toString('base64').replace(/.{10}/g, '$&\r\n'),
  ];

  /** The redacted text, given in parts of these lengths in turn. */
  function shown(text: string, lengths: readonly number[], key: string | undefined): string[] {
    const redactor = new KeyRedactor(key);
    const parts: string[] = [];
    for (let at = 0, i = 0; at < text.length; i++) {
      const length = lengths[i % lengths.length] ?? 1;
      parts.push(redactor.add(text.slice(at, at + length)));
      at += length;
    }
    return [...parts, redactor.end()];
  }

  it('hides a key in every form, for any parts', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...forms), around, around, lengths, (form, before, after, sizes) => {
        const text = `${before} ${form} ${after}`;
        expect(shown(text, sizes, KEY).join('')).toBe(redactKey(text, KEY));
      }),
    );
  });

  it('shows a text without the key immediately, except its last words', () => {
    const text = 'So the answer is \\boxed{42}, as a check shows. '.repeat(20);
    const parts = shown(text, [10], KEY);
    expect(parts.join('')).toBe(text);
    expect(parts.at(-1)?.length ?? 0).toBeLessThan(60);
  });

  it('shows all text immediately without a key', () => {
    expect(shown(KEY, [3], undefined).slice(0, 3)).toEqual([KEY.slice(0, 3), KEY.slice(3, 6), KEY.slice(6, 9)]);
  });

  it('redacts a long part in linear time', () => {
    const redactor = new KeyRedactor(KEY);
    const began = performance.now();
    for (let i = 0; i < 20; i++) redactor.add('sk-Very'.repeat(50_000));
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});
