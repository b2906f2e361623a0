import { circuitBreaker, ConsecutiveBreaker, handleAll } from 'cockatiel';

const create = () => circuitBreaker(handleAll, { halfOpenAfter: 60_000, breaker: new ConsecutiveBreaker(3) });
const users = create();
const orders = create();

export const askUsers = (work: () => Promise<string>) => users.execute(work);
export const askOrders = (work: () => Promise<string>) => orders.execute(work);
