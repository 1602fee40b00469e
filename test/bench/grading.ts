// Agreement of gradeAnswer with the labelled pairs of ../shared/data, and its speed on one thread.
// Run: node test/bench/grading.ts [--misses]
import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEngine } from '../../src/core/answers/engine.ts';
import { answersAgree, extractAnswer, gradeWith, type SymbolicEngine } from '../../src/core/answers/index.ts';
import { GradingPolicy } from '../../src/core/model/index.ts';

interface Pair {
  id: string;
  source: string;
  policy: string;
  gold: string | number;
  prediction: string | number | null;
  expected: boolean;
  options?: { precision?: number };
  note?: string;
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = resolve(root, '../shared/data/pairs');
const misses = process.argv.includes('--misses');

function rows<T>(name: string): T[] {
  const lines = readFileSync(resolve(folder, name), 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as T);
}

/** The policy that a source follows, as far as ours can say it. */
function policyOf(pair: Pair): GradingPolicy {
  const converts = pair.source.includes('inspect_ai');
  const precision = pair.options?.precision;
  return GradingPolicy.parse({
    percent: converts ? 'convert' : 'ignore',
    ...(precision === undefined ? {} : { relativeTolerance: Math.min(0.1, 10 ** -precision) }),
  });
}

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}

function short(text: unknown): string {
  const line = JSON.stringify(text ?? null);
  return line.length > 120 ? `${line.slice(0, 50)} … ${line.slice(-66)}` : line;
}

function equivalence(engine: SymbolicEngine): void {
  const pairs = rows<Pair>('equivalence.jsonl');
  const bySource = new Map<string, { rows: number; falseNegative: number; falsePositive: number }>();
  const times: number[] = [];
  for (const pair of pairs) {
    const began = performance.now();
    const [gold, text, policy] = [String(pair.gold), String(pair.prediction), policyOf(pair)];
    let grading = gradeWith(gold, text, policy);
    if (grading.wantsEngine) grading = gradeWith(gold, text, policy, engine);
    times.push(performance.now() - began);
    const source = `${pair.source} (${pair.policy})`;
    const counts = bySource.get(source) ?? { rows: 0, falseNegative: 0, falsePositive: 0 };
    bySource.set(source, counts);
    counts.rows += 1;
    const equal = grading.verdict.outcome === 'correct';
    if (equal === pair.expected) continue;
    counts[pair.expected ? 'falseNegative' : 'falsePositive'] += 1;
    if (misses) {
      const { outcome, method, extracted, gold: g, prediction } = grading.verdict;
      console.log(`${pair.id} expected ${pair.expected}, ${outcome} by ${method}: ${short(gold)} | ${short(text)}`);
      console.log(
        `    extracted ${short(extracted)}; compared ${short(g)} with ${short(prediction)}${pair.note ? `; note: ${pair.note}` : ''}`,
      );
    }
  }
  let wrong = 0;
  for (const [source, { rows: count, falseNegative, falsePositive }] of bySource) {
    wrong += falseNegative + falsePositive;
    console.log(
      `${source}: ${count} pairs, ${falseNegative} equal called different, ${falsePositive} different called equal`,
    );
  }
  times.sort((a, b) => a - b);
  const total = times.reduce((sum, time) => sum + time, 0);
  console.log(`equivalence: ${pairs.length - wrong} of ${pairs.length} agree (${wrong} disagree)`);
  console.log(
    `speed: ${Math.round((pairs.length / total) * 1000)} pairs/s, median ${quantile(times, 0.5).toFixed(3)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`,
  );
}

function extraction(): void {
  const policy = GradingPolicy.parse({});
  const cases = rows<{ id: string; kind: string; input: string; expected: string }>('extraction.jsonl');
  let agree = 0;
  for (const row of cases) {
    const found = extractAnswer(row.input, { bare: true })?.answer ?? '';
    const same = found === row.expected || answersAgree(row.expected, found, policy);
    if (same) agree += 1;
    else if (misses) console.log(`${row.id} ${short(row.input)}: ${short(found)}, expected ${short(row.expected)}`);
  }
  console.log(`extraction: ${agree} of ${cases.length} agree`);
}

if (existsSync(folder)) {
  const began = performance.now();
  const engine = await loadEngine();
  console.log(`compute engine loaded in ${Math.round(performance.now() - began)} ms`);
  equivalence(engine);
  extraction();
} else {
  console.log(`skipped: ${folder} is absent`);
}
