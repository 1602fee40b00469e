import { adviceText, funnelLine, mainLoss } from '../core/dataset/funnel/format.ts';
import type { RoundFunnel } from '../core/dataset/funnel/index.ts';
import { present } from '../core/defined.ts';
import { formatCount } from '../core/text/format.ts';

/** A row at a terminal, with its mask. */
export function markedRow({ id, parts }: { id: string; parts: readonly { text: string; train: boolean }[] }): string[] {
  const marked = parts.map(({ text, train }) => (train ? `⟦${text}⟧` : text)).join('');
  return [`Row ${id}, with what is trained between ⟦ and ⟧:`, '', marked];
}

/** Lines of a text for a terminal. */
export function lines(...parts: string[]): string {
  return parts.join('\n');
}

/** The funnel of a round with the setting to change, indented under what it belongs to. */
export function formatFunnel(funnel: RoundFunnel | undefined): string[] {
  if (funnel === undefined) return [];
  const sentences = present(mainLoss(funnel), funnel.advice && adviceText(funnel.advice)).filter((part) => part !== '');
  return present(`    ${funnelLine(funnel)}`, sentences.length !== 0 && `    ${sentences.join(' ')}`);
}

/** `12 correct, 3 incorrect`. */
export function formatCounts(record: Readonly<Record<string, number>>): string {
  const parts = Object.entries(record).map(([name, count]) => `${formatCount(count)} ${name}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}
