import { expect, test } from 'vitest';
import { LogText } from '../../../src/editor/log-text.ts';

/** What a document shows after these pieces came. */
function shown(...pieces: string[]): string {
  let text = '';
  const log = new LogText((piece) => {
    text += piece;
  });
  for (const piece of pieces) log.add(piece);
  log.end();
  return text;
}

test('lines stay lines, however they come in pieces', () => {
  expect(shown('one\ntw', 'o\n\nthr', 'ee')).toBe('one\ntwo\n\nthree\n');
});

test('of a progress bar its last state is left, and what is not ended is held back', () => {
  expect(shown('\r 0%|', '\r 50%|##', '\r100%|####\nDone\n')).toBe('100%|####\nDone\n');
  let text = '';
  const log = new LogText((piece) => {
    text += piece;
  });
  log.add('a\n 10%\r 20%\r');
  expect(text).toBe('a\n');
  log.end();
  expect(text).toBe('a\n 20%\n');
});

test('ends of lines of Windows are ends of lines, also between two pieces', () => {
  expect(shown('one\r\ntwo\r', '\nthree\r\n')).toBe('one\ntwo\nthree\n');
});

test('colours and other terminal commands are removed', () => {
  expect(shown('\u001b[31mError\u001b[0m: no\u001b[K\n')).toBe('Error: no\n');
});
