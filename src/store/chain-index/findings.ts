import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FindingId } from '../../core/examine/finding.ts';
import { EXAMINATION_FOLDER, FINDINGS_FILE, readFindings } from '../examination.ts';

/** The findings of the last examination of a dataset, by chain. */
export class FindingsOfChains {
  #stamp = '';
  #findings = new Map<string, FindingId[]>();

  /** Reads the file again if it has changed. @returns Whether it has. */
  async refresh(root: string): Promise<boolean> {
    const folder = join(root, EXAMINATION_FOLDER);
    const file = await stat(join(folder, FINDINGS_FILE)).catch(() => undefined);
    const stamp = file === undefined ? '' : `${file.size} ${file.mtimeMs} ${file.ino}`;
    if (stamp === this.#stamp) return false;
    const findings = new Map<string, FindingId[]>();
    if (file?.isFile()) {
      for await (const { id, finding } of readFindings(folder)) {
        const known = findings.get(id);
        if (known === undefined) findings.set(id, [finding]);
        else if (!known.includes(finding)) known.push(finding);
      }
    }
    this.#findings = findings;
    this.#stamp = stamp;
    return true;
  }

  /** The chains with findings. */
  ids(): Iterable<string> {
    return this.#findings.keys();
  }

  of(chainId: string): readonly FindingId[] {
    return this.#findings.get(chainId) ?? [];
  }
}
