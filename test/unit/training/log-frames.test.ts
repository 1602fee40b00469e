import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_MARK, LONGEST_FRAME, type LogItem, LogSplitter } from '../../../src/core/training/log-frames.ts';

function split(parts: readonly string[]): LogItem[] {
  const splitter = new LogSplitter();
  const items = [...parts.flatMap((part) => splitter.push(part)), ...splitter.end()];
  // How text is split into items is not specified.
  return items.reduce<LogItem[]>((joined, item) => {
    const last = joined.at(-1);
    if (item.kind === 'text' && last?.kind === 'text') last.text += item.text;
    else joined.push({ ...item });
    return joined;
  }, []);
}

const frame = (value: unknown): string => `${FRAME_MARK}${JSON.stringify(value)}\n`;
const progress = { event: 'log', step: 3, loss: 0.5 };
const piece = { file: 'results.jsonl', at: 12, text: '{"a":1}\n' };

describe('frames in a log', () => {
  it('separates progress and pieces of files from other text', () => {
    expect(split([`loading\n${frame(progress)}50%|####${frame(piece)}done\n`])).toEqual([
      { kind: 'text', text: 'loading\n' },
      { kind: 'progress', line: progress },
      { kind: 'text', text: '50%|####' },
      { kind: 'piece', piece },
      { kind: 'text', text: 'done\n' },
    ]);
  });

  it('accepts a last frame without an end of line, and one that ends in \\r\\n', () => {
    expect(split([frame(progress).trimEnd()])).toEqual([{ kind: 'progress', line: progress }]);
    expect(split([frame(progress).replace('\n', '\r\n')])).toEqual([{ kind: 'progress', line: progress }]);
  });

  it.each([
    ['no JSON', `${FRAME_MARK}{"event":\n`],
    ['an unknown event', frame({ event: 'won', step: 1 })],
    ['a path that leaves the folder', frame({ ...piece, file: '../results.jsonl' })],
    ['a file of the run record', frame({ ...piece, file: 'run.json' })],
    ['a negative offset', frame({ ...piece, at: -1 })],
    ['a frame over the length limit', frame({ ...piece, text: 'x'.repeat(LONGEST_FRAME) })],
  ])('keeps %s as text', (_what, text) => {
    expect(split([text])).toEqual([{ kind: 'text', text }]);
  });

  it('finds a frame after a mark that starts no frame', () => {
    expect(split([`${FRAME_MARK}said the manual: ${frame(progress)}`])).toEqual([
      { kind: 'text', text: `${FRAME_MARK}said the manual: ` },
      { kind: 'progress', line: progress },
    ]);
  });

  it('returns text of an unfinished line', () => {
    expect(new LogSplitter().push('50%|## ')).toEqual([{ kind: 'text', text: '50%|## ' }]);
    expect(new LogSplitter().push('a @@LONG')).toEqual([{ kind: 'text', text: 'a ' }]);
  });

  const bit = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('\n', '@', '@@', FRAME_MARK, '@@LONGHAND', '{', '\r\n', frame(progress), frame(piece)),
    fc.record({ file: fc.constant('results.jsonl'), at: fc.nat(), text: fc.string({ minLength: 1 }) }).map(frame),
  );

  it('gives the same result for every split of the log', () => {
    fc.assert(
      fc.property(fc.array(bit), fc.array(fc.nat()), (bits, cuts) => {
        const log = bits.join('');
        const places = [...new Set(cuts.map((cut) => cut % (log.length + 1)))].sort((a, b) => a - b);
        const parts = [0, ...places].map((from, i) => log.slice(from, places[i] ?? log.length));
        expect(split(parts)).toEqual(split([log]));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps all text that is not a frame, in order', () => {
    fc.assert(
      fc.property(fc.array(bit), (bits) => {
        const log = bits.join('');
        let at = 0;
        for (const item of split([log])) {
          if (item.kind === 'text') {
            expect(log.slice(at, at + item.text.length)).toBe(item.text);
            at += item.text.length;
          } else {
            expect(log.startsWith(FRAME_MARK, at)).toBe(true);
            const end = log.indexOf('\n', at);
            at = end === -1 ? log.length : end + 1;
          }
        }
        expect(at).toBe(log.length);
      }),
      { numRuns: 500 },
    );
  });
});
