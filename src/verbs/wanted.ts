import { z } from 'zod';
import { VERBS, type VerbName } from '../protocol/verbs.ts';

/** The parts of a JSON schema that are told. */
interface Wanted {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  format?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  minItems?: number;
  minLength?: number;
  properties?: Record<string, Wanted>;
  additionalProperties?: Wanted | boolean;
  items?: Wanted;
  anyOf?: Wanted[];
  oneOf?: Wanted[];
}

/** What the argument of a verb at this path may be, in words: `a whole number from 1 to 65535`; undefined where there are none for it. */
export function wantedAt(verb: VerbName, path: readonly PropertyKey[]): string | undefined {
  const whole = z.toJSONSchema(VERBS[verb].args, { io: 'input', unrepresentable: 'any' }) as Wanted;
  const found = path.reduce<Wanted[]>((some, key) => some.flatMap((one) => below(one, key)), [whole]);
  return either(found.flatMap(branches).map(inWords));
}

function branches(one: Wanted): Wanted[] {
  const inner = one.anyOf ?? one.oneOf;
  return inner === undefined ? [one] : inner.flatMap(branches);
}

function below(one: Wanted, key: PropertyKey): Wanted[] {
  return branches(one).flatMap(({ properties = {}, items, additionalProperties: rest }) => {
    if (typeof key === 'number') return items ?? [];
    const name = String(key);
    if (Object.hasOwn(properties, name)) return properties[name] ?? [];
    return typeof rest === 'object' ? rest : [];
  });
}

function inWords(one: Wanted): string | undefined {
  if (one.enum) return either(one.enum.map(String));
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

/** Whole numbers have bounds that nobody set: those of what a computer can count. */
function range({ minimum, maximum, exclusiveMinimum: above }: Wanted): string {
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

/** `a, b or c`, each once. */
function either(words: readonly (string | undefined)[]): string | undefined {
  const once = [...new Set(words.filter((one) => one !== undefined))];
  return once.length < 2 ? once[0] : `${once.slice(0, -1).join(', ')} or ${once.at(-1)}`;
}
