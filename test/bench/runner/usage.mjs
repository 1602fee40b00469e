// Preloaded into the process that is measured: at its end, writes what it took to the file in BENCH_USAGE, and its memory on the way.
import { writeFileSync } from 'node:fs';

if (process.env.BENCH_USAGE && process.argv[1]?.endsWith('cli.cjs')) {
  const memory = [];
  const timer = setInterval(() => memory.push(process.memoryUsage.rss()), 500);
  timer.unref();
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const usage = { cpu: (userCPUTime + systemCPUTime) / 1e6, peak: maxRSS * 1024, memory };
    writeFileSync(process.env.BENCH_USAGE, JSON.stringify(usage));
  });
}
