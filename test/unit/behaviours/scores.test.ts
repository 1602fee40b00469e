import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ownDocuments } from '../../../scripts/behaviours/documents.ts';
import { classifierSpans } from '../../../src/core/behaviours/annotate.ts';
import { scoreSentences } from '../../../src/core/behaviours/classify.ts';
import { splitSentences } from '../../../src/core/behaviours/index.ts';
import { BEHAVIOURS } from '../../../src/core/model/index.ts';

/** Hash of all scores, to the last bit, and all spans of the sample's chains, with and without what is known besides their words. */
function digest(): string {
  const hash = createHash('sha256');
  for (const { text, problem, pieces } of ownDocuments()) {
    for (const context of [{}, { problem, pieces }]) {
      const scores = scoreSentences(text, splitSentences(text), context);
      for (const kind of BEHAVIOURS) hash.update(new Uint8Array(scores[kind].buffer));
      hash.update(JSON.stringify(classifierSpans(text, context)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

describe('the scores of the sample', () => {
  // Whoever makes the classifier faster must not change a bit. After training, or a change of the sample: `vitest run -u` on this file.
  it('are what they were', () => {
    expect(digest()).toMatchInlineSnapshot(`"00610039a016b07f"`);
  });
});
