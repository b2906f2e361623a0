/** What a web page has that a breaker needs, and nothing of Node. */
import { createContext, runInContext } from 'node:vm';

/** Runs a script there, and resolves with the first line that it writes. */
export function runInPage(script: string): Promise<string> {
  const { AbortController, AbortSignal, DOMException, performance } = globalThis;
  const { TextDecoder, TextEncoder, atob, clearTimeout } = globalThis;
  return new Promise((resolve) => {
    const page = {
      ...{ AbortController, AbortSignal, DOMException, performance },
      ...{ TextDecoder, TextEncoder, atob, clearTimeout },
      // As in a page, a timer is a number; it must not keep this process.
      setTimeout: (work: () => void, wait: number) => Number(setTimeout(work, wait).unref()),
      console: { log: resolve },
    };
    runInContext(script, createContext(page), { displayErrors: false });
  });
}
