/** Control characters except tab and line feed, and characters that change the text direction. */
const CONTROLS = /(?![\n\t])[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** The Unicode block “Control Pictures” has the order of the characters below U+0020. */
const PICTURES = 0x2400;
const PICTURE_OF_DELETE = '\u2421';
const REPLACEMENT = '\ufffd';

/**
 * Untrusted text for a terminal: control characters become visible signs, because a terminal treats them as links, clipboard writes or
 * commands. A carriage return before a line feed is removed.
 */
export function terminalText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROLS, visible);
}

/** As `terminalText`, for a part of a log: carriage returns stay, because progress bars overwrite their line. */
export function terminalLog(text: string): string {
  return text.replace(CONTROLS, (control) => (control === '\r' ? control : visible(control)));
}

/** JSON for a terminal with all control characters escaped; `JSON.stringify` escapes only some. */
export function terminalJson(json: string): string {
  return json.replace(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function visible(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(PICTURES + code);
  return code === 0x7f ? PICTURE_OF_DELETE : REPLACEMENT;
}
