import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..', '..');
const BIOME = join(ROOT, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');

it.each([
  ['vscode.window.showErrorMessage(text)'],
  ['const show = vscode.window.showInformationMessage'],
  ['const { showWarningMessage } = vscode.window'],
  ['vscode.window.showQuickPick([text])'],
  ['vscode.window.createStatusBarItem()'],
  ['new vscode.MarkdownString(text)'],
])('lint refuses %s in a file of the editor', (statement) => {
  // A separate tree: other tests list the files of src.
  const root = mkdtempSync(join(tmpdir(), 'longhand-lint-'));
  try {
    cpSync(join(ROOT, 'biome.json'), join(root, 'biome.json'));
    cpSync(join(ROOT, 'scripts', 'lint'), join(root, 'scripts', 'lint'), { recursive: true });
    mkdirSync(join(root, 'src', 'editor'), { recursive: true });
    writeFileSync(join(root, 'src', 'editor', 'panel.ts'), `${statement};\n`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIOME, 'lint', 'src'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(stdout + stderr).toContain('VS Code reads links, commands and icons in this text');
    expect(status).toBe(1);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
