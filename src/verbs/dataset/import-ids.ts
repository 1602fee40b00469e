import { textHash } from '../../store/chain-index/rows.ts';

/** Gives each imported problem or trace an id that is free, the same one whenever the same file is imported into an empty dataset. */
export class ImportIds {
  readonly #stem: string;
  readonly #isTaken: (id: string) => boolean;
  readonly #given = new Set<string>();

  /** `stem`: name of the file, which begins the ids that are made. `isTaken`: whether the dataset has the id already. */
  constructor(stem: string, isTaken: (id: string) => boolean) {
    this.#stem = stem;
    this.#isTaken = isTaken;
  }

  /** The file's own id where it is free, else one from the file's name and a hash of the content. */
  take(own: string | undefined, hash: string): string {
    const plain =
      own === undefined
        ? ''
        : own
            .replace(/[^A-Za-z0-9._/#-]+/g, '-')
            .replace(/^[-./#]+/, '')
            .slice(0, 150);
    // A bare number is unique only within its file: every file has a number 1.
    const named = /^\d+(?:#\d+)?$/.test(plain) ? `${this.#stem}-${plain}` : plain;
    const made = `${this.#stem}-${textHash(`${this.#stem} ${hash}`).slice(0, 10)}`;
    for (let n = 0; ; n++) {
      const id = n === 0 && named !== '' ? named : n <= 1 ? made : `${made}-${n}`;
      if (this.#given.has(id) || this.#isTaken(id)) continue;
      this.#given.add(id);
      return id;
    }
  }
}
