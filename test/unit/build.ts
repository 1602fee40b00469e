import { execFileSync } from 'node:child_process';

/** Tests that start the command line or a worker thread run the bundles, as users do. */
export default function build(): void {
  execFileSync(process.execPath, ['esbuild.mjs'], { stdio: 'inherit' });
}
