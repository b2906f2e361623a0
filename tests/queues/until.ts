/** Milliseconds that a test waits: a limit for a queue that is stuck, not for one that is slow. */
const PATIENCE = 120_000;

/** Resolves when `holds` resolves with true. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`not after ${PATIENCE} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
