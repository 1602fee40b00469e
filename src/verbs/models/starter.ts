import { join } from 'node:path';
import { DEFAULT_STARTER } from '../../models/starter/catalogue.ts';
import { installStarter } from '../../models/starter/install.ts';
import { ensureStarter, starterStatus, stopStarter } from '../../models/starter/lifecycle.ts';
import type { Print, Run } from '../index.ts';

export const run: Run<'starter'> = async ({ what, model = DEFAULT_STARTER }, { signal, progress, distFolder, env }) => {
  const options = { model, cache: env.LONGHAND_CACHE || undefined, signal, onProgress: progress };
  if (what === 'install') await installStarter(options);
  if (what === 'start') await ensureStarter({ ...options, serverScript: join(distFolder, 'starter.mjs') });
  if (what === 'stop') await stopStarter(options);
  return { model, ...(await starterStatus(options)) };
};

export const print: Print<'starter'> = ({ model, installed, running, pid, port, logFile }) => {
  const where = running ? `running in process ${pid} on port ${port}` : 'not running';
  return `${model}: ${installed ? 'installed' : 'not installed'}, ${where}. Log: ${logFile}`;
};
