import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ownDocuments } from '../../../scripts/behaviours/documents.ts';
import { classifierSpans } from '../../../src/core/behaviours/annotate.ts';
import { scoreSentences } from '../../../src/core/behaviours/classify.ts';
import { splitSentences } from '../../../src/core/behaviours/index.ts';
import { BEHAVIOURS } from '../../../src/core/schemas/index.ts';

/** Hash of all scores, to the last bit, and all spans of the sample's chains, with and without context. */
function digest(): string {
  const hash = createHash('sha256');
  for (const { text, problem, pieces } of ownDocuments()) {
    for (const context of [{}, { problem, pieces }]) {
      const scores = scoreSentences(text, splitSentences(text), context);
      for (const kind of BEHAVIOURS) hash.update(new Uint8Array(scores.episodes[kind].buffer));
      hash.update(new Uint8Array(scores.phases.buffer));
      hash.update(JSON.stringify(classifierSpans(text, context)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

describe('the scores of the sample', () => {
  // A faster classifier must return the same bits. After training or a change of the sample, run `vitest run -u` on this file.
  it('are unchanged', () => {
    expect(digest()).toMatchInlineSnapshot(`"50a6939953ed8814"`);
  });
});
