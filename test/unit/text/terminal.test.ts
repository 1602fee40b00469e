import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { terminalJson, terminalLog, terminalText } from '../../../src/core/text/terminal.ts';

const LINK = '\u001b]8;;https://example.com\u0007text\u001b]8;;\u0007';
const CONTROL = /[^\P{Cc}\n\t]/u;

describe('text for a terminal', () => {
  it.each([
    ['a link', LINK, '␛]8;;https://example.com␇text␛]8;;␇'],
    ['a write to the clipboard', '\u001b]52;c;eA==\u0007', '␛]52;c;eA==␇'],
    ['a sequence of one byte', 'a\u009b2Jb', 'a\ufffd2Jb'],
    ['a carriage return, which overwrites the line', 'real\rfake', 'real␍fake'],
    ['a change of direction', 'a\u202eb', 'a\ufffdb'],
    ['lines of Windows', 'a\r\nb\tc', 'a\nb\tc'],
  ])('shows %s', (_name, text, shown) => {
    expect(terminalText(text)).toBe(shown);
  });

  it('removes control characters except tab and line feed, and keeps other text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = terminalText(text);
        expect(shown).not.toMatch(CONTROL);
        if (!CONTROL.test(text) && !/[\u2028-\u202e\u2066-\u2069]/.test(text)) expect(shown).toBe(text);
      }),
    );
  });

  it('keeps the carriage returns of a progress bar in a log', () => {
    expect(terminalLog(`10 %\r20 %\n${LINK}`)).toBe('10 %\r20 %\n␛]8;;https://example.com␇text␛]8;;␇');
  });

  it('escapes the control characters of JSON and keeps its value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = terminalJson(JSON.stringify({ text }));
        expect(json).not.toMatch(/\p{Cc}/u);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});
