import { pipeline } from 'fusewire';

const rates = pipeline({ cache: { staleFor: 60_000 }, breaker: { name: 'rates' } });

export const ask = (currency: string, fetchRate: (currency: string) => Promise<number>) =>
  rates.execute(() => fetchRate(currency), { key: currency });
