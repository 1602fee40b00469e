import { z } from 'zod';

/** The type of a column, by the names of the Hugging Face `datasets` library. Every value may be null. */
export type FeatureType = 'string' | 'int32' | 'float64' | 'bool' | { list: FeatureType } | { struct: Feature[] };

/** `both`: Parquet beside JSONL. */
export const FileFormats = z.enum(['jsonl', 'parquet', 'both']);
export type FileFormats = z.infer<typeof FileFormats>;

/** The Parquet file with the rows of a JSONL file. */
export const parquetName = (name: string): string => name.replace(/\.jsonl$/, '.parquet');

/** A column, or a member of an object. */
export interface Feature {
  name: string;
  type: FeatureType;
}

interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema | boolean;
  prefixItems?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
}

/**
 * The columns of rows with this schema, for Parquet and for `dataset_info` of a card.
 * @throws Error for a schema that has no columns of one type each, such as a record.
 */
export function featuresOf(row: z.ZodType): Feature[] {
  const known = KNOWN.get(row);
  if (known) return known;
  const type = typeOf(z.toJSONSchema(row, { io: 'output' }) as JsonSchema, 'a row');
  if (typeof type !== 'object' || !('struct' in type)) throw new Error('A row must be an object.');
  KNOWN.set(row, type.struct);
  return type.struct;
}

/** By schema: a thread needs them for each batch of rows. */
const KNOWN = new WeakMap<z.ZodType, Feature[]>();

function typeOf(schema: JsonSchema, where: string): FeatureType {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return commonType(choices, where);
  if (Array.isArray(schema.type))
    return commonType(
      schema.type.map((type) => ({ ...schema, type })),
      where,
    );
  if (schema.type === 'object' && schema.properties !== undefined) {
    const members = Object.entries(schema.properties);
    return { struct: members.map(([name, member]) => ({ name, type: typeOf(member, name) })) };
  }
  // A tuple is a list of what all its items have.
  if (schema.prefixItems !== undefined) return { list: commonType(schema.prefixItems, where) };
  if (typeof schema.items === 'object') return { list: typeOf(schema.items, where) };
  return scalarType(schema, where);
}

function scalarType(schema: JsonSchema, where: string): FeatureType {
  switch (schema.type ?? typeof (schema.const ?? schema.enum?.[0])) {
    case 'string':
      return 'string';
    case 'integer':
      return 'int32';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    default:
      throw new Error(`The type of ${where} can’t be a column.`);
  }
}

/** The type of all choices but null; objects of a union have the members of all. */
function commonType(choices: readonly JsonSchema[], where: string): FeatureType {
  const types = choices.filter(({ type }) => type !== 'null').map((choice) => typeOf(choice, where));
  const [first, ...others] = types;
  if (first === undefined) throw new Error(`The type of ${where} can’t be a column.`);
  return others.reduce((a, b) => merged(a, b, where), first);
}

function merged(a: FeatureType, b: FeatureType, where: string): FeatureType {
  if (typeof a === 'object' && typeof b === 'object') {
    if ('list' in a && 'list' in b) return { list: merged(a.list, b.list, where) };
    if ('struct' in a && 'struct' in b) {
      const members = new Map(a.struct.map(({ name, type }) => [name, type]));
      for (const { name, type } of b.struct) {
        const there = members.get(name);
        members.set(name, there === undefined ? type : merged(there, type, name));
      }
      return { struct: [...members].map(([name, type]) => ({ name, type })) };
    }
  }
  if (a === b) return a;
  throw new Error(`Values of ${where} have different types, which a column can’t have.`);
}

/** The columns as `features` of `dataset_info`, as lines of YAML at this depth. */
export function featureLines(features: readonly Feature[], indent: string): string[] {
  return features.flatMap(({ name, type }) => [
    `${indent}- name: ${JSON.stringify(name)}`,
    ...typeLines(type, `${indent}  `),
  ]);
}

function typeLines(type: FeatureType, indent: string): string[] {
  if (typeof type === 'string') return [`${indent}dtype: ${type}`];
  if ('struct' in type) return [`${indent}struct:`, ...featureLines(type.struct, indent)];
  const { list } = type;
  if (typeof list === 'string') return [`${indent}list: ${list}`];
  if ('struct' in list) return [`${indent}list:`, ...featureLines(list.struct, indent)];
  return [`${indent}list:`, ...typeLines(list, `${indent}  `)];
}
