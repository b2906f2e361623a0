import { http } from '@fusewire/http';
import { pipeline } from 'fusewire';

const orders = pipeline({ classify: http(), retry: 4, breaker: { name: 'orders' } });

export const ask = (url: string) => orders.execute(({ signal }) => fetch(url, { signal }));
