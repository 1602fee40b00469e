import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markProblem } from '../../../src/core/sampling/index.ts';

test('a problem ends with the sentence of its source, once', () => {
  expect(markProblem('What is 2 + 2?', 'Check it.')).toBe('What is 2 + 2?\n\nCheck it.');
  fc.assert(
    fc.property(fc.string(), fc.stringMatching(/^[A-Z][a-z]{3,20}\.$/), (problem, marker) => {
      const marked = markProblem(problem, marker);
      expect(markProblem(marked, marker)).toBe(marked);
      expect(marked.endsWith(`\n\n${marker}`)).toBe(true);
    }),
  );
});
