import { z } from 'zod';
import { formatCommand } from '../core/text/format.ts';
import type { FlagHint, FlagKind, PartFlag } from '../protocol/arguments.ts';

/** A flag of a verb, or a value before its flags. */
export interface Flag {
  /** Without dashes. */
  name: string;
  /** Dotted path in the arguments of the verb. */
  path: string;
  kind: FlagKind;
  /** Placeholder of the value in the help; undefined for a switch. */
  value: string | undefined;
  help: string;
  /** Comes before the flags, without a name. */
  positional: boolean;
}

export interface CommandShape {
  positionals: readonly Flag[];
  flags: readonly Flag[];
}

/** How the arguments of a verb are written on the command line, in the order of their fields. @param args their schema. */
export function shapeOf(args: z.ZodType): CommandShape {
  const found = fieldsOf(args).flatMap(([key, schema]) => flagsAt(schema, key));
  return {
    positionals: found.filter(({ positional }) => positional),
    flags: found.filter(({ positional }) => !positional),
  };
}

/** The flags for a field: its own one, one for each part that it lists, or those of its fields. Without a help text it has none. */
function flagsAt(schema: z.ZodType, path: string): Flag[] {
  const { inner, help, hint, standard } = described(schema);
  if (hint.parts) return Object.entries(hint.parts).map(([name, part]) => partFlag(inner, path, name, part));
  const fields = fieldsOf(inner);
  if (fields.length > 0) return fields.flatMap(([key, field]) => flagsAt(field, `${path}.${key}`));
  if (help === undefined) return [];
  const name = hint.name ?? kebab(path.slice(path.lastIndexOf('.') + 1));
  const kind = hint.kind ?? kindOf(inner);
  const positional = hint.positional === true;
  const value = hint.value ?? placeholder(kind, name, inner, positional);
  return [{ name, path, kind, value, help: withDefault(withChoices(help, inner), standard), positional }];
}

function partFlag(whole: z.ZodType, path: string, name: string, part: PartFlag | string): Flag {
  const { help, at = camel(name), value } = typeof part === 'string' ? { help: part } : part;
  const inner = at === '' ? whole : partOf(whole, at);
  const kind = inner ? kindOf(inner) : unlisted(value);
  return {
    name,
    path: inner === undefined ? at : at === '' ? path : `${path}.${at}`,
    kind,
    value: value ?? placeholder(kind, name, inner),
    help: inner ? withChoices(help, inner) : help,
    positional: false,
  };
}

/** A part that the schema lacks is an argument by itself, which the verb's `read` completes. */
function unlisted(value: string | undefined): FlagKind {
  if (value === undefined) return 'switch';
  return value.includes(',') ? 'list' : 'text';
}

interface Described {
  inner: z.ZodType;
  help: string | undefined;
  hint: FlagHint;
  /** The value without the flag. */
  standard: unknown;
}

/** The schema without its wrappers, with the nearest help text and hint, and its default. */
function described(schema: z.ZodType): Described {
  let inner: unknown = schema;
  let help: string | undefined;
  let hint: FlagHint | undefined;
  let standard: unknown;
  for (;;) {
    const meta = (inner as z.ZodType).meta();
    help ??= meta?.description;
    hint ??= meta?.flag;
    if (!(inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault)) break;
    if (inner instanceof z.ZodDefault) standard ??= inner.def.defaultValue;
    inner = inner.unwrap();
  }
  return { inner: inner as z.ZodType, help, hint: hint ?? {}, standard };
}

function fieldsOf(schema: z.ZodType): [string, z.ZodType][] {
  return schema instanceof z.ZodObject ? Object.entries(schema.shape as Record<string, z.ZodType>) : [];
}

/** The part of an object, or of the first branch of a union that has it. */
function partOf(schema: z.ZodType, key: string): z.ZodType | undefined {
  const found = branches(schema).flatMap((branch) =>
    fieldsOf(branch).flatMap(([name, field]) => (name === key ? field : [])),
  )[0];
  return found && described(found).inner;
}

function branches(schema: z.ZodType): z.ZodType[] {
  return schema instanceof z.ZodUnion ? schema.options.flatMap((one) => branches(one as z.ZodType)) : [schema];
}

function kindOf(schema: z.ZodType): FlagKind {
  if (schema instanceof z.ZodBoolean) return 'switch';
  if (schema instanceof z.ZodNumber) return 'number';
  if (schema instanceof z.ZodArray) return 'list';
  const isRecord = (one: z.ZodType): boolean => one instanceof z.ZodRecord || one instanceof z.ZodObject;
  return branches(schema).some(isRecord) ? 'record' : 'text';
}

function placeholder(kind: FlagKind, name: string, schema?: z.ZodType, positional = false): string | undefined {
  if (kind === 'switch') return undefined;
  if (positional && schema instanceof z.ZodEnum) return schema.options.join('|');
  if (kind === 'text' || positional) return name.toUpperCase();
  return { number: 'N', list: 'A,B', record: 'JSON' }[kind];
}

/** A help text that does not name the choices of its flag gets them. */
function withChoices(help: string, schema: z.ZodType): string {
  if (!(schema instanceof z.ZodEnum)) return help;
  const choices = schema.options.map(String);
  return choices.every((choice) => help.includes(choice)) ? help : `${help}: ${either(choices)}`;
}

/** A help text that does not name the default of its flag gets it. An empty list or text, or false, is no choice. */
function withDefault(help: string, standard: unknown): string {
  const isShown = typeof standard === 'number' || (typeof standard === 'string' && standard !== '');
  return isShown && !/\bdefault\b/.test(help) ? `${help} (default ${standard})` : help;
}

/** `a, b or c`. */
export function either(alternatives: readonly string[]): string {
  return alternatives.length < 2
    ? (alternatives[0] ?? '')
    : `${alternatives.slice(0, -1).join(', ')} or ${alternatives.at(-1)}`;
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** The name of the first flag, without dashes, that the arguments give; undefined without one. */
export function firstFlag(schema: z.ZodType, args: unknown): string | undefined {
  return shapeOf(schema).flags.find(({ path }) => valueAt(args, path) !== undefined)?.name;
}

/** The POSIX shell command line for a verb with these arguments, without those that no flag can express. */
export function commandOf<S extends z.ZodType>(verb: string, schema: S, args: z.infer<S>): string {
  const { positionals, flags } = shapeOf(schema);
  return formatCommand([
    ...['longhand', verb],
    ...positionals.map(({ path }) => String(valueAt(args, path))),
    ...flags.flatMap((flag) => flagArgs(flag, valueAt(args, flag.path))),
  ]);
}

function valueAt(args: unknown, path: string): unknown {
  return path.split('.').reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], args);
}

function flagArgs({ name, kind }: Flag, value: unknown): string[] {
  if (value === undefined || value === false) return [];
  if (kind === 'switch') return [`--${name}`];
  if (typeof value !== 'object') return written(name, String(value));
  const isPlain =
    kind === 'list' && Array.isArray(value) && value.every((one) => /^[^[\s,](?:[^,]*[^\s,])?$/.test(String(one)));
  return written(name, isPlain ? value.join(',') : JSON.stringify(value));
}

/** A value that begins with a dash is joined to its flag. */
function written(name: string, value: string): string[] {
  return value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value];
}
