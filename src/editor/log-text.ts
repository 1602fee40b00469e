import { stripVTControlCharacters } from 'node:util';

/**
 * Converts terminal output to plain lines: without colours, and with only the last state of lines that carriage returns overwrite, such as
 * progress bars. An unfinished line is held back.
 */
export class LogText {
  readonly #write: (text: string) => void;
  #rest = '';

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lastState(lines.pop() ?? '');
    if (lines.length > 0) this.#write(lines.map((line) => `${plain(line)}\n`).join(''));
  }

  /** Writes the unfinished line, if any. */
  end(): void {
    const rest = plain(this.#rest);
    this.#rest = '';
    if (rest !== '') this.#write(`${rest}\n`);
  }
}

/** A progress bar must not grow in memory. A final carriage return may be part of a line end. */
function lastState(line: string): string {
  const end = line.endsWith('\r') ? line.length - 1 : line.length;
  return line.slice(line.lastIndexOf('\r', end - 1) + 1);
}

function plain(line: string): string {
  return stripVTControlCharacters(lastState(line)).trimEnd();
}
