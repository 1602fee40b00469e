// The cost of HTTP alone: node:http sends the same number of requests, with as many in flight, and discards the replies. It builds no prompts, parses
// no reply, keeps nothing and can't be stopped or resumed: no runner in Node is faster than this. Args: base URL, requests, in flight.
import { Agent, request } from 'node:http';

const [baseURL, requests, inFlight] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const body = JSON.stringify({
  model: 'scripted',
  stream: true,
  seed: 1,
  max_tokens: 100,
  messages: [{ role: 'user', content: `What is 2 + 3? ${'x'.repeat(600)}` }],
});
let sent = 0;
let rows = 0;

function ask() {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${baseURL}/chat/completions`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json' },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (reply) => reply.resume().on('end', resolve).on('error', reject));
    outgoing.end(body);
  });
}

await Promise.all(
  Array.from({ length: Number(inFlight) }, async () => {
    while (sent++ < Number(requests)) {
      await ask();
      rows++;
    }
  }),
);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
console.log(
  JSON.stringify({
    rows,
    wall: performance.now() / 1000,
    cpu: (userCPUTime + systemCPUTime) / 1e6,
    peak: maxRSS * 1024,
  }),
);
process.exit();
