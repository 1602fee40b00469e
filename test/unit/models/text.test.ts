import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplyText } from '../../../src/models/starter/text.ts';

/** A vocabulary of bytes: the hardest case, since every character beyond ASCII is split. */
const bytes = (tokens: readonly number[]) => Buffer.from(tokens).toString('utf8');

/** Feeds a text byte by byte. @returns the pieces that were released, and whether it was stopped. */
function feed(text: string, stops: string[] = []) {
  const reply = new ReplyText(bytes, stops);
  const pieces: string[] = [];
  for (const token of Buffer.from(text, 'utf8')) {
    pieces.push(reply.push(token));
    if (reply.stopped) break;
  }
  pieces.push(reply.end());
  return { pieces, text: pieces.join(''), stopped: reply.stopped };
}

const wellFormed = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\uFFFD'));

describe('the text of a reply', () => {
  test('is complete, and no piece holds a part of a character', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        const fed = feed(text);
        expect(fed.text).toBe(text);
        expect(fed.pieces.join('')).not.toContain('\uFFFD');
      }),
    );
  });

  test('ends before the first stop text, no part of which is sent', () => {
    fc.assert(
      fc.property(
        wellFormed,
        fc.array(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
        (text, stops) => {
          const { text: sent, stopped } = feed(text, stops);
          for (const stop of stops) expect(sent).not.toContain(stop);
          expect(stopped).toBe(stops.some((stop) => text.includes(stop)));
          expect(text.startsWith(sent)).toBe(true);
          if (!stopped) expect(sent).toBe(text);
        },
      ),
    );
  });

  test('is held back only while it can still become a stop text', () => {
    expect(feed('a\nb\n\nc', ['\n\n']).pieces).toEqual(['a', '', '\nb', '', '', '']);
  });

  test('a broken character is sent as U+FFFD', () => {
    const reply = new ReplyText(bytes);
    const sent = [0xf0, 0x41, 0x42, 0x43].map((token) => reply.push(token)).join('') + reply.end();
    expect(sent).toBe('\uFFFDABC');
  });
});
