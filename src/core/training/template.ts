/** Values that stand for `${name}` in a configuration or a command. */
export type Variables = Readonly<Record<string, unknown>>;

/** A template names something that nothing is known of. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly advice: string;

  constructor(unknown: readonly string[], known: readonly string[]) {
    super(`The configuration has ${unknown.map((name) => `\${${name}}`).join(', ')}, of which nothing is known.`);
    this.advice = `Known are ${known.map((name) => `\${${name}}`).join(', ')}; write $\${ where the text itself has \${.`;
  }
}

const VARIABLE = /\$(\$\{)|\$\{([\w.]+)(?::(json))?\}/g;

/**
 * Fills `${name}` in. `${name:json}` is the value as JSON, which is a YAML scalar too: a path with a colon or a quote stays one value. `$${` is
 * the text `${`. Throws TemplateError for a name without a value.
 */
export function fillTemplate(template: string, variables: Variables): string {
  const unknown = new Set<string>();
  const filled = template.replace(VARIABLE, (whole, escaped: string | undefined, name: string, form?: string) => {
    if (escaped !== undefined) return escaped;
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) {
      unknown.add(name);
      return whole;
    }
    return form === 'json' ? JSON.stringify(value) : String(value);
  });
  if (unknown.size > 0) throw new TemplateError([...unknown], Object.keys(variables).sort());
  return filled;
}
