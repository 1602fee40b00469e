export interface Disposable {
  dispose(): void;
}

/** Disposes its items together. An item added after that is disposed immediately. */
export class DisposableStore implements Disposable {
  readonly #items = new Set<Disposable>();
  #disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.add(item);
    return item;
  }

  delete(item: Disposable): void {
    this.#items.delete(item);
  }

  /** In reverse order. If items throw, the others are still disposed, then the first error is thrown. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const errors: unknown[] = [];
    for (const item of [...this.#items].reverse()) {
      try {
        item.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    this.#items.clear();
    if (errors.length > 0) throw errors[0];
  }
}
