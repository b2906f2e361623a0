// HTTP clients, bare and protected. Each sends one GET with keep-alive and reads the JSON of the response.

import { Agent as HttpAgent } from 'node:http';

/** @type {Record<string, any>} */
const loaded = {};

/**
 * One client in one configuration. `make` returns a function that sends a request.
 * @typedef {object} ClientContender
 * @property {string} name
 * @property {string} library
 * @property {() => Promise<void>} load imports what it needs
 * @property {() => (url: string) => Promise<any>} make
 */

const TIMEOUT = 30_000;
const CONNECTIONS = 100;

const read = async (response) => (await response).json();

/** @type {readonly ClientContender[]} */
export const contenders = [
  client('fetch/bare', [], () => (url) => read(fetch(url))),
  client('fetch/signal', [], () => (url) => read(fetch(url, { signal: new AbortController().signal }))),
  client('fetch/@fusewire/http', ['@fusewire/http'], () => {
    const send = loaded['@fusewire/http'].protectedFetch();
    return (url) => read(send(url));
  }),
  client('fetch/fusewire', ['fusewire'], () => {
    const breaker = new loaded.fusewire.CircuitBreaker();
    return (url) => read(breaker.execute(({ signal }) => fetch(url, { signal })));
  }),
  client('fetch/opossum', ['opossum'], () => withOpossum((url) => read(fetch(url)))),
  client('fetch/cockatiel', ['cockatiel'], () => withCockatiel((url, signal) => read(fetch(url, { signal })))),

  client('undici/bare', ['undici'], () => withDispatcher(new loaded.undici.Agent())),
  client('undici/@fusewire/undici', ['undici', '@fusewire/undici'], () => {
    return withDispatcher(new loaded.undici.Agent().compose(loaded['@fusewire/undici'].circuitBreaker()));
  }),
  client('undici/opossum', ['undici', 'opossum'], () => withOpossum(withDispatcher(new loaded.undici.Agent()))),
  client('undici/cockatiel', ['undici', 'cockatiel'], () => {
    return withCockatiel(withDispatcher(new loaded.undici.Agent()));
  }),

  client('axios/bare', ['axios'], () => withAxios(axiosInstance())),
  client('axios/@fusewire/axios', ['axios', '@fusewire/axios'], () => {
    return withAxios(loaded['@fusewire/axios'].protect(axiosInstance()));
  }),
  client('axios/opossum', ['axios', 'opossum'], () => withOpossum(withAxios(axiosInstance()))),
  client('axios/cockatiel', ['axios', 'cockatiel'], () => withCockatiel(withAxios(axiosInstance()))),
];

/** @returns {ClientContender} */
function client(name, libraries, make) {
  const load = async () => {
    for (const library of libraries) {
      const module = await import(library);
      loaded[library] = library === 'axios' || library === 'opossum' ? module.default : module;
    }
  };
  return { name, library: libraries.at(-1) ?? 'none', load, make };
}

function withDispatcher(dispatcher) {
  const { request } = loaded.undici;
  return async (url, signal) => (await request(url, { dispatcher, signal })).body.json();
}

/** An instance with the limits that `protect` sets, so that their cost is not taken for that of the breaker. */
function axiosInstance() {
  const limits = { maxRedirects: 5, maxContentLength: 52_428_800, maxBodyLength: 52_428_800 };
  return loaded.axios.create({ httpAgent: new HttpAgent({ keepAlive: true }), timeout: TIMEOUT, ...limits });
}

function withAxios(instance) {
  return async (url, signal) => (await instance.get(url, { signal })).data;
}

function withOpossum(send) {
  const breaker = new loaded.opossum(send, { timeout: TIMEOUT });
  return (url) => breaker.fire(url);
}

/** Retry, breaker, bulkhead and timeout, as the clients of fusewire have them. */
function withCockatiel(send) {
  const { bulkhead, circuitBreaker, handleAll, retry, SamplingBreaker, timeout, TimeoutStrategy, wrap } =
    loaded.cockatiel;
  const policy = wrap(
    retry(handleAll, { maxAttempts: 3 }),
    circuitBreaker(handleAll, {
      halfOpenAfter: 10_000,
      breaker: new SamplingBreaker({ threshold: 0.5, duration: 10_000 }),
    }),
    bulkhead(CONNECTIONS, CONNECTIONS),
    timeout(TIMEOUT, TimeoutStrategy.Aggressive),
  );
  return (url) => policy.execute(({ signal }) => send(url, signal));
}
