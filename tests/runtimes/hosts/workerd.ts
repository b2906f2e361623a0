/** workerd, which runs Cloudflare Workers. It compiles no bytes: the engines are modules of the worker. */
import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Report } from '../inside/suite.ts';
import { bundle } from '../bundle.ts';
import { before, start } from '../processes.ts';
import { platformProgram, versionOf } from '../programs.ts';
import type { Project } from '../project.ts';

/** A worker that answers requests. Disposing it ends workerd. */
export interface Worker extends Disposable {
  /** Resolves with the response to a request for a path. */
  request(path: string): Promise<Response>;
}

/** Starts a worker from modules in `folder`. The first one is its entry. */
export async function startWorker(folder: string, modules: readonly string[]): Promise<Worker> {
  const kind = (name: string) => (name.endsWith('.wasm') ? 'wasm' : 'esModule');
  const config = `
    using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "suite", worker = .worker)],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")],
    );
    const worker :Workerd.Worker = (
      modules = [${modules.map((name) => `(name = "${name}", ${kind(name)} = embed "${name}")`).join(', ')}],
      compatibilityDate = "2026-10-01",
    );`;
  const file = path.join(folder, 'workerd.capnp');
  writeFileSync(file, config);
  const command = [platformProgram('workerd', 'bin/workerd'), 'serve', file];
  const server = start([...command, '--control-fd=3'], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const [message] = await before(server, once(server.child.stdio[3] as Readable, 'data'));
  const { port } = JSON.parse(String(message).split('\n', 1)[0] as string);
  return {
    request: (path) => before(server, fetch(`http://127.0.0.1:${port}${path}`)),
    [Symbol.dispose]: () => server[Symbol.dispose](),
  };
}

/** Has a worker answer requests, one after the other; those that stand in an array, at the same time. */
export async function askWorkerd(
  project: Project,
  ...asked: readonly (string | readonly string[])[]
): Promise<unknown[]> {
  await bundle('on-workerd', project.folder, { conditions: ['workerd'], external: ['./*.wasm'] });
  for (const engine of ['fusewire.wasm', 'policies.wasm']) {
    copyFileSync(
      path.join(project.folder, 'node_modules/fusewire/dist/platforms', engine),
      path.join(project.folder, engine),
    );
  }
  using worker = await startWorker(project.folder, ['on-workerd.mjs', 'fusewire.wasm', 'policies.wasm']);
  const ask = async (path: string): Promise<unknown> => {
    const response = await worker.request(path);
    if (!response.ok) throw new Error(`workerd answered ${path} with ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const answers: unknown[] = [];
  for (const paths of asked) answers.push(await (typeof paths === 'string' ? ask(paths) : askInOrder(paths, ask)));
  return answers;
}

/** Each request reaches the worker before the next is made, and none waits for the answer of another. */
async function askInOrder(paths: readonly string[], ask: (path: string) => Promise<unknown>): Promise<unknown[]> {
  const answers: Promise<unknown>[] = [];
  for (const path of paths) {
    answers.push(ask(path));
    while ((await ask('/arrived')) !== answers.length) continue;
  }
  return Promise.all(answers);
}

export async function runInWorkerd(project: Project): Promise<Report> {
  const [report] = (await askWorkerd(project, '/suite')) as [Report];
  return { ...report, runtime: `${report.runtime} ${versionOf('workerd')}` };
}
