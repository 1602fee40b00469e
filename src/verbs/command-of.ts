import { commandInWords } from '../core/text/command-words.ts';
import type { VerbArgs, VerbName } from '../protocol/verbs.ts';
import { type Flag, SHAPES } from './shapes.ts';

/** The command line that gives a verb these arguments, as a person can put it into a shell of Unix. What no flag can say is left out. */
export function commandOf<V extends VerbName>(verb: V, args: VerbArgs<V>): string {
  const { positionals, flags } = SHAPES[verb];
  return commandInWords([
    ...['longhand', verb],
    ...positionals.map((path) => String(valueAt(args, path))),
    ...Object.entries(flags).flatMap(([name, flag]) => flagWords(name, flag, valueAt(args, flag.into))),
  ]);
}

function valueAt(args: unknown, path: string): unknown {
  return path.split('.').reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], args);
}

function flagWords(name: string, { value: takes, kind }: Flag, value: unknown): string[] {
  if (value === undefined || value === false) return [];
  if (takes === undefined) return [`--${name}`];
  if (typeof value !== 'object') return written(name, String(value));
  return written(name, kind === 'list' && Array.isArray(value) ? value.join(',') : JSON.stringify(value));
}

/** A value that begins as a flag does must hang on its own. */
function written(name: string, value: string): string[] {
  return value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value];
}
