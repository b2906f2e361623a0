/** A registry of npm packages on this machine, with nothing in it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { before, run, start } from '../runtimes/processes.ts';
import { program } from './project.ts';
import { freePort } from '../runtimes/free-port.ts';

const publisher = fileURLToPath(new URL('../../.ci/publish.mjs', import.meta.url));

export interface Registry extends Disposable {
  readonly url: string;
  /** Runs the publisher of a release over the tarballs of a folder. Resolves with its lines. */
  publish(folder: string, url?: string): Promise<string[]>;
  /** Resolves with the status of the response for a package. */
  statusOf(name: string): Promise<number>;
}

/** Starts a registry that lets everybody publish. */
export async function startRegistry(): Promise<Registry> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fusewire-registry-'));
  const url = `http://127.0.0.1:${await freePort()}/`;
  const config = {
    storage: path.join(folder, 'storage'),
    packages: { '**': { access: '$all', publish: '$all' } },
    max_body_size: '50mb',
    log: { type: 'stdout', format: 'pretty', level: 'warn' },
  };
  const file = path.join(folder, 'config.yaml');
  writeFileSync(file, JSON.stringify(config));
  const server = start([process.execPath, program('verdaccio'), '--config', file, '--listen', url]);
  const isReady = new Promise<void>((resolve) => {
    server.child.stdout?.on('data', (text: string) => {
      if (text.includes('http address')) resolve();
    });
  });
  await before(server, isReady);
  return {
    url,
    async publish(tarballs, through = url) {
      const settings = path.join(folder, 'npmrc');
      writeFileSync(settings, `registry=${through}\n${through.replace('http:', '')}:_authToken=anybody\n`);
      const env = {
        npm_config_userconfig: settings,
        npm_config_cache: path.join(folder, 'cache'),
        npm_config_fetch_retries: '0',
      };
      const output = await run([process.execPath, publisher, tarballs], { cwd: folder, env });
      return output.trim().split('\n');
    },
    statusOf: async (name) => (await fetch(url + name)).status,
    [Symbol.dispose]() {
      server[Symbol.dispose]();
      rmSync(folder, { recursive: true, maxRetries: 10 });
    },
  };
}

/** Passes requests on, and closes the connection instead of answering the first request that publishes. */
export async function withoutAnswer(target: string): Promise<Disposable & { readonly url: string }> {
  let isLost = false;
  const proxy = createServer((incoming, outgoing) => {
    const { method, headers, url = '' } = incoming;
    const forwarded = request(new URL(url, target), { method, headers }, (answer) => {
      if (method === 'PUT' && !isLost) {
        isLost = true;
        answer.resume().once('end', () => outgoing.destroy());
      } else {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      }
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.dispose]() {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}
