import { textHash } from '../../store/chain-index/rows.ts';

/** Gives each imported problem or trace an id that is free, the same one whenever the same file is imported into an empty dataset. */
export class ImportIds {
  readonly #stem: string;
  readonly #keeps: RegExp | undefined;
  readonly #isTaken: (id: string) => boolean;
  readonly #given = new Set<string>();

  /**
   * `stem`: name of the file, which begins the ids that are made. `isTaken`: whether the dataset has the id already. `isExport`: the file's ids are those of a
   * dataset, and are kept as they are.
   */
  constructor(stem: string, isTaken: (id: string) => boolean, isExport = false) {
    this.#stem = stem;
    this.#isTaken = isTaken;
    this.#keeps = isExport ? /^\P{Cc}{1,200}$/u : undefined;
  }

  /** The file's own id where it is free, else one from the file's name and a hash of the content. */
  take(own: string | undefined, hash: string): string {
    const named = this.#named(own ?? '');
    const made = this.made(hash);
    for (let n = 0; ; n++) {
      const id = n === 0 && named !== '' ? named : n <= 1 ? made : `${made}-${n}`;
      if (this.#given.has(id) || this.#isTaken(id)) continue;
      this.#given.add(id);
      return id;
    }
  }

  /** The id that a content gets where its own is not free. */
  made(hash: string): string {
    return `${this.#stem}-${textHash(`${this.#stem} ${hash}`).slice(0, 10)}`;
  }

  #named(own: string): string {
    return this.#keeps?.test(own) ? own : this.cleaned(own);
  }

  /** The id that is made of the own id of a file without a manifest. Earlier imports of exports have such ids, too. */
  cleaned(own: string): string {
    const plain = own
      .replace(/[^A-Za-z0-9._/#-]+/g, '-')
      .replace(/^[-./#]+/, '')
      .slice(0, 150);
    // A bare number is unique only within its file: every file has a number 1.
    return /^\d+(?:#\d+)?$/.test(plain) ? `${this.#stem}-${plain}` : plain;
  }
}
