/** A text element. `kind`: its class, or empty. */
export function svgText(x: number, y: number, kind: string, content: string): string {
  return `<text x="${svgNumber(x)}" y="${svgNumber(y)}"${kind === '' ? '' : ` class="${kind}"`}>${svgEscaped(content)}</text>`;
}

/** A coordinate with one decimal. */
export function svgNumber(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A share of 1 as a length of CSS and SVG, which have no space before the sign: `43.8%`. For people: `formatPercent`. */
export const shareLength = (share: number): string => `${svgNumber(100 * share)}%`;

/** Escapes untrusted text for content and attributes. */
export function svgEscaped(content: string): string {
  return content.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
