import { open } from 'node:fs/promises';

const KEPT = 64 * 1024;

/** The end of a log; nothing where there is none yet. */
export async function endOfLog(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const length = Math.min(size, KEPT);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return withoutColours(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await file.close();
  }
}

/** The last line that says something. */
export function lastLine(log: string): string | undefined {
  return log
    .split(/[\r\n]+/)
    .findLast((line) => line.trim() !== '')
    ?.trim()
    .slice(0, 200);
}

function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with an escape
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
}
