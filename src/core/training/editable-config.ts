import { yamlScalar } from '../text/yaml.ts';

/**
 * The configuration of a planned run for editing: with values, except paths in the run's folder, which become `${…}` because the run may get
 * another number.
 * @param places Paths of the run by variable name; a path comes before its prefixes.
 */
export function editableConfig(config: string, places: Readonly<Record<string, string>>): string {
  let text = config.replaceAll('${', () => '$${');
  for (const [name, place] of Object.entries(places)) {
    // “.” stays: a remote job has its files there.
    if (place.length < 2) continue;
    const quoted = yamlScalar(place);
    text = text.replaceAll(quoted, () => `\${${name}:json}`);
    // Within a longer value only if the path is the same with and without quotes.
    if (quoted === `"${place}"`) text = text.replaceAll(place, () => `\${${name}}`);
  }
  return text;
}
