import { cp, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Adds an unpacked extension to the folder of installed extensions of VS Code. */
export async function installFolder(extension: string, folder: string): Promise<void> {
  const path = join(folder, basename(extension));
  await cp(extension, path, { recursive: true });
  const { publisher, name, version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
  const entry = {
    identifier: { id: `${publisher}.${name}` },
    version,
    location: { $mid: 1, path, scheme: 'file' },
    relativeLocation: basename(extension),
  };
  const list = join(folder, 'extensions.json');
  const others = await readFile(list, 'utf8').then(
    (text) => JSON.parse(text) as unknown[],
    () => [],
  );
  await writeFile(list, JSON.stringify([...others, entry]));
}
