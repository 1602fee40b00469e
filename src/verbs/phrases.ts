/** Lines of a text for a terminal. */
export function lines(...parts: string[]): string {
  return parts.join('\n');
}

/** What is said of a round that runs in a process of its own. */
export function detached({ round, pid }: { round: string; pid: number }): string {
  return `Round ${round} runs in process ${pid}; “longhand status” tells how far it is.`;
}
