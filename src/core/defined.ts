type OptionalKey<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

/** An object type whose values may be undefined, as one whose properties may be absent. */
export type Defined<T> = Omit<T, OptionalKey<T>> & { [K in OptionalKey<T>]?: Exclude<T[K], undefined> };

/** A copy without the properties that are undefined, for optional properties: `{ id, ...defined({ note, seed }) }`. */
export function defined<T extends object>(values: T): Defined<T> {
  // A loop, for millions of rows and spans.
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) kept[name] = value;
  return kept as Defined<T>;
}

/** The texts that are not empty or absent, joined: `joined(' · ', state, isLate && 'late')`. */
export const joined = (separator: string, ...parts: readonly (string | false | null | undefined)[]): string =>
  parts.filter((part) => part).join(separator);

/** The items that are there, for lists with optional ones: `present(title, count > 0 && countText(count), note)`. */
export function present<T extends string | object>(...items: readonly (T | false | null | undefined)[]): T[] {
  return items.filter((item): item is T => item !== false && item !== null && item !== undefined);
}
