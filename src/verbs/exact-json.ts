/** What JSON.parse tells its reviver beyond key and value, and JSON.rawJSON (ECMAScript proposal “JSON.parse source text access”, in Node since 21). */
interface RawJson {
  readonly rawJSON: string;
}
interface ExactJson {
  parse(text: string, reviver: (key: string, value: unknown, context?: { source?: string }) => unknown): unknown;
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
}
const exact = JSON as unknown as ExactJson;

/** Numbers of so many digits may have more than a double holds. */
const LONG_NUMBER = /\d{16}/;

/**
 * As JSON.parse, but numbers that a double cannot hold as they are written stay what they are: JSON.stringify writes them again, and numberText
 * reads them. Throws SyntaxError.
 */
export function parseExactly(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return exact.parse(text, (_, value, context) =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
      ? exact.rawJSON(context.source)
      : value,
  );
}

/** The digits of a number as they were written; undefined for anything that parseExactly did not leave so. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return exact.isRawJSON(value) ? value.rawJSON : undefined;
}
