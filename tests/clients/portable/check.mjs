// What protectedFetch does, wherever there is a fetch.
/* global Request */
import { protectedFetch } from '@fusewire/http';

const told = async (call) => {
  try {
    return await call();
  } catch (error) {
    return error?.name ?? String(error);
  }
};

/** Asks the server at `url`, and the port at `dead` that nobody listens on. */
export async function check(url, dead) {
  const get = protectedFetch({
    ...{ retry: { attempts: 2, delay: 0 }, maxResponseSize: 100_000, timeout: 500 },
    origins: { [url]: { failureThreshold: 5 }, [dead]: { failureThreshold: 2 } },
  });
  const stats = (at) => {
    const { state, totalFailures } = get.breakerFor(at).getStats();
    return `${state} ${totalFailures}`;
  };
  const leave = () => {
    const leaving = new AbortController();
    setTimeout(() => leaving.abort(), 50);
    return leaving.signal;
  };
  return {
    answer: await told(async () => (await get(`${url}/200`)).text()),
    post: await told(async () => (await get(`${url}/echo`, { method: 'POST', body: 'posted' })).text()),
    request: await told(async () => (await get(new Request(`${url}/echo`, { method: 'PUT', body: 'put' }))).text()),
    redirect: await told(async () => {
      const { redirected, url: end, status } = await get(`${url}/moved`);
      return [redirected, end === `${url}/200`, status];
    }),
    circle: await told(() => get(`${url}/round`)),
    missing: await told(async () => (await get(`${url}/404`)).status),
    tooLarge: await told(async () => (await get(`${url}/large`)).text()),
    left: await told(() => get(`${url}/hang`, { signal: leave() })),
    before: stats(url),
    slow: await told(() => get(`${url}/hang`)),
    failed: await told(async () => (await get(`${url}/500`)).status),
    after: stats(url),
    refused: (await told(() => get(dead))) !== 200,
    open: await told(() => get(dead)),
    dead: stats(dead),
  };
}
