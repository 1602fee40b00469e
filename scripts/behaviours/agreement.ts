// `node scripts/behaviours/agreement.ts`: how far the two passes of labels agree, by kind: counts and Cohen's kappa by sentence.
import { BEHAVIOURS } from '../../src/core/schemas/index.ts';
import { LETTERS, readDoubleRows } from './labels.ts';
import { confusion, scoreOf } from './metrics.ts';

const rows = readDoubleRows();
const sentences = rows.flatMap((row) => row.sentences);
const disputed = sentences.filter(([, , first, second]) => first !== second).length;
console.log(
  `${rows.length} documents, ${sentences.length} sentences, ${disputed} of them with a dispute about some kind`,
);
for (const kind of BEHAVIOURS) {
  const [first, second] = ([2, 3] as const).map((pass) =>
    sentences.map((sentence) => Number(sentence[pass].includes(LETTERS[kind]))),
  );
  if (!first || !second) continue;
  const counts = confusion(second, first);
  const { kappa } = scoreOf(counts);
  console.log(
    `${kind.padEnd(13)} κ ${kappa.toFixed(3)}  both ${counts.hits}, only the first ${counts.misses}, only the second ${counts.falseAlarms}`,
  );
}
