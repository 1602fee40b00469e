/** The nodes of an SVG text. Its style gets the nonce of the page. */
export function svgNode(text: string): Node {
  const parsed = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
  const nonce = document.querySelector('meta[property="csp-nonce"]')?.getAttribute('content') ?? '';
  for (const style of parsed.querySelectorAll('style')) style.setAttribute('nonce', nonce);
  return document.importNode(parsed, true);
}
