// Calls protectedFetch in every way that the test compares between runtimes.
/* global Request */
import { protectedFetch } from '@fusewire/http';

/** Returns the result of a call, or the name of its error. */
const resultOf = async (call) => {
  try {
    return await call();
  } catch (error) {
    return error?.name ?? String(error);
  }
};

/** Sends requests to the server at `url` and to `dead`, where no server listens. Returns the results by name. */
export async function check(url, dead) {
  const retry = { attempts: 2, delay: 0 };
  const get = protectedFetch({
    ...{ retry, maxResponseSize: 100_000 },
    origins: { [url]: { failureThreshold: 5 }, [dead]: { failureThreshold: 2 } },
  });
  const impatientGet = protectedFetch({ retry, timeout: 200, breakerFor: get.breakerFor });
  const stats = (origin) => {
    const { state, totalFailures } = get.breakerFor(origin).getStats();
    return `${state} ${totalFailures}`;
  };
  const abortSoon = () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    return controller.signal;
  };
  return {
    answer: await resultOf(async () => (await get(`${url}/200`)).text()),
    post: await resultOf(async () => (await get(`${url}/echo`, { method: 'POST', body: 'posted' })).text()),
    request: await resultOf(async () => (await get(new Request(`${url}/echo`, { method: 'PUT', body: 'put' }))).text()),
    redirect: await resultOf(async () => {
      const { redirected, url: end, status } = await get(`${url}/moved`);
      return [redirected, end === `${url}/200`, status];
    }),
    circle: await resultOf(() => get(`${url}/round`)),
    missing: await resultOf(async () => (await get(`${url}/404`)).status),
    tooLarge: await resultOf(async () => (await get(`${url}/large`)).text()),
    left: await resultOf(() => get(`${url}/hang`, { signal: abortSoon() })),
    before: stats(url),
    slow: await resultOf(() => impatientGet(`${url}/hang`)),
    failed: await resultOf(async () => (await get(`${url}/500`)).status),
    after: stats(url),
    refused: (await resultOf(() => get(dead))) !== 200,
    open: await resultOf(() => get(dead)),
    dead: stats(dead),
  };
}
