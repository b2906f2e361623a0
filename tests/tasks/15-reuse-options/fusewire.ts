import { CircuitBreaker } from 'fusewire';

const options = { failureThreshold: 3, timeout: 2_000 };
const users = new CircuitBreaker({ ...options, name: 'users' });
const orders = new CircuitBreaker({ ...options, name: 'orders' });

export const askUsers = (work: () => Promise<string>) => users.execute(work);
export const askOrders = (work: () => Promise<string>) => orders.execute(work);
