import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { capture } from '../../../scripts/lib/process.ts';
import { cacheFolder } from '../../../src/models/starter/cache.ts';

const INSTALL_SECONDS = 300;

/**
 * The Python of a virtual environment with a package, created in the cache folder if missing; else a sentence with the reason.
 * @param imported name of its module.
 */
export async function pythonWith({
  name,
  version,
  imported,
}: {
  name: string;
  version: string;
  imported: string;
}): Promise<{ python: string } | string> {
  const folder = join(cacheFolder(), 'bench', `${name}-${version}`);
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  try {
    if (existsSync(python) && (await capture(python, ['-c', `import ${imported}`])).code === 0) return { python };
    await rm(folder, { recursive: true, force: true });
    const made = await capture(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder], {
      limit: 60,
    });
    if (made.code !== 0) return `no virtual environment could be made: ${lastLine(made.stderr)}`;
    console.log(`Installing ${name} ${version} into ${folder} …`);
    const pip = ['-m', 'pip', 'install', '--quiet', `${name}==${version}`];
    const { code, stderr } = await capture(python, pip, { limit: INSTALL_SECONDS });
    if (code === 0) return { python };
    await rm(folder, { recursive: true, force: true });
    return `pip cannot install it: ${lastLine(stderr)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
