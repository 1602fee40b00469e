/** A text of a picture. `kind`: its class, none where empty. */
export function svgText(x: number, y: number, kind: string, content: string): string {
  return `<text x="${svgNumber(x)}" y="${svgNumber(y)}"${kind === '' ? '' : ` class="${kind}"`}>${svgEscaped(content)}</text>`;
}

/** A coordinate with one decimal. */
export function svgNumber(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A text that may hold anything, for content and attributes. */
export function svgEscaped(content: string): string {
  return content.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
