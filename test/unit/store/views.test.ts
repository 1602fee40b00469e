import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LAYOUT } from '../../../src/core/review/table/columns.ts';
import type { TableView } from '../../../src/core/review/table/view.ts';
import { readViews, removeView, saveView } from '../../../src/store/views.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const view = (name: string, query = 'class = FT'): TableView => ({
  ...{ version: 1, name, query },
  sort: { column: 'tokens', descending: true },
  columns: DEFAULT_LAYOUT,
});

describe('the views of a dataset', () => {
  it('are files that a save replaces and a removal deletes', async () => {
    const root = await temporaryFolder();
    expect(await readViews(root)).toEqual([]);
    await saveView(root, view('Level 10'));
    await saveView(root, view('Level 5'));
    await saveView(root, view('Level 5', 'level = 5'));
    expect(await readViews(root)).toEqual([view('Level 5', 'level = 5'), view('Level 10')]);
    await removeView(root, 'Level 10');
    await removeView(root, 'no such view');
    expect((await readViews(root)).map(({ name }) => name)).toEqual(['Level 5']);
  });

  it('stay in their folder, whatever their name', async () => {
    const root = await temporaryFolder();
    for (const name of ['../../x', '/etc/x', 'a/b', 'CON', '.hidden', 'λ', 'a:b', '%2e%2e']) {
      await saveView(root, view(name));
      expect((await readViews(root)).map((one) => one.name)).toContain(name);
    }
    expect(await readdir(root)).toEqual(['views']);
    const files = await readdir(join(root, 'views'));
    expect(files).toHaveLength(8);
    for (const file of files) expect((await lstat(join(root, 'views', file))).isFile()).toBe(true);
  });

  it('ignore what is no view: other JSON, a foreign name, a link, a folder, a huge file', async () => {
    const [root, outside] = [await temporaryFolder(), await temporaryFolder()];
    const folder = join(root, 'views');
    await mkdir(join(folder, 'folder.json'), { recursive: true });
    await writeFile(join(folder, 'torn.json'), '{"version": 1, "na');
    await writeFile(join(folder, 'other.json'), JSON.stringify(view('Another name')));
    await writeFile(join(folder, 'control.json'), JSON.stringify(view('control\u001b[2J')));
    await writeFile(join(folder, 'huge.json'), JSON.stringify({ ...view('huge'), pad: 'x'.repeat(300_000) }));
    const columns = [{ id: '__proto__', width: 90 }];
    await writeFile(join(folder, 'columns.json'), JSON.stringify({ ...view('columns'), columns }));
    await writeFile(join(outside, 'linked.json'), JSON.stringify(view('linked')));
    await symlink(join(outside, 'linked.json'), join(folder, 'linked.json'));
    expect(await readViews(root)).toEqual([]);
  });

  it('are not written through a link', async () => {
    const [root, outside] = [await temporaryFolder(), await temporaryFolder()];
    await symlink(outside, join(root, 'views'));
    await expect(saveView(root, view('x'))).rejects.toThrow(/symbolic link/);
    await expect(removeView(root, 'x')).rejects.toThrow(/symbolic link/);
    expect(await readdir(outside)).toEqual([]);
    const other = await temporaryFolder();
    await mkdir(join(other, 'views'));
    await writeFile(join(outside, 'target'), 'mine');
    await symlink(join(outside, 'target'), join(other, 'views', 'x.json'));
    await expect(saveView(other, view('x'))).rejects.toThrow(/symbolic link/);
    expect(await readFile(join(outside, 'target'), 'utf8')).toBe('mine');
  });
});
