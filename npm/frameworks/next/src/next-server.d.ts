/** The parts of `next/server` that this package uses, in Next.js 15 and 16. Next.js itself is too large to be installed here. */
declare module 'next/server' {
  /** Resolves when there is a request. What comes after it is never computed while the program is built. */
  export function connection(): Promise<void>;
  /** Runs a task after the response. */
  export function after(task: () => unknown): void;
}
