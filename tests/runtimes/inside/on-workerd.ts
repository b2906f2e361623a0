import { CircuitBreaker } from 'fusewire';
import { runBundled } from './bundled.ts';

let breaker: CircuitBreaker | undefined;

/** What each path answers with. A request may end before the next one comes; the breaker stays. */
const answers: Readonly<Record<string, () => unknown>> = {
  '/suite': runBundled,
  '/call': () => (breaker ??= new CircuitBreaker({ timeout: 50 })).tryExecute(() => 1),
  '/hang': async () => {
    const result = await breaker?.tryExecute(() => new Promise(() => {}));
    return result?.status === 'failure' ? String(result.error) : result;
  },
};

export default {
  async fetch(request: Request): Promise<Response> {
    return Response.json(await answers[new URL(request.url).pathname]?.());
  },
};
