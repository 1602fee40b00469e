/** Characters that YAML treats as line breaks or does not allow, but JSON strings may contain. */
const ESCAPED = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A value as JSON that is also YAML for the same value. */
export function yamlScalar(value: unknown): string {
  return JSON.stringify(value).replace(ESCAPED, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
