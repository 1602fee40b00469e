/** Publisher and name in package.json. */
const EXTENSION = 'longhand.longhand';
const PATH = '/view';

/**
 * The address that opens a file in the editor. The path is in Base64, since programs on the way decode an address a different number of times.
 * @param scheme Of the editor, such as `vscode`. @param file An absolute path.
 */
export function viewAddress(scheme: string, file: string): string {
  return `${scheme}://${EXTENSION}${PATH}?file=${Buffer.from(file).toString('base64url')}`;
}

/** The file of an address; undefined for another address, a relative path or a share of another computer, which would get the user's credentials. */
export function viewedFile({ path, query }: { path: string; query: string }): string | undefined {
  const [, encoded] = /^file=([\w-]+)$/.exec(query) ?? [];
  if (path !== PATH || encoded === undefined) return undefined;
  const file = Buffer.from(encoded, 'base64url').toString('utf8');
  return /^(?:\/(?![/\\])|[A-Za-z]:[/\\])/.test(file) ? file : undefined;
}
