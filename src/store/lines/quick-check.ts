import type { z } from 'zod';
import { isTooDeep } from './parse-json.ts';

type Check = (value: unknown) => boolean;

/**
 * A check that is several times as fast as the schema. True only for values that the schema accepts and leaves as they are, apart from unknown
 * members, and that parseJson does not find too deep. After false, the schema decides.
 */
export function quickCheck(schema: z.core.$ZodType): Check {
  return checkOf(schema) ?? (() => false);
}

/** Undefined for a schema that changes values, and for rules that are not known here. */
function checkOf(schema: z.core.$ZodType): Check | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'string':
      return ruled(def.checks, (value) => typeof value === 'string');
    case 'number':
      return rangeOf(def.checks) ?? ruled(def.checks, (value) => Number.isFinite(value));
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'null':
      return (value) => value === null;
    case 'enum':
      return oneOf(Object.values(def.entries));
    case 'literal':
      return oneOf(def.values);
    case 'optional': {
      const inner = checkOf(def.innerType);
      return inner && ((value) => value === undefined || inner(value));
    }
    case 'nullable': {
      const inner = checkOf(def.innerType);
      return inner && ((value) => value === null || inner(value));
    }
    case 'array': {
      const element = checkOf(def.element);
      return element && ruled(def.checks, (value) => Array.isArray(value) && isEach(value, element));
    }
    case 'union':
      return unionOf(def.options.map(checkOf));
    case 'object':
      return def.catchall || def.checks?.length ? undefined : objectOf(def.shape);
    case 'record':
      return recordOf(def);
    default:
      return undefined;
  }
}

/** A loop: `every` takes twice as long for the short lists of a dataset. */
function isEach(values: readonly unknown[], check: Check): boolean {
  for (let i = 0; i < values.length; i++) if (!check(values[i])) return false;
  return true;
}

function oneOf(values: readonly unknown[]): Check {
  const known = new Set(values);
  return (value) => known.has(value);
}

function unionOf(options: readonly (Check | undefined)[]): Check | undefined {
  const known = options.filter((option) => option !== undefined);
  return known.length === options.length ? (value) => known.some((option) => option(value)) : undefined;
}

/** Most levels of an unknown member. Together with those of any schema they are below the limit of parseJson. */
const DEEPEST_UNKNOWN = 100;

function objectOf(shape: Readonly<Record<string, z.core.$ZodType>>): Check | undefined {
  const members = new Map<string, { check: Check; isRequired: boolean }>();
  for (const [name, schema] of Object.entries(shape)) {
    const check = checkOf(schema);
    if (!check) return undefined;
    members.set(name, { check, isRequired: !check(undefined) });
  }
  const required = [...members.values()].filter(({ isRequired }) => isRequired).length;
  return (value) => {
    if (!isObject(value)) return false;
    let found = 0;
    // By the members that are there: a lookup of one that is absent takes longer.
    for (const name in value) {
      const member = value[name];
      const known = members.get(name);
      if (known === undefined) {
        if (typeof member === 'object' && isTooDeep(member, DEEPEST_UNKNOWN)) return false;
      } else if (!known.check(member)) return false;
      else if (known.isRequired) found++;
    }
    return found === required;
  };
}

function recordOf({ keyType, valueType }: z.core.$ZodRecordDef): Check | undefined {
  const { def } = (keyType as unknown as z.core.$ZodTypes)._zod;
  const inner = checkOf(valueType);
  if (!inner || def.type !== 'string' || def.checks?.length) return undefined;
  return (value) => isObject(value) && Object.values(value).every(inner);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value that also follows all rules; undefined when one of them is not known. */
function ruled(rules: readonly z.core.$ZodCheck<never>[] | undefined, check: Check): Check | undefined {
  let all: Check = check;
  for (const rule of rules ?? []) {
    const next = ruleOf(rule);
    if (!next) return undefined;
    const before = all;
    all = (value) => before(value) && next(value as never);
  }
  return all;
}

/** A check of the most common rules of numbers in one function; undefined for other ones. */
function rangeOf(rules: readonly z.core.$ZodCheck<never>[] = []): Check | undefined {
  let [least, most, isWhole] = [-Number.MAX_VALUE, Number.MAX_VALUE, false];
  for (const rule of rules) {
    const { def } = (rule as unknown as z.core.$ZodChecks)._zod;
    if (def.check === 'number_format' && def.format === 'safeint') isWhole = true;
    else if (def.check === 'greater_than' && def.inclusive) least = Math.max(least, Number(def.value));
    else if (def.check === 'less_than' && def.inclusive) most = Math.min(most, Number(def.value));
    else return undefined;
  }
  return (value) =>
    typeof value === 'number' && value >= least && value <= most && (!isWhole || Number.isSafeInteger(value));
}

function ruleOf(rule: z.core.$ZodCheck<never>): ((value: never) => boolean) | undefined {
  const { def } = (rule as unknown as z.core.$ZodChecks)._zod;
  switch (def.check) {
    case 'min_length':
      return ({ length }: string | unknown[]) => length >= def.minimum;
    case 'max_length':
      return ({ length }: string | unknown[]) => length <= def.maximum;
    case 'length_equals':
      return ({ length }: string | unknown[]) => length === def.length;
    case 'greater_than':
      return (value: number) => (def.inclusive ? value >= Number(def.value) : value > Number(def.value));
    case 'less_than':
      return (value: number) => (def.inclusive ? value <= Number(def.value) : value < Number(def.value));
    case 'number_format':
      return def.format === 'safeint' ? (value: number) => Number.isSafeInteger(value) : undefined;
    case 'string_format': {
      const pattern = 'pattern' in def && def.format === 'regex' ? def.pattern : undefined;
      return pattern && !pattern.global && !pattern.sticky ? (value: string) => pattern.test(value) : undefined;
    }
    default:
      return undefined;
  }
}
