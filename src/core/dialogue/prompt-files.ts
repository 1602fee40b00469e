/**
 * The files that decide what a piece is asked: its own prompt file and the fragments that this takes in. Names without `.md`, sorted;
 * what is missing is left out.
 */
export function filesOf(texts: Readonly<Record<string, string>>, file: string): string[] {
  const text = texts[file];
  if (text === undefined) return [];
  const fragments = [...text.matchAll(/\{\{behaviour:([a-z]+)\}\}/g)].map(([, kind]) => `behaviour-${kind}`);
  return [...new Set([file, ...fragments])].filter((name) => texts[name] !== undefined).sort();
}
