// Which undici works with the fetch of this Node: `node matrix-program.mjs <undici> <way> <url>` prints what becomes of three calls.
import { circuitBreaker } from '@fusewire/undici';

const [, , name, way, url] = process.argv;
const undici = await import(name);
const agent = new undici.Agent().compose(circuitBreaker({ breaker: { failureThreshold: 1 } }));
if (way === 'global') undici.setGlobalDispatcher(agent);
const send = {
  dispatcher: (path) => fetch(`${url}${path}`, { dispatcher: agent }),
  global: (path) => fetch(`${url}${path}`),
  own: (path) => undici.fetch(`${url}${path}`, { dispatcher: agent }),
}[way];

const told = [];
for (const path of ['/200', '/500', '/200']) {
  const late = new Promise((resolve) => setTimeout(resolve, 2_000, 'hangs'));
  const answer = send(path).then(
    async (response) => `${response.status} ${await response.text()}`,
    ({ name, cause, message }) => cause?.code ?? cause?.message ?? `${name} ${message}`,
  );
  told.push(await Promise.race([answer, late]));
}
console.log(JSON.stringify(told));
process.exit();
