/** Resolves after some milliseconds, or when the command is interrupted. */
export function wait(milliseconds: number, interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    interrupted.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
