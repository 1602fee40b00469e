import { z } from 'zod';
import { either, type Flag, shapeOf } from './flags.ts';
import { VERBS, type VerbName } from './index.ts';

type Issue = z.core.$ZodIssue;

/** How the validator's own messages begin; the messages of our schemas begin otherwise. */
const OF_VALIDATOR = /^(?:Invalid|Too (?:small|big)|Unrecognized)/;

/** What is wrong with an argument of a verb, by the name of its flag, and what it must be. @param given all arguments. */
export function formatIssue(verb: VerbName, issue: Issue, given: unknown): string {
  const { path, message } = issue;
  const name = nameOf(verb, path);
  const own = ownMessages(issue)[0] ?? (OF_VALIDATOR.test(message) ? undefined : message);
  if (own !== undefined) return `${name}: ${own}`;
  if (issue.code === 'unrecognized_keys') return `${name}: unknown field ${issue.keys.join(', ')}`;
  const value = path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], given);
  if (value === undefined) return `${name} is missing`;
  if (value === '') return `${name} must not be empty`;
  return mustBe(name, expectedAt(verb, path), value);
}

/** What a flag must be, when its value is something else. */
export function wrongValue(verb: VerbName, { name, path }: Flag, value: string): string {
  return mustBe(`--${name}`, expectedAt(verb, path.split('.')), value);
}

function mustBe(name: string, expected: string | undefined, value: unknown): string {
  const shown = typeof value === 'string' ? `“${value}”` : typeof value === 'object' ? undefined : String(value);
  const instead = shown === undefined ? '' : `, not ${shown}`;
  return expected === undefined ? `${name} can’t be ${shown ?? 'this value'}` : `${name} must be ${expected}${instead}`;
}

/** Our own messages within a union. */
function ownMessages(issue: Issue): string[] {
  if (issue.code !== 'invalid_union') return [];
  return issue.errors.flat().flatMap((inner) => (OF_VALIDATOR.test(inner.message) ? [] : [inner.message]));
}

/** The flag that holds what is at this path, with what follows it there: `--set minLength`. */
function nameOf(verb: VerbName, path: readonly PropertyKey[]): string {
  const written = path.join('.');
  const { flags, positionals } = shapeOf(VERBS[verb].args);
  const [found] = flags
    .filter(({ path: at }) => written === at || written.startsWith(`${at}.`))
    .sort((a, b) => b.path.length - a.path.length);
  if (found === undefined) {
    const positional = positionals.find(({ path: at }) => at === written);
    return positional?.value ?? (written === '' ? 'arguments' : written.toUpperCase());
  }
  const rest = written.slice(found.path.length + 1).replace(/^\d+$/, '');
  return `--${found.name}${rest === '' ? '' : ` ${rest}`}`;
}

/** The parts of a JSON schema that a message uses. */
interface Expected {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  minLength?: number;
  properties?: Record<string, Expected>;
  additionalProperties?: Expected | boolean;
  items?: Expected;
  anyOf?: Expected[];
  oneOf?: Expected[];
}

/** The expected value of a verb's argument: `a whole number from 1 to 65535`; undefined when the schema does not define it. */
function expectedAt(verb: VerbName, path: readonly PropertyKey[]): string | undefined {
  const whole = z.toJSONSchema(VERBS[verb].args, { io: 'input', unrepresentable: 'any' }) as Expected;
  const found = path.reduce<Expected[]>((some, key) => some.flatMap((one) => below(one, key)), [whole]);
  const each = new Set(
    found
      .flatMap(branches)
      .map(formatExpected)
      .filter((one) => one !== undefined),
  );
  return each.size === 0 ? undefined : either([...each]);
}

function branches(one: Expected): Expected[] {
  const inner = one.anyOf ?? one.oneOf;
  return inner === undefined ? [one] : inner.flatMap(branches);
}

function below(one: Expected, key: PropertyKey): Expected[] {
  return branches(one).flatMap(({ properties = {}, items, additionalProperties: rest }) => {
    if (typeof key === 'number') return items ?? [];
    const name = String(key);
    if (Object.hasOwn(properties, name)) return properties[name] ?? [];
    return typeof rest === 'object' ? rest : [];
  });
}

function formatExpected(one: Expected): string | undefined {
  if (one.enum) return either([...new Set(one.enum.map(String))]);
  if (one.const !== undefined) return String(one.const);
  switch (one.type) {
    case 'integer':
    case 'number':
      return `a ${one.type === 'integer' ? 'whole ' : ''}number${range(one)}`;
    case 'string':
      return one.format === 'uri' ? 'an address that begins with http:// or https://' : 'a text';
    case 'boolean':
      return 'true or false';
    case 'array':
      return one.minItems ? 'a list that is not empty' : 'a list';
    case 'object':
      return 'an object';
    default:
      return undefined;
  }
}

/** Whole numbers have bounds that no schema sets: the largest that a double holds exactly. */
function range({ minimum, maximum, exclusiveMinimum: above }: Expected): string {
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  const parts = [
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(least === undefined ? [] : [`of at least ${least}`]),
    ...(most === undefined ? [] : [above === undefined ? `of at most ${most}` : `at most ${most}`]),
  ];
  return parts.length === 0 ? '' : ` ${parts.join(', ')}`;
}
