// Another process that submits a job: node submit-other.mjs <dataset> <spec as JSON> [stay]
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../../..');
const { LocalEngine } = await import(`${root}/src/engines/local/engine.ts`);
const [dataset, spec, stay] = process.argv.slice(2);
const engine = new LocalEngine({ dataset, distFolder: `${root}/dist`, env: process.env, graceSeconds: 1 });
await engine.submit(JSON.parse(spec), new AbortController().signal);
console.log('submitted');
if (stay) setInterval(() => {}, 1000);
