import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FindingId } from '../../core/examine/kinds.ts';
import { EXAMINATION_FOLDER, FINDINGS_FILE, readFindings } from '../examination.ts';

/** The findings of the last examination of a dataset, by chain. */
export class FindingsOfChains {
  #stamp = '';
  #findings = new Map<string, FindingId[]>();
  /** The first chain of the near duplicates of each. */
  #groups = new Map<string, string>();
  /** The first chain of the equal and near-duplicate replies of each. */
  #replies = new Map<string, string>();

  /** Reads the file again if it has changed. @returns Whether it has. */
  async refresh(root: string): Promise<boolean> {
    const folder = join(root, EXAMINATION_FOLDER);
    const file = await stat(join(folder, FINDINGS_FILE)).catch(() => undefined);
    const stamp = file === undefined ? '' : `${file.size} ${file.mtimeMs} ${file.ino}`;
    if (stamp === this.#stamp) return false;
    const findings = new Map<string, FindingId[]>();
    const groups = new Map<string, string>();
    const replies = new Map<string, string>();
    if (file?.isFile()) {
      for await (const { id, finding, group } of readFindings(folder)) {
        if (finding === 'near-duplicate' && group !== undefined) groups.set(id, group).set(group, group);
        if (finding === 'near-duplicate-reply' && group !== undefined) replies.set(id, group).set(group, group);
        // A reply that is nearly another one is in the group of that one.
        if (finding === 'exact-duplicate' && group !== undefined)
          for (const one of [id, group]) if (!replies.has(one)) replies.set(one, group);
        const known = findings.get(id);
        if (known === undefined) findings.set(id, [finding]);
        else if (!known.includes(finding)) known.push(finding);
      }
    }
    this.#findings = findings;
    this.#groups = groups;
    this.#replies = replies;
    this.#stamp = stamp;
    return true;
  }

  /** The chains with findings or in a group. */
  ids(): Iterable<string> {
    return new Set([...this.#findings.keys(), ...this.#groups.values(), ...this.#replies.values()]);
  }

  /** The first chain of a group of near duplicates, which the chain belongs to. */
  group(chainId: string): string | undefined {
    return this.#groups.get(chainId);
  }

  /** The first chain of a group of equal and near-duplicate replies, which the chain belongs to. */
  replyGroup(chainId: string): string | undefined {
    return this.#replies.get(chainId);
  }

  /** Whether the dataset was examined. */
  get known(): boolean {
    return this.#stamp !== '';
  }

  of(chainId: string): readonly FindingId[] {
    return this.#findings.get(chainId) ?? [];
  }
}
