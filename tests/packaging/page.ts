/** A realm with the globals of a web page and none of Node's. */
import { createContext, runInContext } from 'node:vm';

/** Runs a script in the realm. Resolves with the first line that it logs. */
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
