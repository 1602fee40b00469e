// Preloaded into the measured runner: at its end, writes its resource use to the file in BENCH_USAGE. With BENCH_NO_GRADING the grading worker
// is replaced: every answer is wrong, so that only the calls remain, which is all that the peers do.
import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import threads, { isMainThread } from 'node:worker_threads';

const RSS_EVERY_MS = 250;

class NoGrading extends EventEmitter {
  stdout = { resume: () => undefined };
  stderr = this.stdout;

  constructor() {
    super();
    queueMicrotask(() => this.emit('message', { kind: 'ready' }));
  }

  postMessage({ id }) {
    const result = { outcome: 'incorrect', method: 'none' };
    queueMicrotask(() => this.emit('message', { kind: 'done', id, result, ms: 0 }));
  }

  ref() {}
  unref() {}

  async terminate() {
    return 0;
  }
}

const isRunner = process.argv[1]?.endsWith('cli.mjs') && process.argv[2] === 'resume';
if (process.env.BENCH_USAGE && isRunner && isMainThread) {
  if (process.env.BENCH_NO_GRADING) {
    threads.Worker = NoGrading;
    syncBuiltinESMExports();
  }
  const memory = [];
  setInterval(() => memory.push(process.memoryUsage.rss()), RSS_EVERY_MS).unref();
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cpu = (userCPUTime + systemCPUTime) / 1e6;
    const usage = { wall: performance.now() / 1000, cpu, peak: maxRSS * 1024, memory };
    writeFileSync(process.env.BENCH_USAGE, JSON.stringify(usage));
  });
}
