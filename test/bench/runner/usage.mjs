// Preloaded into the runner that is measured: at its end, writes what it took to the file in BENCH_USAGE.
import { writeFileSync } from 'node:fs';

if (process.env.BENCH_USAGE && process.argv[1]?.endsWith('cli.cjs') && process.argv[2] === 'resume') {
  const memory = [];
  setInterval(() => memory.push(process.memoryUsage.rss()), 500).unref();
  process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const cpu = (userCPUTime + systemCPUTime) / 1e6;
    const usage = { wall: performance.now() / 1000, cpu, peak: maxRSS * 1024, memory };
    writeFileSync(process.env.BENCH_USAGE, JSON.stringify(usage));
  });
}
