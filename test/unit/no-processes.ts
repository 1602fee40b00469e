import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { afterEach } from 'vitest';

const STARTERS = ['exec', 'execFile', 'execFileSync', 'execSync', 'fork', 'spawn', 'spawnSync'] as const;
const refused: string[] = [];

// Unit tests start no processes, so that they stay fast and leave nothing running. Worker threads may be started.
for (const name of STARTERS) {
  Object.assign(childProcess, {
    [name]: (program: string) => {
      refused.push(program);
      throw refusal(program);
    },
  });
}
syncBuiltinESMExports();

// Code that starts a program can catch the error, so that the test would pass.
afterEach(() => {
  const [program] = refused.splice(0);
  if (program !== undefined) throw refusal(program);
});

function refusal(program: string): Error {
  return new Error(`A unit test started a process (${program}). Move the test to test/integration.`);
}
