// `npm run package`: the VSIX for desktop VS Code, from a production build.
import { statSync } from 'node:fs';
import { ensureVsix, megabytes } from './lib/build.ts';
import { explain } from './lib/say.ts';

const LIMIT_BYTES = 5e6;

try {
  const vsix = await ensureVsix();
  console.log(`${vsix} (${megabytes(vsix)})`);
  if (statSync(vsix).size > LIMIT_BYTES) {
    console.error('The package is larger than 5 MB.');
    process.exitCode = 1;
  }
} catch (error) {
  console.error(explain(error));
  process.exitCode = 1;
}
