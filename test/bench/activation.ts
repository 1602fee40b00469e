// How long the extension takes to activate, loading its code included, in a new extension host of real VS Code each time.
// Run: npm run bench -- activation [--runs=7].
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../../scripts/lib/build.ts';
import { runSuite } from '../host/run.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '7' } } });
await ensureBuilt();
const times: number[] = [];
for (let run = 0; run < Number(values.runs); run++) {
  const { measured } = await runSuite('suite/cold', { trusted: true, dataset: false });
  times.push(Number.parseFloat(measured.activation ?? 'NaN'));
}
times.sort((a, b) => a - b);
const median = times[Math.floor(times.length / 2)];
console.log(`activation: median ${median} ms (${times[0]} to ${times.at(-1)}), load ${loadavg()[0]?.toFixed(1)}`);
