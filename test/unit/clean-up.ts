import { afterAll, vi } from 'vitest';

afterAll(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

// Test files of one worker share the window. The page of one file must not receive key events of the next.
const targets: EventTarget[] = [globalThis as unknown as EventTarget, Reflect.get(globalThis, 'document')];
for (const target of targets.filter((one) => one?.addEventListener !== undefined)) {
  const add = target.addEventListener;
  const added: Parameters<typeof add>[] = [];
  target.addEventListener = (...listener: Parameters<typeof add>): void => {
    added.push(listener);
    add.apply(target, listener);
  };
  afterAll(() => {
    target.addEventListener = add;
    for (const [type, listener, options] of added) target.removeEventListener(type, listener, options);
  });
}
