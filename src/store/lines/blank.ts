/** A byte order mark in UTF-8. */
const BOM = [0xef, 0xbb, 0xbf];

/** Whether a byte at an offset of a file leaves a line blank: white space of ASCII, or a byte order mark at the start of the file. JSON has no other spaces. */
export function isBlankByte(byte: number, offset: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || BOM[offset] === byte;
}

/** Whether a line is blank. @param offset Of the bytes in the file. */
export function isBlank(bytes: Uint8Array, offset: number, start = 0, end = bytes.length): boolean {
  for (let at = start; at < end; at++) if (!isBlankByte(bytes[at] ?? 0, offset + at)) return false;
  return true;
}
