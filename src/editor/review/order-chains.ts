import { isSameSort, NAMED_ORDERS, type TableSort } from '../../core/review/table/view.ts';
import type { Services } from '../services.ts';
import { t } from '../ui/format.ts';
import { type PickItem, showInputBox, showQuickPick } from '../ui/quick-input.ts';

interface OrderItem extends PickItem {
  order: TableSort | null | 'random';
}

/** Order Review Queue: chooses the order of the chains in the reader and in the table. */
export async function orderChains(services: Services, what: unknown): Promise<void> {
  const ref = await services.datasets.resolve(what);
  const now = services.queries.orderOf(ref);
  const items = orderItems().map((item) => ({
    ...item,
    icon: item.order !== 'random' && isSameSort(item.order, now) ? 'check' : undefined,
  }));
  const picked = await showQuickPick(items, { placeHolder: t('In which order?') });
  if (picked === undefined) return;
  const order = picked.order === 'random' ? await askSeed() : picked.order;
  if (order !== undefined) services.queries.set(ref, services.queries.of(ref), order);
}

function orderItems(): OrderItem[] {
  return [
    { label: t('As stored'), order: null },
    {
      label: t('Uncertain first'),
      detail: t('Without a verdict, then those in which judge and classifier differ most'),
      order: NAMED_ORDERS.uncertain,
    },
    { label: t('Shortest first'), detail: t('By completion tokens'), order: NAMED_ORDERS.shortest },
    { label: t('Hardest first'), detail: t('By the pass rate of the problem'), order: NAMED_ORDERS.hardest },
    { label: t('Random…'), detail: t('The same seed gives the same order'), order: 'random' },
  ];
}

/** Undefined after Escape. */
async function askSeed(): Promise<TableSort | undefined> {
  const seed = await showInputBox({
    prompt: t('Seed: a whole number from 0'),
    value: '0',
    validateInput: (value) =>
      seedOf(value) === undefined ? t('Enter a whole number from 0 to 4294967295.') : undefined,
  });
  const number = seed === undefined ? undefined : seedOf(seed);
  return number === undefined ? undefined : { by: 'random', seed: number };
}

function seedOf(text: string): number | undefined {
  const number = Number(text.trim());
  return /^\d+$/.test(text.trim()) && number <= 0xffff_ffff ? number : undefined;
}
