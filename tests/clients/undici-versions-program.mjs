// Makes three calls through the interceptor of one undici, and prints their results as JSON.
//
//   node undici-versions-program.mjs <undici> <dispatcher|global|own> <url>
import { circuitBreaker } from '@fusewire/undici';

const [, , name, usage, url] = process.argv;
const undici = await import(name);
const agent = new undici.Agent().compose(circuitBreaker({ breaker: { failureThreshold: 1 } }));
if (usage === 'global') undici.setGlobalDispatcher(agent);
const send = {
  dispatcher: (path) => fetch(`${url}${path}`, { dispatcher: agent }),
  global: (path) => fetch(`${url}${path}`),
  own: (path) => undici.fetch(`${url}${path}`, { dispatcher: agent }),
}[usage];

const results = [];
for (const path of ['/200', '/500', '/200']) {
  const hang = new Promise((resolve) => setTimeout(resolve, 20_000, 'hangs'));
  const result = send(path).then(
    async (response) => `${response.status} ${await response.text()}`,
    ({ name, cause, message }) => cause?.code ?? cause?.message ?? `${name} ${message}`,
  );
  results.push(await Promise.race([result, hang]));
}
console.log(JSON.stringify(results));
process.exit();
