import { expect, test, vi } from 'vitest';
import { l10n } from './l10n.ts';

vi.mock('vscode', () => ({ l10n, env: { language: 'en' } }));
const { programOf } = await import('../../../src/editor/training/trainer-program.ts');

test('one word is the interpreter, more are a prefix before it', () => {
  expect(programOf(['/opt/trl/bin/python'], 'trl')).toEqual({ python: '/opt/trl/bin/python' });
  expect(programOf(['uv', 'run', '--with', 'trl', 'python'], 'trl')).toEqual({
    python: 'python',
    prefix: ['uv', 'run', '--with', 'trl'],
  });
});

test('for an own command, the words are the command, one word too', () => {
  expect(programOf(['python3', 'my_sft.py', '--rows', 'here.jsonl'], 'custom')).toEqual({
    command: ['python3', 'my_sft.py', '--rows', 'here.jsonl'],
  });
  expect(programOf(['/opt/train'], 'custom')).toEqual({ command: ['/opt/train'] });
});

test.each([[undefined], [''], ['python3'], [[]], [['uv', 3]], [['']], [{ 0: 'python' }]])('%j is ignored', (value) => {
  expect(programOf(value, 'trl')).toBeUndefined();
  expect(programOf(value, 'custom')).toBeUndefined();
});
