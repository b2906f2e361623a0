import CircuitBreaker from 'opossum';

const users = new CircuitBreaker(
  async (url: string) => {
    const response = await fetch(url);
    if (!response.ok && response.status !== 404) throw new Error(`status ${response.status}`);
    return response;
  },
  { volumeThreshold: 5 },
);

export const ask = (url: string) => users.fire(url);
