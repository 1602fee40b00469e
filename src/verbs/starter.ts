import { join } from 'node:path';
import { DEFAULT_STARTER } from '../models/starter/catalogue.ts';
import { installStarter } from '../models/starter/install.ts';
import { ensureStarter, starterStatus, stopStarter } from '../models/starter/lifecycle.ts';
import type { Verb } from './context.ts';

export const starter: Verb<'starter'> = async (
  { what, model = DEFAULT_STARTER },
  { signal, progress, distFolder, env },
) => {
  const options = { model, cache: env.LONGHAND_CACHE || undefined, signal, onProgress: progress };
  if (what === 'install') await installStarter(options);
  if (what === 'start') await ensureStarter({ ...options, serverScript: join(distFolder, 'starter.mjs') });
  if (what === 'stop') await stopStarter(options);
  return { model, ...(await starterStatus(options)) };
};
