import { http } from '@fusewire/http';
import { CircuitBreaker } from 'fusewire';

const users = new CircuitBreaker({ name: 'users', classify: http({ 404: 'success' }) });

export const ask = (url: string) => users.execute(({ signal }) => fetch(url, { signal }));
