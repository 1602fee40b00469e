import { ENGLISH } from '../../../src/core/text/l10n.ts';
import type { EditorL10n } from '../../../src/editor/grading/grading-format.ts';

/** English without the editor. */
export const l10n: EditorL10n = { ...ENGLISH, time: (date) => date.toISOString().slice(0, 16) };
