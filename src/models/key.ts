import { createHash } from 'node:crypto';
import type { CallRequest } from '../core/schemas/index.ts';

/**
 * The journal key of a call: the first 32 hex digits of the SHA-256 of the request's canonical JSON. Equal requests have the same key,
 * whatever the order of their properties.
 */
export function journalKey(request: CallRequest): string {
  return createHash('sha256').update(canonicalJson(request)).digest('hex').slice(0, 32);
}

/** JSON with sorted keys, without white space and `undefined` properties. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
