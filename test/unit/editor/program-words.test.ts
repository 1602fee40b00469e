import { expect, test } from 'vitest';
import { programOf } from '../../../src/editor/program-words.ts';

test('one word is the interpreter, more are a prefix before it', () => {
  expect(programOf(['/opt/trl/bin/python'])).toEqual({ python: '/opt/trl/bin/python' });
  expect(programOf(['uv', 'run', '--with', 'trl', 'python'])).toEqual({
    python: 'python',
    prefix: ['uv', 'run', '--with', 'trl'],
  });
});

test.each([[undefined], [''], ['python3'], [[]], [['uv', 3]], [['']], [{ 0: 'python' }]])(
  '%j is passed over',
  (value) => {
    expect(programOf(value)).toBeUndefined();
  },
);
