import { UserError } from '../errors.ts';
import { yamlScalar } from './yaml.ts';

// Prompt files use `{{name}}` (dialogue/prompts.ts), because maths contains `${`.

/** Values of `${name}` in a configuration or a command. */
export type Variables = Readonly<Record<string, unknown>>;

function unknownNames(unknown: readonly string[], known: readonly string[]): UserError {
  return new UserError(
    'template',
    `The configuration has unknown variables: ${unknown.map((name) => `\${${name}}`).join(', ')}.`,
    `Known variables: ${known.map((name) => `\${${name}}`).join(', ')}. Write $\${ for a literal \${.`,
  );
}

const VARIABLE = /\$(\$\{)|\$\{([\w.]+)(?::(json))?\}/g;

/**
 * Replaces `${name}` by its value and `${name:json}` by its JSON, which is also a YAML scalar, so that a path with a colon or a quote stays
 * one value. `$${` is the text `${`. Throws UserError `template` for an unknown name.
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
    return form === 'json' ? yamlScalar(value) : String(value);
  });
  if (unknown.size > 0) throw unknownNames([...unknown], Object.keys(variables).sort());
  return filled;
}
