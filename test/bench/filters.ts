// How fast benchmark problems are found in generated texts. Run: npm run bench filters
import { BenchmarkIndex } from '../../src/core/filters/index.ts';

const PROBLEMS = 10_000;
const TEXTS = 2_000;
const WORDS = Array.from({ length: 4_000 }, (_, i) => `word${i.toString(36)}`);
let state = 7;
/** A linear congruential generator: the same texts each time. */
const next = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state % below;
};
const text = (length: number): string => Array.from({ length }, () => WORDS[next(WORDS.length)]).join(' ');

const problems = Array.from({ length: PROBLEMS }, (_, i) => ({ id: `b${i}`, problem: text(60) }));
const texts = Array.from({ length: TEXTS }, () => text(1_000));
const began = performance.now();
const index = new BenchmarkIndex(problems);
const built = performance.now();
for (const one of texts) index.find(one);
const each = (performance.now() - built) / TEXTS;
console.log(`Index of ${index.size} problems: ${(built - began).toFixed(0)} ms.`);
console.log(
  `A text of 1,000 words: ${each.toFixed(2)} ms; 100,000 of them: ${((each * 100_000) / 1000).toFixed(0)} s.`,
);
