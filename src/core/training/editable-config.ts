/**
 * The filled-in configuration of a planned run as a text to be edited: values stand there as they are, and only what depends on the run's own folder
 * is a `${…}` again, since the run that starts may come to have another number.
 * @param places paths of the run by the names of their variables; one that begins with another stands before it.
 */
export function editableConfig(config: string, places: Readonly<Record<string, string>>): string {
  let text = config.replaceAll('${', () => '$${');
  for (const [name, place] of Object.entries(places)) {
    // A job elsewhere has its files in “.”, which stands for itself.
    if (place.length < 2) continue;
    const quoted = JSON.stringify(place);
    text = text.replaceAll(quoted, () => `\${${name}:json}`);
    // Within a longer value only where the path is the same inside of quotes as outside.
    if (quoted === `"${place}"`) text = text.replaceAll(place, () => `\${${name}}`);
  }
  return text;
}
