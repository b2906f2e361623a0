import CircuitBreaker from 'opossum';

const breaker = new CircuitBreaker(
  async (url: string) => {
    const response = await fetch(url);
    if (response.status >= 500) throw new Error(`status ${response.status}`);
    return response;
  },
  { volumeThreshold: 5 },
);

export const ask = (url: string) => breaker.fire(url);
