// `npm run -s longhand -- <verb> …`: the command line of this checkout, built when a source changed. Nothing but its result is on stdout.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.ts';
import { ROOT } from './lib/paths.ts';

await ensureBuilt();
const child = spawn(process.execPath, [join(ROOT, 'dist', 'cli.mjs'), ...process.argv.slice(2)], { stdio: 'inherit' });
// Ctrl+C reaches the whole foreground group; the verb decides how it ends.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
