import CircuitBreaker from 'opossum';

const users = new CircuitBreaker((url: string, signal: AbortSignal) => fetch(url, { signal }), {
  timeout: 2_000,
  volumeThreshold: 5,
});

export const ask = (url: string, request: AbortSignal) =>
  users.fire(url, AbortSignal.any([request, AbortSignal.timeout(2_000)]));
