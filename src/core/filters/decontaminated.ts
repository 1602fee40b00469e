import { at } from './places.ts';
import type { FilterRule } from './rule.ts';

export const decontaminated: FilterRule = {
  id: 'decontaminated',
  asks: 'No eight words in a row of the problem or the text are in a benchmark problem (`benchmarks/*.jsonl`).',
  thresholds: [],
  measure: ({ text, problem }, _settings, { benchmarks }) => {
    if (!benchmarks || benchmarks.size === 0) return undefined;
    const inProblem = problem === undefined ? undefined : benchmarks.find(problem);
    const inText = benchmarks.find(text);
    const hit = inProblem ?? inText;
    if (!hit) return { passed: true, value: null, threshold: null };
    const words = (inProblem ? (problem ?? '') : text).slice(hit.start, hit.end).replace(/\s+/g, ' ');
    const where = inProblem ? 'The problem' : 'The text';
    const reason = `${where} shares “${words.slice(0, 200)}” with the benchmark problem ${hit.id}.`;
    return {
      passed: false,
      value: hit.id,
      threshold: null,
      reason,
      ...at(inText ? [{ start: inText.start, end: inText.end }] : []),
    };
  },
};
