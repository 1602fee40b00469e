import { z } from 'zod';
import { type KeyEntry, type KeyPage, keyLabel, withKeys } from '../../src/protocol/keys.ts';
import { actionsOf, type Press } from './keyboard.ts';

const Overrides = z.record(z.string(), z.array(z.string()));

/** The keys of a page, with those of the setting `longhand.keys`, which the host writes into the page. */
export class PageKeys<A extends string> {
  readonly entries: readonly KeyEntry<A>[];
  /** The action of a key press. */
  readonly actionFor: (press: Press) => A | undefined;

  constructor(page: KeyPage, registry: readonly KeyEntry<A>[]) {
    // Without a page, as in tests of its parts, the default keys apply.
    const written = globalThis.document?.documentElement.dataset.keys;
    this.entries = withKeys(page, registry, written === undefined ? {} : Overrides.parse(JSON.parse(written)));
    this.actionFor = actionsOf(this.entries);
  }

  /** The group of the action of a key press: what it decides or changes. */
  groupOf(press: Press): string | undefined {
    const action = this.actionFor(press);
    return action === undefined ? undefined : this.#entry(action)?.group;
  }

  /** The first key of an action, as it is printed on a keyboard; empty without one. */
  label(action: A): string {
    return keyLabel(this.#entry(action)?.keys[0] ?? '');
  }

  /** What to do for an action: `Press A`. An action without a key is in the palette. */
  press(action: A): string {
    const key = this.label(action);
    if (key === '') return `Run “${this.#entry(action)?.title ?? ''}”`;
    return `Press ${key.length === 1 ? key.toUpperCase() : key}`;
  }

  /** The action and its key, for a tooltip. */
  title(action: A): string {
    return `${this.#entry(action)?.title ?? ''}  ${this.label(action)}`.trimEnd();
  }

  #entry(action: A): KeyEntry<A> | undefined {
    return this.entries.find((entry) => entry.action === action);
  }
}
