// First stage of the npm scripts: `node scripts/run.mjs <name> [arguments]` makes node_modules match the lockfile, then runs
// scripts/<name>.ts on the project's own Node 24. A fresh clone has nothing but the system's Node here, so: Node 20, builtins only.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? '.', '..');
const modules = join(root, 'node_modules');
const lockfile = join(root, 'package-lock.json');
const stamp = join(modules, '.longhand-lockfile');

/** The stamp names the lockfile that was installed; without one, npm's own record shows whether it is older than the lockfile. */
function packagesAreFresh(hash) {
  if (!existsSync(nodeOfProject())) return false;
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === hash;
  const record = join(modules, '.package-lock.json');
  return existsSync(record) && statSync(record).mtimeMs >= statSync(lockfile).mtimeMs;
}

function nodeOfProject() {
  return join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** npm_execpath is the npm that runs this script; without npm around it, the one on the PATH. */
function npm(args) {
  const own = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', process.stderr, process.stderr] };
  if (own?.endsWith('.js')) return spawnSync(process.execPath, [own, ...args], options);
  return spawnSync('npm', args, { ...options, shell: process.platform === 'win32' });
}

function ensurePackages() {
  const hash = createHash('sha256').update(readFileSync(lockfile)).digest('hex');
  if (!packagesAreFresh(hash)) {
    const started = Date.now();
    console.error('Install npm packages (npm ci) …');
    const { status, error } = npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    if (status !== 0) {
      console.error(
        `npm ci failed${error ? `: ${error.message}` : ''}. What is needed: npm, and its registry or a mirror of it.`,
      );
      process.exit(1);
    }
    if (!existsSync(nodeOfProject())) {
      console.error(
        'npm ci did not bring Node 24 (package "node"): are install scripts switched off (ignore-scripts)?',
      );
      process.exit(1);
    }
    console.error(`Install npm packages: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  }
  writeFileSync(stamp, hash);
}

const [name, ...args] = process.argv.slice(2);
const script = join(root, 'scripts', `${name}.ts`);
if (!name || !existsSync(script)) {
  console.error('Usage: node scripts/run.mjs <start|test|package|bench|first-round|longhand> [arguments]');
  process.exit(2);
}
if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(
    `Node ${process.versions.node} is too old to begin with: Node 20 or later is needed (the project then brings its own Node 24).`,
  );
  process.exit(1);
}
ensurePackages();
const path = `${join(modules, '.bin')}${delimiter}${process.env.PATH ?? ''}`;
const child = spawn(nodeOfProject(), [script, ...args], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
  stdio: 'inherit',
  env: { ...process.env, PATH: path },
});
// Ctrl+C reaches the whole foreground group: the child decides when it has cleaned up. A signal sent to this process alone is passed on.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
