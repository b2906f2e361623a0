import CircuitBreaker from 'opossum';

const options = { volumeThreshold: 3, timeout: 2_000 };
const users = new CircuitBreaker((work: () => Promise<string>) => work(), { ...options, name: 'users' });
const orders = new CircuitBreaker((work: () => Promise<string>) => work(), { ...options, name: 'orders' });

export const askUsers = (work: () => Promise<string>) => users.fire(work);
export const askOrders = (work: () => Promise<string>) => orders.fire(work);
