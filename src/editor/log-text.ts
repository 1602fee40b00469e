import { stripVTControlCharacters } from 'node:util';

/**
 * What a job wrote for a terminal, as lines of a document: without colours, and of a line that was written over again and again, as progress bars are,
 * its last state. The line that has no end yet is held back, since it may still be written over.
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

  /** Nothing comes any more. */
  end(): void {
    const rest = plain(this.#rest);
    this.#rest = '';
    if (rest !== '') this.#write(`${rest}\n`);
  }
}

/** A bar that is drawn for hours must not grow in memory. A lone return at the end may belong to the newline that follows. */
function lastState(line: string): string {
  const end = line.endsWith('\r') ? line.length - 1 : line.length;
  return line.slice(line.lastIndexOf('\r', end - 1) + 1);
}

function plain(line: string): string {
  return stripVTControlCharacters(lastState(line)).trimEnd();
}
