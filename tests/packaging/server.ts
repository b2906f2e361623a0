/** A server of a user's project, in a process of its own. */
import { freePort } from '../runtimes/free-port.ts';
import { before, start } from '../runtimes/processes.ts';

/** A running server. Disposing it ends the process. */
export interface Server extends Disposable {
  /** Resolves with the text of the response to a request for a path, without its first slash. */
  get(path: string): Promise<string>;
}

/** Starts a server. Resolves once it has written `ready`. */
export async function startServer(folder: string, command: readonly string[], ready: string): Promise<Server> {
  const port = await freePort();
  const env = { PORT: String(port), HOSTNAME: '127.0.0.1', HOST: '127.0.0.1' };
  const server = start([process.execPath, ...command], { cwd: folder, env });
  const isReady = new Promise<void>((resolve) => {
    server.child.stdout?.on('data', (text: string) => {
      if (text.includes(ready)) resolve();
    });
  });
  await before(server, isReady);
  return {
    async get(path) {
      const signal = AbortSignal.timeout(120_000);
      const response = await before(server, fetch(`http://127.0.0.1:${port}/${path}`, { signal }));
      return response.text();
    },
    [Symbol.dispose]: () => server[Symbol.dispose](),
  };
}
