import { expect, test } from 'vitest';
import { programOf } from '../../../src/editor/program-words.ts';

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

test.each([[undefined], [''], ['python3'], [[]], [['uv', 3]], [['']], [{ 0: 'python' }]])(
  '%j is passed over',
  (value) => {
    expect(programOf(value, 'trl')).toBeUndefined();
    expect(programOf(value, 'custom')).toBeUndefined();
  },
);
